//! Patterns of Go: what they cost, and how they are compiled.

use regex::{Regex, RegexBuilder};

/// The greatest size of a compiled pattern, in bytes.
const MAX_SIZE: usize = 4 << 20;

/// Returns how many steps it takes to compile a pattern, at worst: a repetition makes copies of what it repeats, and
/// a class of Unicode is a large thing to copy.
pub(super) fn work(pattern: &str) -> usize {
    let dear = ["\\p", "\\P", "(?i"].iter().any(|part| pattern.contains(part));
    let counts = pattern.split('{').skip(1).map(|rest| {
        let numbers = rest.split('}').next().unwrap_or_default().split(',');
        numbers.filter_map(|number| number.parse::<usize>().ok()).max().unwrap_or(1)
    });
    let copies = counts.fold(1, |all: usize, count| all.saturating_mul(count.max(1))).min(10_000);
    let each = if dear { 200 } else { 1 };
    1000 + (pattern.len() * 10).saturating_add(copies.saturating_mul(each))
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
