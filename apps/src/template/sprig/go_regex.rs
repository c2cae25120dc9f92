//! Patterns of Go: what they cost, and how they are compiled.

use regex::{Regex, RegexBuilder};

/// The greatest size of a compiled pattern, in bytes.
const MAX_SIZE: usize = 4 << 20;

/// What a part of a pattern costs, its repetitions included.
#[derive(Clone, Copy, Default)]
struct Cost {
    /// In how many places of the part a search can be at once.
    places: usize,
    /// The steps that it takes to compile.
    steps: usize,
}

impl Cost {
    const CHARACTER: Cost = Cost { places: 1, steps: 10 };
    const CLASS: Cost = Cost { places: 1, steps: 60 };
    /// `.` and `[^a]`, which have nearly all characters.
    const MOST: Cost = Cost { places: 2, steps: 150 };
    /// `\pL`
    const UNICODE: Cost = Cost { places: 4, steps: 7000 };

    fn plus(self, other: Cost) -> Cost {
        Cost {
            places: self.places.saturating_add(other.places),
            steps: self.steps.saturating_add(other.steps),
        }
    }

    fn times(self, count: usize) -> Cost {
        Cost { places: self.places.saturating_mul(count), steps: self.steps.saturating_mul(count) }
    }
}

/// What a pattern costs, at worst.
#[derive(Clone, Copy, Debug)]
pub(super) struct Work {
    /// How many steps it takes to compile.
    pub(super) compile: usize,
    /// In how many places of the pattern a search can be at once.
    places: usize,
}

impl Work {
    /// Returns what a pattern costs, by what it looks like.
    pub(super) fn of(pattern: &str) -> Work {
        /// What all patterns take, and what the largest take.
        const LEAST: usize = 600;
        const MOST: usize = 800_000;
        let cost = cost(pattern);
        // Letters in both cases are classes.
        let by_case = if ignores_case(pattern) { 4 } else { 1 };
        let steps = cost.steps.saturating_mul(by_case).saturating_add(LEAST).min(MOST);
        Work { compile: steps.saturating_add(pattern.len()), places: cost.places }
    }

    /// Returns how many steps it takes to look through so many bytes once: each byte may be looked at in each place.
    pub(super) fn pass(self, bytes: usize) -> usize {
        bytes.saturating_mul(1 + self.places / 4)
    }

    /// Returns how many steps it takes to look for one more match in so many bytes.
    pub(super) fn search(self, bytes: usize) -> usize {
        /// With fewer places a search remembers what each byte leads to.
        const FEW: usize = 12;
        if self.places < FEW { 1 + bytes / 16 } else { 1 + self.pass(bytes) }
    }
}

/// Returns `true` if a pattern has a flag by which case does not matter.
fn ignores_case(pattern: &str) -> bool {
    let is_flag = |c: &char| c.is_ascii_lowercase() || *c == '-';
    pattern.split("(?").skip(1).any(|rest| rest.chars().take_while(is_flag).any(|c| c == 'i'))
}

fn cost(pattern: &str) -> Cost {
    // What is before each group that is open.
    let mut above: Vec<Cost> = Vec::new();
    // What is before the last part, which a repetition is about, and that part.
    let (mut before, mut last) = (Cost::default(), Cost::default());
    let mut rest = pattern;
    while let Some(c) = rest.chars().next() {
        let mut length = c.len_utf8();
        let next = match c {
            '(' => {
                above.push(before.plus(last));
                before = Cost::default();
                last = Cost::default();
                Cost::default()
            }
            ')' => {
                let group = before.plus(last);
                before = above.pop().unwrap_or_default();
                last = Cost::default();
                group
            }
            '{' => {
                length = rest.find('}').map_or(1, |end| end + 1);
                let numbers = rest.get(1..length).unwrap_or_default().trim_end_matches('}');
                let count = numbers.split(',').filter_map(|count| count.parse().ok()).max();
                std::mem::take(&mut last).times(count.unwrap_or(1).max(1))
            }
            '*' | '+' | '?' => std::mem::take(&mut last),
            '[' => {
                let (end, cost) = class(rest);
                length = end;
                cost
            }
            '\\' => {
                let (end, cost) = escape(rest);
                length = end;
                cost
            }
            '.' => Cost::MOST,
            c if c.is_ascii() => Cost::CHARACTER,
            _ => Cost::CLASS,
        };
        before = before.plus(last);
        last = next;
        rest = rest.get(length..).unwrap_or_default();
    }
    above.into_iter().fold(before.plus(last), Cost::plus)
}

/// Returns the length of an escape that starts here, and what it costs.
fn escape(rest: &str) -> (usize, Cost) {
    let mut chars = rest.chars();
    chars.next();
    let Some(escaped) = chars.next() else { return (rest.len(), Cost::CHARACTER) };
    let length = 1 + escaped.len_utf8();
    let name = chars.as_str().strip_prefix('{').and_then(|name| name.find('}'));
    match escaped {
        'p' | 'P' => {
            let letter = || chars.clone().next().map_or(0, char::len_utf8);
            (length + name.map_or_else(letter, |end| end + 2), Cost::UNICODE)
        }
        'x' => (length + name.map_or(0, |end| end + 2), Cost::CHARACTER),
        'D' | 'S' | 'W' => (length, Cost::MOST),
        _ => (length, Cost::CLASS),
    }
}

/// Returns the length of a class that starts here, and what it costs.
fn class(rest: &str) -> (usize, Cost) {
    let inside = rest.strip_prefix('[').unwrap_or(rest);
    let body = inside.strip_prefix('^').unwrap_or(inside);
    let start = rest.len() - body.len();
    let mut cost = if body.len() < inside.len() { Cost::MOST } else { Cost::CLASS };
    let mut is_escaped = false;
    for (at, c) in body.char_indices() {
        match c {
            'p' | 'P' if is_escaped => cost = cost.plus(Cost::UNICODE),
            ']' if !is_escaped && at > 0 => return (start + at + 1, cost),
            _ => {}
        }
        is_escaped = c == '\\' && !is_escaped;
    }
    (rest.len(), cost)
}

/// Compiles a pattern.
///
/// # Errors
/// With Go's words if it is none, or is too large.
pub(super) fn compile(pattern: &str) -> Result<Regex, String> {
    let translated = kustom::text::from_re2(pattern).map_err(|e| e.message().to_owned())?;
    let built = RegexBuilder::new(&translated).size_limit(MAX_SIZE).nest_limit(100).build();
    built.map_err(|e| {
        let what = match e {
            regex::Error::CompiledTooBig(_) => "expression too large",
            _ => "invalid pattern",
        };
        format!("error parsing regexp: {what}: `{pattern}`")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_has_as_many_places_as_its_repetitions_have() {
        for (pattern, places) in [
            ("", 0),
            ("abc", 3),
            ("a+b*", 2),
            ("[a-z0-9-]+", 1),
            ("[^]a]{10}", 20),
            ("(a|bc){3}(d{2}){4}", 20),
            ("((a{10}){10}){10}", 1000),
            (r"\pL{5}\p{Greek}\x{41}{2}", 26),
            ("a{", 1),
            ("(((", 0),
            ("a)b", 2),
        ] {
            assert_eq!(Work::of(pattern).places, places, "{pattern}");
        }
        assert!(Work::of(r"\pL{100}").compile > 100 * Work::of("a{100}").compile);
        assert!(Work::of("(?i)abc").compile > Work::of("(?:di)abc").compile);
    }
}
