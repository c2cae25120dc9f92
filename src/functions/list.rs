//! Resources as the text that goes into a function, and back.

use ecow::EcoString;

use crate::diagnostics::{Error, ErrorKind, Result};
use crate::limits::{Account, Limit};
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

/// An item of a list, and the annotations that are added to its text.
///
/// As upstream: what was there gets its new value in place; what is added comes last, in single quotes.
struct Item {
    node: Node,
    added: Vec<(&'static str, String)>,
}

impl Item {
    fn new(node: &Node) -> Item {
        Item { node: node.clone(), added: Vec::new() }
    }

    /// Marks the item as no output.
    fn local(mut self) -> Item {
        self.put(annotations::LOCAL_CONFIG, "true".to_owned());
        self
    }

    /// Gives the item its number; what it has in one of two spellings it gets in both.
    ///
    /// # Errors
    /// If it has two paths.
    fn numbered(mut self, number: usize) -> Result<Item> {
        if let [Some(one), Some(other)] = PATHS.map(|key| self.get(key))
            && one != other
        {
            let message = "resource input to function has mismatched legacy and internal path \
                           annotations";
            return Err(Error::new(ErrorKind::Resource, message));
        }
        let [_, index, inner_index, migrated, inner_id, id, _] = ADDED;
        for [one, other] in [PATHS, [index, inner_index], [id, inner_id]] {
            match (self.get(one), self.get(other)) {
                (Some(value), None) => self.put(other, value),
                (None, Some(value)) => self.put(one, value),
                _ => {}
            }
        }
        for key in [index, inner_index, migrated] {
            self.put(key, number.to_string());
        }
        for key in [inner_id, id] {
            self.put(key, (number + 1).to_string());
        }
        Ok(self)
    }

    fn get(&self, key: &str) -> Option<String> {
        let annotations = self.node.get_path(&["metadata", "annotations"])?;
        annotations.get(key)?.text().map(str::to_owned)
    }

    fn put(&mut self, key: &'static str, value: String) {
        if self.get(key).is_some() {
            annotations::set(&mut self.node, key, Node::str(value));
        } else if let Some((_, there)) = self.added.iter_mut().find(|(there, _)| *there == key) {
            *there = value;
        } else {
            self.added.push((key, value));
        }
    }

    /// Appends the item with `first` before its first line, and as many blanks before the others.
    fn append(&self, first: &str, text: &mut String) -> Result<()> {
        let mut document = String::new();
        yaml::print(&self.node, &mut document)?;
        let line =
            |(key, value): &(&str, String)| format!("    {key}: '{}'\n", value.replace('\'', "''"));
        let added: String = self.added.iter().map(line).collect();
        let (block, deeper, added) = match document.contains(ANNOTATIONS) {
            true => (ANNOTATIONS, "    ", added),
            // Upstream makes them, last in the metadata.
            false => ("\nmetadata:\n", "  ", format!("  annotations:\n{added}")),
        };
        if let Some(start) = document.find(block).map(|at| at + block.len()) {
            let rest = document.get(start..).unwrap_or_default();
            let is_inside = |line: &str| line.starts_with(deeper) || line.trim().is_empty();
            let lines = rest.split_inclusive('\n').take_while(|line| is_inside(line));
            let inside: usize = lines.map(str::len).sum();
            document.insert_str(start + inside, &added);
        }
        for (i, line) in document.split_inclusive('\n').enumerate() {
            if i == 0 {
                text.push_str(first);
            } else if line != "\n" {
                text.push_str("  ");
            }
            text.push_str(line);
        }
        Ok(())
    }
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
/// As upstream, which runs no function on nothing: without items, the config is the only one.
///
/// # Errors
/// If one cannot be printed, or has two paths.
pub(super) fn write(items: &[Node], config: &Node) -> Result<String> {
    let mut text = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n".to_owned();
    for (i, item) in items.iter().enumerate() {
        Item::new(item).numbered(i)?.append("- ", &mut text)?;
    }
    if items.is_empty() {
        Item::new(config).local().numbered(0)?.append("- ", &mut text)?;
    }
    text.push_str("functionConfig:\n");
    Item::new(config).local().append("  ", &mut text)?;
    Ok(text)
}

/// How the annotations of a printed document begin.
const ANNOTATIONS: &str = "\n  annotations:\n";

/// Reads what has come back: a `ResourceList`, another list, or documents; `is_function` gives what
/// has no place one.
///
/// # Errors
/// If it is no YAML, or no resources, or too much.
pub(super) fn read(text: &[u8], account: &Account, is_function: bool) -> Result<Vec<Resource>> {
    account.charge(Limit::ReadBytes, text.len() as u64)?;
    let limits = Limits::of(account);
    let documents =
        yaml::read_stream(text, Pos::NONE, &limits).map_err(|e| Error::syntax(&e, Pos::NONE))?;
    account.charge(Limit::Documents, documents.len() as u64)?;
    yaml::charge_copies(text, &documents, account)?;
    let is_map = |document: &&Node| document.is_null() || document.as_map().is_some();
    if let Some(odd) = documents.iter().find(|document| is_function && !is_map(document)) {
        let message = yaml::wrong_kind(odd, yaml::Kind::Map);
        return Err(Error::new(ErrorKind::Resource, message));
    }
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
