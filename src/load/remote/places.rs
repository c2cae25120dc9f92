//! Where copies may lie: a lock file may come from a stranger, and what it lists is written and removed.

use std::path::{Component, Path, PathBuf};

/// Returns the path of a directory of copies: below the directory that it counts from, and not git's own.
///
/// # Errors
/// If it is none, what is wrong with it.
pub(crate) fn below(text: &str) -> Result<PathBuf, &'static str> {
    let text = text.strip_suffix('/').unwrap_or(text);
    let path = Path::new(text);
    let is_normal = |part: Component<'_>| matches!(part, Component::Normal(_));
    // A separator of Windows is one everywhere: the file is read on all systems.
    let mut parts = text.split(['/', '\\']);
    if text.is_empty()
        || !path.components().all(is_normal)
        || parts.any(|part| matches!(part, "" | "." | "..") || part.ends_with(':'))
    {
        return Err("does not lie below the directory of kustom.lock");
    }
    if is_gits(path) {
        return Err("leads into git's own directory");
    }
    Ok(path.components().collect())
}

/// Returns the path of a copy, which lies below the directory of all copies.
///
/// # Errors
/// As [`below`], or if it lies elsewhere.
pub(crate) fn among(text: &str, copies: &Path) -> Result<PathBuf, &'static str> {
    let path = below(text)?;
    match path != copies && path.starts_with(copies) {
        true => Ok(path),
        false => Err("does not lie below the directory of all copies"),
    }
}

/// Returns `true` if a part of a path is a name that git, on any file system, takes for its directory.
pub(crate) fn is_gits(path: &Path) -> bool {
    let text = path.to_string_lossy();
    text.split(['/', '\\']).any(|part| {
        // macOS ignores some characters, Windows what follows a colon and dots and spaces at the end.
        let is_seen = |c: &char| {
            !matches!(c, '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{206a}'..='\u{206f}' | '\u{feff}')
        };
        let seen: String = part.chars().filter(is_seen).collect();
        let name = seen.split(':').next().unwrap_or_default().trim_end_matches(['.', ' ']);
        name.eq_ignore_ascii_case(".git") || name.eq_ignore_ascii_case("git~1")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_lie_below() {
        for (text, path) in
            [("v", "v"), ("third_party/x/", "third_party/x"), (".kustom/v", ".kustom/v")]
        {
            assert_eq!(below(text).as_deref(), Ok(Path::new(path)), "{text}");
        }
        assert_eq!(among("v/a.git/b", Path::new("v")).as_deref(), Ok(Path::new("v/a.git/b")));
    }

    #[test]
    fn all_else_is_refused() {
        for text in ["", "/", "/x", "..", "v/../x", "v//x", "v/./x", ".", "./v", "v\\..\\x", "C:/x"]
        {
            assert!(below(text).is_err(), "{text}");
        }
        for text in
            [".git", "v/.git/x", "v/.GIT", ".git.", ".git ", ".git::$INDEX_ALLOCATION", "GIT~1/x"]
        {
            assert_eq!(below(text), Err("leads into git's own directory"), "{text}");
        }
        assert!(below(".g\u{200c}it").is_err());
        for text in ["v", "src", "vx/a", ".github", "V/a", "w/v/a"] {
            assert!(among(text, Path::new("v")).is_err(), "{text}");
        }
    }
}
