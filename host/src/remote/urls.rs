//! Addresses of the web as they are asked for.

use percent_encoding::percent_decode_str;

/// Takes `user:password@` out of an address; `%40` is the byte that it stands for.
pub(super) fn without_user(url: &str) -> (String, Option<Vec<u8>>) {
    let Some((scheme, rest)) = url.split_once("://") else { return (url.to_owned(), None) };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    match authority.rsplit_once('@') {
        Some((user, host)) => {
            (format!("{scheme}://{host}{path}"), Some(percent_decode_str(user).collect()))
        }
        None => (url.to_owned(), None),
    }
}

/// Escapes what an address cannot have, as upstream's client does.
///
/// Odd: without a query, `#` is a part of the path.
pub(super) fn escaped(url: &str) -> String {
    let url = match url.split_once('?') {
        Some((path, query)) => {
            let query = query.split('#').next().unwrap_or_default();
            format!("{}?{query}", path.replace('#', "%23"))
        }
        None => url.replace('#', "%23"),
    };
    let mut out = String::with_capacity(url.len());
    for byte in url.bytes() {
        match byte {
            b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' => {
                out.push_str(&format!("%{byte:02X}"));
            }
            0x21..=0x7e => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// Returns the address that a redirect from `base` leads to.
pub(super) fn join(base: &str, location: &str) -> Option<String> {
    let is_full = |text: &str| {
        text.get(..8).is_some_and(|t| t.eq_ignore_ascii_case("https://"))
            || text.get(..7).is_some_and(|t| t.eq_ignore_ascii_case("http://"))
    };
    if is_full(location) {
        return Some(location.to_owned());
    }
    let (scheme, rest) = base.split_once("://")?;
    if let Some(rest) = location.strip_prefix("//") {
        return Some(format!("{scheme}://{rest}"));
    }
    if location.split(['/', '?']).next().is_some_and(|first| first.contains(':')) {
        return None;
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    Some(match location.chars().next() {
        Some('/') => format!("{scheme}://{authority}{location}"),
        Some('?') => format!("{scheme}://{authority}{path}{location}"),
        _ => format!("{scheme}://{authority}{folder}/{location}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follows_locations_of_all_forms() {
        let base = "http://host:80/a/b?x";
        for (location, joined) in [
            ("https://other/x", Some("https://other/x")),
            ("//other/x", Some("http://other/x")),
            ("/x?y", Some("http://host:80/x?y")),
            ("x", Some("http://host:80/a/x")),
            ("?y", Some("http://host:80/a/b?y")),
            ("file:///etc/passwd", None),
            ("gopher://x", None),
        ] {
            assert_eq!(join(base, location).as_deref(), joined, "{location}");
        }
    }

    #[test]
    fn escapes_as_upstream_does() {
        for (url, sent) in [
            ("http://host/a%20b.yaml", "http://host/a%20b.yaml"),
            ("http://host/a b.yaml#x", "http://host/a%20b.yaml%23x"),
            ("http://host/é?a=b c#x", "http://host/%C3%A9?a=b%20c"),
        ] {
            assert_eq!(escaped(url), sent);
        }
    }

    #[test]
    fn takes_users_out_of_addresses() {
        for (written, sent) in
            [("a:b", "a:b"), ("a:p%40ss", "a:p@ss"), ("a:%", "a:%"), ("a:%zz%41", "a:%zzA")]
        {
            let (url, user) = without_user(&format!("https://{written}@host/c@d"));
            assert_eq!(
                (url.as_str(), user.as_deref()),
                ("https://host/c@d", Some(sent.as_bytes()))
            );
        }
    }
}
