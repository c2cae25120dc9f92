//! `urlParse` and `urlJoin`.

use super::super::function::{Args, Function, function};
use super::super::value::{Map, Value};
use super::{Outcome, text};

pub(super) const FUNCTIONS: &[Function] =
    &[function("urlParse", "s", url_parse), function("urlJoin", "m", url_join)];

fn url_parse(args: &Args<'_>) -> Outcome {
    let source = args.str(0);
    if source.chars().any(|c| c < ' ' || c == '\u{7f}') {
        return Err("unable to parse url: invalid control character in URL".into());
    }
    let (rest, fragment) = source.split_once('#').unwrap_or((source, ""));
    let (scheme, rest) = scheme(rest);
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (mut authority, mut path, mut opaque) = ("", rest, "");
    if let Some(after) = rest.strip_prefix("//") {
        let end = after.find('/').unwrap_or(after.len());
        (authority, path) = after.split_at(end);
    } else if !scheme.is_empty() && !rest.starts_with('/') {
        (path, opaque) = ("", rest);
    }
    let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
    let hostname = match host.strip_prefix('[').and_then(|host| host.split_once(']')) {
        Some((inside, _)) => inside,
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    };
    let path = unescaped(path)
        .ok_or_else(|| format!("unable to parse url: invalid URL escape in {path:?}"))?;
    let fragment = unescaped(fragment).unwrap_or_default();
    Ok(Value::map([
        ("scheme", Value::str(scheme.to_ascii_lowercase())),
        ("host", Value::str(host)),
        ("hostname", Value::str(hostname)),
        ("path", Value::str(path)),
        ("query", Value::str(query)),
        ("opaque", Value::str(opaque)),
        ("fragment", Value::str(fragment)),
        ("userinfo", Value::str(user)),
    ]))
}

fn scheme(source: &str) -> (&str, &str) {
    match source.split_once(':') {
        Some((scheme, rest))
            if scheme.starts_with(|c: char| c.is_ascii_alphabetic())
                && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c)) =>
        {
            (scheme, rest)
        }
        _ => ("", source),
    }
}

fn unescaped(source: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(source.len());
    let mut rest = source.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        if *byte == b'%' {
            let digits = std::str::from_utf8(rest.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &rest[2..];
        } else {
            bytes.push(*byte);
        }
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

fn escaped(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    for byte in source.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~$&+,/:;=@!*'()".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

fn url_join(args: &Args<'_>) -> Outcome {
    let map = args.map(0);
    let part = |name: &str| member(&map, name);
    let (scheme, host, path) = (part("scheme")?, part("host")?, part("path")?);
    let (query, opaque) = (part("query")?, part("opaque")?);
    let (fragment, user) = (part("fragment")?, part("userinfo")?);
    let mut out = String::new();
    if !scheme.is_empty() {
        out.push_str(&scheme);
        out.push(':');
    }
    if opaque.is_empty() {
        if !scheme.is_empty() || !host.is_empty() || !user.is_empty() {
            if !host.is_empty() || !path.is_empty() || !user.is_empty() {
                out.push_str("//");
            }
            if !user.is_empty() {
                out.push_str(&user);
                out.push('@');
            }
            out.push_str(&host);
            if !path.is_empty() && !path.starts_with('/') && !host.is_empty() {
                out.push('/');
            }
        }
        out.push_str(&escaped(&path));
    } else {
        out.push_str(&opaque);
    }
    if !query.is_empty() {
        out.push('?');
        out.push_str(&query);
    }
    if !fragment.is_empty() {
        out.push('#');
        out.push_str(&escaped(&fragment));
    }
    text(out)
}

fn member(map: &Map, name: &str) -> Result<String, String> {
    match map.get(name) {
        Some(Value::Str(text)) => Ok(text.to_string()),
        Some(other) if !matches!(other, Value::Nil) => Err(format!(
            "unable to parse {name} key, must be of type string, but {} found",
            other.type_name()
        )),
        _ => Ok(String::new()),
    }
}
