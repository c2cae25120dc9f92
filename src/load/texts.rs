//! The texts that were read, looked at once more: lines, places, and how something is written.

use std::path::Path;
use std::sync::{Arc, PoisonError};

use ecow::EcoString;

use super::files::Files;
use super::lines::Lines;
use super::sources::SourceOrigin;
use crate::diagnostics::Location;
use crate::yaml::{self, Merges, Node, Pos, SourceStyles};

impl Files {
    /// Returns file, line and column of a position.
    pub(crate) fn locate(&self, pos: Pos) -> Option<Location> {
        self.known().sources.locate(pos, &|path| self.lines(path))
    }

    /// Returns the bytes of a file that was read before.
    pub(crate) fn read_again(&self, path: &Path) -> Option<Vec<u8>> {
        self.fs().read_at_most(path, self.account().limits().file_bytes).ok()
    }

    /// Returns the text of a file, read again.
    pub(crate) fn text(&self, path: &Path) -> Option<String> {
        let bytes = self.read_again(path)?;
        // What is before the first byte that cannot be decoded can be counted all the same.
        let text = yaml::decode(&bytes).unwrap_or_else(|_| String::from_utf8_lossy(&bytes));
        Some(if text.contains('\r') { text.replace("\r\n", "\n") } else { text.into_owned() })
    }

    /// Returns the lines of a file; it is read again, but only once.
    pub(crate) fn lines(&self, path: &Path) -> Option<Arc<Lines>> {
        let mut known = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lines) = known.get(path.as_os_str()) {
            return Some(Arc::clone(lines));
        }
        let lines = Arc::new(Lines::new(self.text(path)?));
        known.insert(path.into(), Arc::clone(&lines));
        Some(lines)
    }

    /// Returns how the document that `pos` lies in is written, with the position from which its
    /// offsets count; `None` if it is no document of resources or patches.
    pub(crate) fn styles(&self, pos: Pos) -> Option<(Pos, SourceStyles)> {
        let (base, origin) = self.known().sources.origin(pos)?;
        let bytes = match &origin {
            SourceOrigin::File(path) if self.known().streams.contains(&base) => {
                self.read_again(path)?
            }
            SourceOrigin::File(_) => return None,
            SourceOrigin::Scalar(scalar, skipped) => {
                let text = self.scalar(*scalar)?;
                text.get(*skipped..)?.trim_end().into()
            }
        };
        Some((base, SourceStyles::read(&bytes, pos.since(base), &self.limits())))
    }

    /// Returns the text of the scalar that was read at `pos`.
    fn scalar(&self, pos: Pos) -> Option<EcoString> {
        let (base, origin) = self.known().sources.origin(pos)?;
        let roots = match origin {
            SourceOrigin::Scalar(outer, skipped) => {
                let text = self.scalar(outer)?;
                let text = text.get(skipped..)?;
                yaml::read_stream(text.as_bytes(), base, &self.limits()).ok()?
            }
            SourceOrigin::File(path) => {
                let bytes = self.read_again(&path)?;
                if self.known().streams.contains(&base) {
                    yaml::read_stream(&bytes, base, &self.limits()).ok()?
                } else {
                    let text = yaml::decode(&bytes).ok()?;
                    let root = yaml::read_document(&text, base, Merges::Plain, &self.limits());
                    root.ok()?.into_iter().collect()
                }
            }
        };
        roots.iter().find_map(|root| scalar_at(root, pos))
    }
}

/// Returns the text of the scalar at `pos` in a tree.
fn scalar_at(root: &Node, pos: Pos) -> Option<EcoString> {
    let mut waiting = vec![root];
    while let Some(node) = waiting.pop() {
        match node {
            Node::Scalar { pos: at, text, .. } if *at == pos => return Some(text.clone()),
            Node::Scalar { .. } => {}
            Node::Seq { items, .. } => waiting.extend(items),
            Node::Map { map, .. } => waiting.extend(map.iter().map(|entry| &entry.value)),
        }
    }
    None
}
