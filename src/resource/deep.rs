//! Resources whose trees are deeper than the stack of a caller can be trusted with.
//!
//! They come of builds on a stack of their own and outlive it, so what is done with them is done without
//! recursion, on such a stack again, or refused.

use super::resource::Resource;
use crate::diagnostics::{Error, ErrorKind, Result};
use crate::limits::Limit;
use crate::parallel::{SHALLOW, on_large_stack};
use crate::yaml::{self, Node};

/// The depth up to which trees become values of other types, which are dropped by recursion.
const DEEPEST_VALUE: usize = 500;

impl Resource {
    /// Finds out whether the tree is deep, and remembers it if so.
    pub(crate) fn note_depth(&mut self) {
        self.deep = yaml::max_depth(&self.node) > SHALLOW;
    }

    /// Checks that the tree may become a value of another type.
    ///
    /// # Errors
    /// If it is too deep.
    pub(super) fn check_depth(&self) -> Result<()> {
        if self.deep && yaml::max_depth(&self.node) > DEEPEST_VALUE {
            let message =
                format!("{} {} nests deeper than {DEEPEST_VALUE}", self.kind(), self.name());
            return Err(Error::new(ErrorKind::Limit, message).of_limit(Limit::Nesting));
        }
        Ok(())
    }

    /// Prints the tree, on a stack that bears it.
    pub(super) fn printed(&self) -> Result<String> {
        let print = || {
            let mut text = String::new();
            yaml::print(&self.node, &mut text)?;
            Ok(text)
        };
        if !self.deep {
            return print();
        }
        on_large_stack(print).unwrap_or_else(|e| {
            Err(Error::new(ErrorKind::Limit, format!("no thread for a deep tree: {e}"))
                .of_limit(Limit::Nesting))
        })
    }
}

impl Drop for Resource {
    fn drop(&mut self) {
        if self.deep {
            dismantle(std::mem::replace(&mut self.node, Node::null()));
        }
    }
}

/// Drops a tree without recursion.
fn dismantle(node: Node) {
    let mut waiting = vec![node];
    while let Some(mut node) = waiting.pop() {
        // What has other owners is not dropped here, and so no part of it.
        match &mut node {
            Node::Scalar { .. } => {}
            Node::Seq { items, .. } => {
                if items.is_unique() {
                    waiting.extend(std::mem::take(items));
                }
            }
            Node::Map { map, .. } => {
                if map.is_unique() {
                    let entries = std::mem::take(map).into_iter();
                    waiting.extend(entries.flat_map(|entry| [entry.key, entry.value]));
                }
            }
        }
    }
}
