//! Patterns of Go, put into the words of the `regex` crate.
//!
//! Both know the same language but for details: `\d`, `\w`, `\s` and `\b` are ASCII in Go, a `{` that
//! opens no repetition is a literal there, classes do not nest, and `\Q…\E` quotes.

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
pub(super) fn compile(pattern: &str) -> Result<Regex, String> {
    let built =
        RegexBuilder::new(&translated(pattern)).size_limit(MAX_SIZE).nest_limit(100).build();
    built.map_err(|e| {
        let what = match e {
            regex::Error::CompiledTooBig(_) => "expression too large",
            _ => "invalid pattern",
        };
        format!("error parsing regexp: {what}: `{pattern}`")
    })
}

fn translated(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len() + 16);
    let mut rest = pattern;
    let mut in_class = false;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match c {
            '\\' => {
                let Some(escaped) = rest.chars().next() else {
                    out.push('\\');
                    break;
                };
                rest = &rest[escaped.len_utf8()..];
                rest = escape(escaped, rest, in_class, &mut out);
            }
            '[' if !in_class => {
                in_class = true;
                out.push('[');
                if let Some(after) = rest.strip_prefix('^') {
                    out.push('^');
                    rest = after;
                }
                if let Some(after) = rest.strip_prefix(']') {
                    out.push_str("\\]");
                    rest = after;
                }
            }
            '[' => match rest.find(":]") {
                Some(end) if rest.starts_with(':') => {
                    out.push('[');
                    out.push_str(&rest[..end + 2]);
                    rest = &rest[end + 2..];
                }
                _ => out.push_str("\\["),
            },
            ']' => {
                in_class = false;
                out.push(']');
            }
            '&' | '~' if in_class => {
                out.push('\\');
                out.push(c);
            }
            '{' if !in_class && !opens_repetition(rest) => out.push_str("\\{"),
            c => out.push(c),
        }
    }
    out
}

/// Writes what an escape means; returns what is left.
fn escape<'r>(escaped: char, rest: &'r str, in_class: bool, out: &mut String) -> &'r str {
    let (class, negated) = match escaped {
        'd' | 'D' => ("0-9", escaped == 'D'),
        'w' | 'W' => ("0-9A-Za-z_", escaped == 'W'),
        's' | 'S' => ("\\t\\n\\f\\r ", escaped == 'S'),
        'b' | 'B' if !in_class => {
            out.push_str(if escaped == 'b' { "(?-u:\\b)" } else { "(?-u:\\B)" });
            return rest;
        }
        'Q' if !in_class => {
            let (quoted, after) = rest.split_once("\\E").unwrap_or((rest, ""));
            out.push_str(&regex::escape(quoted));
            return after;
        }
        // Go does not have these, and the crate does.
        'Z' | '<' | '>' | 'h' | 'H' | 'R' | 'u' | 'U' => {
            out.push_str("\\C");
            return rest;
        }
        '0'..='7' if escaped == '0' || rest.starts_with(|c| ('0'..='7').contains(&c)) => {
            let more = rest.bytes().take(2).take_while(|b| (b'0'..=b'7').contains(b)).count();
            let digits = format!("{escaped}{}", &rest[..more]);
            let code = u32::from_str_radix(&digits, 8).unwrap_or_default();
            out.push_str(&format!("\\x{{{code:x}}}"));
            return &rest[more..];
        }
        c => {
            out.push('\\');
            out.push(c);
            return rest;
        }
    };
    match (in_class, negated) {
        (true, false) => out.push_str(class),
        (_, true) => out.push_str(&format!("[^{class}]")),
        (false, false) => out.push_str(&format!("[{class}]")),
    }
    rest
}

fn opens_repetition(rest: &str) -> bool {
    let Some((inside, _)) = rest.split_once('}') else { return false };
    let (low, high) = inside.split_once(',').unwrap_or((inside, ""));
    let number = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    !low.is_empty() && number(low) && number(high)
}
