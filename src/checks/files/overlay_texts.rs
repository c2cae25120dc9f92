//! The texts of the files of overlays, each with the path to it and its purpose.
//!
//! The same text of two overlays has the same way: elements of lists go by what they are about, and only without
//! that by their number.

use std::path::Path;

use rustc_hash::FxHashMap;

use crate::checks::files::stages;
use crate::load::Files;
use crate::yaml::{Mapping, Node, Pos};

/// How deep files are looked into.
const DEEPEST: usize = 40;

/// A text of a file.
pub(in crate::checks) struct Leaf {
    pub(in crate::checks) text: String,
    /// The last key on the way to it that is no place in a list.
    pub(in crate::checks) key: String,
    pub(in crate::checks) pos: Pos,
    pub(in crate::checks) what: What,
}

/// What a text is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::checks) enum What {
    /// What two overlays do not have together.
    Own,
    /// The path of a secret elsewhere, which some share.
    Secret,
    Other,
}

/// The texts of one file, by the way to each.
pub(in crate::checks) type Leaves = FxHashMap<String, Leaf>;

/// Ends of names of variables with the host that users see.
const OF_HOSTS: &[&str] =
    &["BASE_URL", "DOMAIN", "EXTERNAL_URL", "HOSTNAME", "PUBLIC_HOST", "PUBLIC_URL", "ROOT_URL"];

/// Returns the texts of a file.
pub(in crate::checks) fn leaves(files: &Files, path: &Path) -> Leaves {
    let mut gatherer = Gatherer { files, leaves: Leaves::default() };
    gatherer.documents(&files.documents(path).unwrap_or_default(), "", 0);
    gatherer.leaves
}

struct Gatherer<'f> {
    files: &'f Files,
    leaves: Leaves,
}

impl Gatherer<'_> {
    fn documents(&mut self, documents: &[Node], way: &str, depth: usize) {
        let mut labels = Labels::default();
        for document in documents {
            let way = format!("{way}/{}", labels.of(document));
            self.gather(document, &way, &[], depth);
        }
    }

    /// Adds the texts of a tree; `keys` are those on the way to it.
    fn gather(&mut self, node: &Node, way: &str, keys: &[&str], depth: usize) {
        if depth > DEEPEST {
            return;
        }
        match node {
            Node::Map { map, .. } => self.map(map, way, keys, depth),
            Node::Seq { items, .. } => {
                let mut labels = Labels::default();
                let has_pairs = keys.last() == Some(&"literals");
                for item in items {
                    let pair = item.text().filter(|_| has_pairs).and_then(|t| t.split_once('='));
                    if let Some((key, value)) = pair {
                        let mut keys = keys.to_vec();
                        keys.push(key);
                        self.add(value, item.pos(), format!("{way}.{key}"), &keys);
                    } else {
                        let way = format!("{way}.{}", labels.of(item));
                        self.gather(item, &way, keys, depth + 1);
                    }
                }
            }
            Node::Scalar { text, .. } if is_patch(text, keys) => {
                let pos = self.files.inline(node.pos(), 0, text);
                let patch = self.files.read_stream(text.as_bytes(), pos).unwrap_or_default();
                self.documents(&patch, way, depth + 1);
            }
            Node::Scalar { text, .. } if text.contains('\n') => {}
            Node::Scalar { text, .. } => self.add(text, node.pos(), way.to_owned(), keys),
        }
    }

    fn map(&mut self, map: &Mapping, way: &str, keys: &[&str], depth: usize) {
        let says = |key: &str| map.get(key).and_then(Node::text);
        // What is secret is not looked at.
        if says("kind") == Some("Secret") {
            return;
        }
        let operation = says("path").filter(|_| map.contains("op"));
        let around = keys.iter().rfind(|key| is_name(key));
        let variable = says("name").filter(|_| around == Some(&"env"));
        for entry in map {
            let Some(key) = entry.key.text().filter(|key| *key != "secretGenerator") else {
                continue;
            };
            let mut keys = keys.to_vec();
            match (operation, variable) {
                (Some(path), _) if key == "value" => keys.extend(path.split('/')),
                (_, Some(name)) if key == "value" => keys.push(name),
                _ => keys.push(key),
            }
            self.gather(&entry.value, &format!("{way}.{key}"), &keys, depth + 1);
        }
    }

    fn add(&mut self, text: &str, pos: Pos, way: String, keys: &[&str]) {
        let key = keys.iter().rfind(|key| is_name(key)).copied().unwrap_or_default().to_owned();
        self.leaves.insert(way, Leaf { text: text.to_owned(), key, pos, what: what(keys) });
    }
}

/// Returns `true` for a patch that stands in the kustomization itself.
fn is_patch(text: &str, keys: &[&str]) -> bool {
    let is_there = matches!(keys, ["patches", "patch"] | ["patchesJson6902", "patch"])
        || keys == ["patchesStrategicMerge"];
    is_there && (text.contains('\n') || text.starts_with(['[', '{']))
}

/// What elements of a list are called, each differently.
#[derive(Default)]
struct Labels(FxHashMap<String, usize>);

impl Labels {
    fn of(&mut self, item: &Node) -> String {
        let label = label(item);
        let count = self.0.entry(label.clone()).or_default();
        *count += 1;
        match *count {
            1 => label,
            count => format!("{label}#{count}"),
        }
    }
}

/// Returns what an element is about: an operation of a patch is about its path, a patch about its target.
fn label(item: &Node) -> String {
    let text = |path: &[&str]| item.get_path(path).and_then(Node::text).unwrap_or_default();
    if !text(&["op"]).is_empty() {
        return text(&["path"]).to_owned();
    }
    if item.get("target").is_some() {
        return ["group", "kind", "name", "labelSelector"]
            .map(|key| text(&["target", key]))
            .join(" ");
    }
    match [text(&["kind"]), text(&["metadata", "name"]), text(&["name"]), text(&["path"])] {
        ["", "", "", ""] => String::new(),
        parts => parts.join(" "),
    }
}

/// Returns `true` for a part of a path that is no place in a list.
fn is_name(key: &str) -> bool {
    key.parse::<u32>().is_err() && key != "-"
}

/// Returns what the text at the end of some keys is for.
fn what(keys: &[&str]) -> What {
    let named: Vec<&str> = keys.iter().copied().filter(|key| is_name(key)).collect();
    match named[..] {
        ["namespace" | "namePrefix" | "nameSuffix"] | [.., "host" | "hosts" | "hostnames"] => {
            What::Own
        }
        ["commonLabels" | "pairs", key] | ["labels", "pairs", key] if stages::is_label(key) => {
            What::Own
        }
        [.., "destination", "name" | "server" | "namespace"] => What::Own,
        // Branches and tags of stages, such as `release-prod`.
        [.., "targetRevision" | "revision"] | [.., "ref", "branch" | "tag"] => What::Own,
        [.., "remoteRef" | "extract", "key"] => What::Secret,
        [.., "literals" | "data" | "env", key]
            if stages::is_variable(key) || OF_HOSTS.iter().any(|end| key.ends_with(end)) =>
        {
            What::Own
        }
        _ => What::Other,
    }
}
