//! Fields of custom resources that their definition, which some root has, does not know, and of well-known ones
//! whose definition no root has.

use rustc_hash::FxHashMap;

use crate::checks::across::custom_resources::well_known;
use crate::checks::across::roots::{Root, Suspect};
use crate::checks::kubernetes::is_filled_in;
use crate::checks::positions::{place_of_entry, place_or};
use crate::diagnostics::{Warning, WarningFilter, WarningKind};
use crate::resource::Resource;
use crate::work;
use crate::yaml::{Entry, Mapping, Node, Pos, ScalarType, nearest, scalar_type};

/// How many fields of a mapping are listed.
const FEW: usize = 8;

/// Schemas by group, version and kind; several roots may have one each.
type Schemas<'a> = FxHashMap<(&'a str, &'a str, &'a str), Vec<&'a Node>>;

/// Looks at the custom resources of all roots.
pub(in crate::checks) fn check<'a>(
    roots: &'a [Root<'a>],
    filter: &WarningFilter,
    suspects: &mut Vec<Suspect<'a>>,
) {
    let schemas = schemas(roots);
    for root in roots {
        for by in root.custom() {
            work::check();
            let gvk = by.gvk_ref();
            let mut found = Vec::new();
            match schemas.get(&(gvk.group, gvk.version, by.kind())).map(Vec::as_slice) {
                Some(all) => {
                    let Some((first, rest)) = all.split_first() else { continue };
                    found = told(by, first);
                    // What the definition of any root knows is there in some cluster.
                    for other in rest {
                        let there = told(by, other);
                        found.retain(|one| there.iter().any(|other| other.pos == one.pos));
                    }
                }
                None => found.extend(of_well_known(by)),
            }
            found.sort_by_key(|one| one.pos);
            let found = found.into_iter().filter(|one| filter.has(one.kind));
            suspects.extend(found.map(|Told { kind, text, pos, hint }| Suspect {
                root: root.number,
                warning: Warning::new(kind, text, place_or(pos, by)).hint(hint),
                missing: None,
            }));
        }
    }
}

/// Something to say of a custom resource.
struct Told {
    kind: WarningKind,
    text: String,
    pos: Pos,
    hint: String,
}

