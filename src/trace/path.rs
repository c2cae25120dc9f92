//! Paths of fields, as people write them.

use std::fmt;

use ecow::EcoString;

use crate::yaml::{Location, Mapping, Node};

/// The path of a field in a resource.
///
/// It is written as `spec.template.spec.containers[name=app].image`; keys with dots stand in
/// brackets, as in `metadata.labels[app.kubernetes.io/name]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FieldPath(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Part {
    Key(EcoString),
    /// An element of a list, and what tells it from the others if they are named.
    Item(u32, Option<(&'static str, EcoString)>),
}

/// The fields by which elements of lists are told apart, the best first.
const NAMES: [&str; 9] = [
    "name",
    "key",
    "secretKey",
    "mountPath",
    "devicePath",
    "containerPort",
    "port",
    "ip",
    "topologyKey",
];

impl FieldPath {
    /// Returns the path of the node at a location.
    pub(super) fn at(root: &Node, location: &[u32]) -> FieldPath {
        let mut path = FieldPath::default();
        let mut node = root;
        for &i in location {
            let next = match node {
                Node::Map { map, .. } => map.iter().nth(i as usize).map(|entry| {
                    path.0.push(Part::Key(entry.key.text().unwrap_or_default().into()));
                    &entry.value
                }),
                Node::Seq { items, .. } => items.get(i as usize).inspect(|item| {
                    let named = name_of(items).and_then(|name| Some((name, text_of(item, name)?)));
                    path.0.push(Part::Item(i, named.map(|(name, text)| (name, text.into()))));
                }),
                Node::Scalar { .. } => None,
            };
            let Some(next) = next else { break };
            node = next;
        }
        path
    }

    /// Returns a path of keys.
    pub(super) fn of_keys(keys: &[&str]) -> FieldPath {
        FieldPath(keys.iter().map(|&key| Part::Key(key.into())).collect())
    }

    /// Returns where the path leads to; an element of a list is found by its name if it has one.
    pub(super) fn locate(&self, root: &Node) -> Option<Location> {
        let mut location = Location::with_capacity(self.0.len());
        let mut node = root;
        for part in &self.0 {
            let i = match (part, node) {
                (Part::Key(key), Node::Map { map, .. }) => map.index_of(key)?,
                (Part::Item(_, Some((name, text))), Node::Seq { items, .. }) => {
                    items.iter().position(|item| text_of(item, name) == Some(text))?
                }
                (Part::Item(i, None), Node::Seq { .. }) => *i as usize,
                _ => return None,
            };
            node = child(node, i)?;
            location.push(u32::try_from(i).ok()?);
        }
        Some(location)
    }

    /// Returns the last key, if the path ends with one.
    pub(super) fn last_key(&self) -> Option<&str> {
        match self.0.last()? {
            Part::Key(key) => Some(key),
            Part::Item(..) => None,
        }
    }

    /// Returns `true` if the path goes through this key.
    pub(super) fn has_key(&self, key: &str) -> bool {
        self.0.iter().any(|part| matches!(part, Part::Key(k) if k == key))
    }

    /// Returns `true` if the path is one of keys only, and these.
    pub(super) fn is(&self, keys: &[&str]) -> bool {
        self.0.len() == keys.len()
            && self.0.iter().zip(keys).all(|(part, key)| matches!(part, Part::Key(k) if k == key))
    }

    /// Returns the keys alone, as field specs write paths: `spec/rules/http/paths`.
    pub(super) fn spec_text(&self) -> String {
        let keys = self.0.iter().filter_map(|part| match part {
            Part::Key(key) => Some(key.as_str()),
            Part::Item(..) => None,
        });
        keys.collect::<Vec<_>>().join("/")
    }

    /// Returns `true` if this is the resource itself.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the path as a JSON pointer, such as `/spec/template/spec/containers/0/image`.
    pub fn pointer(&self) -> String {
        let mut out = String::new();
        for part in &self.0 {
            out.push('/');
            match part {
                Part::Key(key) => out.push_str(&key.replace("~", "~0").replace("/", "~1")),
                Part::Item(i, _) => out.push_str(&i.to_string()),
            }
        }
        out
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, part) in self.0.iter().enumerate() {
            match part {
                Part::Key(key) if key.is_empty() || key.contains(['.', '[', ']', '/', ' ']) => {
                    write!(f, "[{key}]")?;
                }
                Part::Key(key) if i > 0 => write!(f, ".{key}")?,
                Part::Key(key) => f.write_str(key)?,
                Part::Item(_, Some((name, text))) => write!(f, "[{name}={text}]")?,
                Part::Item(i, None) => write!(f, "[{i}]")?,
            }
        }
        Ok(())
    }
}

/// Returns the field that tells the elements of a list apart.
pub(super) fn name_of(items: &[Node]) -> Option<&'static str> {
    NAMES.into_iter().find(|name| {
        let mut seen = rustc_hash::FxHashSet::default();
        items.iter().all(|item| text_of(item, name).is_some_and(|text| seen.insert(text)))
    })
}

