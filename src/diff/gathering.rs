//! Finds in files what may be the value of a Secret, in the right place and form or not.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use memchr::memmem;
use rustc_hash::{FxHashMap, FxHashSet};

use super::escapes;
use super::mask::{Collected, MASK};
use super::plain_text::{
    ODD_BREAKS, defines_secret, is_base64, is_key, join, key_of, lines, names_secret, words,
};
use crate::secret_words::{is_data, is_generator, is_secret, is_source, is_string_data, mentions};
use crate::yaml::{self, AliasBudget, Mapping, Node, Pos};

/// How deep texts in texts are looked into.
const DEEPEST: usize = 3;

/// How deep files may be: what a caller's stack bears.
const DEPTH: usize = 64;

/// What says of a Secret how it is called and made, not what it holds.
const NO_VALUES: [&str; 7] =
    ["apiVersion", "behavior", "immutable", "kind", "name", "namespace", "type"];
/// What has such things below it.
const SETTINGS: [&str; 2] = ["metadata", "options"];
/// What is below it.
const OF_SETTINGS: [&str; 13] = [
    "annotations",
    "creationTimestamp",
    "disableNameSuffixHash",
    "finalizers",
    "generateName",
    "generation",
    "immutable",
    "labels",
    "name",
    "namespace",
    "ownerReferences",
    "resourceVersion",
    "uid",
];

/// What was found in some files.
#[derive(Default)]
pub(super) struct Gathering {
    pub(super) values: Collected,
    /// What aliases may stand for; what has more is searched as text.
    aliases: AliasBudget,
    /// The folder of the file that is looked at.
    folder: PathBuf,
    /// The files that the generators of Secrets name.
    sources: Vec<PathBuf>,
    /// The entries that name them together with a key.
    named: Vec<Named>,
    /// The parts of paths that may be values, and how they are shown.
    pub(super) hidden_parts: FxHashMap<String, String>,
}

/// An entry `KEY=FILE`, or a literal in the wrong list.
struct Named {
    path: PathBuf,
    key: String,
    value: String,
}

/// How it is known whether there is a file.
pub(super) enum Presence<'a> {
    /// Those that were given are there.
    AmongGiven,
    /// This tells it.
    Asked(&'a dyn Fn(&Path) -> bool),
}

impl Gathering {
    /// Returns what some files hold. Those are left out of which `holds` says that they hold nothing.
    pub(super) fn of<P: AsRef<Path>>(
        files: impl IntoIterator<Item = (P, impl AsRef<[u8]>)>,
        holds: fn(&[u8]) -> bool,
        presence: &Presence<'_>,
    ) -> Gathering {
        let files: Vec<_> = files.into_iter().collect();
        let mut gathering = Gathering::default();
        if !files.iter().any(|(_, content)| mentions(content.as_ref())) {
            return gathering;
        }
        for (path, content) in files.iter().filter(|(_, content)| holds(content.as_ref())) {
            let path = path.as_ref();
            for part in path.components() {
                gathering.values.add_public(&part.as_os_str().to_string_lossy());
            }
            gathering.folder = path.parent().unwrap_or(path).to_path_buf();
            gathering.file(content.as_ref());
        }
        let mut sources = std::mem::take(&mut gathering.sources);
        sources.sort();
        for (path, content) in &files {
            if sources.binary_search(&path.as_ref().to_path_buf()).is_ok() {
                gathering.source(&String::from_utf8_lossy(content.as_ref()));
            }
        }
        let all = || files.iter().map(|(path, _)| path.as_ref().as_os_str());
        let given: FxHashSet<&OsStr> = match presence {
            Presence::AmongGiven if !gathering.named.is_empty() => all().collect(),
            _ => FxHashSet::default(),
        };
        for named in std::mem::take(&mut gathering.named) {
            let is_there = match presence {
                Presence::AmongGiven => given.contains(named.path.as_os_str()),
                Presence::Asked(is_there) => is_there(&named.path),
            };
            if !is_there {
                gathering.literal(&named, matches!(presence, Presence::Asked(_)));
            }
        }
        gathering
    }

