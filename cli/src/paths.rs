//! Paths as people want to see them.

use std::borrow::Cow;
use std::env;
use std::path::{Path, PathBuf};

use kustom::text::{clean_path, visible_line};

/// The names of a kustomization file.
pub(crate) const FILE_NAMES: [&str; 3] =
    ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// Shows absolute paths as seen from a directory.
#[derive(Debug)]
pub(crate) struct Shown {
    from: PathBuf,
}

impl Shown {
    /// Shows paths from the working directory.
    pub(crate) fn from_here() -> Shown {
        let here = env::current_dir().and_then(|here| here.canonicalize());
        Shown { from: here.unwrap_or_default() }
    }

    /// Returns a path below the directory without it, and any other as it is.
    pub(crate) fn path(&self, path: &Path) -> String {
        self.short(path).into_owned()
    }

    /// As [`path`](Self::path), of a path that lasts longer.
    pub(crate) fn short<'p>(&self, path: &'p Path) -> Cow<'p, str> {
        self.below(path).to_string_lossy()
    }

    /// As [`short`](Self::short), as a path.
    pub(crate) fn below<'p>(&self, path: &'p Path) -> &'p Path {
        // Nearly all paths are below the directory, and texts are quicker to compare.
        if let (Some(text), Some(from)) = (path.to_str(), self.from.to_str())
            && let Some(below) = text.strip_prefix(from).and_then(|rest| rest.strip_prefix('/'))
            && !below.is_empty()
            && !below.starts_with('/')
        {
            return Path::new(below);
        }
        let short = path.strip_prefix(&self.from).unwrap_or(path);
        if short.as_os_str().is_empty() { Path::new(".") } else { short }
    }

    /// As [`path`](Self::path), on one line that is fit to be shown.
    pub(crate) fn line(&self, path: &Path) -> String {
        visible_line(&self.short(path)).into_owned()
    }
}

/// Appends a path as a line of its own that a shell can use: what is no UTF-8 stays as it is, and what could
/// steer a terminal or a CI runner is escaped. One that begins as a command to GitHub's runner does gets a `./` before it.
/// Returns `true` if something is escaped, so that the line names another path.
pub(crate) fn push_line(path: &Path, lines: &mut Vec<u8>) -> bool {
    let is_like_command = path.to_string_lossy().trim_start().starts_with("::");
    let path = if is_like_command { &Path::new(".").join(path) } else { path };
    let mut is_escaped = false;
    for chunk in path.as_os_str().as_encoded_bytes().utf8_chunks() {
        let valid = visible_line(chunk.valid());
        is_escaped |= valid != chunk.valid();
        lines.extend_from_slice(valid.as_bytes());
        lines.extend_from_slice(chunk.invalid());
    }
    lines.push(b'\n');
    is_escaped
}

/// Makes a path absolute and resolves the links of its directories; it need not exist.
pub(crate) fn physical(path: &Path) -> PathBuf {
    let clean = clean_path(&env::current_dir().unwrap_or_default().join(path));
    let mut end = PathBuf::new();
    let mut above = clean.as_path();
    while let (Some(parent), Some(name)) = (above.parent(), above.file_name()) {
        end = if end.as_os_str().is_empty() { name.into() } else { Path::new(name).join(end) };
        if let Ok(parent) = parent.canonicalize() {
            return parent.join(end);
        }
        above = parent;
    }
    clean
}
