//! The proof that other texts of files build the same: over every kustomization that reaches them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use kustom::roots::References;
use kustom::text::visible_line;
use kustom::{Builder, DiskFs, Error, roots};

use crate::exclude::Excluded;
use crate::git::WorkTree;
use crate::overlay::OverlayFs;
use crate::paths;

/// How the builds are after a change.
#[derive(Debug, Default)]
pub(super) struct Proof {
    /// The kustomizations that build something else, as seen from the top of the repository.
    pub(super) differ: Vec<String>,
    /// Of those, the ones that are used by the kustomization, and do not use it.
    pub(super) parts: BTreeSet<String>,
    /// The kustomizations used by it that only show variables by other names, which nothing fills in there.
    pub(super) unfilled: Vec<String>,
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
    let used = References::new(&DiskFs).closure(&here).0;
    let mut proof = Proof { is_whole: repository.is_some(), ..Proof::default() };
    for ((path, before), after) in all.iter().zip(before).zip(after) {
        let root = shown(path);
        let is_part = *path != here && used.contains(path);
        match (before, after) {
            (Ok(before), Ok(after)) if before.as_yaml() == after.as_yaml() => {}
            (Ok(before), Ok(after))
                if is_part
                    && without_variables(before.as_yaml())
                        == without_variables(after.as_yaml()) =>
            {
                proof.unfilled.push(root);
            }
            (Ok(_), Ok(_)) => {
                proof.parts.extend(is_part.then(|| root.clone()));
                proof.differ.push(root);
            }
            (Ok(_), Err(error)) => proof.fail.push((root, error)),
            (Err(error), _) => proof.unproven.push((root, error)),
        }
    }
    proof
}

/// Returns a text with `NAME_PLACEHOLDER` in the place of each `$(NAME)`.
fn without_variables(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("$(") {
        out.push_str(before);
        let is_of_name = |c: char| c.is_alphanumeric() || "_-.".contains(c);
        rest = match after.split_once(')') {
            Some((name, after)) if !name.is_empty() && name.chars().all(is_of_name) => {
                out.push_str(name);
                out.push_str("_PLACEHOLDER");
                after
            }
            _ => {
                out.push_str("$(");
                after
            }
        };
    }
    out.push_str(rest);
    out
}
