//! Image names of `images` entries, and the look-up of the entries that a name in a resource matches.

use std::sync::Arc;

use ecow::EcoString;
use rustc_hash::FxHashMap;

use crate::select::{Patterns, Program};
use crate::work;

/// What a tag and a digest after a name look like, as a pattern.
const TAIL: &str = "(:[a-zA-Z0-9_.{}-]*)?(@[a-zA-Z0-9]+([.+_-][a-zA-Z0-9]+)*:[a-zA-Z0-9_.{}-]*)?$";

/// The name of an entry, which is a pattern.
#[derive(Clone, Debug)]
enum Name {
    /// Characters that stand for themselves, and dots for any character, as most names are.
    Plain(EcoString),
    /// Any other pattern.
    Pattern(Arc<Program>),
    /// No pattern: it matches nothing.
    Invalid,
}

/// So many names are searched one after the other.
const FEW: usize = 16;

/// The names of a list of entries.
#[derive(Clone, Debug, Default)]
pub(super) struct ImageNames {
    names: Vec<Name>,
    /// The plain ASCII names if there are more than [`FEW`], by length; those with dots at the same places
    /// together.
    by_length: FxHashMap<usize, Vec<Shape>>,
    /// Positions of the patterns.
    patterns: Vec<usize>,
}

/// Names of one length with dots at the same places.
#[derive(Clone, Debug)]
struct Shape {
    dots: Vec<usize>,
    /// The positions of each name in the list.
    positions: FxHashMap<EcoString, Vec<usize>>,
}

impl ImageNames {
    /// Prepares names for look-ups.
    pub(super) fn new<'a>(names: impl Iterator<Item = &'a str>, patterns: &Patterns) -> ImageNames {
        let names = names.inspect(|_| work::id());
        let names = names.map(|name| Name::new(name, patterns)).collect();
        let mut all = ImageNames { names, ..Self::default() };
        if all.names.len() > FEW {
            all.index();
        }
        all
    }

    fn index(&mut self) {
        for (i, name) in self.names.iter().enumerate() {
            match name {
                Name::Plain(text) if text.is_ascii() => add(&mut self.by_length, text, i),
                Name::Pattern(_) => self.patterns.push(i),
                Name::Plain(_) | Name::Invalid => {}
            }
        }
    }

    /// Returns `true` if the name at position `i` matches an image.
    pub(super) fn matches(&self, i: usize, image: &str) -> bool {
        work::id();
        self.names.get(i).is_some_and(|name| name.matches(image))
    }

    /// Returns the first position, from `start` on, whose name matches an image.
    pub(super) fn first_match(&self, image: &str, start: usize) -> Option<usize> {
        work::id();
        if self.names.len() <= FEW || !image.is_ascii() || image.contains('\n') {
            return (start..self.names.len()).find(|&i| self.matches(i, image));
        }
        // A tail has three delimiters at most; the name ends at one of them or at the end.
        let delimiters = image.rmatch_indices([':', '@']).take(3).map(|(i, _)| i);
        let ends = delimiters.chain([image.len()]).filter(|&end| is_tail(&image[end..]));
        let plain = ends.filter_map(|end| self.first_plain(&image[..end], start)).min();
        let pattern = self.patterns.iter().copied().skip_while(|&i| i < start);
        let pattern = pattern
            .take_while(|&i| plain.is_none_or(|plain| i < plain))
            .find(|&i| self.matches(i, image));
        pattern.or(plain)
    }

    fn first_plain(&self, name: &str, start: usize) -> Option<usize> {
        let mut masked = Vec::with_capacity(name.len());
        let shapes = self.by_length.get(&name.len())?.iter();
        shapes
            .filter_map(|shape| {
                masked.clear();
                masked.extend_from_slice(name.as_bytes());
                for &dot in &shape.dots {
                    *masked.get_mut(dot)? = b'.';
                }
                let positions = shape.positions.get(std::str::from_utf8(&masked).ok()?)?;
                positions.get(positions.partition_point(|&i| i < start)).copied()
            })
            .min()
    }
}

