//! What decides, besides the request, what helm prints.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::PathBuf;
use std::time::UNIX_EPOCH;

use kustom::outside::FileTree;

use crate::process::find_program;

/// The largest program whose content counts too, such as a script around helm.
const MOST_HASHED: u64 = 1 << 20;
/// What the variables begin with that helm, plugins and programs around it read.
const PREFIXES: [&str; 2] = ["HELM_", "KUBE"];
/// Further variables that helm reads: where the user's files are, and the namespace of a pod.
const NAMES: [&str; 2] = ["HOME", "POD_NAMESPACE"];
/// Variables that every call of helm is given anew.
const OWN: [&str; 3] = ["HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME"];

/// Returns the digest of the program and its environment; nothing if the program cannot be told.
pub(super) fn digest(command: &OsStr) -> Option<String> {
    let path = find_program(command).ok()?.canonicalize().ok()?;
    let metadata = fs::metadata(&path).ok()?;
    let modified = metadata.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    let mut parts = FileTree::new();
    parts.insert("program", path.as_os_str().as_encoded_bytes());
    parts.insert("size", metadata.len().to_le_bytes());
    parts.insert("modified", modified.as_nanos().to_le_bytes());
    if metadata.len() <= MOST_HASHED {
        parts.insert("content", fs::read(&path).ok()?);
        // A script may read what lies where it is started.
        parts.insert("directory", env::current_dir().ok()?.as_os_str().as_encoded_bytes());
    }
    for (name, value) in env::vars_os().filter(|(name, _)| counts(name)) {
        parts.insert(PathBuf::from("variable").join(name), value.as_encoded_bytes());
    }
    Some(parts.digest())
}

fn counts(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    !OWN.contains(&&*name)
        && (NAMES.contains(&&*name) || PREFIXES.iter().any(|prefix| name.starts_with(prefix)))
}

/// Returns the digest of the configurations of clusters, which name the namespace of a release that has
/// none.
pub(super) fn clusters() -> String {
    let files: Vec<PathBuf> = match env::var_os("KUBECONFIG").filter(|files| !files.is_empty()) {
        Some(files) => env::split_paths(&files).collect(),
        None => {
            let home: OsString = env::var_os("HOME").unwrap_or_default();
            vec![PathBuf::from(home).join(".kube/config")]
        }
    };
    let mut parts = FileTree::new();
    for (i, file) in files.iter().enumerate() {
        if let Ok(content) = fs::read(file) {
            parts.insert(i.to_string(), content);
        }
    }
    parts.digest()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_what_helm_reads() {
        for (name, expected) in [
            ("HELM_NAMESPACE", true),
            ("HELM_PLUGINS", true),
            ("HELM_SECRETS_BACKEND", true),
            ("KUBECONFIG", true),
            ("KUBERNETES_SERVICE_HOST", true),
            ("HELM_CONFIG_HOME", false),
            ("PWD", false),
        ] {
            assert_eq!(counts(OsStr::new(name)), expected, "{name}");
        }
    }
}
