//! Paths with their links resolved.

use std::borrow::Borrow;
use std::ffi::OsStr;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;

use super::fs::FileSystem;
use super::input_kind::InputKind;
use super::path::clean;

/// What was found at paths, in order.
pub(super) type Paths = IndexMap<Physical, InputKind, FxBuildHasher>;

/// A path that is spelt in one way only, so that its text can stand for it.
#[derive(Clone, Debug)]
pub(super) struct Physical(pub(super) Arc<Path>);

impl PartialEq for Physical {
    fn eq(&self, other: &Physical) -> bool {
        self.0.as_os_str() == other.0.as_os_str()
    }
}

impl Eq for Physical {}

impl Hash for Physical {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.as_os_str().hash(state);
    }
}

impl Borrow<OsStr> for Physical {
    fn borrow(&self) -> &OsStr {
        self.0.as_os_str()
    }
}

/// Makes a path absolute and resolves the links of its directories; it need not exist.
pub(crate) fn physical(files: &dyn FileSystem, path: &Path) -> PathBuf {
    let clean = clean(&files.absolute(path).unwrap_or_else(|_| path.to_path_buf()));
    let mut end = PathBuf::new();
    let mut above = clean.as_path();
    while let (Some(parent), Some(name)) = (above.parent(), above.file_name()) {
        end = if end.as_os_str().is_empty() { name.into() } else { Path::new(name).join(end) };
        if let Ok(parent) = files.canonicalize(parent) {
            return parent.join(end);
        }
        above = parent;
    }
    clean
}
