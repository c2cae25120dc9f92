//! What an object refers to, as the walk meets it.

use super::Walk;
use crate::checks::references::dangling::{Reference, Referred};
use crate::checks::references::likely_names::{self, Guess};
use crate::resource::Resource;
use crate::yaml::{Node, Pos};

impl<'a> Walk<'a> {
    pub(super) fn reference(
        &mut self,
        resource: &'a Resource,
        (kind, kind_pos): (&'a str, Pos),
        name: &'a Node,
        namespace: Option<&'a str>,
    ) {
        let is_optional = self.is_optional;
        self.references.push(Referred { kind, name, namespace, by: resource, is_optional });
        let (text, pos) = (name.text().unwrap_or_default(), name.pos());
        let (path, fields) = (|| self.path.shown(), || Some(self.path.as_field_spec()));
        let reference =
            Reference { kind, name: text, pos, namespace, path: &path, fields: &fields, kind_pos };
        if let Some(warning) = self.names.check(resource, &reference) {
            self.lint.add(warning);
        }
    }

    /// Looks at a text whose field does not say for sure that it is the name of an object.
    pub(super) fn guess(&mut self, resource: &'a Resource, value: &'a Node) {
        let Some(guess) = likely_names::of(&self.path, &self.names, resource, value) else {
            return;
        };
        if !guess.is_annotation {
            self.reference(resource, (guess.kind, Pos::NONE), value, None);
            return;
        }
        let Guess { kind, name, namespace, .. } = guess;
        // The warning about the reference is enough: the object needs none.
        self.names.meet(name);
        let is_whole = value.text() == Some(name);
        let path = || self.path.shown();
        let fields = || is_whole.then(|| self.path.as_field_spec());
        let (pos, kind_pos) = (value.pos(), Pos::NONE);
        let reference =
            Reference { kind, name, pos, namespace, path: &path, fields: &fields, kind_pos };
        if let Some(warning) = self.names.check(resource, &reference) {
            self.lint.add(warning);
        }
    }
}