    /// Adds what a file holds.
    fn file(&mut self, content: &[u8]) {
        let is_read = self.text(content, 0);
        if is_read && memmem::find(content, b"---").or(memmem::find(content, b"...")).is_none() {
            return;
        }
        let text = String::from_utf8_lossy(content);
        if is_read {
            return self.ignored(&text);
        }
        let plain = escapes::unescaped(&text);
        let texts = [Some(&*text), plain.as_ref().map(|plain| plain.text.as_str())];
        if texts.into_iter().flatten().flat_map(words).any(names_secret) {
            self.documents(&text);
            self.broken(&text);
        }
    }

    /// Adds what the documents of a stream hold that a build does not look at, though messages may show it: behind the
    /// end of a document, behind a separator in its line, or behind one that stands between other line breaks.
    fn ignored(&mut self, text: &str) {
        let is_more = |rest: &str| !rest.trim().is_empty() && !rest.trim().starts_with('#');
        let has_more =
            |line: &str| line.starts_with("...") || line.strip_prefix("---").is_some_and(is_more);
        let has_odd_breaks = || text.replace("\r\n", "\n").contains(ODD_BREAKS);
        if lines(text).any(has_more) || has_odd_breaks() {
            self.documents(text);
        }
    }

    /// Adds what those documents hold that can be read, also what stands behind a separator in its line.
    fn documents(&mut self, text: &str) {
        let mut document = String::new();
        for line in lines(text) {
            match line.strip_prefix("---").or_else(|| line.strip_prefix("...")) {
                Some(rest) => {
                    self.text(document.as_bytes(), 0);
                    document = rest.to_owned();
                }
                None => document.push_str(line),
            }
            document.push('\n');
        }
        self.text(document.as_bytes(), 0);
    }

    /// Adds what a text in YAML holds; tells whether it is such.
    fn text(&mut self, text: &[u8], depth: usize) -> bool {
        let Ok(documents) = self.aliases.read_stream(text, Pos(1), DEPTH) else { return false };
        for document in &documents {
            self.values.add_tree(document);
            self.object(document);
            self.tree(document, depth);
        }
        true
    }

    /// Adds what may be a value in a text that cannot be read: all words but keys, behind the first key for values, or in
    /// all of it if it is the file of a generator, where the list may stand without its key.
    fn broken(&mut self, text: &str) {
        let is_key = |word: &str| {
            is_generator(word) || is_string_data(word) || matches!(word, "data" | "literals")
        };
        let is_kind = |(key, rest): (&str, &str)| key == "kind" && is_generator(rest);
        let is_generators = lines(text).filter_map(key_of).any(is_kind);
        let lines = lines(text).map(|line| match key_of(line) {
            Some((key, rest)) => {
                // The key of an object that is written in one line may be any of its own.
                let starts = is_generator(key) || is_source(key);
                (starts || line.contains(['{', '[']) && words(rest).any(is_key), key, rest)
            }
            None => (words(line).any(is_key), "", line),
        });
        for (_, key, line) in lines.skip_while(|(starts, ..)| !starts && !is_generators) {
            if is_one_of(key, &NO_VALUES) && !line.contains(['=', '{', '[']) {
                continue;
            }
            let is_known =
                |word: &str| is_key(word) || is_secret(word) || is_one_of(word, &NO_VALUES);
            for word in words(line).filter(|word| !is_known(word)) {
                self.values.add(word);
                self.pair(word);
            }
        }
    }

    /// Adds what a document that is a Secret has in the wrong place.
    fn object(&mut self, document: &Node) {
        let mut waiting = vec![document];
        while let Some(node) = waiting.pop() {
            let Some(map) = node.as_map() else { continue };
            let items = map.iter().find(|entry| entry.key.text() == Some("items"));
            let items = items.and_then(|entry| entry.value.as_seq()).into_iter().flatten();
            if kind_of(map).is_some_and(is_secret) {
                items.filter_map(Node::as_map).for_each(|map| self.arguments(map.iter()));
                let is_plain = is_plain_secret(map);
                self.arguments(map.iter().filter(|entry| !(is_plain && is_known(entry))));
            } else {
                waiting.extend(items);
            }
        }
    }

