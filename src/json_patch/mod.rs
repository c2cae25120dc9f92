//! JSON patches (RFC 6902) as upstream applies them (docs/spec/json-patch.md).
//!
//! A patched resource goes through JSON and comes back with all its styles lost and every number
//! rounded to 64-bit floating point, whatever the patch says. In between it is a [`Node`] tree in
//! *JSON form* (see [`json_form`]), which keeps how scalars are spelled, since `test` compares that.
//!
//! | file | what |
//! |---|---|
//! | [`json_text`] | strict JSON into that form |
//! | [`json_form`] | YAML into that form, and back |
//! | [`pointer`] | paths and list indexes |
//! | [`operation`] | the six operations |

mod bridge;
mod hints;
mod json_form;
mod json_text;
mod operation;
mod pointer;
#[cfg(test)]
mod tests;

use ecow::EcoString;

use crate::diagnostics::{Error, ErrorKind, Result};
use crate::limits::Account;
use crate::yaml::{self, Entry, Kind, Limits, Mapping, Node, Pos};

pub(crate) use hints::with_hint;
use json_form::Rules;
use operation::{Document, Operation};

pub(crate) use operation::Told;

/// A parsed JSON patch; applied to any number of resources.
#[derive(Clone, Debug)]
pub(crate) struct JsonPatch {
    operations: Vec<Operation>,
}

impl JsonPatch {
    /// Parses a patch: strict JSON if the text begins with `[`, else the first YAML document.
    ///
    /// `at` is the position of the text.
    ///
    /// # Errors
    /// If it is neither, or no list of operations.
    pub(crate) fn parse(text: &str, at: Pos, account: &Account) -> Result<JsonPatch> {
        let limits = &Limits::of(account);
        let list = if text.starts_with('[') {
            json_text::parse(text, at, limits)?
        } else {
            match bridge::read_document(text, at, limits)? {
                Some(document) => {
                    yaml::charge_copies(text, std::slice::from_ref(&document), account)?;
                    json_form::from_yaml(&document, Rules::Patch)?
                }
                None => Node::null(),
            }
        };
        if list.is_null() {
            return Ok(JsonPatch { operations: Vec::new() });
        }
        let items = list.as_seq().ok_or_else(|| unfit(&list, "jsonpatch.Patch"))?;
        let operations = items.iter().map(|item| match item.kind() {
            Kind::Map => Ok(Operation::read(item)),
            Kind::Scalar if item.is_null() => Ok(Operation::read(item)),
            _ => Err(unfit(item, "jsonpatch.Operation")),
        });
        Ok(JsonPatch { operations: operations.collect::<Result<_>>()? })
    }

    /// Returns what each operation is about, in order.
    pub(crate) fn operations(&self) -> impl Iterator<Item = Told<'_>> {
        self.operations.iter().map(Operation::told)
    }

    /// Tells whether there are no operations.
    pub(crate) fn is_empty(&self) -> bool {
        self.operations.is_empty()
    }

    /// Returns a resource after all operations.
    ///
    /// `bookkeeping` are the annotations in which upstream would remember what happened to the
    /// resource: the operations see them, the result does not have them.
    ///
    /// # Errors
    /// If an operation fails, or the resource has a value that JSON does not have.
    pub(crate) fn apply(
        &self,
        node: &Node,
        bookkeeping: &[(EcoString, EcoString)],
        account: &Account,
    ) -> Result<Node> {
        let mut root = json_form::from_yaml(node, Rules::Resource)?;
        add_annotations(&mut root, bookkeeping);
        let mut document = Document::new(root, account);
        for operation in &self.operations {
            operation.run(&mut document)?;
        }
        let mut root = document.root;
        if root.kind() != Kind::Map {
            return Err(unfit(&root, "map[string]interface {}"));
        }
        remove_annotations(&mut root, bookkeeping);
        json_form::into_yaml(&mut root, account)?;
        Ok(root)
    }
}

fn add_annotations(root: &mut Node, annotations: &[(EcoString, EcoString)]) {
    let Some(metadata) = root.get_mut("metadata").filter(|_| !annotations.is_empty()) else {
        return;
    };
    if metadata.get("annotations").is_none_or(Node::is_null) {
        pointer::set_member(metadata, "annotations", Node::map(Mapping::new()));
    }
    let Some(map) = metadata.get_mut("annotations") else {
        return;
    };
    for (key, value) in annotations {
        pointer::set_member(map, key, Node::str(value.clone()));
    }
}

fn remove_annotations(root: &mut Node, annotations: &[(EcoString, EcoString)]) {
    let Some(metadata) = root.get_mut("metadata").and_then(Node::as_map_mut) else {
        return;
    };
    let Some(map) = metadata.get_mut("annotations").and_then(Node::as_map_mut) else {
        return;
    };
    let ours = |e: &Entry| annotations.iter().any(|(key, _)| e.key.text() == Some(key));
    if map.iter().any(ours) {
        map.retain(|entry| !ours(entry));
        if map.is_empty() {
            metadata.remove("annotations");
        }
    }
}

/// Returns the error for a value that is no `wanted`.
fn unfit(node: &Node, wanted: &str) -> Error {
    let message =
        format!("json: cannot unmarshal {} into Go value of type {wanted}", json_form::name(node));
    Error::new(ErrorKind::Patch, message).at(node.pos())
}
