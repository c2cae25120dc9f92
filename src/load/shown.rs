//! Places and paths as the user would type them.

use std::path::{Component, Path, PathBuf};

use super::files::Files;
use super::lines::Lines;
use super::path::{clean, relative};
use crate::diagnostics::{Excerpt, Location, Sources};
use crate::masked::mask_around;
use crate::yaml::Pos;

/// How many lines are shown before and after the one at fault.
const AROUND: usize = 2;
/// Lines around are shown up to one with more bytes than these.
const LONGEST_AROUND: usize = 400;

/// The files of a build and how its target was given.
///
/// Inside, all paths are absolute and have their links resolved. Who asked for `overlays/prod` wants
/// to read of `base/deployment.yaml`, though.
#[derive(Debug)]
pub(crate) struct ShownFiles<'a> {
    files: &'a Files,
    typed: &'a Path,
}

impl<'a> ShownFiles<'a> {
    /// Returns the files for a build of `target`.
    pub(crate) fn new(files: &'a Files, target: &'a Path) -> ShownFiles<'a> {
        ShownFiles { files, typed: target }
    }
}

impl Sources for ShownFiles<'_> {
    fn locate(&self, pos: Pos) -> Option<Location> {
        let mut place = self.files.locate(pos)?;
        // What is missing at the end of a file is missing behind its last line.
        if let Some(end) = self.files.lines(&place.file).and_then(|l| l.end_before(place.line)) {
            (place.line, place.column) = end;
        }
        Some(place)
    }

    fn excerpt(&self, place: &Location) -> Option<Excerpt> {
        let name = place.file.file_name()?.to_str()?;
        let is_yaml =
            [".yaml", ".yml", ".json", "Kustomization"].iter().any(|end| name.ends_with(end));
        if is_yaml { excerpt(&*self.files.lines(&place.file)?, place) } else { None }
    }

    fn reworded(&self, message: &str) -> Option<String> {
        self.files.remotes().mounts().reworded(message)
    }

    fn shown(&self, path: &Path) -> PathBuf {
        if let Some(shown) = self.files.remotes().mounts().shown(path) {
            return shown;
        }
        let absolute = self.files.fs().absolute(self.typed).ok();
        let Some((absolute, (root, _))) =
            absolute.and_then(|a| Some((a.clone(), self.files.resolve(&a).ok()?)))
        else {
            return path.to_path_buf();
        };
        if let Ok(below) = path.strip_prefix(&root) {
            return clean(&self.typed.join(below));
        }
        // Behind a link, `..` leads elsewhere than the text says; and a way over the root of all files
        // is longer than the path itself.
        let way = relative(&root, path);
        let ups = way.components().take_while(|part| *part == Component::ParentDir).count();
        if *absolute != *root || ups + 1 >= root.components().count() {
            return path.to_path_buf();
        }
        clean(&self.typed.join(way))
    }
}

/// Returns the lines around a place, and what to mark there.
pub(crate) fn excerpt(text: &Lines, place: &Location) -> Option<Excerpt> {
    let at = (place.line as usize).checked_sub(1)?;
    // Errors end up in logs, so secrets that have nothing to do with one are left out.
    let around = if text.may_hold_secrets() { 0 } else { AROUND };
    // Of long lines only the one at fault is shown.
    let is_short = |number: usize| text.line(number).len() <= LONGEST_AROUND;
    let before = (1..=around.min(at)).take_while(|n| is_short(at - n)).count();
    let after = (1..=around).take_while(|n| is_short(at + n)).count();
    let first = at - before;
    let lines: Vec<&str> =
        text.from(first).split_inclusive('\n').take(before + 1 + after).collect();
    let line = lines.get(before).copied().unwrap_or_default();
    let before: usize = lines.iter().take(before).map(|line| line.len()).sum();
    let column = (place.column as usize).saturating_sub(1);
    let start = line.char_indices().nth(column).map_or(line.trim_end().len(), |(i, _)| i);
    let len = token(line.get(start..).unwrap_or_default());
    // Behind the end of a line there is nothing to mark, and the line may be a secret.
    if around == 0 && start >= line.trim_end().len() {
        return None;
    }
    let (mut text, mut span) = (lines.concat(), before + start..before + start + len);
    mask_around(&mut text, &mut span);
    Some(Excerpt { text, first_line: first as u32 + 1, span })
}

