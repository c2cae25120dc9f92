//! How the repository of some roots is built.

use std::path::{Path, PathBuf};

use crate::load::{FileKind, FileSystem};

/// How many files and folders of a repository are looked at.
const MOST: usize = 20_000;

/// The longest text that is read.
const LONGEST: u64 = 1 << 20;

/// How a line begins that says that an object is one of those by which Flux builds a folder, without a restriction.
const OF_FLUX: &str = "apiVersion: kustomize.toolkit.fluxcd.io/";

/// What lifts the restriction for Argo CD.
const LIFTED: &str = "--load-restrictor LoadRestrictionsNone";

/// Returns `true` if files of the repository say that kustomizations are built where files may lie outside of their
/// folders: Flux builds so, and Argo CD may be told to. Without a repository the folders themselves are looked at.
///
/// The file system must have [`FileSystem::list`].
pub fn is_built_unrestricted(files: &dyn FileSystem, roots: &[PathBuf]) -> bool {
    let is_repository = |folder: &&Path| files.kind(&folder.join(".git")).is_ok();
    let mut left: Vec<PathBuf> = Vec::new();
    for root in roots {
        let Ok(folder) = files.absolute(root) else { continue };
        if !left.iter().any(|known| folder.starts_with(known)) {
            let repository = folder.ancestors().find(is_repository).unwrap_or(&folder);
            left.push(repository.to_path_buf());
        }
    }
    let mut looked_at = 0;
    while let Some(folder) = left.pop() {
        let mut names = files.list(&folder).unwrap_or_default();
        names.retain(|name| name != ".git" && name != "node_modules");
        names.sort_unstable();
        for name in names {
            looked_at += 1;
            if looked_at > MOST {
                return false;
            }
            let path = folder.join(&name);
            match files.kind(&path) {
                Ok(FileKind::Directory) => left.push(path),
                Ok(FileKind::File) if name.ends_with(".yaml") || name.ends_with(".yml") => {
                    let bytes = files.read_at_most(&path, LONGEST).unwrap_or_default();
                    let text = String::from_utf8_lossy(&bytes);
                    if text.contains(LIFTED) || text.lines().any(|line| line.starts_with(OF_FLUX)) {
                        return true;
                    }
                }
                _ => {}
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::MemoryFs;

    #[test]
    fn flux_and_argo_cd_may_lift_the_restriction() {
        let flux = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n";
        let definition =
            "kind: CustomResourceDefinition\nspec:\n  group: kustomize.toolkit.fluxcd.io\n";
        let argo = "data:\n  kustomize.buildOptions: --load-restrictor LoadRestrictionsNone\n";
        for (text, expected) in [(flux, true), (definition, false), (argo, true)] {
            let mut files = MemoryFs::new();
            files.insert("r/.git/HEAD", "");
            files.insert("r/apps/web/kustomization.yaml", "resources: []\n");
            files.insert("r/clusters/web.yaml", text);
            assert_eq!(is_built_unrestricted(&files, &["r/apps/web".into()]), expected, "{text}");
        }
    }
}
