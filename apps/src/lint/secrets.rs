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

/// What values that something else fills in begin with: references to a vault, say.
const REFERENCES: [&str; 5] = ["<path:", "vault:", "ref+", "op://", "secretref+"];

/// What people write where a value belongs, in lower case and without `-`, `_` and blanks.
const STAND_INS: [&str; 8] =
    ["changeme", "replaceme", "replace", "placeholder", "todo", "tbd", "fixme", "redacted"];

/// Returns `true` for what stands in the place of a value: a variable, a reference, or a word that says so.
fn is_placeholder(text: &str) -> bool {
    let text = text.trim();
    let is_within = |start: &str, end: &str| {
        text.strip_prefix(start).and_then(|rest| rest.strip_suffix(end)).is_some_and(|inside| {
            !inside.is_empty() && !inside.contains(start) && !inside.contains('\n')
        })
    };
    let word: String = text.chars().filter(|c| !"-_ ".contains(*c)).collect();
    let is_filler = |c: char| text.chars().all(|own| own == c);
    [("${", "}"), ("$(", ")"), ("{{", "}}"), ("<", ">"), ("__", "__")]
        .into_iter()
        .any(|(start, end)| is_within(start, end))
        || REFERENCES.iter().any(|start| text.starts_with(start))
        || STAND_INS.contains(&word.to_lowercase().as_str())
        || ['x', 'X', '*', '.', '-'].into_iter().any(is_filler)
}

/// Returns `true` if a Secret has a value that is neither empty nor encrypted, and no placeholder.
fn has_plain_values(secret: &Manifest) -> bool {
    let is_plain = |field: &str, value: NodeView| {
        let text = value.text().unwrap_or_default();
        let decoded = STANDARD.decode(text.split_whitespace().collect::<String>()).ok();
        let decoded = decoded.filter(|_| field == "data");
        let decoded = decoded.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        // Whole files are encrypted with a comment before, say.
        let is_none = |text: &str| text.contains(ENCRYPTED) || is_placeholder(text);
        let is_encrypted = text.starts_with(ENCRYPTED);
        let is_filled = !is_encrypted && !is_placeholder(text);
        !text.is_empty() && is_filled && !decoded.is_some_and(|text| is_none(&text))
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
