//! The path of a walk through an object.

use crate::checks::kubernetes::element_name;
use crate::yaml::Node;

/// One part of a path.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step<'a> {
    Key(&'a str),
    Element(&'a Node, usize),
}

/// The way from the top of an object to where a walk is.
#[derive(Debug, Default)]
pub(super) struct Path<'a>(Vec<Step<'a>>);

impl<'a> Path<'a> {
    pub(super) fn push(&mut self, step: Step<'a>) {
        self.0.push(step);
    }

    pub(super) fn pop(&mut self) {
        self.0.pop();
    }

    pub(super) fn steps(&self) -> &[Step<'a>] {
        &self.0
    }

    /// Returns the keys on the way, with nothing for an element of a list.
    pub(super) fn keys(&self) -> Vec<Option<&'a str>> {
        let key = |step: &Step<'a>| match step {
            Step::Key(key) => Some(*key),
            Step::Element(..) => None,
        };
        self.0.iter().map(key).collect()
    }

    /// Returns the path as people write it; elements of lists are called by their names.
    pub(super) fn shown(&self) -> String {
        let mut path = String::new();
        for step in &self.0 {
            match step {
                Step::Key(key) => {
                    if !path.is_empty() {
                        path.push('.');
                    }
                    path.push_str(key);
                }
                Step::Element(element, i) => match element_name(element) {
                    Some(name) => path.push_str(&format!("[{name}]")),
                    None => path.push_str(&format!("[{i}]")),
                },
            }
        }
        path
    }

    /// Returns the path as a field spec has it, which goes through lists by itself.
    pub(super) fn as_field_spec(&self) -> String {
        let keys = self.keys().into_iter().flatten();
        keys.map(|key| key.replace('/', "\\/")).collect::<Vec<_>>().join("/")
    }

    /// Returns `true` if it is that of the own name or namespace of an object, as `key` says.
    pub(super) fn is_own(&self, field: &str) -> bool {
        matches!(self.0.as_slice(), [Step::Key("metadata"), Step::Key(key)] if *key == field)
    }
}
