//! Which text a position lies in, and on which line.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::lines::Lines;
use crate::diagnostics::Location;
use crate::yaml::Pos;

/// All texts of a build, each with its range of positions.
#[derive(Debug, Default)]
pub(crate) struct SourceMap {
    sources: Vec<Source>,
    next: u32,
}

#[derive(Debug)]
struct Source {
    base: u32,
    origin: SourceOrigin,
}

/// Where a text stands.
#[derive(Clone, Debug)]
pub(crate) enum SourceOrigin {
    /// It is a file.
    File(PathBuf),
    /// It is the scalar at this position of another text, such as an inline patch, without so many
    /// bytes at its start.
    Scalar(Pos, usize),
}

impl SourceMap {
    /// Gives a text its range and returns the position of its first byte; [`Pos::NONE`] once 2 GiB
    /// are used up.
    pub(crate) fn add(&mut self, origin: SourceOrigin, len: usize) -> Pos {
        let base = self.next.max(1);
        // One more than its length, so that the end of a text is not the start of the next.
        let end = u32::try_from(len).ok().and_then(|len| base.checked_add(len)?.checked_add(1));
        let end = end.filter(|&end| Pos(end).shared_number().is_none());
        let Some(end) = end else { return Pos::NONE };
        self.next = end;
        self.sources.push(Source { base, origin });
        Pos(base)
    }

    /// Returns `true` if half of all positions are used up.
    pub(crate) fn is_worn(&self) -> bool {
        self.next > 1 << 30
    }

    /// Returns the first position of the text that `pos` lies in, and where that text stands.
    pub(crate) fn origin(&self, pos: Pos) -> Option<(Pos, SourceOrigin)> {
        let known = pos.is_some() && pos.shared_number().is_none();
        let (source, _) = known.then(|| self.find(pos))??;
        Some((Pos(source.base), source.origin.clone()))
    }

    /// Returns the files among the texts.
    pub(crate) fn files(&self) -> impl Iterator<Item = &Path> {
        self.sources.iter().filter_map(|source| match &source.origin {
            SourceOrigin::File(file) => Some(file.as_path()),
            SourceOrigin::Scalar(..) => None,
        })
    }

    /// Returns the text that `pos` lies in and the offset in it.
    fn find(&self, pos: Pos) -> Option<(&Source, usize)> {
        let after = self.sources.partition_point(|s| s.base <= pos.0);
        let source = self.sources.get(after.checked_sub(1)?)?;
        Some((source, (pos.0 - source.base) as usize))
    }

    /// Returns file, line and column of a position; `read` gives the decoded text of a file.
    pub(crate) fn locate(
        &self,
        pos: Pos,
        read: &dyn Fn(&Path) -> Option<Arc<Lines>>,
    ) -> Option<Location> {
        if !pos.is_some() || pos.shared_number().is_some() {
            return None;
        }
        let (source, offset) = self.find(pos)?;
        match &source.origin {
            SourceOrigin::File(file) => {
                let (line, column) = match read(file) {
                    Some(text) => text.place(offset),
                    None => (0, 0),
                };
                Some(Location { file: file.clone(), line, column })
            }
            SourceOrigin::Scalar(outer, skipped) => {
                self.locate_inside(*outer, offset + skipped, read)
            }
        }
    }

    /// Locates an offset of a scalar's value: exact inside literals, else where the scalar starts.
    fn locate_inside(
        &self,
        scalar: Pos,
        offset: usize,
        read: &dyn Fn(&Path) -> Option<Arc<Lines>>,
    ) -> Option<Location> {
        let start = self.locate(scalar, read)?;
        let (source, at) = self.find(scalar)?;
        let SourceOrigin::File(file) = &source.origin else {
            return Some(start);
        };
        let lines = read(file)?;
        let text = lines.text();
        if !text.get(at..).is_some_and(|t| t.starts_with(['|', '>'])) {
            return Some(start);
        }
        let mut lines = text.get(at..)?.split('\n').skip(1);
        let first = lines.clone().find(|l| !l.trim().is_empty()).unwrap_or_default();
        let indent = first.len() - first.trim_start_matches(' ').len();
        let (mut line, mut left) = (start.line, offset);
        loop {
            line += 1;
            let content = lines.next()?.get(indent..).unwrap_or_default();
            if left <= content.len() {
                let column = content.get(..left).unwrap_or_default().chars().count() + indent + 1;
                return Some(Location { file: start.file, line, column: column as u32 });
            }
            left -= content.len() + 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_lines_of_files_and_of_literals_in_them() {
        let text = "patches:\n- patch: |-\n    a: 1\n    b: 2\n";
        let read = |_: &Path| Some(Arc::new(Lines::new(text.to_owned())));
        let mut map = SourceMap::default();
        map.add(SourceOrigin::File("x".into()), 10);
        let file = map.add(SourceOrigin::File("k".into()), text.len());
        let scalar = file.offset(text.find('|').expect("there is one"));
        let inline = map.add(SourceOrigin::Scalar(scalar, 0), 9);
        let at = |pos| map.locate(pos, &read).map(|l| l.to_string());
        assert_eq!(at(file).as_deref(), Some("k:1:1"));
        assert_eq!(at(scalar).as_deref(), Some("k:2:10"));
        assert_eq!(at(inline.offset(5)).as_deref(), Some("k:4:5"));
    }
}