/// Returns the text of a scalar field.
pub(super) fn text_of<'a>(item: &'a Node, field: &str) -> Option<&'a str> {
    item.get(field)?.text()
}

/// Returns a value of a map or list by its position.
pub(super) fn child(node: &Node, i: usize) -> Option<&Node> {
    match node {
        Node::Map { map, .. } => map.iter().nth(i).map(|entry| &entry.value),
        Node::Seq { items, .. } => items.get(i),
        Node::Scalar { .. } => None,
    }
}

/// Returns where a path leads that a person wrote, or how far it does lead: a location, and the part
/// of the text that is not there.
///
/// A path that starts with `/` is a JSON pointer. Keys with dots may stand without brackets, and a
/// named element of a list may be given by its name alone, as in `containers.app.image`.
pub(super) fn parse<'t>(root: &Node, text: &'t str) -> Result<Location, (Location, &'t str)> {
    let mut best = (Location::new(), text);
    let mut location = Location::new();
    let found = if text.starts_with('/') {
        follow_pointer(root, text, &mut location, &mut best)
    } else {
        follow(root, text.trim_start_matches('.'), &mut location, &mut best)
    };
    if found { Ok(location) } else { Err(best) }
}

/// Returns where a path leads that does not begin at the top, as `containers[name=app].image`: one place for each map
/// that it can begin in.
pub(super) fn parse_within(root: &Node, text: &str) -> Vec<Location> {
    let mut found = Vec::new();
    let mut waiting = vec![(root, Location::new())];
    while let Some((node, location)) = waiting.pop() {
        let mut end = location.clone();
        let mut best = (Location::new(), text);
        if matches!(node, Node::Map { .. }) && follow(node, text, &mut end, &mut best) {
            found.push(end);
        }
        let count = match node {
            Node::Map { map, .. } => map.iter().len(),
            Node::Seq { items, .. } => items.len(),
            Node::Scalar { .. } => 0,
        };
        let inner = (0..count).filter_map(|i| Some((i, child(node, i)?)));
        let inner = inner.filter(|(_, next)| !matches!(next, Node::Scalar { .. }));
        waiting.extend(inner.map(|(i, next)| {
            let mut inside = location.clone();
            inside.push(i as u32);
            (next, inside)
        }));
    }
    found.sort();
    found.dedup();
    found
}

/// Returns where a path leads in which `[*]` stands for every element of a list; it may begin within, as
/// for [`parse_within`].
pub(super) fn parse_every(root: &Node, text: &str) -> Vec<Location> {
    const EVERY: &str = "[*]";
    let mut parts = text.trim_start_matches('.').split(EVERY);
    let first = parts.next().unwrap_or_default();
    let mut found = match parse(root, first) {
        Ok(location) => vec![location],
        Err(_) => parse_within(root, first),
    };
    for part in parts {
        let part = part.strip_prefix('.').unwrap_or(part);
        let lists = found.iter().filter_map(|location| {
            let list = location.iter().try_fold(root, |node, &i| child(node, i as usize))?;
            Some((location, list.as_seq()?))
        });
        let elements = lists.flat_map(|(list, items)| {
            items.iter().enumerate().filter_map(move |(i, item)| {
                let mut location = list.clone();
                location.push(i as u32);
                let mut best = (Location::new(), part);
                follow(item, part, &mut location, &mut best).then_some(location)
            })
        });
        found = elements.collect();
    }
    found
}

fn follow_pointer<'t>(
    root: &Node,
    text: &'t str,
    location: &mut Location,
    best: &mut (Location, &'t str),
) -> bool {
    let (mut node, mut rest) = (root, text);
    while let Some(after) = rest.strip_prefix('/') {
        *best = (location.clone(), rest);
        let end = after.find('/').unwrap_or(after.len());
        let key = after[..end].replace("~1", "/").replace("~0", "~");
        let i = match node {
            Node::Map { map, .. } => map.index_of(&key),
            _ => key.parse().ok(),
        };
        let Some((i, next)) = i.and_then(|i| Some((i, child(node, i)?))) else { return false };
        location.push(i as u32);
        (node, rest) = (next, &after[end..]);
    }
    rest.is_empty()
}

/// Follows a path through a tree; where a key with dots could be several keys, the longest goes first.
fn follow<'t>(
    node: &Node,
    text: &'t str,
    location: &mut Location,
    best: &mut (Location, &'t str),
) -> bool {
    if location.len() > best.0.len() || best.0.is_empty() {
        *best = (location.clone(), text);
    }
    if text.is_empty() {
        return true;
    }
    for (i, rest) in candidates(node, text) {
        let Some(next) = child(node, i) else { continue };
        location.push(i as u32);
        if follow(next, rest.strip_prefix('.').unwrap_or(rest), location, best) {
            return true;
        }
        location.pop();
    }
    false
}

