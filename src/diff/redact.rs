//! Keeps the values of Secrets out of messages, such as that of a root that cannot be rendered.

use std::borrow::Cow;
use std::fmt;
use std::path::{Component, Path, PathBuf};

use serde_json::Value;

use super::mask::{Collected, Secrets, holds_secret, strip};
use super::secret_words;
use crate::resource::Resource;
use crate::yaml::{self, Limits, Mapping, Node, Pos};

/// How deep texts in texts are looked into.
const DEEPEST: usize = 3;

/// How deep files may be, and how much their aliases may stand for: what a caller's stack bears.
const LIMITS: Limits = Limits { depth: 64, nodes: 100_000 };

/// Replaces in a message what some files hold as values of Secrets by [`MASK`](super::MASK).
///
/// The files are those that a build has read: manifests, kustomizations with a `secretGenerator` and
/// what they name, patches of Secrets. What is no YAML holds no value that a message could show.
///
/// ```
/// let kustomization = b"secretGenerator:\n- name: a\n  literals: [hunter2]\n";
/// let files = [("/app/kustomization.yaml", &kustomization[..])];
/// let message = "invalid literal source hunter2, expected key=value";
/// assert_eq!(
///     kustom::diff::redact(message, files),
///     "invalid literal source ***, expected key=value"
/// );
/// ```
pub fn redact<P: AsRef<Path>>(
    message: &str,
    files: impl IntoIterator<Item = (P, impl AsRef<[u8]>)>,
) -> String {
    SecretValues::of(files).redact(message).unwrap_or_else(|| message.to_owned())
}

/// Values of Secrets, to be kept out of many texts; see [`redact()`].
pub struct SecretValues(Secrets);

impl fmt::Debug for SecretValues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretValues(***)")
    }
}

impl SecretValues {
    /// Gathers what some files hold as values of Secrets.
    pub fn of<P: AsRef<Path>>(
        files: impl IntoIterator<Item = (P, impl AsRef<[u8]>)>,
    ) -> SecretValues {
        SecretValues(Self::gathered(files, |_| true).secrets())
    }

    /// Gathers what some files and some resources hold as values of Secrets; names and the like that these have are
    /// none. See [`Diff::hide`](super::Diff::hide).
    pub fn with_resources<'r, P: AsRef<Path>>(
        files: impl IntoIterator<Item = (P, impl AsRef<[u8]>)>,
        resources: impl Iterator<Item = &'r Resource> + Clone,
    ) -> SecretValues {
        let mut gathered = Self::gathered(files, |_| true);
        let mut nodes = resources.map(|resource| &resource.node);
        if !gathered.is_empty() || nodes.clone().any(holds_secret) {
            nodes.by_ref().for_each(|node| gathered.add_tree(node));
        }
        SecretValues(gathered.secrets())
    }

    /// Gathers what [`of`](Self::of) does, and with it values that everybody may know: only those files are
    /// looked into that may hold any. `all_can_be_read` says that there is none in broken YAML.
    pub(crate) fn at_most<P: AsRef<Path>>(
        files: impl IntoIterator<Item = (P, impl AsRef<[u8]>)>,
        all_can_be_read: bool,
    ) -> SecretValues {
        let holds = if all_can_be_read { secret_words::may_define } else { secret_words::mentions };
        SecretValues(Self::gathered(files, holds).with_public())
    }

    /// Returns `true` if there is nothing to hide.
    pub(crate) fn is_empty(&self) -> bool {
        !self.0.is_any()
    }

    /// Puts the mask in the place of the values, wherever they are in an object.
    pub(super) fn hide(&self, object: &mut Value) {
        self.0.hide(object);
        strip(object);
    }

    /// Puts tokens in the place of the values in what a field has; equal ones for equal values.
    pub(super) fn tokens(&self, value: &mut Value, field: &str) {
        self.0.hide_in(value, field);
    }

    fn gathered<P: AsRef<Path>>(
        files: impl IntoIterator<Item = (P, impl AsRef<[u8]>)>,
        holds: fn(&[u8]) -> bool,
    ) -> Collected {
        let files: Vec<_> = files.into_iter().collect();
        let mut gathering = Gathering::default();
        if !files.iter().any(|(_, content)| secret_words::mentions(content.as_ref())) {
            return gathering.values;
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
        gathering.values
    }

    /// Returns a text with [`MASK`](super::MASK) in the place of the values; nothing if it has none.
    pub fn redact(&self, message: &str) -> Option<String> {
        match self.0.masked(message) {
            Cow::Owned(masked) if masked != message => Some(masked),
            _ => None,
        }
    }
}