/// Returns the schemas of all definitions.
fn schemas<'a>(roots: &'a [Root<'a>]) -> Schemas<'a> {
    let mut schemas = Schemas::default();
    let is_one = |kind: &str| kind == "CustomResourceDefinition";
    for definition in roots.iter().flat_map(|root| root.of_kinds(is_one)) {
        let text = |path: &[&str]| definition.node.get_path(path).and_then(Node::text);
        let (Some(group), Some(kind)) =
            (text(&["spec", "group"]), text(&["spec", "names", "kind"]))
        else {
            continue;
        };
        let versions = definition.node.get_path(&["spec", "versions"]).and_then(Node::as_seq);
        for version in versions.into_iter().flatten() {
            let name = version.get("name").and_then(Node::text);
            let schema = version.get_path(&["schema", "openAPIV3Schema"]);
            if let (Some(name), Some(schema)) = (name, schema) {
                let known = schemas.entry((group, name, kind)).or_default();
                if !known.iter().any(|other| other.pos() == schema.pos()) {
                    known.push(schema);
                }
            }
        }
    }
    schemas
}

/// Returns what there is to say of a custom resource by its schema.
fn told(by: &Resource, schema: &Node) -> Vec<Told> {
    let mut found = Vec::new();
    let (Some(map), Some(properties)) = (by.node.as_map(), properties(schema)) else {
        return found;
    };
    for entry in map {
        let Some(key) = entry.key.text() else { continue };
        if matches!(key, "apiVersion" | "kind" | "metadata" | "status" | "sops") {
            continue;
        }
        match properties.get(key) {
            Some(schema) => {
                let mut left: Vec<(String, &Node, &Node)> =
                    vec![(key.to_owned(), &entry.value, schema)];
                while let Some((path, value, schema)) = left.pop() {
                    work::check();
                    inside(by, &path, value, schema, &mut left, &mut found);
                }
            }
            None if !keeps_unknown(schema) => unknown(by, "", entry, properties, &mut found),
            None => {}
        }
    }
    found
}

fn properties(schema: &Node) -> Option<&Mapping> {
    schema.get("properties").and_then(Node::as_map).filter(|properties| !properties.is_empty())
}

/// Returns `true` for the schema of a mapping that may have fields which the schema does not name.
fn keeps_unknown(schema: &Node) -> bool {
    let says = |field| schema.get(field).is_some_and(|value| value.text() != Some("false"));
    [
        "x-kubernetes-preserve-unknown-fields",
        "x-kubernetes-embedded-resource",
        "additionalProperties",
    ]
    .iter()
    .any(|field| says(field))
}

/// Checks a value, and adds what is in it to `left`.
fn inside<'n>(
    by: &Resource,
    path: &str,
    value: &'n Node,
    schema: &'n Node,
    left: &mut Vec<(String, &'n Node, &'n Node)>,
    found: &mut Vec<Told>,
) {
    match value {
        Node::Scalar { .. } => found.extend(wrong_type(by, path, value, schema)),
        Node::Seq { items, .. } => {
            let Some(schema) = schema.get("items") else { return };
            for (i, item) in items.iter().enumerate().rev() {
                left.push((format!("{path}[{i}]"), item, schema));
            }
        }
        Node::Map { map, .. } => {
            let Some(properties) = properties(schema) else { return };
            for entry in map.iter().rev() {
                let Some(key) = entry.key.text() else { continue };
                match properties.get(key) {
                    Some(inner) => left.push((format!("{path}.{key}"), &entry.value, inner)),
                    None if !keeps_unknown(schema) => unknown(by, path, entry, properties, found),
                    None => {}
                }
            }
        }
    }
}

/// Adds a field that a schema does not know.
fn unknown(by: &Resource, path: &str, entry: &Entry, properties: &Mapping, found: &mut Vec<Told>) {
    let Some(key) = entry.key.text() else { return };
    if key.starts_with('$') || is_filled_in(key) {
        return;
    }
    let place = if path.is_empty() { "at the top".to_owned() } else { format!("in `{path}`") };
    let text = format!(
        "{} {} has the field `{key}` {place}, which its definition in this repository does not know: it is dropped",
        by.kind(),
        by.name()
    );
    let names = || properties.iter().filter_map(|entry| entry.key.text());
    let has_it = |of: &Node| properties_of_any(of).is_some_and(|inner| inner.contains(key));
    let homes = || properties.iter().filter(|entry| has_it(&entry.value));
    let home = homes().next().filter(|_| homes().nth(1).is_none());
    let hint = match (nearest(names(), key), home.and_then(|home| home.key.text())) {
        (Some(near), _) => format!("did you mean `{near}`?"),
        (None, Some(home)) => format!("it belongs to `{home}`: put it there"),
        (None, None) if names().count() <= FEW => {
            let names: Vec<String> = names().map(|name| format!("`{name}`")).collect();
            format!("the fields here are {}", names.join(", "))
        }
        (None, None) => "check its spelling and indentation, or remove it".to_owned(),
    };
    let kind = WarningKind::UnknownField;
    found.push(Told { kind, text, pos: place_of_entry(entry), hint });
}

/// Returns the properties of a mapping, or of the elements of a list.
fn properties_of_any(schema: &Node) -> Option<&Mapping> {
    properties(schema).or_else(|| properties(schema.get("items")?))
}

