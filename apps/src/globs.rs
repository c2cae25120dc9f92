//! Patterns of texts that were read, each once, and what matching them may cost.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::glob::{Glob, Syntax};
use crate::pattern_work::PatternWork;

/// What it takes at least to look at a pattern.
const LOOK: usize = 2;
/// What it takes to begin with one that is no mere text.
const BEGIN: usize = 16;
/// What it takes to read a character of a pattern.
const READ: usize = 16;

/// The patterns that were read so far, and the work that all may still make.
#[derive(Debug, Default)]
pub(crate) struct Globs {
    work: PatternWork,
    names: RefCell<Known>,
    addresses: RefCell<Known>,
}

/// Patterns by their texts; none for what is malformed.
type Known = BTreeMap<String, Option<Rc<Glob>>>;

impl Globs {
    /// Returns the work that patterns may still make.
    pub(crate) fn work(&self) -> &PatternWork {
        &self.work
    }

    /// Returns `true` if a pattern of names is the whole text.
    pub(crate) fn takes(&self, pattern: &str, text: &str) -> bool {
        match self.plain(pattern, text) {
            Some(takes) => takes,
            None => self.known(&self.names, pattern, |it| Glob::new(it, Syntax::Names), text),
        }
    }

    /// Returns `true` if a pattern of addresses is the whole text, which is in the form that `normalized` gives to the
    /// pattern.
    pub(crate) fn takes_address(
        &self,
        pattern: &str,
        text: &str,
        normalized: impl Fn(&str) -> String,
    ) -> bool {
        let read = |pattern: &str| Glob::new(&normalized(pattern), Syntax::Addresses);
        if pattern == "*" {
            return true;
        }
        self.known(&self.addresses, pattern, read, text)
    }

    /// Matches a pattern without anything special.
    fn plain(&self, pattern: &str, text: &str) -> Option<bool> {
        if !self.work.spend(LOOK) {
            return Some(false);
        }
        match pattern {
            "*" => Some(true),
            _ if !pattern.contains(['*', '?', '{', '[', '\\']) => Some(pattern == text),
            _ => None,
        }
    }

    fn known(
        &self,
        known: &RefCell<Known>,
        pattern: &str,
        read: impl Fn(&str) -> Option<Glob>,
        text: &str,
    ) -> bool {
        if !self.work.spend(BEGIN) {
            return false;
        }
        let glob = known.borrow().get(pattern).cloned();
        let glob = glob.unwrap_or_else(|| {
            self.work.spend(pattern.len().saturating_mul(READ));
            let glob = read(pattern).map(Rc::new);
            known.borrow_mut().insert(pattern.to_owned(), glob.clone());
            glob
        });
        glob.is_some_and(|glob| glob.takes(text, &self.work))
    }
}
