//! Addresses without what only their owner may know.

use std::borrow::Cow;
use std::ops::Range;

/// Parameters of addresses that are shown: they say which tree or file is meant, and let nobody in.
const SHOWN: [&str; 14] = [
    "at",
    "branch",
    "depth",
    "dl",
    "download",
    "format",
    "path",
    "plain",
    "raw",
    "ref",
    "ref_type",
    "submodules",
    "timeout",
    "version",
];

/// Returns a text with `***` in its addresses for passwords, tokens and the values of parameters that are not
/// known to be harmless.
///
/// ```
/// let text = "fetching https://bot:secret@example.com/infra?ref=v1&key=secret";
/// assert_eq!(kustom::text::masked(text), "fetching https://***@example.com/infra?ref=v1&key=***");
/// ```
pub fn masked(text: &str) -> Cow<'_, str> {
    let secrets = secrets(text);
    if secrets.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for secret in secrets {
        out.push_str(text.get(from..secret.start).unwrap_or_default());
        out.push_str(MASK);
        from = secret.end;
    }
    out.push_str(text.get(from..).unwrap_or_default());
    Cow::Owned(out)
}

const MASK: &str = "***";

/// As [`masked`] for a text that is owned, with the place of something in it.
pub(crate) fn mask_around(text: &mut String, span: &mut Range<usize>) {
    for secret in secrets(text).into_iter().rev() {
        let shifted = |at: usize| match at {
            at if at >= secret.end => at - secret.len() + MASK.len(),
            at => at.min(secret.start),
        };
        *span = shifted(span.start)..shifted(span.end);
        text.replace_range(secret, MASK);
    }
}

/// As [`masked`], of a text that most often has no address.
pub(crate) fn mask(text: String) -> String {
    match masked(&text) {
        Cow::Owned(masked) => masked,
        Cow::Borrowed(_) => text,
    }
}

/// Returns where secrets are, in order.
fn secrets(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut from = 0;
    while let Some(at) = text.get(from..).and_then(|rest| rest.find("://")).map(|at| from + at) {
        let start = at + "://".len();
        from = start;
        let before = text.get(..at).unwrap_or_default();
        let scheme = before.rsplit(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        let rest = text.get(start..).unwrap_or_default();
        let url = rest.get(..rest.find(ends_url).unwrap_or(rest.len())).unwrap_or_default();
        let authority = url.split(['/', '?', '#']).next().unwrap_or_default();
        if let Some((user, _)) = authority.rsplit_once('@') {
            let is_web = matches!(&*scheme.to_ascii_lowercase(), "http" | "https");
            match user.find(':') {
                _ if is_web && user != "git" => push(&mut found, start..start + user.len()),
                Some(colon) => push(&mut found, start + colon + 1..start + user.len()),
                None => {}
            }
        }
        let Some(query) = url.find('?') else { continue };
        let end = url.find('#').filter(|end| *end > query).unwrap_or(url.len());
        let mut at = start + query + 1;
        for part in url.get(query + 1..end).unwrap_or_default().split('&') {
            if let Some((key, value)) = part.split_once('=')
                && !SHOWN.contains(&key)
            {
                push(&mut found, at + key.len() + 1..at + key.len() + 1 + value.len());
            }
            at += part.len() + 1;
        }
    }
    found
}

/// Adds a place behind all others, unless it is one of them already, or nothing.
fn push(found: &mut Vec<Range<usize>>, secret: Range<usize>) {
    if !secret.is_empty() && found.last().is_none_or(|last| last.end <= secret.start) {
        found.push(secret);
    }
}

fn ends_url(c: char) -> bool {
    c.is_whitespace() || c.is_control() || matches!(c, '"' | '\'' | '`' | '<' | '>')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_of_addresses_are_masked_and_all_else_stays() {
        for (text, expected) in [
            ("'https://t0ken@h/a' is", "'https://***@h/a' is"),
            ("a https://u:p@w@h/a b", "a https://***@h/a b"),
            ("HTTP://u:p@h?a=b", "HTTP://***@h?a=***"),
            ("git::https://u:p@h//x?ref=v1", "git::https://***@h//x?ref=v1"),
            ("ssh://git:p@h/a", "ssh://git:***@h/a"),
            ("oci://u:p@h/a and http://h/?k=v#f", "oci://u:***@h/a and http://h/?k=***#f"),
            ("https://h/?u=https://a:b@h/", "https://h/?u=***"),
            ("https://h/?a=1&ref=x&=&b", "https://h/?a=***&ref=x&=&b"),
        ] {
            assert_eq!(masked(text), expected);
        }
        for text in ["ssh://git@h/a?timeout=3", "https://git@h/a", "git@h:a", "a@b?c=d", "://", ""]
        {
            assert!(matches!(masked(text), Cow::Borrowed(same) if same == text), "{text}");
        }
    }

    #[test]
    fn what_is_marked_stays_marked() {
        let url = "https://user:secret@h/a";
        let mut text = format!("- {url}?k=secret # é\n");
        let mut span = 2..2 + url.len() + "?k=secret".len();
        mask_around(&mut text, &mut span);
        assert_eq!(text, "- https://***@h/a?k=*** # é\n");
        assert_eq!(&text[span], "https://***@h/a?k=***");
    }
}