/// Returns what the start of a text may mean in a node, each with the rest of the text.
fn candidates<'t>(node: &Node, text: &'t str) -> Vec<(usize, &'t str)> {
    let bracket = text.strip_prefix('[').and_then(|inner| inner.split_once(']'));
    match (node, bracket) {
        (Node::Map { map, .. }, Some((key, rest))) => {
            map.index_of(unquoted(key)).map(|i| (i, rest)).into_iter().collect()
        }
        (Node::Map { map, .. }, None) => keys(map, text),
        (Node::Seq { items, .. }, bracket) => {
            let end = text.find(['.', '[']).unwrap_or(text.len());
            let (inner, rest) = bracket.unwrap_or(text.split_at(end));
            let found = match (inner.split_once('='), inner.parse()) {
                (Some((name, value)), _) => {
                    items.iter().position(|item| text_of(item, name) == Some(unquoted(value)))
                }
                (None, Ok(i)) => Some(i),
                (None, Err(_)) => name_of(items).and_then(|name| {
                    items.iter().position(|item| text_of(item, name) == Some(inner))
                }),
            };
            found.map(|i| (i, rest)).into_iter().collect()
        }
        (Node::Scalar { .. }, _) => Vec::new(),
    }
}

/// Returns the keys that a text starts with, the longest first.
fn keys<'t>(map: &Mapping, text: &'t str) -> Vec<(usize, &'t str)> {
    let mut found: Vec<(usize, &str)> = map
        .iter()
        .enumerate()
        .filter_map(|(i, entry)| Some((i, text.strip_prefix(entry.key.text()?)?)))
        .filter(|(_, rest)| {
            rest.len() < text.len() && (rest.is_empty() || rest.starts_with(['.', '[']))
        })
        .collect();
    found.sort_by_key(|(_, rest)| rest.len());
    found
}

fn unquoted(text: &str) -> &str {
    ['"', '\'']
        .iter()
        .find_map(|&quote| text.strip_prefix(quote)?.strip_suffix(quote))
        .unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::{Limits, Pos, read_stream};

    fn tree() -> Node {
        let text = "metadata: {labels: {a.b/c: x, a: {b/c: y}}}\n\
                    spec: {containers: [{name: app, image: i}, {name: b}], args: [p, q], '': z}\n";
        read_stream(text.as_bytes(), Pos(1), &Limits::default()).unwrap().remove(0)
    }

    #[test]
    fn finds_fields_however_they_are_written() {
        let tree = tree();
        for (written, shown, pointer) in [
            (
                "spec.containers[name=app].image",
                "spec.containers[name=app].image",
                "/spec/containers/0/image",
            ),
            (".spec.containers[1]", "spec.containers[name=b]", "/spec/containers/1"),
            (
                "spec.containers.app.image",
                "spec.containers[name=app].image",
                "/spec/containers/0/image",
            ),
            ("spec.containers.[name='b']", "spec.containers[name=b]", "/spec/containers/1"),
            ("/spec/args/1", "spec.args[1]", "/spec/args/1"),
            ("metadata.labels.a.b/c", "metadata.labels[a.b/c]", "/metadata/labels/a.b~1c"),
            ("metadata.labels[\"a.b/c\"]", "metadata.labels[a.b/c]", "/metadata/labels/a.b~1c"),
            ("metadata.labels[a].b/c", "metadata.labels.a[b/c]", "/metadata/labels/a/b~1c"),
            ("/metadata/labels/a.b~1c", "metadata.labels[a.b/c]", "/metadata/labels/a.b~1c"),
            ("", "", ""),
        ] {
            let location = parse(&tree, written).unwrap();
            let path = FieldPath::at(&tree, &location);
            assert_eq!((path.to_string(), path.pointer()), (shown.into(), pointer.into()));
            assert_eq!(path.locate(&tree), Some(location));
        }
    }

    #[test]
    fn a_path_may_begin_within() {
        let tree = tree();
        let within = |text| -> Vec<String> {
            let found = parse_within(&tree, text);
            found.iter().map(|location| FieldPath::at(&tree, location).to_string()).collect()
        };
        let image = ["spec.containers[name=app].image"];
        for text in ["containers[name=app].image", "containers.app.image", "containers[0].image"] {
            assert_eq!(within(text), image, "{text}");
        }
        assert_eq!(within("containers"), ["spec.containers"]);
        assert_eq!(
            within("name"),
            ["spec.containers[name=app].name", "spec.containers[name=b].name"]
        );
        assert!(within("containers[2]").is_empty() && within("app.image").is_empty());
    }

    #[test]
    fn tells_how_far_a_path_leads() {
        let tree = tree();
        let far = |text| {
            let (location, rest) = parse(&tree, text).unwrap_err();
            format!("{} + {rest}", FieldPath::at(&tree, &location))
        };
        assert_eq!(far("spec.containers[name=x].image"), "spec.containers + [name=x].image");
        assert_eq!(far("spec.containers[name=app].imag"), "spec.containers[name=app] + imag");
        assert_eq!(far("/spec/args/2"), "spec.args + /2");
        assert_eq!(far("stat"), " + stat");
    }
}
