//! Lexical work on paths, as Go's `filepath` does it.

#[cfg(unix)]
use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

/// Removes `.`, empty parts and `x/..` from a path without looking at the disk, as Go's `filepath.Clean` does; an
/// empty path becomes `.`. For the `absolute` of a [`FileSystem`](crate::FileSystem) of your own.
///
/// ```
/// use std::path::Path;
///
/// assert_eq!(kustom::text::clean_path(Path::new("/a/./b/../c")), Path::new("/a/c"));
/// ```
pub fn clean(path: &Path) -> PathBuf {
    #[cfg(unix)]
    if path.is_absolute() {
        return clean_absolute(path);
    }
    let mut parts: Vec<Component<'_>> = Vec::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => match parts.last() {
                Some(Component::Normal(_)) => _ = parts.pop(),
                Some(Component::RootDir | Component::Prefix(_)) => {}
                _ => parts.push(part),
            },
            other => parts.push(other),
        }
    }
    let mut out = PathBuf::with_capacity(path.as_os_str().len());
    out.extend(parts);
    if out.as_os_str().is_empty() {
        out.push(".");
    }
    out
}

/// Cleans an absolute path by its text: the parts of every base of every overlay come by here.
#[cfg(unix)]
fn clean_absolute(path: &Path) -> PathBuf {
    use std::os::unix::ffi::{OsStrExt, OsStringExt};

    let text = path.as_os_str().as_bytes();
    let mut out = Vec::with_capacity(text.len());
    for part in text.split(|&byte| byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => out.truncate(memchr::memrchr(b'/', &out).unwrap_or_default()),
            name => {
                out.push(b'/');
                out.extend_from_slice(name);
            }
        }
    }
    if out.is_empty() {
        out.push(b'/');
    }
    PathBuf::from(OsString::from_vec(out))
}

/// Joins an entry of a kustomization to the directory it counts from and cleans the result.
///
/// Like Go's `Join`, a leading `/` of the entry does not make it absolute: callers that accept
/// absolute entries look for them first.
pub(crate) fn join(directory: &Path, entry: &str) -> PathBuf {
    let mut path = PathBuf::with_capacity(directory.as_os_str().len() + 1 + entry.len());
    path.push(directory);
    path.push(entry.trim_start_matches('/'));
    if is_clean(&path) { path } else { clean(&path) }
}

/// Returns `true` if a path is absolute and surely has nothing to remove, by its text alone.
pub(super) fn is_clean(path: &Path) -> bool {
    let is_name = |part: &[u8]| !matches!(part, b"" | b"." | b"..");
    let text = path.as_os_str().as_encoded_bytes().strip_prefix(b"/");
    text.is_some_and(|text| !text.contains(&b'\\') && text.split(|&b| b == b'/').all(is_name))
}

/// Returns `true` if a path is a directory or below it, both absolute and clean.
pub(super) fn is_within(path: &Path, directory: &Path) -> bool {
    let [text, start] = [path, directory].map(|path| path.as_os_str().as_encoded_bytes());
    match text.strip_prefix(start) {
        Some([] | [b'/', ..]) => true,
        // Where a name has one spelling, the texts decide.
        found if cfg!(unix) => found.is_some() && start.ends_with(b"/"),
        _ => path.starts_with(directory),
    }
}

/// Returns the folder that all of some folders lie in, which are absolute and clean.
pub(crate) fn common_folder<'p>(mut folders: impl Iterator<Item = &'p Path>) -> Option<PathBuf> {
    let mut common = folders.next()?.to_path_buf();
    for folder in folders {
        while !is_within(folder, &common) && common.pop() {}
    }
    Some(common)
}

/// Returns the path that leads from the directory `from` to `to`, both absolute and clean.
pub(crate) fn relative(from: &Path, to: &Path) -> PathBuf {
    let mut from_parts = from.components().peekable();
    let mut to_parts = to.components().peekable();
    while let (Some(a), Some(b)) = (from_parts.peek(), to_parts.peek()) {
        if a != b {
            break;
        }
        from_parts.next();
        to_parts.next();
    }
    let mut out: PathBuf = from_parts.map(|_| Component::ParentDir).collect();
    out.extend(to_parts);
    if out.as_os_str().is_empty() {
        out.push(".");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_below_is_within() {
        for (path, directory, expected) in [
            ("/a/b", "/a/b", true),
            ("/a/b/c", "/a/b", true),
            ("/a/bc", "/a/b", false),
            ("/a", "/a/b", false),
            ("/a", "/", true),
            ("/", "/", true),
        ] {
            assert_eq!(is_within(Path::new(path), Path::new(directory)), expected, "{path}");
        }
    }

    #[test]
    fn cleans_like_go() {
        for (path, cleaned) in [
            ("a/../b", "b"),
            ("../b/", "../b"),
            ("/..", "/"),
            ("./", "."),
            ("a//b/.", "a/b"),
            ("../../x/..", "../.."),
            ("/a/b/../../../c", "/c"),
            ("//a/./b/..", "/a"),
            ("/a/..", "/"),
        ] {
            let is = clean(Path::new(path));
            assert_eq!(is.as_os_str(), cleaned, "{path}");
        }
    }
}
