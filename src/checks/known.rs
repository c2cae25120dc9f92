//! What is known of a kind, and of a field, whatever stands there.

use std::sync::{Mutex, PoisonError};

use rustc_hash::FxHashMap;

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
use crate::schema::{BuiltinType, Schema, TypeRef};

/// What is known of the fields of built-in types, handed from one build of a call to the next.
///
/// Each build that runs has tables of its own for as long as it does, so that no thread waits for another.
#[derive(Debug, Default)]
pub(crate) struct KnownFields(Mutex<Vec<BuiltinFields>>);

impl KnownFields {
    /// Returns what an earlier build has looked up.
    pub(super) fn take(&self) -> BuiltinFields {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    /// Keeps it for the next.
    pub(super) fn give(&self, fields: BuiltinFields) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(fields);
    }
}

/// Kinds of Kubernetes, and their fields by the definition that has them and their name.
#[derive(Debug, Default)]
pub(super) struct BuiltinFields {
    kinds: FxHashMap<(&'static str, &'static str), (Kind<'static>, Option<BuiltinType>)>,
    fields: FxHashMap<(usize, &'static str), BuiltinField>,
}

/// A field of a built-in definition, with its type and that of its elements.
#[derive(Clone, Copy, Debug)]
struct BuiltinField {
    of: Option<BuiltinType>,
    element: Option<BuiltinType>,
    known: Facts,
}

impl BuiltinFields {
    /// Returns what is known of a kind; `None` if the built-in schema does not have it.
    pub(super) fn kind<'a>(
        &mut self,
        cx: &'a Context,
        api_version: &str,
        name: &str,
    ) -> Option<Kind<'a>> {
        if let Some(&(kind, top)) = self.kinds.get(&(api_version, name)) {
            return Some(Kind { top: top.map(|top| top.of(&cx.schema)), ..kind });
        }
        let (api_version, name) = Schema::builtin_names(api_version, name)?;
        let kind = Kind::new(cx, api_version, name);
        let top = kind.top.and_then(TypeRef::builtin_type);
        self.kinds.insert((api_version, name), (kind.without_type(api_version, name), top));
        Some(kind)
    }

    /// Returns what is known of a field of a definition of the built-in schema; `None` if it has no such field.
    pub(super) fn field<'a>(
        &mut self,
        schema: &'a Schema,
        of: TypeRef<'a>,
        key: &str,
    ) -> Option<Field<'a>> {
        let id = of.id();
        if let Some(field) = self.fields.get(&(id, key)) {
            let of = |part: Option<BuiltinType>| part.map(|part| part.of(schema));
            return Some(Field {
                of: of(field.of),
                element: of(field.element),
                known: field.known,
            });
        }
        let name = of.field_names().find(|name| *name == key)?;
        let field = Field::new(Some(of), key);
        let part = |part: Option<TypeRef<'_>>| part.and_then(TypeRef::builtin_type);
        let (of, element) = (part(field.of), part(field.element));
        self.fields.insert((id, name), BuiltinField { of, element, known: field.known });
        Some(field)
    }
}

/// What is known of a key in one kind of mapping.
#[derive(Clone, Copy)]
pub(super) struct Field<'a> {
    pub(super) of: Option<TypeRef<'a>>,
    /// The type of its elements, if it is a list.
    pub(super) element: Option<TypeRef<'a>>,
    pub(super) known: Facts,
}

/// What is known of a key beside its type.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facts {
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
            known: Facts {
                is_unknown: field.is_none() && has_fields,
                wants: takes_scalars.then(|| types::wanted(key)).flatten(),
                values: of.filter(|_| takes_scalars).and_then(|of| enumerated::of(of, key)),
                refers_to: kubernetes::referred_kind(key),
                may_conflict: unions::may_conflict(key),
                has_unique_names: kubernetes::has_unique_names(key),
            },
        }
    }
}

/// What is known of all objects of a kind.
#[derive(Clone, Copy, Debug, Default)]
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

impl Kind<'_> {
    /// Returns it without its type, under the names that the schema has.
    fn without_type(self, api_version: &'static str, name: &'static str) -> Kind<'static> {
        let Kind { is_built_in, has_wrong_version, may_make_pods, is_of_group, .. } = self;
        let (required, formats) = (self.required, self.formats);
        Kind {
            api_version,
            name,
            top: None,
            is_built_in,
            has_wrong_version,
            may_make_pods,
            is_of_group,
            required,
            formats,
        }
    }
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