/// Returns the length of the word, quoted scalar or key that a line goes on with.
fn token(rest: &str) -> usize {
    let rest = rest.trim_end();
    // Such as a tab where spaces belong: it is all that is meant.
    let blanks = rest.len() - rest.trim_start().len();
    if blanks > 0 {
        return blanks;
    }
    if let Some(quote) = rest.chars().next().filter(|c| matches!(c, '"' | '\'')) {
        return rest.get(1..).and_then(|r| r.find(quote)).map_or(rest.len(), |end| end + 2);
    }
    let ends = |pattern: &str| rest.find(pattern);
    let colon = ends(": ").or_else(|| rest.strip_suffix(':').map(str::len));
    let end = [colon, ends(" #")].into_iter().flatten().min().unwrap_or(rest.len());
    rest.get(..end).unwrap_or(rest).trim_end().len()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::limits::Account;
    use crate::load::MemoryFs;

    #[test]
    fn shows_paths_as_typed() {
        let mut fs = MemoryFs::new();
        fs.insert("/repo/app/overlays/prod/kustomization.yaml", "");
        let files = Files::new(Arc::new(fs), Account::default());
        let shown = |typed: &str, path: &str| {
            ShownFiles::new(&files, Path::new(typed)).shown(Path::new(path)).display().to_string()
        };
        for (typed, path, expected) in [
            ("repo/app/overlays/prod", "/repo/app/overlays/prod/x", "repo/app/overlays/prod/x"),
            ("repo/app/overlays/prod/", "/repo/app/base/x", "repo/app/base/x"),
            ("repo/app/overlays/prod/../prod", "/repo/app/base/x", "repo/app/base/x"),
            ("/repo/app/overlays/prod", "/repo/app/base/x", "/repo/app/base/x"),
            ("repo/app/overlays/prod", "/other/x", "/other/x"),
        ] {
            assert_eq!(shown(typed, path), expected, "{typed} {path}");
        }
    }

    #[test]
    fn marks_the_token() {
        for (rest, marked) in [
            ("name: x", "name"),
            ("name:", "name"),
            ("../base # old", "../base"),
            ("\"a b\": c", "\"a b\""),
            ("'open", "'open"),
            ("", ""),
            ("http://x", "http://x"),
        ] {
            assert_eq!(&rest[..token(rest)], marked);
        }
    }

    #[test]
    fn cuts_out_the_lines_around() {
        let text = &Lines::new("a: 1\nb: 2\nc:\n- é: x\n- y\nd: 1\ne: 2\n".to_owned());
        let place = Location { file: "k".into(), line: 4, column: 6 };
        let found = excerpt(text, &place).unwrap();
        assert_eq!((found.text.as_str(), found.first_line), ("b: 2\nc:\n- é: x\n- y\nd: 1\n", 2));
        assert_eq!(&found.text[found.span], "x");
        let end = Location { file: "k".into(), line: 8, column: 1 };
        let found = excerpt(text, &end).unwrap();
        assert_eq!((found.text.as_str(), found.span), ("d: 1\ne: 2\n", 10..10));
    }

    #[test]
    fn long_lines_around_are_left_out() {
        let long = "x".repeat(500);
        let text = &Lines::new(format!("a: 1\n# {long}\nc: 3\nd: 4\ne: {long}\n"));
        let at = |line| excerpt(text, &Location { file: "k".into(), line, column: 4 }).unwrap();
        let found = at(4);
        assert_eq!((found.text.as_str(), found.first_line), ("c: 3\nd: 4\n", 3));
        assert_eq!(&found.text[found.span], "4");
        assert_eq!((at(5).text.len(), at(1).text.as_str()), (514, "a: 1\n"));
    }
}
