//! Secrets in the repository.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kustom::document::NodeView;

use crate::application::Application;
use crate::preview::remark;
use crate::problem::Problem;
use crate::render::{Manifest, Rendered};
use crate::repository::Repository;

/// What values that SOPS encrypted begin with.
const ENCRYPTED: &str = "ENC[AES256_GCM,";

/// Files larger than that are not looked into.
const LARGEST: usize = 1 << 20;

/// Returns `true` if a Secret has a value that is neither empty nor encrypted.
fn has_plain_values(secret: &Manifest) -> bool {
    let is_plain = |field: &str, value: NodeView| {
        let text = value.text().unwrap_or_default();
        let decoded = STANDARD.decode(text.split_whitespace().collect::<String>());
        let is_encrypted = text.starts_with(ENCRYPTED)
            || field == "data"
                && decoded.is_ok_and(|bytes| String::from_utf8_lossy(&bytes).contains(ENCRYPTED));
        !text.is_empty() && !is_encrypted
    };
    ["data", "stringData"].into_iter().any(|field| {
        let values = secret.node().get(field);
        values.is_some_and(|values| values.entries().any(|(_, value)| is_plain(field, value)))
    })
}

pub(super) fn check(
    rendered: &[Rendered],
    applications: &[Application],
    repository: &Repository,
    problems: &mut Vec<Problem>,
) {
    for (application, rendered) in applications.iter().zip(rendered) {
        for manifest in &rendered.manifests {
            if manifest.text(&["kind"]) == "Secret" && has_plain_values(manifest) {
                let message = format!("{} has its values in the repository", manifest.title());
                problems.push(
                    remark("plain-secret", message, application)
                        .hint("let an ExternalSecret fetch them"),
                );
            }
        }
    }
    let texts = [".yaml", ".yml", ".json", ".env", ".ini"];
    let files = repository.files().unwrap_or_default();
    for file in files.iter().filter(|file| texts.iter().any(|end| file.ends_with(end))) {
        let Ok(bytes) = repository.read(file) else { continue };
        if bytes.len() > LARGEST {
            continue;
        }
        let text = String::from_utf8_lossy(&bytes);
        if let Some(at) = text.find(ENCRYPTED) {
            let line = 1 + text[..at].matches('\n').count();
            let message = "values that SOPS encrypted are in the repository";
            problems.push(
                Problem::warning("sops-file", message)
                    .at(&repository.root().join(file), Some(line))
                    .hint("let an ExternalSecret fetch them"),
            );
        }
    }
}
