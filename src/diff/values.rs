//! Many values that are looked for in a text at once.

use rustc_hash::FxHashMap;

/// No value is shorter than this.
pub(super) const SHORTEST: usize = 4;
/// From this length on, a value is looked for in the middle of words.
pub(super) const PART_FROM: usize = 8;
/// From this length on, a number is taken for a secret that it equals.
pub(super) const DIGITS_FROM: usize = 6;

/// Values in order, and where those stand that begin alike.
///
/// A pattern of all of them would be larger than the values by far; this is a list.
#[derive(Default)]
pub(super) struct Values {
    sorted: Vec<Box<str>>,
    /// The longest other value that each one begins with.
    inner: Vec<Option<u32>>,
    /// The first and the last value by what they begin with.
    starts: FxHashMap<[u8; SHORTEST], (u32, u32)>,
}

impl Values {
    /// Returns what finds these values; shorter ones than [`SHORTEST`] are left out.
    pub(super) fn new(values: impl IntoIterator<Item = String>) -> Values {
        let long = values.into_iter().filter(|value| value.len() >= SHORTEST);
        let mut sorted: Vec<Box<str>> = long.map(String::into_boxed_str).collect();
        sorted.sort_unstable();
        sorted.dedup();
        let mut starts: FxHashMap<[u8; SHORTEST], (u32, u32)> = FxHashMap::default();
        let mut inner = Vec::with_capacity(sorted.len());
        // The values that the one before begins with, and itself.
        let mut open: Vec<u32> = Vec::new();
        for (i, value) in sorted.iter().enumerate() {
            let i = i as u32;
            let Some(start) = value.as_bytes().first_chunk() else { continue };
            starts.entry(*start).and_modify(|(_, last)| *last = i).or_insert((i, i));
            while open.last().is_some_and(|&o| !value.starts_with(&*sorted[o as usize])) {
                open.pop();
            }
            inner.push(open.last().copied());
            open.push(i);
        }
        Values { sorted, inner, starts }
    }

    /// Returns `true` if there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.sorted.is_empty()
    }

    /// Returns `true` if a text is one of the values.
    pub(super) fn contains(&self, text: &str) -> bool {
        self.sorted.binary_search_by(|value| (**value).cmp(text)).is_ok()
    }

    /// Returns the first place from `from` on where a value begins, and the length of the longest one
    /// there.
    pub(super) fn find_at(&self, text: &str, from: usize) -> Option<(usize, usize)> {
        let rest = text.as_bytes().get(from..)?;
        rest.windows(SHORTEST).enumerate().find_map(|(i, start)| {
            let &(first, last) = self.starts.get(start)?;
            let at = from + i;
            Some((at, self.longest(text.as_bytes().get(at..)?, first as usize, last as usize)?))
        })
    }

    /// Returns the length of the longest of some values that a text begins with.
    fn longest(&self, text: &[u8], first: usize, last: usize) -> Option<usize> {
        let alike = self.sorted.get(first..=last)?;
        // What a text begins with, begins the last value as well that is not behind the text.
        let not_behind = alike.partition_point(|value| value.as_bytes() <= text);
        let mut at = first + not_behind.checked_sub(1)?;
        loop {
            let value = self.sorted.get(at)?;
            if text.starts_with(value.as_bytes()) {
                return Some(value.len());
            }
            at = (*self.inner.get(at)?)? as usize;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_value_is_found_at_the_first_place() {
        let values = ["abcd", "abcdef", "abcdefgh", "abcz", "bcde", "üxyz", "abcd", "abc"];
        let values = Values::new(values.map(str::to_owned));
        for (text, found) in [
            ("abcd", Some((0, 4))),
            ("--abcdefg", Some((2, 6))),
            ("abcdefgh abcz", Some((0, 8))),
            ("abce abcz", Some((5, 4))),
            ("abcy", None),
            ("abc", None),
            ("xbcdez", Some((1, 4))),
            ("ü üxyz", Some((3, 5))),
        ] {
            assert_eq!(values.find_at(text, 0), found, "{text}");
        }
        assert_eq!(values.find_at("abcdef", 1), Some((1, 4)));
        assert!(values.contains("abcz") && !values.contains("abc"));
        assert!(Values::default().is_empty() && Values::default().find_at("abcd", 0).is_none());
    }

    #[test]
    fn it_finds_what_a_search_for_each_value_finds() {
        // All texts of two letters up to some length, against a choice of values.
        let texts = |length: u32| {
            (0..1u32 << length).map(move |bits| {
                let letter = |i: u32| if bits >> i & 1 == 1 { 'a' } else { 'b' };
                (0..length).map(letter).collect::<String>()
            })
        };
        let all: Vec<String> = (4..7).flat_map(texts).step_by(5).collect();
        let values = Values::new(all.clone());
        for text in texts(10) {
            let slow = (0..text.len()).find_map(|at| {
                let here = all.iter().filter(|value| text[at..].starts_with(value.as_str()));
                here.map(String::len).max().map(|length| (at, length))
            });
            assert_eq!(values.find_at(&text, 0), slow, "{text}");
        }
    }
}
