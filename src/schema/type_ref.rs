//! The type of a value, as far as merging needs it.

use super::{Schema, builtin, custom};
use crate::yaml::Node;

/// The type of a value. That there is a type at all has a meaning: only a map without one may bring
/// its own by `apiVersion` and `kind`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TypeRef<'s> {
    schema: &'s Schema,
    shape: Shape<'s>,
}

#[derive(Clone, Copy, Debug)]
enum Shape<'s> {
    /// The fields of a built-in definition.
    Fields(&'static str),
    /// A built-in type that is no definition.
    Builtin(&'static str),
    /// A custom schema, `$ref` followed.
    Custom(&'s Node),
}

/// A built-in type, whatever the schema in force.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BuiltinType(Shape<'static>);

impl BuiltinType {
    /// Returns the type as one of a schema.
    pub(crate) fn of(self, schema: &Schema) -> TypeRef<'_> {
        TypeRef { schema, shape: self.0 }
    }
}

impl<'s> TypeRef<'s> {
    pub(super) fn definition(schema: &'s Schema, fields: &'static str) -> Self {
        TypeRef { schema, shape: Shape::Fields(fields) }
    }

    pub(super) fn custom(schema: &'s Schema, node: &'s Node) -> Self {
        TypeRef { schema, shape: Shape::Custom(node) }
    }

    /// Returns the type that a schema in a comment describes; one that refers to nothing is still one.
    pub(super) fn in_comment(schema: &'s Schema, node: &'s Node) -> Self {
        let of = TypeRef::custom(schema, node);
        of.follow(node).unwrap_or(of)
    }

    /// Returns the type of a field, or `None` if there is none.
    pub(crate) fn field(self, name: &str) -> Option<TypeRef<'s>> {
        match self.shape {
            Shape::Fields(fields) => self.builtin(builtin::field(fields, name)?),
            Shape::Builtin(of) => self.builtin(builtin::map_value(of)?),
            Shape::Custom(node) => self.follow(custom::field(node, name)?),
        }
    }

    /// Returns `true` if this is a type of which all fields are known.
    pub(crate) fn has_fields(self) -> bool {
        matches!(self.shape, Shape::Fields(fields) if !fields.is_empty())
    }

    /// Returns the name of a built-in definition without its group and version, such as `PodSpec`.
    pub(crate) fn name(self) -> Option<&'static str> {
        let Shape::Fields(fields) = self.shape else { return None };
        builtin::name_of(fields)?.rsplit('.').next()
    }

    /// Returns `true` if this is a built-in type of texts, numbers and the like.
    pub(crate) fn is_scalar(self) -> bool {
        matches!(self.shape, Shape::Builtin(""))
    }

    /// Returns `true` if this is a built-in type of mappings with any keys.
    pub(crate) fn is_map(self) -> bool {
        matches!(self.shape, Shape::Builtin(of) if of.starts_with('{'))
    }

    /// Returns `true` if this is a built-in type of lists.
    pub(crate) fn is_list(self) -> bool {
        matches!(self.shape, Shape::Builtin(of) if of.starts_with('['))
    }

    /// Returns the names of the fields, if all are known.
    pub(crate) fn field_names(self) -> impl Iterator<Item = &'static str> {
        let fields = match self.shape {
            Shape::Fields(fields) => fields,
            _ => "",
        };
        fields.split(' ').filter_map(|field| field.split('=').next())
    }

    /// Returns names and types of the fields, if all are known.
    pub(crate) fn fields(self) -> impl Iterator<Item = (&'static str, Option<TypeRef<'s>>)> {
        let fields = match self.shape {
            Shape::Fields(fields) => fields,
            _ => "",
        };
        builtin::all(fields).map(move |(name, of)| (name, self.builtin(of)))
    }

    /// Returns the numbers of all types that have a field and of which all fields are known, in order.
    pub(crate) fn ids_with(field: &str) -> Vec<usize> {
        builtin::with_field(field).map(|fields| fields.as_ptr() as usize).collect()
    }

    /// Returns a number that differs for types that differ.
    pub(crate) fn id(self) -> usize {
        match self.shape {
            Shape::Fields(text) | Shape::Builtin(text) => text.as_ptr() as usize,
            Shape::Custom(node) => std::ptr::from_ref(node) as usize,
        }
    }

    /// Returns the type without its schema, if it is a built-in one.
    pub(crate) fn builtin_type(self) -> Option<BuiltinType> {
        match self.shape {
            Shape::Fields(fields) => Some(BuiltinType(Shape::Fields(fields))),
            Shape::Builtin(of) => Some(BuiltinType(Shape::Builtin(of))),
            Shape::Custom(_) => None,
        }
    }

    /// Returns the type of the elements of a list.
    pub(crate) fn element(self) -> Option<TypeRef<'s>> {
        match self.shape {
            Shape::Fields(_) => None,
            Shape::Builtin(of) => self.builtin(builtin::element(of)?),
            Shape::Custom(node) => self.follow(custom::element(node)?),
        }
    }

    /// Returns the keys by which a list merges, `[""]` for a list of scalars, or `None` if it is atomic.
    pub(crate) fn merge_keys(self) -> Option<Vec<&'s str>> {
        match self.shape {
            Shape::Fields(_) => None,
            Shape::Builtin(of) => Some(builtin::keys(of)?.split(',').collect()),
            Shape::Custom(node) => custom::merge_keys(node),
        }
    }

    /// Returns what a type in the built-in text stands for.
    fn builtin(self, of: &'static str) -> Option<TypeRef<'s>> {
        if !of.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return Some(TypeRef { schema: self.schema, shape: Shape::Builtin(of) });
        }
        match self.schema.custom.as_ref().and_then(|c| c.definition(of)) {
            Some(node) => self.follow(node),
            None => Some(TypeRef::definition(self.schema, builtin::definition(of)?)),
        }
    }

    /// Follows `$ref` as long as there is one; what stands beside it does not count.
    fn follow(self, mut node: &'s Node) -> Option<TypeRef<'s>> {
        // More steps than there can be definitions on a path that does not run in a circle.
        let custom = self.schema.custom.as_ref();
        for _ in 0..=custom.map_or(1, |custom| custom.len()) {
            let Some(pointer) = custom::reference(node) else {
                return Some(TypeRef::custom(self.schema, node));
            };
            match custom.and_then(|custom| custom.resolve(pointer)) {
                Some(target) => node = target,
                None if self.schema.keeps_builtin() => {
                    let name = custom::definition_name(pointer)?;
                    return Some(TypeRef::definition(self.schema, builtin::definition(&name)?));
                }
                None => return None,
            }
        }
        None
    }
}
