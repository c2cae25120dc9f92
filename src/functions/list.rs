//! Resources as the text that goes into a function, and back.

use ecow::EcoString;

use crate::diagnostics::{Error, Result};
use crate::resource::{Resource, ResourceSet, annotations, stream};
use crate::schema::Schema;
use crate::yaml::{self, Limits, Mapping, Node, Pos, Style, Tag};

/// The annotation by which upstream finds a resource again.
const ID: &str = "kustomize.config.k8s.io/id";
/// Where a resource of a function's answer lies, in two spellings.
const PATHS: [&str; 2] = ["config.kubernetes.io/path", "internal.config.kubernetes.io/path"];

/// The annotations that only the text has.
const ADDED: [&str; 7] = [
    ID,
    "config.kubernetes.io/index",
    "internal.config.kubernetes.io/index",
    "internal.config.kubernetes.io/annotations-migration-resource-id",
    "internal.config.kubernetes.io/id",
    "config.k8s.io/id",
    "internal.config.kubernetes.io/seqindent",
];

/// Returns the trees of resources as they go into a function: with all that upstream keeps in
/// annotations, and their ids.
pub(super) fn items(resources: &ResourceSet, schema: &Schema) -> Vec<Node> {
    let item = |resource: &Resource| {
        let id = resource.id(schema);
        let mut text = String::new();
        for (key, value) in [
            ("group", id.gvk.group.as_str()),
            ("kind", id.gvk.kind.as_str()),
            ("name", id.name.as_str()),
            ("namespace", id.namespace.as_str()),
            ("version", id.gvk.version.as_str()),
        ] {
            if !value.is_empty() {
                let mut map = Mapping::with_capacity(1);
                map.push(Node::plain(key), Node::str(value));
                // A mapping of one string can be printed.
                let _ = yaml::print(&Node::map(map), &mut text);
            }
        }
        let mut node = annotations::materialize(resource);
        annotations::set(&mut node, ID, literal(text));
        node
    };
    resources.iter().map(item).collect()
}

fn literal(text: impl Into<EcoString>) -> Node {
    Node::scalar(text, Style::Literal, Tag::None, Pos::NONE)
}

/// Returns a config as an item: marked so that it is no output.
pub(super) fn local(config: &Node) -> Node {
    let mut config = config.clone();
    annotations::set(&mut config, annotations::LOCAL_CONFIG, Node::str("true"));
    config
}

/// Writes items as the documents of a stream.
///
/// # Errors
/// If one cannot be printed.
pub(super) fn write_documents(items: &[Node]) -> Result<String> {
    let mut text = String::new();
    for item in items {
        if !text.is_empty() {
            text.push_str("---\n");
        }
        yaml::print(item, &mut text)?;
    }
    Ok(text)
}

/// Writes a `ResourceList` of items with a function's config.
///
/// # Errors
/// If one cannot be printed.
pub(super) fn write(items: &[Node], config: &Node) -> Result<String> {
    let mut text = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n".to_owned();
    if items.is_empty() {
        text.truncate(text.len() - 1);
        text.push_str(" []\n");
    }
    for (i, item) in items.iter().enumerate() {
        let mut document = String::new();
        yaml::print(item, &mut document)?;
        let id = i + 1;
        let added = [i, i, i, id, id];
        let added: String = ADDED[1..6]
            .iter()
            .zip(added)
            .map(|(key, value)| format!("    {key}: '{value}'\n"))
            .collect();
        append(&annotated(&document, &added), "- ", &mut text);
    }
    text.push_str("functionConfig:\n");
    let mut document = String::new();
    yaml::print(&local(config), &mut document)?;
    append(&document, "  ", &mut text);
    Ok(text)
}

/// Returns a printed document with more lines at the end of its annotations, which must be there.
fn annotated(document: &str, added: &str) -> String {
    let Some(start) = document.find("\n  annotations:\n").map(|at| at + "\n  annotations:\n".len())
    else {
        return document.to_owned();
    };
    let rest = document.get(start..).unwrap_or_default();
    let is_inside = |line: &str| line.starts_with("    ") || line.trim().is_empty();
    let inside: usize =
        rest.split_inclusive('\n').take_while(|line| is_inside(line)).map(str::len).sum();
    let (before, after) = document.split_at(start + inside);
    format!("{before}{added}{after}")
}

/// Appends a document with `first` before its first line, and as many blanks before the others.
fn append(document: &str, first: &str, text: &mut String) {
    for (i, line) in document.split_inclusive('\n').enumerate() {
        if i == 0 {
            text.push_str(first);
        } else if line != "\n" {
            text.push_str("  ");
        }
        text.push_str(line);
    }
}

/// Reads what has come back: a `ResourceList`, another list, or documents; `is_function` gives what
/// has no place one.
///
/// # Errors
/// If it is no YAML, or no resources.
pub(super) fn read(text: &[u8], limits: &Limits, is_function: bool) -> Result<Vec<Resource>> {
    let documents =
        yaml::read_stream(text, Pos::NONE, limits).map_err(|e| Error::syntax(&e, Pos::NONE))?;
    let mut resources = stream::resources(documents.into())?;
    for resource in &mut resources {
        for key in ADDED {
            annotations::remove(&mut resource.node, key);
        }
        let has_place =
            |key: &&str| resource.metadata_map("annotations").is_some_and(|map| map.contains(key));
        if is_function && !PATHS.iter().any(has_place) {
            let file = format!("{}_{}.yaml", resource.kind().to_lowercase(), resource.name());
            let path = match resource.namespace() {
                "" => file,
                namespace => format!("{namespace}/{file}"),
            };
            for key in PATHS {
                annotations::set(&mut resource.node, key, Node::str(path.as_str()));
            }
        }
    }
    Ok(resources)
}
