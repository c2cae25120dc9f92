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
//! The texts are the table: the compiler only notes where their lines begin.

static RESOURCES: Lines<282> = Lines::of(include_str!("resources.txt"));
static DEFINITIONS: Lines<621> = Lines::of(include_str!("definitions.txt"));

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

/// Returns the fields of the definition of a kind.
pub(super) fn resource(api_version: &str, kind: &str) -> Option<&'static str> {
    definition(resource_line(api_version, kind)?.1)
}

/// Returns the fields of a definition.
pub(super) fn definition(name: &str) -> Option<&'static str> {
    DEFINITIONS.find(|line| first_word(line).0.cmp(name)).map(|line| first_word(line).1)
}

/// Returns the type of a field among the `fields` of a definition.
pub(super) fn field(fields: &'static str, name: &str) -> Option<&'static str> {
    let mut rest = fields;
    while !rest.is_empty() {
        let (field, next) = first_word(rest);
        match field.strip_prefix(name) {
            Some("") => return Some(""),
            Some(after) if after.starts_with('=') => return Some(&after[1..]),
            _ => rest = next,
        }
    }
    None
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
    let line = RESOURCES.find(|line| {
        let (version, rest) = first_word(line);
        version.cmp(api_version).then_with(|| first_word(rest).0.cmp(kind))
    })?;
    let mut words = line.split(' ').skip(2);
    Some((words.next()?, words.next()?))
}

fn first_word(text: &str) -> (&str, &str) {
    text.split_once(' ').unwrap_or((text, ""))
}

/// A text and the places where its lines begin.
struct Lines<const N: usize> {
    text: &'static str,
    starts: [u32; N],
}

impl<const N: usize> Lines<N> {
    /// Notes where the lines of `text` begin; a wrong `N` does not compile.
    const fn of(text: &'static str) -> Lines<N> {
        let bytes = text.as_bytes();
        let mut starts = [0; N];
        let (mut line, mut at) = (0, 0);
        while at < bytes.len() {
            if bytes[at] == b'\n' {
                line += 1;
                if at + 1 < bytes.len() {
                    starts[line] = (at + 1) as u32;
                }
            }
            at += 1;
        }
        assert!(line == N, "the text has another number of lines");
        Lines { text, starts }
    }

    fn line(&self, i: usize) -> &'static str {
        let start = self.starts[i] as usize;
        let end = self.starts.get(i + 1).map_or(self.text.len(), |&next| next as usize);
        self.text[start..end].trim_end_matches('\n')
    }

    /// Returns the line for which `compare` says equal.
    fn find(&self, compare: impl Fn(&'static str) -> std::cmp::Ordering) -> Option<&'static str> {
        let (mut low, mut high) = (0, N);
        while low < high {
            let middle = low + (high - low) / 2;
            let line = self.line(middle);
            match compare(line) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return Some(line),
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines<const N: usize>(of: &Lines<N>) -> impl Iterator<Item = &'static str> {
        (0..N).map(|i| of.line(i))
    }

    #[test]
    fn lines_are_sorted_and_found() {
        assert!(lines(&DEFINITIONS).is_sorted_by_key(|line| first_word(line).0));
        for line in lines(&DEFINITIONS) {
            let (name, fields) = first_word(line);
            assert_eq!(definition(name), Some(fields));
            assert!(
                fields.is_empty() || fields.split(' ').is_sorted_by_key(|f| f.split('=').next())
            );
        }
        for line in lines(&RESOURCES) {
            let words: Vec<_> = line.split(' ').collect();
            let [api_version, kind, scope, definition] = words[..] else { panic!("{line}") };
            assert_eq!(resource_line(api_version, kind), Some((scope, definition)));
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