    fn tree(&mut self, node: &Node, depth: usize) {
        let mut waiting = vec![node];
        while let Some(node) = waiting.pop() {
            match node {
                Node::Scalar { text, .. } => {
                    // A patch, or a manifest in a list of resources.
                    let is_text = text.contains(['\n', '{'])
                        && (text.contains("ata") || mentions(text.as_bytes()));
                    if depth < DEEPEST
                        && is_text
                        && !self.text(text.as_bytes(), depth + 1)
                        && text.lines().filter_map(key_of).any(defines_secret)
                    {
                        self.broken(text);
                    }
                }
                Node::Seq { items, .. } => waiting.extend(items),
                Node::Map { map, .. } => {
                    self.map(map);
                    waiting.extend(map.iter().map(|entry| &entry.value));
                }
            }
        }
    }

    fn map(&mut self, map: &Mapping) {
        let key = |entry: &yaml::Entry| entry.key.text().unwrap_or_default().to_owned();
        let mut generates = kind_of(map).is_some_and(is_generator);
        if generates {
            self.arguments(map.iter());
        }
        let is_of_secret = kind_of(map).is_some_and(is_secret);
        let is_plain = is_plain_secret(map);
        for entry in map.iter().filter(|entry| !(is_plain && is_known(entry))) {
            let key = key(entry);
            if is_generator(&key) {
                generates = true;
                self.generators(&entry.value);
            } else if is_string_data(&key) || is_of_secret && is_data(&key) {
                self.all_scalars(&entry.value);
            }
        }
        // What is indented too little.
        for entry in map.iter().filter(|_| generates) {
            if is_source(&key(entry)) {
                self.argument(&key(entry), &entry.value);
            }
        }
        self.patch(map);
    }

    /// Adds what an entry of `patches` for a Secret or an operation of a JSON patch writes.
    fn patch(&mut self, map: &Mapping) {
        let text = |key| map.get(key).and_then(Node::text).unwrap_or_default();
        // Whether it is for a Secret is not known here.
        let top = text("path").trim_start_matches('/').split('/').next().unwrap_or_default();
        if let Some(value) = map.get("value").filter(|_| is_data(top)) {
            self.all_scalars(value);
        }
        let target = map.get("target").and_then(Node::as_map).and_then(kind_of);
        if !target.is_some_and(is_secret) {
            return;
        }
        match self.aliases.read_stream(text("patch").as_bytes(), Pos(1), DEPTH) {
            Ok(documents) => {
                for document in &documents {
                    let operations = document.as_seq().into_iter().flatten();
                    let values = operations.filter_map(|o| o.as_map()?.get("value"));
                    values.for_each(|value| self.all_scalars(value));
                    for entry in document.as_map().into_iter().flatten() {
                        if is_data(entry.key.text().unwrap_or_default()) {
                            self.all_scalars(&entry.value);
                        }
                    }
                }
            }
            Err(_) => words(text("patch")).for_each(|word| self.values.add(word)),
        }
    }

    /// Adds what stands below a key for generators of Secrets.
    fn generators(&mut self, node: &Node) {
        let mut waiting = vec![node];
        while let Some(node) = waiting.pop() {
            match node {
                Node::Scalar { text, .. } => self.pair(text),
                Node::Seq { items, .. } => waiting.extend(items),
                Node::Map { map, .. } => self.arguments(map.iter()),
            }
        }
    }

