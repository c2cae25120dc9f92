//! Addresses, split and refused as Go does.

use super::super::builtins::push_percent;
use super::super::strings::{from_bytes, quote};

/// The parts of an address, unescaped but for the query.
#[derive(Debug, Default)]
pub(super) struct Url {
    pub(super) scheme: String,
    pub(super) opaque: String,
    pub(super) user: String,
    pub(super) host: String,
    pub(super) path: String,
    pub(super) query: String,
    pub(super) fragment: String,
}

/// Where a text stands: what must be escaped there differs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Host,
    Zone,
    Other,
}

impl Url {
    /// Splits an address.
    ///
    /// # Errors
    /// If Go refuses it, in its words.
    pub(super) fn parse(source: &str) -> Result<Url, String> {
        let (main, fragment) = source.split_once('#').unwrap_or((source, ""));
        let refuse = |source: &str, why: String| format!("parse {}: {why}", quote(source));
        let mut url = Url::without_fragment(main).map_err(|why| refuse(main, why))?;
        url.fragment = unescaped(fragment, Part::Other).map_err(|why| refuse(source, why))?;
        Ok(url)
    }

    fn without_fragment(source: &str) -> Result<Url, String> {
        if source.bytes().any(|c| c < b' ' || c == 0x7f) {
            return Err("net/url: invalid control character in URL".to_owned());
        }
        let mut url = Url::default();
        if source == "*" {
            url.path = source.to_owned();
            return Ok(url);
        }
        let (scheme, rest) = scheme(source)?;
        url.scheme = scheme.to_ascii_lowercase();
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        url.query = query.to_owned();
        if !rest.starts_with('/') {
            if !scheme.is_empty() {
                url.opaque = rest.to_owned();
                return Ok(url);
            }
            if rest.split('/').next().is_some_and(|segment| segment.contains(':')) {
                return Err("first path segment in URL cannot contain colon".to_owned());
            }
        }
        let after = rest.strip_prefix("//");
        let path = match after.filter(|_| !scheme.is_empty() || !rest.starts_with("///")) {
            Some(after) => {
                let (authority, path) = after.split_at(after.find('/').unwrap_or(after.len()));
                (url.user, url.host) = user_and_host(authority)?;
                path
            }
            None => rest,
        };
        url.path = unescaped(path, Part::Other)?;
        Ok(url)
    }

    /// Returns the host without its port, and without the brackets of an address.
    pub(super) fn hostname(&self) -> &str {
        let host = match self.host.rfind(':') {
            Some(colon) if is_port(&self.host[colon..]) => &self.host[..colon],
            _ => &self.host,
        };
        host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
    }
}

/// Returns the scheme, which may be missing, and what follows it.
fn scheme(source: &str) -> Result<(&str, &str), String> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    match source.find(|c| !is_part(c)) {
        Some(0) if source.starts_with(':') => Err("missing protocol scheme".to_owned()),
        Some(end)
            if source.starts_with(|c: char| c.is_ascii_alphabetic())
                && source[end..].starts_with(':') =>
        {
            Ok((&source[..end], &source[end + 1..]))
        }
        _ => Ok(("", source)),
    }
}

fn user_and_host(authority: &str) -> Result<(String, String), String> {
    let Some((user, host)) = authority.rsplit_once('@') else {
        return Ok((String::new(), unescaped_host(authority)?));
    };
    let host = unescaped_host(host)?;
    let is_valid = |c: char| c.is_ascii_alphanumeric() || "-._:~!$&'()*+,;=%@".contains(c);
    if !user.chars().all(is_valid) {
        return Err("net/url: invalid userinfo".to_owned());
    }
    let rewritten = |text: &str| unescaped(text, Part::Other).map(|text| escaped_user(&text));
    let user = match user.split_once(':') {
        Some((name, password)) => format!("{}:{}", rewritten(name)?, rewritten(password)?),
        None => rewritten(user)?,
    };
    Ok((user, host))
}

fn escaped_user(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~$&+,;=".contains(&byte) {
            out.push(char::from(byte));
        } else {
            push_percent(byte, &mut out);
        }
    }
    out
}

fn unescaped_host(host: &str) -> Result<String, String> {
    let invalid = |port: &str| Err(format!("invalid port {} after host", quote(port)));
    if !host.starts_with('[') {
        return match host.find(':').map(|colon| &host[colon..]) {
            Some(port) if !is_port(port) => invalid(port),
            _ => unescaped(host, Part::Host),
        };
    }
    let Some(end) = host.rfind(']') else { return Err("missing ']' in host".to_owned()) };
    let port = &host[end + 1..];
    if !is_port(port) {
        return invalid(port);
    }
    match host[..end].find("%25") {
        Some(zone) => Ok([
            unescaped(&host[..zone], Part::Host)?,
            unescaped(&host[zone..end], Part::Zone)?,
            unescaped(&host[end..], Part::Host)?,
        ]
        .concat()),
        None => unescaped(host, Part::Host),
    }
}

/// Returns `true` for nothing, or a colon with digits or none after it.
fn is_port(text: &str) -> bool {
    text.is_empty() || text.strip_prefix(':').is_some_and(|n| n.bytes().all(|c| c.is_ascii_digit()))
}

fn unescaped(source: &str, part: Part) -> Result<String, String> {
    let mut bytes = Vec::with_capacity(source.len());
    let mut rest = source.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        let escape = || {
            let escape = String::from_utf8_lossy(rest.get(..3).unwrap_or(rest));
            Err(format!("invalid URL escape {}", quote(&escape)))
        };
        if *byte == b'%' {
            let digits = after.get(..2).filter(|two| two.iter().all(u8::is_ascii_hexdigit));
            let value =
                digits.and_then(|two| u8::from_str_radix(std::str::from_utf8(two).ok()?, 16).ok());
            let Some(value) = value else { return escape() };
            let is_wrong = match part {
                Part::Host => value < 0x80 && value != b'%',
                Part::Zone => value != b'%' && value != b' ' && !stays_in_host(value),
                Part::Other => false,
            };
            if is_wrong {
                return escape();
            }
            bytes.push(value);
            rest = &after[2..];
            continue;
        }
        if part != Part::Other && byte.is_ascii() && !stays_in_host(*byte) {
            let shown = quote(&char::from(*byte).to_string());
            return Err(format!("invalid character {shown} in host name"));
        }
        bytes.push(*byte);
        rest = after;
    }
    Ok(from_bytes(&bytes).into_owned())
}

fn stays_in_host(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.~!$&'()*+,;=:[]<>\"".contains(&byte)
}
