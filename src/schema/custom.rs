//! A schema that the user brings: `openapi: {path: ...}`.

use std::borrow::Cow;

use ecow::EcoString;
use rustc_hash::FxHashMap;

use crate::diagnostics::{Error, ErrorKind, Result};
use crate::yaml::{Node, Rules, Value, resolve};

/// The definitions of an OpenAPI file, with an index by name and by kind.
#[derive(Debug)]
pub(super) struct Custom {
    /// Whether the built-in definitions stay, below these.
    pub(super) keep_builtin: bool,
    definitions: FxHashMap<EcoString, Node>,
    kinds: ByKind<EcoString>,
    namespaced: ByKind<bool>,
}

/// Something for each `apiVersion` and `kind`.
type ByKind<T> = FxHashMap<EcoString, FxHashMap<EcoString, T>>;

const GROUP_VERSION_KIND: &str = "x-kubernetes-group-version-kind";

impl Custom {
    /// Reads the definitions and the scopes of a file.
    pub(super) fn read(node: &Node, keep_builtin: bool) -> Result<Custom> {
        if node.as_map().is_none() && !node.is_null() {
            return Err(invalid(node, "it is not a map"));
        }
        let mut custom = Custom {
            keep_builtin,
            definitions: FxHashMap::default(),
            kinds: ByKind::default(),
            namespaced: ByKind::default(),
        };
        for (name, definition) in entries(node, "definitions")? {
            // An object instead of a list is ignored.
            let kinds = definition.get(GROUP_VERSION_KIND).and_then(Node::as_seq);
            for entry in kinds.into_iter().flatten().filter(|e| e.as_map().is_some()) {
                let (api_version, kind) = group_version_kind(entry)?;
                custom.kinds.entry(api_version).or_default().insert(kind, name.into());
            }
            if let Some(at) = misshapen(definition) {
                return Err(invalid(at, "not a schema"));
            }
            custom.definitions.insert(name.into(), definition.clone());
        }
        for (path, item) in entries(node, "paths")? {
            let entry = item.get_path(&["get", GROUP_VERSION_KIND]);
            let Some(entry) = entry.filter(|e| e.as_map().is_some()) else {
                continue;
            };
            let (api_version, kind) = group_version_kind(entry)?;
            let namespaced = path.contains("namespaces/{namespace}");
            *custom.namespaced.entry(api_version).or_default().entry(kind).or_default() |=
                namespaced;
        }
        Ok(custom)
    }

    /// Returns the number of definitions.
    pub(super) fn len(&self) -> usize {
        self.definitions.len()
    }

    /// Returns a definition.
    pub(super) fn definition(&self, name: &str) -> Option<&Node> {
        self.definitions.get(name)
    }

    /// Returns the definition of a kind.
    pub(super) fn resource(&self, api_version: &str, kind: &str) -> Option<&Node> {
        self.definition(self.kinds.get(api_version)?.get(kind)?)
    }

    /// Returns `true` if a kind is namespaced, if the file says.
    pub(super) fn is_namespaced(&self, api_version: &str, kind: &str) -> Option<bool> {
        self.namespaced.get(api_version)?.get(kind).copied()
    }

    /// Returns what a `$ref` points to.
    pub(super) fn resolve(&self, pointer: &str) -> Option<&Node> {
        let mut tokens = pointer.strip_prefix("#/definitions/")?.split('/').map(unescape);
        let definition = self.definition(&tokens.next()?)?;
        tokens.try_fold(definition, |node, token| match node {
            Node::Seq { items, .. } => items.get(token.parse::<usize>().ok()?),
            _ => node.get(&token),
        })
    }
}

