//! Paths as objects of Flux and Argo CD write them, with templates in their parts.

/// Returns the parts of a path, or `None` if it matches every folder, as a template alone does.
pub(in crate::checks) fn parts_of(path: &str) -> Option<Vec<String>> {
    let parts = path.split('/').filter(|part| !matches!(*part, "" | "." | ".."));
    let parts: Vec<String> = parts.map(without_templates).collect();
    parts.iter().any(|part| part != "*" && part != "**").then_some(parts)
}

/// Puts `*` for each `{{...}}` in a part of a path.
fn without_templates(part: &str) -> String {
    let mut left = part;
    let mut out = String::new();
    while let Some((before, rest)) = left.split_once("{{") {
        out.push_str(before);
        out.push('*');
        left = rest.split_once("}}").map_or("", |(_, after)| after);
    }
    out.push_str(left);
    out
}

/// Returns `true` if a text matches a pattern in which `*` stands for anything.
pub(in crate::checks) fn matches(text: &str, pattern: &str) -> bool {
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut left) = text.strip_prefix(first) else { return false };
    let mut pieces: Vec<&str> = pieces.collect();
    let Some(last) = pieces.pop() else { return left.is_empty() };
    for piece in pieces {
        let Some(at) = left.find(piece) else { return false };
        left = left.get(at + piece.len()..).unwrap_or_default();
    }
    left.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_whole_parts() {
        assert!(matches("eu-prod-1", "eu-*-1") && matches("prod", "*") && matches("a", "a"));
        assert!(!matches("eu-prod-2", "eu-*-1") && !matches("ab", "a"));
    }
}
