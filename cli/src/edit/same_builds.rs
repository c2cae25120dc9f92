//! The proof that other texts of files build the same: over every kustomization that reaches them.

use std::path::{Path, PathBuf};

use kustom::text::visible_line;
use kustom::{Builder, Error, roots};

use crate::exclude::Excluded;
use crate::git::WorkTree;
use crate::overlay::OverlayFs;
use crate::paths;

/// How the builds are after a change.
#[derive(Debug, Default)]
pub(super) struct Proof {
    /// The kustomizations that build something else, as seen from the top of the repository.
    pub(super) differ: Vec<String>,
    /// Those that cannot be built any more, and why.
    pub(super) fail: Vec<(String, Error)>,
    /// Those of which that cannot be known, and why: they could not be built before either.
    pub(super) unproven: Vec<(String, Error)>,
    /// Whether all that may reach the files is known: they lie in a repository.
    pub(super) is_whole: bool,
}

/// Builds the kustomization of the working directory as it is and with files laid over; with `excluded`, which
/// may exclude nothing, all others of the repository that reach the changed files as well.
pub(super) fn prove(
    changed: &[PathBuf],
    after: OverlayFs,
    builder: &Builder,
    excluded: Option<&Excluded>,
) -> Proof {
    let here = paths::physical(Path::new("."));
    let repository = here.ancestors().find(|folder| folder.join(".git").exists());
    let top = repository.unwrap_or(&here);
    let mut all = vec![here.clone()];
    if let Some(excluded) = excluded {
        let mut found = roots::find(&WorkTree::default(), [top]);
        found.retain(|root| !excluded.matches(root.strip_prefix(top).unwrap_or(root)));
        let affected = roots::affected(builder, &found, changed);
        all.extend(affected.into_iter().map(|affected| affected.root).filter(|root| *root != here));
    }
    let before = builder.clone().build_all(&all);
    let after = builder.clone().file_system(after).build_all(&all);
    let shown = |root: &Path| match repository.and_then(|top| root.strip_prefix(top).ok()) {
        _ if root == here => ".".to_owned(),
        Some(below) if below.as_os_str().is_empty() => "the top of the repository".to_owned(),
        Some(below) => visible_line(&below.to_string_lossy()).into_owned(),
        None => visible_line(&root.to_string_lossy()).into_owned(),
    };
    let mut proof = Proof { is_whole: repository.is_some(), ..Proof::default() };
    for ((root, before), after) in all.iter().zip(before).zip(after) {
        let root = shown(root);
        match (before, after) {
            (Ok(before), Ok(after)) if before.as_yaml() == after.as_yaml() => {}
            (Ok(_), Ok(_)) => proof.differ.push(root),
            (Ok(_), Err(error)) => proof.fail.push((root, error)),
            (Err(error), _) => proof.unproven.push((root, error)),
        }
    }
    proof
}