/// Returns what in a schema, at any depth, is not of the kind that it must be.
pub(crate) fn misshapen(schema: &Node) -> Option<&Node> {
    if schema.is_null() {
        return None;
    }
    if schema.as_map().is_none() {
        return Some(schema);
    }
    if let Some(of) = schema.get("type") {
        let fits = match of {
            Node::Seq { .. } => true,
            Node::Map { .. } => false,
            Node::Scalar { text, style, tag, .. } => {
                matches!(resolve(text, *style, *tag, Rules::V2), Ok(Value::Str(_) | Value::Null))
            }
        };
        if !fits {
            return Some(of);
        }
    }
    match schema.get("properties")? {
        Node::Map { map, .. } => map.iter().find_map(|e| misshapen(&e.value)),
        properties => (!properties.is_null()).then_some(properties),
    }
}

/// Returns the target of `$ref`, if a schema has one.
pub(super) fn reference(schema: &Node) -> Option<&str> {
    schema.get("$ref")?.text().filter(|text| !text.is_empty())
}

/// Returns the name in a `$ref` that points to a definition itself.
pub(super) fn definition_name(pointer: &str) -> Option<Cow<'_, str>> {
    let name = pointer.strip_prefix("#/definitions/")?;
    (!name.contains('/')).then(|| unescape(name))
}

/// Returns the schema of a field: its property, else what any property is.
pub(super) fn field<'n>(schema: &'n Node, name: &str) -> Option<&'n Node> {
    let property = schema.get("properties").and_then(|properties| properties.get(name));
    property.or_else(|| schema.get("additionalProperties").filter(|s| s.as_map().is_some()))
}

/// Returns the schema of the elements; only if the type is a list and nothing else.
pub(super) fn element(schema: &Node) -> Option<&Node> {
    let of = schema.get("type")?;
    let of = match of.as_seq() {
        Some(types) if types.len() == 1 => types.first()?,
        Some(_) => return None,
        None => of,
    };
    if of.text() != Some("array") {
        return None;
    }
    schema.get("items").filter(|items| items.as_map().is_some())
}

/// Returns the keys by which a list merges, `[""]` for its values, or `None` if it is atomic.
pub(super) fn merge_keys(schema: &Node) -> Option<Vec<&str>> {
    let strategy = schema.get("x-kubernetes-patch-strategy")?.text()?;
    if !strategy.split(',').any(|part| part == "merge") {
        return None;
    }
    let keys: Vec<&str> = match schema.get("x-kubernetes-list-map-keys").and_then(Node::as_seq) {
        Some(keys) => keys.iter().filter_map(Node::text).collect(),
        None => {
            schema.get("x-kubernetes-patch-merge-key").and_then(Node::text).into_iter().collect()
        }
    };
    Some(if keys.is_empty() { vec![""] } else { keys })
}

/// Returns the entries of a map of maps; no such field has none.
fn entries<'n>(node: &'n Node, field: &str) -> Result<Vec<(&'n str, &'n Node)>> {
    let Some(value) = node.get(field).filter(|value| !value.is_null()) else {
        return Ok(Vec::new());
    };
    let map = value.as_map().ok_or_else(|| invalid(value, format!("{field} is not a map")))?;
    let entry = |e: &'n crate::yaml::Entry| match (e.key.text(), e.value.as_map()) {
        (Some(name), Some(_)) => Ok((name, &e.value)),
        _ => Err(invalid(&e.key, format!("an entry of {field} is not a map"))),
    };
    map.iter().map(entry).collect()
}

fn group_version_kind(entry: &Node) -> Result<(EcoString, EcoString)> {
    let text = |key| entry.get(key).and_then(Node::text);
    let (Some(version), Some(kind)) = (text("version"), text("kind")) else {
        return Err(invalid(entry, format!("{GROUP_VERSION_KIND} without kind or version")));
    };
    let api_version = match text("group").unwrap_or_default() {
        "" => version.into(),
        group => ecow::eco_format!("{group}/{version}"),
    };
    Ok((api_version, kind.into()))
}

fn unescape(token: &str) -> Cow<'_, str> {
    if token.contains('~') {
        Cow::Owned(token.replace("~1", "/").replace("~0", "~"))
    } else {
        Cow::Borrowed(token)
    }
}

fn invalid(node: &Node, problem: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::Kustomization, format!("invalid schema file: {problem}")).at(node.pos())
}