/// Returns what there is to say of a scalar that is of another type than its schema says.
fn wrong_type(by: &Resource, path: &str, value: &Node, schema: &Node) -> Option<Told> {
    let says = |field: &str| schema.get(field).and_then(Node::text);
    let is_free = says("x-kubernetes-int-or-string") == Some("true")
        || says("x-kubernetes-preserve-unknown-fields") == Some("true")
        || ["anyOf", "oneOf"].iter().any(|field| schema.get(field).is_some());
    let (wants, text) = (says("type").filter(|_| !is_free)?, value.text()?);
    let has = scalar_type(value)?;
    if is_filled_in(text) {
        return None;
    }
    let is = match has {
        ScalarType::Bool => "a boolean",
        ScalarType::Int | ScalarType::Float => "a number",
        ScalarType::Str => "a text",
        ScalarType::Null | ScalarType::Other => return None,
    };
    let hint = match (wants, has) {
        ("string", ScalarType::Bool | ScalarType::Int | ScalarType::Float) => {
            let unit = says("format") == Some("duration")
                || path.to_ascii_lowercase().ends_with("interval")
                || path.to_ascii_lowercase().ends_with("duration")
                || path.to_ascii_lowercase().ends_with("timeout");
            match unit && has == ScalarType::Int {
                true => format!("write a text, with its unit: `{text}s`"),
                false => format!("write it in quotes: `\"{text}\"`"),
            }
        }
        ("boolean", ScalarType::Str) if matches!(text, "true" | "false") => {
            format!("write it without quotes: `{text}`")
        }
        ("boolean", ScalarType::Str | ScalarType::Int | ScalarType::Float) => {
            "write `true` or `false`".to_owned()
        }
        ("integer" | "number", ScalarType::Str) if text.parse::<f64>().is_ok() => {
            format!("write it without quotes: `{text}`")
        }
        ("integer" | "number", ScalarType::Str | ScalarType::Bool) => "write a number".to_owned(),
        ("object", _) => "write a mapping".to_owned(),
        ("array", _) => "write a list".to_owned(),
        _ => return None,
    };
    let wants = match wants {
        "string" => "a text",
        "boolean" => "a boolean",
        "object" => "a mapping",
        "array" => "a list",
        _ => "a number",
    };
    let text = format!(
        "{} {}: `{path}` is {is}, and its definition in this repository wants {wants}: the API server refuses it",
        by.kind(),
        by.name()
    );
    Some(Told { kind: WarningKind::WrongType, text, pos: value.pos(), hint })
}

/// Returns what there is to say of a well-known custom resource whose definition no root has: slips, and fields that
/// stand one level too high.
fn of_well_known(by: &Resource) -> Vec<Told> {
    let mut found = Vec::new();
    for (path, known) in well_known::fields(by.gvk_ref().group, by.kind()) {
        let Some(map) = by.node.get_path(path).and_then(Node::as_map) else { continue };
        for entry in map {
            let Some(key) = entry.key.text().filter(|key| !known.contains(key)) else { continue };
            // One that has a near name and stands beside it is another one.
            let free = known.iter().copied().filter(|name| !map.contains(name));
            let near = nearest(free, key).map(|near| format!("did you mean `{near}`?"));
            let Some(hint) = near.or_else(|| one_level_up(by, path, key)) else { continue };
            let text = format!(
                "{} {} has the field `{key}` in `{}`, which {} does not know",
                by.kind(),
                by.name(),
                path.join("."),
                by.kind()
            );
            found.push(Told {
                kind: WarningKind::UnknownField,
                text,
                pos: place_of_entry(entry),
                hint,
            });
        }
    }
    found
}

/// Returns where a field belongs that only a mapping within the one at a path knows.
fn one_level_up(by: &Resource, path: &[&str], key: &str) -> Option<String> {
    let all = well_known::fields(by.gvk_ref().group, by.kind()).iter();
    let within = all.filter_map(|(other, known)| match other.strip_prefix(path) {
        Some([field]) if known.contains(&key) => Some(*field),
        _ => None,
    });
    let mut within = within.into_iter();
    let field = within.next().filter(|_| within.next().is_none())?;
    Some(format!("it belongs to `{field}`: put it there"))
}
