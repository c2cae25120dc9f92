//! The built-in facts: all of Kubernetes v1.21.2 that scope and merging need, as two sorted texts.
//!
//! `resources.txt` has a line `apiVersion kind scope definition` for each kind, with `-` for what
//! is not known. `definitions.txt` has a line `name field[=type] ...` for each definition, both
//! sorted by bytes. A type is
//!
//! | text | meaning |
//! |---|---|
//! | (none) | known, and nothing below it |
//! | `name` | a definition |
//! | `{type}` | a map whose values are all of that type |
//! | `[type]` | an atomic list |
//! | `[type]+key,key` | a list merged by these keys; without keys, by the values themselves |
//!
//! The texts are the table: the compiler notes where their lines begin and hashes their keys, so
//! that nothing is done when a program starts. Against a search in the sorted lines the hashes save a
//! twentieth of a build that merges many patches.

use memchr::memmem;

static RESOURCES: Lines<282> = Lines::of(include_str!("resources.txt"), 2);
static DEFINITIONS: Lines<621> = Lines::of(include_str!("definitions.txt"), 1);

/// A bit for each cluster-scoped kind, where [`place`] says: most questions end here. Without it a
/// build of 700 resources has a tenth more to do.
static CLUSTER_KINDS: [u64; 32] = cluster_kinds(include_str!("resources.txt").as_bytes());

/// What is known of the scope of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    Namespaced,
    Cluster,
    Unknown,
}

/// Returns the scope of a kind.
pub(super) fn scope(api_version: &str, kind: &str) -> Scope {
    match resource_line(api_version, kind).map(|(scope, _)| scope) {
        Some("namespaced") => Scope::Namespaced,
        Some("cluster") => Scope::Cluster,
        _ => Scope::Unknown,
    }
}

/// Returns `true` if a kind of this name may be cluster-scoped; of hardly any other does it say so.
pub(super) fn may_be_cluster_scoped(kind: &str) -> bool {
    let (i, bit) = place(kind.as_bytes());
    CLUSTER_KINDS[i] & bit != 0
}

/// Returns the fields of the definition of a kind.
pub(super) fn resource(api_version: &str, kind: &str) -> Option<&'static str> {
    definition(resource_line(api_version, kind)?.1)
}

/// Returns version and name of a kind as the text has them.
pub(super) fn names(api_version: &str, kind: &str) -> Option<(&'static str, &'static str)> {
    RESOURCES.line_of(&[api_version, kind])?.0.split_once(' ')
}

/// Returns the versions that have a kind.
pub(super) fn versions(kind: &str) -> impl Iterator<Item = &'static str> {
    let lines = RESOURCES.text.lines().filter_map(|line| line.split_once(' '));
    lines.filter(move |(_, rest)| rest.split(' ').next() == Some(kind)).map(|(version, _)| version)
}

/// Returns the fields of a definition.
pub(super) fn definition(name: &str) -> Option<&'static str> {
    DEFINITIONS.find(&[name])
}

