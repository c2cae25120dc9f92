//! Field specs: which field of which kind a transformer changes (docs/spec/field-specs.md).

mod config;
mod crds;
mod create;
mod decode;
mod defaults;
mod kind_order;
mod lists;
mod matching;
mod merge;
mod path;
mod probe;
mod table;
mod tree;
mod walk;

pub(crate) use config::TransformerConfig;
pub(crate) use create::Create;
pub(crate) use kind_order::{ORDER_FIRST, ORDER_LAST, kind_rank, kind_text};
pub(crate) use lists::{NameReference, ReferenceList, SpecList};
pub(crate) use matching::SpecsByKind;
pub(crate) use path::{FieldPath, PathRef};
pub(crate) use probe::{locate, reaches};
pub(crate) use tree::SpecTree;
pub(crate) use walk::{set_scalar, walk, wrong_kind};

use crate::build_context::Context;
use crate::diagnostics::Result;
use crate::kustomization::FieldSpecArgs;
use crate::resource::{Gvk, GvkRef, Resource};
use crate::yaml::{Node, Pos};

/// A field of the objects that `gvk` selects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FieldSpec {
    /// The objects; empty parts mean "any".
    pub(crate) gvk: Gvk,
    /// The field.
    pub(crate) path: FieldPath,
    /// Whether a missing field is to be created.
    pub(crate) create: bool,
    /// Where it was read.
    pub(crate) pos: Pos,
}

/// A [`FieldSpec`] without owning it, or one that the compiler has read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SpecRef<'a> {
    /// The objects.
    pub(crate) gvk: GvkRef<'a>,
    /// The field.
    pub(crate) path: PathRef<'a>,
    /// Whether a missing field is to be created.
    pub(crate) create: bool,
}

impl FieldSpec {
    /// Returns the field at `path` of objects of any kind.
    pub(crate) fn any_kind(path: &str, create: bool) -> FieldSpec {
        FieldSpec { gvk: Gvk::default(), path: FieldPath::parse(path), create, pos: Pos::NONE }
    }

    /// Returns the spec without owning it.
    pub(crate) fn borrowed(&self) -> SpecRef<'_> {
        SpecRef { gvk: self.gvk.borrowed(), path: self.path.borrowed(), create: self.create }
    }
}

impl SpecRef<'_> {
    /// Does what [`PathRef::apply`] does; a missing field is made `create` only if the spec says so.
    ///
    /// # Errors
    /// As [`PathRef::apply`].
    pub(crate) fn apply(
        self,
        resource: &mut Resource,
        cx: &Context,
        create: Create,
        set: &mut dyn FnMut(&mut Node) -> Result<()>,
    ) -> Result<()> {
        self.path.apply(resource, cx, if self.create { create } else { Create::No }, set)
    }
}

impl PathRef<'_> {
    /// Calls `set` on the field of a resource; a missing one is made `create`. What is written into a
    /// shared scalar appears in all its places.
    ///
    /// # Errors
    /// If the walk fails, with the field and the object in front.
    pub(crate) fn apply(
        self,
        resource: &mut Resource,
        cx: &Context,
        create: Create,
        set: &mut dyn FnMut(&mut Node) -> Result<()>,
    ) -> Result<()> {
        if self.is_in_annotations() && resource.history.is_tracked() {
            resource.show_annotations();
        }
        let mut shared = false;
        walk(&mut resource.node, self, create, &cx.account, &mut |leaf| {
            shared |= leaf.pos().shared_number().is_some();
            set(leaf)
        })
        .map_err(|e| {
            let id = resource.id(&cx.schema);
            e.context(format_args!("considering field '{}' of object {id}", self.text))
        })?;
        if shared {
            resource.write_through();
        }
        Ok(())
    }
}

impl From<&SpecRef<'static>> for FieldSpec {
    fn from(&SpecRef { gvk, path, create }: &SpecRef<'static>) -> Self {
        FieldSpec { gvk: gvk.into(), path: path.into(), create, pos: Pos::NONE }
    }
}

impl From<&FieldSpecArgs> for FieldSpec {
    fn from(args: &FieldSpecArgs) -> Self {
        FieldSpec {
            gvk: Gvk {
                group: args.group.as_str().into(),
                version: args.version.as_str().into(),
                kind: args.kind.as_str().into(),
            },
            path: FieldPath::parse(&args.path),
            create: args.create,
            pos: Pos::NONE,
        }
    }
}