/// What says of a generated Secret how it is called and made, not what it holds.
const NO_VALUES: [&str; 8] =
    ["apiVersion", "behavior", "kind", "metadata", "name", "namespace", "options", "type"];

#[derive(Default)]
struct Gathering {
    values: Collected,
    /// The folder of the file that is looked at.
    folder: PathBuf,
    /// The files that the generators of Secrets name.
    sources: Vec<PathBuf>,
}

impl Gathering {
    /// Adds what a file holds.
    fn file(&mut self, content: &[u8]) {
        if !self.text(content, 0) {
            let text = String::from_utf8_lossy(content);
            if words(&text).any(names_secret) {
                self.broken(&text);
            }
        }
    }

    /// Adds what a text in YAML holds; tells whether it is such.
    fn text(&mut self, text: &[u8], depth: usize) -> bool {
        let Ok(documents) = yaml::read_stream(text, Pos(1), &LIMITS) else { return false };
        for document in &documents {
            self.values.add_tree(document);
            self.tree(document, depth);
        }
        true
    }

    /// Adds what may be a value in a text that cannot be read: all words behind the first `data` but keys.
    fn broken(&mut self, text: &str) {
        let lines = text.lines().map(|line| match key_of(line) {
            Some((key, rest)) => (is_values(key), rest),
            None => (words(line).any(is_values), line),
        });
        for (_, line) in lines.skip_while(|(starts, _)| !starts) {
            for word in words(line).filter(|word| !is_values(word)) {
                self.values.add(word);
                self.pair(word);
            }
        }
    }