    /// Adds what a Secret or its generator has in all fields but those that say what it is.
    fn arguments<'n>(&mut self, entries: impl Iterator<Item = &'n yaml::Entry>) {
        for entry in entries {
            let key = entry.key.text().unwrap_or_default();
            // The dash and the name of the list are missing.
            if key.contains('=') {
                self.pair(key);
            }
            match &entry.value {
                Node::Scalar { text, .. } if is_one_of(key, &NO_VALUES) && !text.contains('=') => {}
                Node::Map { map, .. } if is_one_of(key, &SETTINGS) => {
                    for entry in map {
                        if !is_one_of(entry.key.text().unwrap_or_default(), &OF_SETTINGS) {
                            self.all_scalars(&entry.value);
                        }
                    }
                }
                value => self.argument(key, value),
            }
        }
    }

    /// Adds what stands under a key of a generator.
    fn argument(&mut self, key: &str, value: &Node) {
        let items = value.as_seq().map_or(std::slice::from_ref(value), |items| items);
        for item in items {
            match item {
                Node::Scalar { text, .. } => self.argument_text(key, text),
                // One that is no text is refused, with its content.
                _ => self.all_scalars(item),
            }
        }
    }

    /// Adds what a text under a key of a generator holds as a value, or names as a file of values.
    fn argument_text(&mut self, key: &str, text: &str) {
        let is_file = is_one_of(key, &["files", "file"]);
        if !is_file && !is_one_of(key, &["env", "envs"]) {
            // Also under a key that is none: it may be meant as one of these.
            return self.pair(text);
        }
        self.sources.push(join(&self.folder, text));
        if is_base64(text) {
            return self.named.push(Named {
                path: join(&self.folder, text),
                key: String::new(),
                value: text.to_owned(),
            });
        }
        let Some((key, value)) = text.split_once('=') else { return };
        if is_file && value.contains('=') {
            self.values.add(value);
            return self.pair(value);
        }
        self.sources.push(join(&self.folder, value));
        let path = join(&self.folder, if is_file { value } else { text });
        self.named.push(Named { path, key: key.to_owned(), value: value.to_owned() });
    }

    /// Adds a file that became a value, or lines of `key=value`.
    fn source(&mut self, text: &str) {
        self.values.add(text);
        text.lines().for_each(|line| self.pair(line));
    }

    /// Adds what looks like the name of a file and is none, so that it may be a literal; with its parts, in which
    /// messages name it, if that is known.
    fn literal(&mut self, named: &Named, is_known: bool) {
        let Named { key, value, .. } = named;
        // What cannot be a key belongs to the value; of base64 a message may name what is before its end.
        let whole = match key.is_empty() {
            true => value.trim_end_matches('=').to_owned(),
            false => format!("{key}={value}"),
        };
        if is_key(key) {
            self.values.add_public(key);
        } else {
            self.values.add(&whole);
        }
        self.pair(value);
        self.values.add(value);
        let beside = if is_key(key) { "" } else { key };
        let parts = beside.split('/').chain(value.split('/')).flat_map(|part| {
            let words = part.split(|c: char| c == '\\' || c.is_whitespace());
            std::iter::once(part).chain(words)
        });
        for part in parts.filter(|part| !matches!(*part, "" | "." | "..")) {
            let is_new = self.hidden_parts.insert(part.to_owned(), MASK.to_owned()).is_none();
            if is_new && is_known {
                self.values.add(part);
            }
        }
        let first = value.split('/').next().unwrap_or_default();
        let last = key.rsplit('/').next().unwrap_or_default();
        match is_key(key) {
            true => self.hidden_parts.insert(format!("{key}={first}"), format!("{key}={MASK}")),
            false => self.hidden_parts.insert(format!("{last}={first}"), MASK.to_owned()),
        };
    }

    /// Adds the value of `key=value`, or all if there is no key.
    fn pair(&mut self, text: &str) {
        let value = text.split_once('=').map_or(text, |(_, value)| value);
        self.values.add(value);
        self.values.add(value.trim().trim_matches(['"', '\'']));
    }

    fn all_scalars(&mut self, node: &Node) {
        let mut waiting = vec![node];
        while let Some(node) = waiting.pop() {
            match node {
                Node::Scalar { text, .. } => {
                    self.values.add(text);
                    // Base64 ends so, too.
                    if text.trim_end_matches('=').contains('=') {
                        self.pair(text);
                    }
                }
                Node::Seq { items, .. } => waiting.extend(items),
                Node::Map { map, .. } => {
                    let pairs = map.iter().map(|entry| &entry.key);
                    waiting.extend(pairs.filter(|key| key.text().is_some_and(|k| k.contains('='))));
                    waiting.extend(map.iter().map(|entry| &entry.value));
                }
            }
        }
    }
}

/// Returns the kind that an object says it is of; the key may be written in any case.
fn kind_of(map: &Mapping) -> Option<&str> {
    let is_kind = |key: &str| key.eq_ignore_ascii_case("kind");
    map.iter().find(|entry| entry.key.text().is_some_and(is_kind))?.value.text()
}

/// Returns `true` for an object that says what it is as it should.
fn is_plain_secret(map: &Mapping) -> bool {
    map.get("kind").and_then(Node::text) == Some("Secret")
}

/// Returns `true` for an entry of such an object whose values are known already.
fn is_known(entry: &yaml::Entry) -> bool {
    matches!(entry.key.text(), Some("data" | "stringData"))
}

fn is_one_of(key: &str, names: &[&str]) -> bool {
    names.iter().any(|name| yaml::fold(key).eq(yaml::fold(name)))
}
