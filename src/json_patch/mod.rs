//! JSON patches (RFC 6902) as upstream applies them (docs/spec/json-patch.md).
//!
//! A patched resource goes through JSON and comes back with all its styles lost and every number
//! rounded to 64-bit floating point, whatever the patch says. In between, what operations look at is in
//! *JSON form* (see [`json_form`]), which keeps how scalars are spelled, since `test` compares that.
//!
//! | file | what |
//! |---|---|
//! | [`json_text`] | strict JSON into that form |
//! | [`json_form`] | YAML into that form, and back |
//! | [`pointer`] | paths and list indexes |
//! | [`document`] | the resource while operations run, converted as far as they look into it |
//! | [`members`] | the members of its maps |
//! | [`operation`] | the six operations |

// Circle: document, members: a map has members, and members are values.
mod bridge;
mod document;
mod json_form;
mod json_text;
mod members;
mod operation;
mod pointer;
#[cfg(test)]
mod tests;

use crate::diagnostics::Result;
use crate::limits::Account;
use crate::resource::Settled;
use crate::yaml::{self, Kind, Limits, Node, Pos, measure};

use document::Document;
use json_form::{Way, unfit};
use operation::Operation;

pub(crate) use operation::Told;

/// A parsed JSON patch; applied to any number of resources.
#[derive(Clone, Debug)]
pub(crate) struct JsonPatch {
    operations: Vec<Operation>,
    /// The list as it is written; null for JSON, which says the same as what is read from it.
    written: Node,
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
        let mut written = Node::null();
        let list = if text.starts_with('[') {
            json_text::parse(text, at, limits)?
        } else {
            match bridge::read_document(text, at, limits)? {
                Some(document) => {
                    yaml::charge_copies(text, std::slice::from_ref(&document), account)?;
                    written = document.clone();
                    json_form::convert(&document, Way::Patch, true, false)?
                }
                None => Node::null(),
            }
        };
        if list.is_null() {
            return Ok(JsonPatch { operations: Vec::new(), written });
        }
        let items = list.as_seq().ok_or_else(|| unfit(&list, "jsonpatch.Patch"))?;
        let operations = items.iter().map(|item| match item.kind() {
            Kind::Map => Ok(Operation::read(item)),
            Kind::Scalar if item.is_null() => Ok(Operation::read(item)),
            _ => Err(unfit(item, "jsonpatch.Operation")),
        });
        Ok(JsonPatch { operations: operations.collect::<Result<_>>()?, written })
    }

    /// Returns what each operation is about, in order.
    pub(crate) fn operations(&self) -> impl Iterator<Item = Told<'_>> {
        self.operations.iter().map(Operation::told)
    }

    /// Returns the value of an operation as it is written in YAML.
    pub(crate) fn written_value(&self, operation: usize) -> Option<&Node> {
        self.written.as_seq()?.get(operation)?.get("value")
    }

    /// Returns `true` if an operation looks at a field in the map at `way` of whose key `is` holds, at a part
    /// of it, or at something that it is in.
    pub(crate) fn looks_at(&self, way: &[&str], is: impl Fn(&str) -> bool) -> bool {
        self.operations.iter().any(|operation| operation.looks_at(way, &is))
    }

    /// Returns `true` if there are no operations.
    pub(crate) fn is_empty(&self) -> bool {
        self.operations.is_empty()
    }

    /// Returns a resource after all operations; `settled` is what is known of it from those before.
    ///
    /// # Errors
    /// If an operation fails, or the resource has a value that JSON does not have.
    pub(crate) fn apply(
        &self,
        resource: &Node,
        settled: &mut Settled,
        account: &Account,
    ) -> Result<Node> {
        self.run(resource, settled, account).map_err(|error| {
            // Upstream converts the whole resource before it runs the first operation.
            json_form::convert(resource, Way::In, true, false).err().unwrap_or(error)
        })
    }

    fn run(&self, resource: &Node, settled: &mut Settled, account: &Account) -> Result<Node> {
        let known = match settled {
            Settled::Tree(known) => Some(&*known),
            Settled::New | Settled::Patched => None,
        };
        let mut document = Document::new(resource, known, account)?;
        // The first patch cannot know whether there will be another.
        let settles = !matches!(settled, Settled::New) && measure(resource, SMALL).is_none();
        for operation in &self.operations {
            operation.run(&mut document)?;
        }
        let (patched, is_settled) = document.finish(settles)?;
        *settled = if is_settled { Settled::Tree(patched.clone()) } else { Settled::Patched };
        Ok(patched)
    }
}

/// A resource of as many values is converted by each patch sooner than remembered.
const SMALL: usize = 64;