impl Name {
    fn new(text: &str, patterns: &Patterns) -> Name {
        if !text.contains(['\\', '+', '*', '?', '(', ')', '|', '[', '{', '^', '$']) {
            return Name::Plain(text.into());
        }
        // Odd: the name is not put into a group, so that `a|b` means `^a` or `b…$`
        // (case images/name-is-a-pattern).
        patterns.read(&format!("^{text}{TAIL}")).map_or(Name::Invalid, Name::Pattern)
    }

    fn matches(&self, image: &str) -> bool {
        match self {
            Name::Plain(name) => {
                let mut rest = image.chars();
                let fits = name.chars().all(|expected| {
                    rest.next().is_some_and(|c| c == expected || (expected == '.' && c != '\n'))
                });
                fits && is_tail(rest.as_str())
            }
            Name::Pattern(pattern) => pattern.is_match(image),
            Name::Invalid => false,
        }
    }
}

/// Adds the position of a name to those of its length.
fn add(by_length: &mut FxHashMap<usize, Vec<Shape>>, name: &EcoString, position: usize) {
    let dots: Vec<usize> = name.match_indices('.').map(|(i, _)| i).collect();
    let shapes = by_length.entry(name.len()).or_default();
    let shape = match shapes.iter().position(|shape| shape.dots == dots) {
        Some(i) => &mut shapes[i],
        None => {
            shapes.push(Shape { dots, positions: FxHashMap::default() });
            let last = shapes.len() - 1;
            &mut shapes[last]
        }
    };
    shape.positions.entry(name.clone()).or_default().push(position);
}

/// Returns `true` if a text is `[:tag][@algorithm:digest]`; this is [`TAIL`] by hand.
fn is_tail(text: &str) -> bool {
    let in_tag = |c: char| c.is_ascii_alphanumeric() || "_.{}-".contains(c);
    let rest = match text.strip_prefix(':') {
        Some(tag) => tag.trim_start_matches(in_tag),
        None => text,
    };
    if rest.is_empty() {
        return true;
    }
    let digest = rest.strip_prefix('@').and_then(|digest| digest.split_once(':'));
    digest.is_some_and(|(algorithm, digest)| {
        let word = |w: &str| !w.is_empty() && w.chars().all(|c| c.is_ascii_alphanumeric());
        algorithm.split(['.', '+', '_', '-']).all(word) && digest.chars().all(in_tag)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_tags_and_digests() {
        for tail in ["", ":", ":1", ":{tag}", "@sha256:ab", ":1@sha256:ab", ":1@a+b:", "@a.b_c-d:x"]
        {
            assert!(is_tail(tail), "{tail}");
            assert!(regex::Regex::new(&format!("^{TAIL}")).unwrap().is_match(tail), "{tail}");
        }
        for tail in [":a/b", "@sha256", ":1@", ":1@a:b:c", ":a:b", "@:a", "@a+:b", "x"] {
            assert!(!is_tail(tail), "{tail}");
            assert!(!regex::Regex::new(&format!("^{TAIL}")).unwrap().is_match(tail), "{tail}");
        }
    }

    #[test]
    fn finds_what_each_name_matches() {
        let names =
            ["nginx", "nginx:1", "ng.nx", "ng.*", "[", "", "nginx", "a|foo", "é.", "sha256"];
        // Many enough for an index.
        let names: Vec<&str> = names.into_iter().chain(["x"; FEW]).collect();
        let all = ImageNames::new(names.iter().copied(), &Patterns::default());
        let images = [
            "nginx",
            "nginx:1",
            "nginx:1:2",
            "ngónx",
            "ngxnx@a:b",
            "x/nginx",
            "",
            ":",
            "afoo:1",
            "éx",
            "ng\nnx",
            "nginx:a@sha256:b",
            "@sha256:b",
            "nginx:1@sha256:b",
            "sha256:b",
            "a:b:c:d:e",
        ];
        for image in images {
            for start in 0..=names.len() {
                let slow = (start..names.len()).find(|&i| all.matches(i, image));
                assert_eq!(all.first_match(image, start), slow, "{image} from {start}");
            }
        }
    }
}
