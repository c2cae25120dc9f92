//! Addresses of repositories and files, taken apart.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::local;

/// Where an address leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    /// The scheme in small letters; `ssh` for `git@host:path`, `file` for paths of this machine.
    pub(super) scheme: String,
    /// The host in small letters, without brackets and a dot at the end; empty for files.
    pub(super) host: String,
    /// The port, if one is named.
    pub(super) port: Option<u16>,
    /// The path, without `/` at its start.
    pub(super) path: String,
}

impl Address {
    /// Takes an address apart as git does; nothing if it is none that git or a web client would take.
    pub(super) fn parse(text: &str) -> Option<Address> {
        if let Some((scheme, rest)) = text.split_once("://") {
            let scheme = scheme.to_ascii_lowercase();
            if scheme == "file" {
                return local::path(rest).map(|path| Address::file(&path));
            }
            let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
            // Where the host ends then, git, ssh and web clients do not agree on.
            if authority.contains(['#', '?', '\\']) || authority.contains(is_blank_or_control) {
                return None;
            }
            let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
            return Address::on_host(scheme, host, path);
        }
        if text.starts_with(['/', '.']) {
            return Some(Address::file(text));
        }
        // `git@host:path`; a second colon would name a helper of git.
        let (host, path) = text.split_once(':').filter(|(host, _)| !host.contains('/'))?;
        if path.starts_with(':') {
            return None;
        }
        let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
        Address::on_host("ssh".to_owned(), host, path.trim_start_matches('/'))
    }

    fn file(path: &str) -> Address {
        let path = path.trim_start_matches('/').to_owned();
        Address { scheme: "file".to_owned(), host: String::new(), port: None, path }
    }

    fn on_host(scheme: String, host: &str, path: &str) -> Option<Address> {
        let (host, port) = match host.strip_prefix('[') {
            Some(rest) => {
                let (host, after) = rest.split_once(']')?;
                host.parse::<Ipv6Addr>().ok()?;
                let port = after.strip_prefix(':');
                if port.is_none() && !after.is_empty() {
                    return None;
                }
                (host, port)
            }
            // Git decodes `%31`, and web clients read other digits as those of ASCII.
            None if host.starts_with('-') || !host.chars().all(is_of_name) => return None,
            None => host.split_once(':').map_or((host, None), |(host, port)| (host, Some(port))),
        };
        let port = match port {
            None | Some("") => None,
            Some(port) => Some(port.parse().ok()?),
        };
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        let path = path.split(['?', '#']).next().unwrap_or_default().to_owned();
        (!host.is_empty()).then_some(Address { scheme, host, port, path })
    }

    /// Returns the port that is named, or that the scheme has.
    pub(super) fn known_port(&self) -> Option<u16> {
        self.port.or(match self.scheme.as_str() {
            "https" => Some(443),
            "http" => Some(80),
            "ssh" => Some(22),
            _ => None,
        })
    }

    /// Returns `true` if the host is by its name one that everybody can reach.
    pub(super) fn is_public(&self) -> bool {
        let host = self.host.as_str();
        if let Ok(address) = host.parse::<IpAddr>() {
            return is_public(address);
        }
        let is_local = |end: &str| host == end || host.ends_with(&format!(".{end}"));
        // Numbers such as 2130706433 and 0x7f.1 are addresses too, and a name without a dot is one of
        // the own network.
        let last = host.rsplit('.').next().unwrap_or_default();
        let is_number = last.starts_with("0x") || last.chars().all(|c| c.is_ascii_digit());
        !is_number
            && host.contains('.')
            && !["localhost", "local", "internal", "localdomain"].into_iter().any(is_local)
    }
}

/// Returns `true` for a character that a name and a port may have; `*` is for places.
fn is_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '*' | ':')
}

fn is_blank_or_control(c: char) -> bool {
    c.is_control() || c.is_whitespace()
}

/// Returns `true` if an address is one that everybody can reach.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => match embedded(address) {
            Some(address) => is_public_v4(address),
            // What is given out: 2000::/3, without what is for documentation and benchmarks.
            None => {
                let [first, second, ..] = address.segments();
                first & 0xe000 == 0x2000 && !(first == 0x2001 && matches!(second, 0x2 | 0xdb8))
            }
        },
    }
}

