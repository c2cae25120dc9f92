//! Resources as the text that goes into a function, and back.

use ecow::{EcoString, EcoVec};

use super::places::{self, ID as ITEM, INDEX, MIGRATION, PATH, Place, reconcile};
use super::{kinds, layout, sharing};
use crate::diagnostics::{Error, ErrorKind, Result};
use crate::limits::{Account, Limit};
use crate::resource::{Resource, ResourceSet, annotations, stream};
use crate::schema::Schema;
use crate::yaml::{self, Limits, Mapping, Node, Pos, Style, Tag, edit};

/// The annotation by which upstream finds a resource again.
const ID: &str = "kustomize.config.k8s.io/id";

/// The annotations that only the text has, besides the number.
const ADDED: [&str; 4] =
    [INDEX.keys[0], INDEX.keys[1], MIGRATION, "internal.config.kubernetes.io/seqindent"];

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
    /// If it has two paths, or two numbers from before.
    fn numbered(mut self, number: usize) -> Result<(Item, Place)> {
        for pair in [PATH, ITEM] {
            let [old, new] = pair.keys.map(|key| self.get(key));
            places::check(pair, old.as_deref(), new.as_deref())?;
        }
        for pair in [PATH, INDEX, ITEM] {
            let [old, new] = pair.keys;
            match (self.get(old), self.get(new)) {
                (Some(value), None) => self.put(new, value),
                (None, Some(value)) => self.put(old, value),
                _ => {}
            }
        }
        let place = Place {
            path: self.get(PATH.keys[1]),
            index: number.to_string(),
            id: (number + 1).to_string(),
        };
        for key in [INDEX.keys[0], INDEX.keys[1], MIGRATION] {
            self.put(key, number.to_string());
        }
        for key in [ITEM.keys[1], ITEM.keys[0]] {
            self.put(key, (number + 1).to_string());
        }
        Ok((self, place))
    }

    fn get(&self, key: &str) -> Option<String> {
        let added = self.added.iter().find(|(there, _)| *there == key);
        places::text(&self.node, key)
            .or_else(|| added.map(|(_, value)| &**value))
            .map(str::to_owned)
    }

    fn put(&mut self, key: &'static str, value: String) {
        if places::text(&self.node, key).is_some() {
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
        // As upstream, which prints it a second time, and breaks no lines then.
        yaml::print_unbroken(&self.node, &mut document)?;
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

/// Writes a `ResourceList` of items with a function's config; answers also with where they lie.
///
/// As upstream, which runs no function on nothing: without items, the config is the only one.
///
/// # Errors
/// If one cannot be printed, or has two paths.
pub(super) fn write(items: &[Node], config: &Node) -> Result<(String, Vec<Place>)> {
    let mut text = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n".to_owned();
    let mut places = Vec::with_capacity(items.len());
    let mut append = |item: Item, number| {
        let (item, place) = item.numbered(number)?;
        places.push(place);
        item.append("- ", &mut text)
    };
    for (i, item) in items.iter().enumerate() {
        append(Item::new(item), i)?;
    }
    if items.is_empty() {
        append(Item::new(config).local(), 0)?;
    }
    text.push_str("functionConfig:\n");
    Item::new(config).local().append("  ", &mut text)?;
    Ok((text, places))
}

/// How the annotations of a printed document begin.
const ANNOTATIONS: &str = "\n  annotations:\n";

/// Reads the answer of a function: a `ResourceList`, another list, or documents. What has no place gets one;
/// `given` is what went in, and `inputs` where.
///
/// # Errors
/// If it is no YAML, or no resources, or too much, or says two places of one resource.
pub(super) fn read(
    text: &[u8],
    account: &Account,
    given: &[Node],
    inputs: &[Place],
    schema: &Schema,
) -> Result<Vec<Resource>> {
    let read = || yaml::read_documents(text, Pos::NONE, &Limits::of(account));
    let read = || read().map_err(|e| Error::syntax(&e, Pos::NONE));
    let documents = documents(text, account, read)?;
    let list = match documents.as_slice() {
        [only] => stream::open_single_list(only),
        _ => None,
    };
    let is_list = list.is_some();
    let items = list.unwrap_or(documents).into_iter();
    let mut items: Vec<Node> = items.filter(|item| !item.is_null()).collect();
    let aliased = kinds::with_aliases(text, (!is_list).then_some(items.len()));
    let aliased = aliased.filter(|aliased| aliased.len() == items.len());
    let wrong = |message| Err(Error::new(ErrorKind::Resource, message));
    for (i, item) in items.iter_mut().enumerate() {
        if item.as_map().is_none() {
            let message = yaml::wrong_kind(item, yaml::Kind::Map);
            return Err(Error::new(ErrorKind::Resource, message));
        }
        let aliased = aliased.as_ref().and_then(|aliased| aliased.get(i));
        if aliased.is_some_and(kinds::has_alias_for_metadata) {
            return wrong(kinds::alias_for(&["metadata"]));
        }
        if let Some(aliased) = aliased {
            sharing::without_merged(item, aliased);
        }
        if !is_list {
            without_wrong_annotations(item, aliased.is_some_and(kinds::has_alias_for_annotations));
        }
        if is_list && aliased.is_some_and(kinds::has_alias_for_annotations) {
            return wrong(kinds::alias_for(&["metadata", "annotations"]));
        }
        let annotations = item.get_path(&["metadata", "annotations"]);
        if let Some(wrong) = annotations.filter(|node| node.as_map().is_none() && !node.is_null()) {
            let message = yaml::wrong_kind(wrong, yaml::Kind::Map);
            return Err(Error::new(ErrorKind::Resource, message));
        }
        if !is_list {
            // As upstream, whose reader numbers documents anew.
            INDEX.keys.iter().for_each(|key| annotations::remove(item, key));
        }
        let number = number(item);
        let given = number.and_then(|number| given.get(number));
        if let (Some(number), Some(_)) = (number, given) {
            // As upstream, which looks no further then (`transformer-old-number-changed`).
            let number = (number + 1).to_string();
            ITEM.keys
                .iter()
                .for_each(|key| annotations::set(item, key, Node::str(number.as_str())));
        }
        reconcile(item, inputs)?;
        give_path(item, aliased);
        let changed = given.and_then(|given| match aliased {
            Some(new) => kinds::changed(given, new, schema),
            None => kinds::changed(given, &(&*item).into(), schema),
        });
        if let Some(message) = changed {
            return wrong(message);
        }
        if let Some(aliased) = aliased.filter(|aliased| sharing::is_shared(aliased)) {
            let numbers: &[&str] = if given.is_some() { &ITEM.keys } else { &[] };
            let gone = [numbers, &ADDED].concat();
            let gone_first = if is_list { numbers } else { &[] };
            sharing::share(item, aliased, [gone_first, &gone], account)?;
        }
    }
    let mut resources = stream::items_of(items.into())?;
    for resource in &mut resources {
        let number = number(&resource.node);
        ADDED.iter().for_each(|key| annotations::remove(&mut resource.node, key));
        let given = number.and_then(|number| given.get(number));
        // As upstream: a number that is none of those given stays.
        if given.is_some() {
            ITEM.keys.iter().for_each(|key| annotations::remove(&mut resource.node, key));
        }
        resource.history.answered = Some(layout::written(&resource.node, given));
    }
    Ok(resources)
}

/// Returns by which number an item says that it went in.
fn number(item: &Node) -> Option<usize> {
    let text = |key: &&str| places::text(item, key).filter(|text| !text.is_empty());
    let text = ITEM.keys.iter().rev().find_map(text)?;
    let number = text.parse::<usize>().ok().filter(|number| number.to_string() == text)?;
    number.checked_sub(1)
}

/// Takes annotations away that are a text, an empty list or an alias.
///
/// As upstream, whose reader numbers documents and not the items of lists: it writes over these.
fn without_wrong_annotations(document: &mut Node, is_alias: bool) {
    let is_over = |node: &Node| match node {
        Node::Map { .. } => is_alias,
        Node::Seq { items, .. } => items.is_empty(),
        _ => true,
    };
    let Some(metadata) = document.get_mut("metadata") else { return };
    if metadata.get("annotations").is_some_and(is_over)
        && let Some(metadata) = metadata.as_map_mut()
    {
        metadata.remove("annotations");
    }
}

/// Reads the answer of a legacy plugin: documents, or a list.
///
/// # Errors
/// If it is no YAML, or no resources, or too much.
pub(super) fn read_plain(text: &[u8], account: &Account) -> Result<Vec<Resource>> {
    let read = || yaml::read_stream(text, Pos::NONE, &Limits::of(account));
    let read = || read().map_err(|e| Error::syntax(&e, Pos::NONE));
    let mut resources = stream::resources(documents(text, account, read)?)?;
    if let Some(documents) = layout::documents(text, resources.len()) {
        for (resource, document) in resources.iter_mut().zip(documents) {
            resource.history.answered = Some(document);
        }
    }
    Ok(resources)
}

/// Reads documents, and charges them.
fn documents(
    text: &[u8],
    account: &Account,
    read: impl FnOnce() -> Result<Vec<Node>>,
) -> Result<EcoVec<Node>> {
    account.charge(Limit::ReadBytes, text.len() as u64)?;
    let documents = read()?;
    account.charge(Limit::Documents, documents.len() as u64)?;
    yaml::charge_copies(text, &documents, account)?;
    Ok(documents.into())
}

/// Removes the annotation by which upstream finds a resource again.
pub(super) fn remove_id(resource: &mut Resource) {
    annotations::remove(&mut resource.node, ID);
}

/// Gives an item without a path the one that upstream makes up; `written` is the item with its aliases, if it has some.
fn give_path(item: &mut Node, written: Option<&edit::Node>) {
    if PATH.keys.iter().any(|key| places::text(item, key).is_some_and(|path| !path.is_empty())) {
        return;
    }
    let said = |path: &[&str]| match written {
        // As upstream: what is an alias has its name for a text, and what a merge key brings is not there.
        Some(written) => {
            let node = path.iter().try_fold(written, |node, key| node.get(key));
            node.filter(|node| !kinds::is_null(node)).map(kinds::own_text).unwrap_or_default()
        }
        None => item.get_path(path).and_then(Node::text).unwrap_or_default(),
    };
    let file = format!("{}_{}.yaml", said(&["kind"]).to_lowercase(), said(&["metadata", "name"]));
    let path = match said(&["metadata", "namespace"]) {
        "" => file,
        namespace => format!("{namespace}/{file}"),
    };
    for key in PATH.keys {
        annotations::set(item, key, Node::str(path.as_str()));
    }
}