/// Returns the name of the definition that has these fields, in this very place of the text.
pub(super) fn name_of(fields: &'static str) -> Option<&'static str> {
    let at = (fields.as_ptr() as usize).checked_sub(DEFINITIONS.text.as_ptr() as usize)?;
    let line = DEFINITIONS.starts.partition_point(|start| *start as usize <= at).checked_sub(1)?;
    let (name, own) = DEFINITIONS.line(line);
    (own.as_ptr() == fields.as_ptr()).then_some(name)
}

/// Returns the type of a field among the `fields` of a definition.
pub(super) fn field(fields: &'static str, name: &str) -> Option<&'static str> {
    let first = name.as_bytes().first();
    let mut rest = fields;
    loop {
        // Few words even start the same.
        if rest.as_bytes().first() == first
            && let Some(after) = rest.strip_prefix(name)
        {
            match after.as_bytes().first() {
                None | Some(b' ') => return Some(""),
                Some(b'=') => return Some(first_word(&after[1..]).0),
                Some(_) => {}
            }
        }
        let next = memchr::memchr(b' ', rest.as_bytes())?;
        rest = rest.get(next + 1..)?;
    }
}

/// Returns the fields of all definitions that have a field, in the order of the text.
pub(super) fn with_field(name: &str) -> impl Iterator<Item = &'static str> {
    let text = DEFINITIONS.text;
    let word = format!(" {name}");
    let found: Vec<usize> = memmem::find_iter(text.as_bytes(), word.as_bytes()).collect();
    let ends = move |at: &usize| {
        matches!(text.as_bytes().get(at + word.len()), None | Some(b' ' | b'=' | b'\n'))
    };
    found.into_iter().filter(ends).filter_map(|at| {
        let lines = DEFINITIONS.starts.partition_point(|start| *start as usize <= at);
        Some(DEFINITIONS.line(lines.checked_sub(1)?).1)
    })
}

/// Returns names and types of the `fields` of a definition.
pub(super) fn all(fields: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let words = fields.split(' ').filter(|word| !word.is_empty());
    words.map(|word| word.split_once('=').unwrap_or((word, "")))
}

/// Returns the type of the values of a map.
pub(super) fn map_value(of: &'static str) -> Option<&'static str> {
    of.strip_prefix('{')?.strip_suffix('}')
}

/// Returns the type of the elements of a list.
pub(super) fn element(of: &'static str) -> Option<&'static str> {
    of.strip_prefix('[')?.rsplit_once(']').map(|(element, _)| element)
}

/// Returns the keys of a list that merges.
pub(super) fn keys(of: &'static str) -> Option<&'static str> {
    let after = of.rsplit_once(']').map_or(of, |(_, after)| after);
    after.strip_prefix('+')
}

/// Returns scope and definition of a kind.
fn resource_line(api_version: &str, kind: &str) -> Option<(&'static str, &'static str)> {
    RESOURCES.find(&[api_version, kind])?.split_once(' ')
}

/// Returns where the bit of a kind is.
const fn place(kind: &[u8]) -> (usize, u64) {
    match kind {
        [first, .., last] => (kind.len() % 32, 1 << ((*first as u32 * 6 + *last as u32) % 64)),
        _ => (0, 0),
    }
}

const fn cluster_kinds(text: &[u8]) -> [u64; 32] {
    let mut bits = [0; 32];
    let mut at = 0;
    while at < text.len() {
        let kind_start = past(text, at, b' ');
        let scope_start = past(text, kind_start, b' ');
        if text[scope_start] == b'c' {
            let (_, kind) = text.split_at(kind_start);
            let (kind, _) = kind.split_at(scope_start - 1 - kind_start);
            let (i, bit) = place(kind);
            bits[i] |= bit;
        }
        at = past(text, scope_start, b'\n');
    }
    bits
}

/// Returns where the next `byte` is passed.
const fn past(text: &[u8], mut at: usize, byte: u8) -> usize {
    while at < text.len() && text[at] != byte {
        at += 1;
    }
    at + 1
}

fn first_word(text: &str) -> (&str, &str) {
    let end = memchr::memchr(b' ', text.as_bytes()).unwrap_or(text.len());
    (&text[..end], text.get(end + 1..).unwrap_or_default())
}

/// A text whose lines start with a key of one or more words, and a hash table of these keys.
struct Lines<const N: usize> {
    text: &'static str,
    /// Where the lines begin.
    starts: [u32; N],
    /// Where the keys end.
    key_ends: [u32; N],
    /// Numbers of lines from 1 on, where the hash of their key says or in the next free slot; 0 for
    /// none.
    slots: [u16; SLOTS],
}

/// More than twice as many as there are lines, so that a search ends soon.
const SLOTS: usize = 2048;

/// The start of an FNV-1a hash.
const HASH_START: u32 = 0x811c_9dc5;

const fn hash_byte(hash: u32, byte: u8) -> u32 {
    (hash ^ byte as u32).wrapping_mul(0x0100_0193)
}

const fn slot_of(hash: u32) -> usize {
    (hash ^ (hash >> 16)) as usize % SLOTS
}

impl<const N: usize> Lines<N> {
    /// Makes the table of `text`, whose keys have so many words; a wrong `N` does not compile.
    const fn of(text: &'static str, words: usize) -> Lines<N> {
        let bytes = text.as_bytes();
        let (mut starts, mut key_ends, mut slots) = ([0; N], [0; N], [0; SLOTS]);
        let (mut line, mut at) = (0, 0);
        while at < bytes.len() {
            starts[line] = at as u32;
            let (mut word, mut hash) = (0, HASH_START);
            while at < bytes.len() && bytes[at] != b'\n' {
                if bytes[at] == b' ' {
                    word += 1;
                    if word == words {
                        break;
                    }
                }
                hash = hash_byte(hash, bytes[at]);
                at += 1;
            }
            key_ends[line] = at as u32;
            while at < bytes.len() && bytes[at] != b'\n' {
                at += 1;
            }
            at += 1;
            line += 1;
            let mut slot = slot_of(hash);
            while slots[slot] != 0 {
                slot = (slot + 1) % SLOTS;
            }
            slots[slot] = line as u16;
        }
        assert!(line == N, "the text has another number of lines");
        Lines { text, starts, key_ends, slots }
    }

    /// Returns the key and the rest of a line.
    fn line(&self, i: usize) -> (&'static str, &'static str) {
        let (start, key_end) = (self.starts[i] as usize, self.key_ends[i] as usize);
        let end = self.starts.get(i + 1).map_or(self.text.len(), |&next| next as usize);
        let rest = self.text[key_end..end].trim_end_matches('\n');
        (&self.text[start..key_end], rest.strip_prefix(' ').unwrap_or(rest))
    }

    /// Returns what follows the key of these words.
    fn find(&self, words: &[&str]) -> Option<&'static str> {
        self.line_of(words).map(|(_, rest)| rest)
    }

    /// Returns the key of these words and what follows it.
    fn line_of(&self, words: &[&str]) -> Option<(&'static str, &'static str)> {
        let mut hash = HASH_START;
        for (i, word) in words.iter().enumerate() {
            if i > 0 {
                hash = hash_byte(hash, b' ');
            }
            hash = word.bytes().fold(hash, hash_byte);
        }
        let mut slot = slot_of(hash);
        while let Some(i) = usize::from(self.slots[slot]).checked_sub(1) {
            let (key, rest) = self.line(i);
            if is_key(key, words) {
                return Some((key, rest));
            }
            slot = (slot + 1) % SLOTS;
        }
        None
    }
}

/// Returns `true` if a key has exactly these words.
fn is_key(key: &str, words: &[&str]) -> bool {
    match words {
        [] => false,
        [last] => key == *last,
        [word, rest @ ..] => key
            .strip_prefix(word)
            .and_then(|key| key.strip_prefix(' '))
            .is_some_and(|key| is_key(key, rest)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines<const N: usize>(of: &Lines<N>) -> impl Iterator<Item = &'static str> {
        of.text.lines()
    }

    #[test]
    fn lines_are_sorted_and_found() {
        assert!(lines(&DEFINITIONS).is_sorted_by_key(|line| first_word(line).0));
        for line in lines(&DEFINITIONS) {
            let (name, fields) = first_word(line);
            assert_eq!(definition(name), Some(fields));
            assert_eq!(definition(name).and_then(name_of), Some(name));
            assert!(
                fields.is_empty() || fields.split(' ').is_sorted_by_key(|f| f.split('=').next())
            );
        }
        for line in lines(&RESOURCES) {
            let words: Vec<_> = line.split(' ').collect();
            let [api_version, kind, scope, definition] = words[..] else { panic!("{line}") };
            assert_eq!(resource_line(api_version, kind), Some((scope, definition)));
            assert_eq!(resource_line(kind, api_version), None);
            assert!(scope != "cluster" || may_be_cluster_scoped(kind), "{line}");
        }
    }

    #[test]
    fn definitions_are_found_by_their_fields() {
        for word in ["containers", "livenessProbe", "metadata", "pec", "io"] {
            let has = |fields: &&'static str| field(fields, word).is_some();
            let by_hand = lines(&DEFINITIONS).map(|line| first_word(line).1).filter(has);
            assert_eq!(with_field(word).collect::<Vec<_>>(), by_hand.collect::<Vec<_>>(), "{word}");
        }
    }

    #[test]
    fn every_definition_that_is_named_exists() {
        let exists = |name: &str| assert!(definition(name).is_some(), "{name}");
        lines(&RESOURCES)
            .filter_map(|l| l.split(' ').nth(3))
            .filter(|d| *d != "-")
            .for_each(exists);
        for line in lines(&DEFINITIONS) {
            for (_, of) in line.split(' ').skip(1).filter_map(|field| field.split_once('=')) {
                let mut of = of;
                while let Some(inner) = element(of).or_else(|| map_value(of)) {
                    of = inner;
                }
                if !of.is_empty() && !of.starts_with('+') {
                    exists(of);
                }
            }
        }
    }
}