/// Returns the address of the older kind that is in one of the newer kind.
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let segments = address.segments();
    let [.., high, low] = segments;
    let of = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match segments {
        [0, 0, 0, 0, 0, 0xffff | 0, ..] | [0x64, 0xff9b, 0, 0, 0, 0, ..] => Some(of(high, low)),
        [0x2002, high, low, ..] => Some(of(high, low)),
        _ => None,
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || address.is_multicast()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && (b == 18 || b == 19)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Option<(String, Option<u16>, String)> {
        Address::parse(text).map(|a| (format!("{}:{}", a.scheme, a.host), a.port, a.path))
    }

    #[test]
    fn takes_addresses_apart() {
        for (text, host, port, path) in [
            ("https://GitHub.com/acme/infra", "https:github.com", None, "acme/infra"),
            ("https://user:pw@host:8443/a?x#y", "https:host", Some(8443), "a"),
            ("git@github.com:acme/infra.git", "ssh:github.com", None, "acme/infra.git"),
            ("ssh://git@host./a", "ssh:host", None, "a"),
            ("http://[::1]:80/a", "http:::1", Some(80), "a"),
            ("file:///srv/a", "file:", None, "srv/a"),
            ("FILE:///srv/a%20%2e%2E/b+c", "file:", None, "srv/a ../b+c"),
            ("/srv/a", "file:", None, "srv/a"),
        ] {
            assert_eq!(parsed(text), Some((host.into(), port, path.into())), "{text}");
        }
        for text in ["ext::sh -c x", "git@ext::sh", "nothing", "http:///a", "http://a:x/b"] {
            assert_eq!(parsed(text), None, "{text}");
        }
    }

    #[test]
    fn files_have_no_host() {
        for text in [
            "file://srv/a",
            "file://localhost/srv/a",
            "FILE://srv/a",
            "file://%2Fsrv/a",
            "file://./a",
            "file://~/a",
            "file://user@/srv/a",
            "file://[::1]/srv/a",
            "file://",
            "file:///srv/%00a",
            "file:///srv/%ff",
            "file:/srv/a",
            "file:srv",
        ] {
            assert!(parsed(text).is_none_or(|(at, ..)| at == "ssh:file"), "{text}");
        }
    }

    #[test]
    fn hosts_that_programs_read_in_several_ways_are_none() {
        for text in [
            "http://127.0.0.1:80#@github.com/acme/x",
            "http://127.0.0.1?@github.com/acme/x",
            "http://127.0.0.1\\@github.com/acme/x",
            "http://127.0.0.1 @github.com/acme/x",
            "http://127.0.0.%31/acme/x",
            "http://%31%32%37.0.0.%31:80/acme/x",
            "ssh://git@127.0.0.%31/acme/x",
            "ssh://git@-oProxyCommand=x/acme/x",
            "ssh://git@-x/acme/x",
            "git@127.0.0.%31:acme/x",
            "http://１２７.0.0.1/acme/x",
            "http://a。localhost/acme/x",
            "http://[::1%25lo]/acme/x",
            "http://[::1]x/acme/x",
            "http://[github.com]/acme/x",
        ] {
            assert_eq!(parsed(text), None, "{text}");
        }
    }

    #[test]
    fn tells_public_hosts_from_others() {
        for host in ["github.com", "8.8.8.8", "[2606:4700::1111]", "[::ffff:8.8.8.8]"] {
            assert!(Address::parse(&format!("http://{host}/")).unwrap().is_public(), "{host}");
        }
        for host in [
            "localhost",
            "LOCALHOST.",
            "x.localhost",
            "intranet",
            "db.internal",
            "127.0.0.1",
            "127.1",
            "2130706433",
            "0x7f000001",
            "0177.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "[::1]",
            "[::]",
            "[fe80::1]",
            "[fd00::1]",
            "[::ffff:127.0.0.1]",
            "[64:ff9b::7f00:1]",
            "[2002:7f00:1::]",
            "[2001:db8::1]",
        ] {
            assert!(!Address::parse(&format!("http://{host}/")).unwrap().is_public(), "{host}");
        }
    }
}
