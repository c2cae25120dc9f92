//! What to do about the mistakes that are made most: the hints of errors.
//!
//! All of this is looked for when something has gone wrong already, so it may take its time.

use crate::error::Error;
use crate::resource::{ResId, ResourceSet};
use crate::schema::Schema;
use crate::yaml::{Node, nearest};

/// Words of a message, and what to do.
type Advice = (&'static str, &'static str);

const BRACES: &str = "a text with braces, such as `{{ .x }}`, needs quotes";

/// For texts that are not YAML.
const SYNTAX: &[Advice] = &[
    (
        "cannot start any token",
        "indent with spaces, not with tabs; a text that starts with `@`, `%` or a backquote needs \
         quotes",
    ),
    ("tab character", "indent with spaces, not with tabs"),
    (
        "mapping values are not allowed",
        "indent this line like its neighbours, or put the value into quotes if it contains `: `",
    ),
    ("did not find expected ','", "close the bracket or brace, or put a comma before this"),
    ("found unexpected end of stream", "close the quote"),
    ("did not find expected key", "indent this line like the other keys of its mapping"),
    ("did not find expected '-'", "indent this line like the other elements of its list"),
    ("could not find expected ':'", "a key needs `: ` after it; indent text of several lines"),
    (
        "unknown anchor",
        "define it before, in the same document, with `&`; a text that starts with `*` needs quotes",
    ),
    ("control characters", "is this a text file?"),
    ("invalid document separator", "put `---` on a line of its own"),
    ("did not find expected node content", "a value is missing here"),
    ("sequence entries are not allowed", "put the first element on a line of its own"),
    ("unknown escape character", "in single quotes a backslash is just a backslash"),
    ("found undefined tag handle", "a text that starts with `!` needs quotes"),
    ("already defined", "take one of the two away"),
    ("member name must be a string", "put the key into quotes"),
    ("invalid map key: {", BRACES),
    ("unsupported value", "JSON has no such number; put it into quotes if it is text"),
    ("invalid leading UTF-8", "save the file as UTF-8"),
];

/// For operations of JSON patches.
const OPERATIONS: &[Advice] = &[
    (
        "Unable to remove nonexistent key",
        "the resource has no such field; a `/` inside of a key is written `~1`",
    ),
    (
        "operation does not apply",
        "everything on the path but its last part must be there: add that first; a `/` inside of a \
         key is written `~1`",
    ),
    ("test failed", "the resource has another value there"),
    ("Unexpected kind", "`op` is one of add, remove, replace, move, copy and test"),
    ("failed to decode path", "give the operation a `path` such as /spec/replicas"),
    ("failed to decode from", "give the operation a `from` such as /spec/replicas"),
];

/// For documents that are no objects.
const DOCUMENTS: &[Advice] = &[
    (
        "missing Resource metadata",
        "only Kubernetes objects are listed under `resources`; values belong into a \
         configMapGenerator, patches into `patches`",
    ),
    ("missing kind", "give the document a `kind`"),
    ("missing metadata.name", "give the document a `metadata.name`"),
];

fn find(list: &[Advice], error: Error) -> Error {
    match list.iter().find(|(words, _)| error.message().contains(words)) {
        Some((_, advice)) => error.hint(*advice),
        None => error,
    }
}

/// Says what to do about text that is not YAML, or does not become any.
pub(crate) fn on_syntax(error: Error) -> Error {
    find(SYNTAX, error)
}

/// Says what to do about an operation that failed.
pub(crate) fn on_operation(error: Error) -> Error {
    find(OPERATIONS, error)
}

/// Says what to do about a document that is no object.
pub(crate) fn on_document(error: Error, document: &Node) -> Error {
    let is_template = |path: &[&str]| document.get_path(path).is_some_and(|n| n.as_map().is_some());
    if is_template(&["metadata", "name"]) || is_template(&["kind"]) {
        return error.hint(BRACES);
    }
    find(DOCUMENTS, error)
}

/// Says which resource may have been meant by an id that none has.
pub(crate) fn on_missing(id: &ResId, set: &ResourceSet, schema: &Schema) -> Option<String> {
    let ids = || set.iter().map(|resource| resource.id(schema));
    let same_name = |other: &ResId| other.name == id.name;
    let same_kind = |other: &ResId| other.gvk.kind == id.gvk.kind;
    if let Some(other) = ids().find(|other| same_name(other) && same_kind(other)) {
        let same_place = other.effective_namespace() == id.effective_namespace();
        if !other.gvk.is_selected_by(&id.gvk) || (other.gvk != id.gvk && same_place) {
            let version = match (other.gvk.group.as_str(), &other.gvk.version) {
                ("", version) => version.to_string(),
                (group, version) => format!("{group}/{version}"),
            };
            return Some(format!("`{}` is there with apiVersion {version}", id.name));
        }
        let place = match other.namespace.as_str() {
            "" => "without a namespace".to_owned(),
            namespace => format!("in the namespace {namespace}"),
        };
        return Some(format!("`{}` is there {place}", id.name));
    }
    let names: Vec<ResId> = ids().filter(same_kind).collect();
    if let Some(name) = nearest(names.iter().map(|other| other.name.as_str()), &id.name) {
        return Some(format!("did you mean `{name}`?"));
    }
    let other = ids().find(same_name)?;
    Some(format!("`{}` is there, but its kind is {}", id.name, other.gvk.kind))
}
