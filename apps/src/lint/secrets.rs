//! Secrets in the repository.

use crate::application::Application;
use crate::preview::remark;
use crate::problem::Problem;
use crate::render::Rendered;
use crate::repository::Repository;

/// What values that SOPS encrypted begin with.
const ENCRYPTED: &str = "ENC[AES256_GCM,";

/// Files larger than that are not looked into.
const LARGEST: usize = 1 << 20;

pub(super) fn check(
    rendered: &[Rendered],
    applications: &[Application],
    repository: &Repository,
    problems: &mut Vec<Problem>,
) {
    for (application, rendered) in applications.iter().zip(rendered) {
        for manifest in &rendered.manifests {
            let has = |field: &str| manifest.has_map(field);
            if manifest.text(&["kind"]) == "Secret" && (has("data") || has("stringData")) {
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
