//! `argocd.argoproj.io/manifest-generate-paths`: which changes make Argo CD render anew.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value as Json;

use kustom::Builder;

use super::Subject;
use super::data::few;
use crate::preview::remark;
use crate::problem::Problem;
use crate::repository::Repository;

const ANNOTATION: &str = "/metadata/annotations/argocd.argoproj.io~1manifest-generate-paths";

/// Finds files that a build reads and the annotation does not name.
pub(super) fn check(
    subject: &Subject<'_>,
    repository: &Repository,
    builder: &Builder,
    problems: &mut Vec<Problem>,
) {
    let application = subject.application;
    let given = application.text(ANNOTATION);
    if given.is_empty() {
        return;
    }
    for source in application.sources() {
        let path = source.get("path").and_then(Json::as_str).unwrap_or_default();
        let Some(directory) = repository.path(path) else { continue };
        if subject.rendered.failed() {
            continue;
        }
        let builder = builder.clone().file_system(repository.shared());
        let (_, inputs) = builder.build_with_inputs(&directory);
        let read: BTreeSet<&Path> =
            inputs.files().filter_map(|file| file.strip_prefix(repository.root()).ok()).collect();
        let watched: Vec<_> = given
            .split(';')
            .map(str::trim)
            .filter(|given| !given.is_empty())
            .filter_map(|given| match given.strip_prefix('/') {
                Some(absolute) => repository.path(absolute),
                None => repository.path(&format!("{path}/{given}")),
            })
            .collect();
        let is_watched = |file: &Path| {
            let file = repository.root().join(file);
            watched.iter().any(|watched| file.starts_with(watched))
        };
        let missed: BTreeSet<String> = read
            .iter()
            .filter(|file| !is_watched(file))
            .filter_map(|file| Some(file.parent()?.to_string_lossy().into_owned()))
            .collect();
        if !missed.is_empty() {
            let missed: Vec<String> = missed.into_iter().collect();
            let message = format!("a change below {} is not noticed", few(&missed));
            let all = folders(&read);
            problems.push(
                remark("manifest-generate-paths", message, application)
                    .hint(format!("argocd.argoproj.io/manifest-generate-paths: {all}")),
            );
        }
    }
}

/// Returns the annotation that is exact: the folders of what is read, without those inside of others.
fn folders(read: &BTreeSet<&Path>) -> String {
    let all: BTreeSet<&Path> = read.iter().filter_map(|file| file.parent()).collect();
    let inside = |folder: &Path| folder.ancestors().skip(1).any(|above| all.contains(above));
    let tops = all.iter().filter(|folder| !inside(folder));
    tops.map(|folder| format!("/{}", folder.display())).collect::<Vec<_>>().join(";")
}
