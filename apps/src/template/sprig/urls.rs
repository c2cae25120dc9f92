//! `urlParse` and `urlJoin`.

use super::super::builtins::push_percent;
use super::super::function::{Args, Failure, Function, function};
use super::super::value::{Map, Value};
use super::url::Url;
use super::{Outcome, text};

pub(super) const FUNCTIONS: &[Function] =
    &[function("urlParse", "s", url_parse), function("urlJoin", "m", url_join)];

fn url_parse(args: &Args<'_>) -> Outcome {
    let url = Url::parse(args.str(0)).map_err(|e| format!("unable to parse url: {e}"))?;
    let hostname = url.hostname().to_owned();
    Ok(Value::map([
        ("scheme", Value::str(url.scheme)),
        ("hostname", Value::str(hostname)),
        ("host", Value::str(url.host)),
        ("path", Value::str(url.path)),
        ("query", Value::str(url.query)),
        ("opaque", Value::str(url.opaque)),
        ("fragment", Value::str(url.fragment)),
        ("userinfo", Value::str(url.user)),
    ]))
}

fn escaped(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    for byte in source.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~$&+,/:;=@!*'()".contains(&byte) {
            out.push(char::from(byte));
        } else {
            push_percent(byte, &mut out);
        }
    }
    out
}

fn url_join(args: &Args<'_>) -> Outcome {
    let map = args.map(0);
    let part = |name: &str| member(&map, name, args);
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

fn member(map: &Map, name: &str, args: &Args<'_>) -> Result<String, Failure> {
    match map.get(name) {
        Some(Value::Str(text)) => {
            // Escaped, it may be three times as long.
            args.will_read(text.len().saturating_mul(4))?;
            args.will_make(text.len().saturating_mul(3))?;
            Ok(text.to_string())
        }
        Some(other) if !matches!(other, Value::Nil) => Err(format!(
            "unable to parse {name} key, must be of type string, but {} found",
            other.type_name()
        )
        .into()),
        _ => Ok(String::new()),
    }
}
