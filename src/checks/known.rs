//! What is known of a kind, and of a field, whatever stands there.

use crate::build_context::Context;
use crate::checks::fields::enumerated::{self, Enumerated};
use crate::checks::fields::formats;
use crate::checks::fields::required;
use crate::checks::fields::types;
use crate::checks::fields::unions;
use crate::checks::fields::unknown;
use crate::checks::fields::versions;
use crate::checks::kubernetes;
use crate::checks::pod_templates::may_make_pods;
use crate::resource::GvkRef;
use crate::schema::TypeRef;

/// What is known of a key in one kind of mapping.
#[derive(Clone, Copy)]
pub(super) struct Field<'a> {
    pub(super) of: Option<TypeRef<'a>>,
    /// The type of its elements, if it is a list.
    pub(super) element: Option<TypeRef<'a>>,
    /// Whether the type of the mapping has no such field.
    pub(super) is_unknown: bool,
    /// What else than text it takes.
    pub(super) wants: Option<types::Wants>,
    /// The few values that it takes.
    pub(super) values: Option<&'static Enumerated>,
    /// The kind that it refers to.
    pub(super) refers_to: Option<&'static str>,
    /// Whether mappings under it may have two fields that exclude each other.
    pub(super) may_conflict: bool,
    /// Whether names may stand once in the list under it.
    pub(super) has_unique_names: bool,
}

impl<'a> Field<'a> {
    /// Looks a key of a type up.
    pub(super) fn new(of: Option<TypeRef<'a>>, key: &str) -> Field<'a> {
        let field = of.and_then(|of| of.field(key));
        let has_fields = of.is_some_and(TypeRef::has_fields);
        // What takes a mapping takes neither numbers nor one of a few texts.
        let takes_scalars = has_fields && !field.is_some_and(TypeRef::has_fields);
        Field {
            of: field,
            element: field.and_then(TypeRef::element),
            is_unknown: field.is_none() && has_fields,
            wants: takes_scalars.then(|| types::wanted(key)).flatten(),
            values: of.filter(|_| takes_scalars).and_then(|of| enumerated::of(of, key)),
            refers_to: kubernetes::referred_kind(key),
            may_conflict: unions::may_conflict(key),
            has_unique_names: kubernetes::has_unique_names(key),
        }
    }
}

/// What is known of all objects of a kind.
#[derive(Clone, Copy, Default)]
pub(super) struct Kind<'a> {
    pub(super) api_version: &'a str,
    pub(super) name: &'a str,
    /// Its fields.
    pub(super) top: Option<TypeRef<'a>>,
    /// Whether it is one of Kubernetes itself.
    pub(super) is_built_in: bool,
    /// Whether the version does not have it.
    pub(super) has_wrong_version: bool,
    pub(super) may_make_pods: bool,
    /// Whether its group has a dot.
    pub(super) is_of_group: bool,
    pub(super) required: required::OfKind,
    pub(super) formats: formats::OfKind,
}

impl<'a> Kind<'a> {
    /// Looks it up.
    pub(super) fn new(cx: &'a Context, api_version: &'a str, name: &'a str) -> Kind<'a> {
        let gvk = GvkRef::parse(api_version, name);
        let own = cx.schema.resource(api_version, name);
        Kind {
            api_version,
            name,
            top: own.or_else(|| unknown::type_of(&cx.schema, api_version, name)),
            is_built_in: own.is_some(),
            has_wrong_version: versions::is_wrong(api_version, name),
            may_make_pods: may_make_pods(name),
            is_of_group: gvk.group.contains('.'),
            required: required::OfKind::new(gvk),
            formats: formats::OfKind::new(gvk),
        }
    }
}