    fn tree(&mut self, node: &Node, depth: usize) {
        let mut waiting = vec![node];
        while let Some(node) = waiting.pop() {
            match node {
                Node::Scalar { text, .. } => {
                    // A patch, or a manifest in a list of resources.
                    if depth < DEEPEST && text.contains(['\n', '{']) && text.contains("ata") {
                        _ = self.text(text.as_bytes(), depth + 1);
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
        for entry in map {
            let key = entry.key.text().unwrap_or_default();
            if key.eq_ignore_ascii_case("secretGenerator") {
                entry.value.as_seq().into_iter().flatten().for_each(|g| self.generator(g));
            }
        }
        let text = |key| map.get(key).and_then(Node::text).unwrap_or_default();
        if text("kind") == "SecretGenerator" {
            self.arguments(map);
        }
        // An operation of a JSON patch; whether it is for a Secret is not known here.
        let is_data = |path: &str| path.starts_with("/data") || path.starts_with("/stringData");
        if is_data(text("path"))
            && let Some(value) = map.get("value")
        {
            self.all_scalars(value);
        }
    }

    fn generator(&mut self, generator: &Node) {
        if let Some(map) = generator.as_map() {
            self.arguments(map);
        }
    }

    fn arguments(&mut self, map: &Mapping) {
        for entry in map {
            let key = entry.key.text().unwrap_or_default();
            if NO_VALUES.contains(&key) {
                continue;
            }
            let items = entry.value.as_seq().map_or(std::slice::from_ref(&entry.value), |v| v);
            for item in items {
                match item.text() {
                    Some(text) => self.argument(key, text),
                    // One that is no text is refused, with its content.
                    None => self.all_scalars(item),
                }
            }
        }
    }

    /// Adds what a text under a key of a generator holds as a value, or names as a file of values.
    fn argument(&mut self, key: &str, text: &str) {
        let named = text.split_once('=').map(|(_, name)| name);
        match (key, named) {
            ("files" | "env" | "envs", _) => {
                self.sources.push(join(&self.folder, named.unwrap_or(text)));
                self.sources.push(join(&self.folder, text));
                // What is no file is a literal in the wrong list, or a file whose content stands in its place.
                match named {
                    Some(_) if key != "files" => self.pair(text),
                    Some(name) if name.contains('=') => {
                        self.values.add(name);
                        self.pair(name);
                    }
                    _ => {}
                }
            }
            // Also under a key that is none: it may be meant as one of these.
            _ => self.pair(text),
        }
    }

    /// Adds a file that became a value, or lines of `key=value`.
    fn source(&mut self, text: &str) {
        self.values.add(text);
        text.lines().for_each(|line| self.pair(line));
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
                Node::Scalar { text, .. } => self.values.add(text),
                Node::Seq { items, .. } => waiting.extend(items),
                Node::Map { map, .. } => waiting.extend(map.iter().map(|entry| &entry.value)),
            }
        }
    }
}

/// Returns the words of a text that cannot be read.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || "\"'{}[],:&*!|>".contains(c))
}

/// Returns the key that a line starts with, and the rest of the line.
fn key_of(line: &str) -> Option<(&str, &str)> {
    let (key, rest) = line.trim_start_matches([' ', '\t', '-']).split_once(':')?;
    let is_key = !key.contains(char::is_whitespace) && (rest.is_empty() || rest.starts_with(' '));
    is_key.then_some((key, rest))
}

/// Returns `true` for words that stand where a Secret is defined, patched or generated; names of files do not.
fn names_secret(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    word == "secret" || word.contains("stringdata") || word.contains("secretgenerator")
}

/// Returns `true` if a word is the key that values stand under.
fn is_values(word: &str) -> bool {
    matches!(word, "data" | "stringData" | "literals")
}

/// Appends a relative path and removes `.` and `x/..`.
fn join(folder: &Path, name: &str) -> PathBuf {
    let mut path = folder.to_path_buf();
    for part in Path::new(name).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => drop(path.pop()),
            other => path.push(other),
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_hides_words_only_where_a_secret_may_be() {
        let hint = "put the value of pool into quotes: 1 token";
        let file = |lines: &str| format!("{lines}\n  literals:\n  - TOKEN=token\n value: x\n: [\n");
        let said = |lines: &str| redact(hint, [("kustomization.yaml", file(lines))]);
        let maps = "resources:\n- externalsecret.yaml\nconfigMapGenerator:\n- name: pool";
        assert_eq!(said(maps), hint);
        let masked = "put the value of pool into quotes: 1 ***";
        assert_eq!(said("secretGenerator:\n- name: a"), masked);
        assert_eq!(said("kind: Secret\ndata:\n  a: token"), masked);
    }

    #[test]
    fn names_of_objects_stay_though_a_secret_has_a_part_of_them() {
        let map = "configMapGenerator:\n- name: store-default-setting-v2\n";
        let secret = "kind: Secret\nstringData: {a: -default, b: -setting-v2, c: hunter2secret}\n";
        let files = || [("kustomization.yaml", map), ("secret.yaml", secret)];
        let said = "nothing refers to `store-default-setting-v2`";
        assert_eq!(redact(said, files()), said);
        assert_eq!(redact("a -default of -setting-v2", files()), "a -default of -setting-v2");
        assert_eq!(redact("a -setting-v3 hunter2secret", files()), "a -setting-v3 ***");
        let alone = redact(said, [("secret.yaml", secret)]);
        assert_eq!(alone, "nothing refers to `store-default***`");
    }

    #[test]
    fn arguments_of_generators_are_values_in_every_wrong_form() {
        for argument in [
            "literals: [{a: hunter2secret}]",
            "literals: {a: [hunter2secret]}",
            "literals: hunter2secret",
            "literalz: [a=hunter2secret]",
            "data: {a: hunter2secret}",
            "files: ['a=b=hunter2secret']",
            "files: {a: hunter2secret}",
            "envs: [{a: hunter2secret}]",
            "envs: [a=hunter2secret]",
            "env: a=hunter2secret",
        ] {
            let text = format!("secretGenerator:\n- name: s\n  type: Opaque\n  {argument}\n");
            let said = |words: &str| redact(words, [("kustomization.yaml", &text)]);
            assert_eq!(said("no hunter2secret here"), "no *** here", "{argument}");
            assert_eq!(said("a generator s of type Opaque"), "a generator s of type Opaque");
        }
    }
}
