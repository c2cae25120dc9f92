//! Which proxy a request goes through, as Go's default client decides it.

use std::net::IpAddr;

use super::address::Address;

/// What the environment says of proxies.
#[derive(Clone, Debug, Default)]
pub(super) struct Proxies {
    http: Option<String>,
    https: Option<String>,
    none: Vec<String>,
}

impl Proxies {
    /// Reads `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`, in capital or small letters.
    pub(super) fn from_env() -> Proxies {
        let read = |name: &str| {
            let names = [name.to_owned(), name.to_ascii_lowercase()];
            let mut values = names.iter().filter_map(|name| std::env::var(name).ok());
            values.find(|value| !value.is_empty())
        };
        let none = read("NO_PROXY").unwrap_or_default();
        let none = none.split(',').map(|entry| entry.trim().to_ascii_lowercase());
        Proxies {
            http: read("HTTP_PROXY"),
            https: read("HTTPS_PROXY"),
            none: none.filter(|entry| !entry.is_empty()).collect(),
        }
    }

    /// Reads the same as git does, which heeds `http_proxy` in small letters alone.
    pub(super) fn of_git() -> Proxies {
        let http = std::env::var("http_proxy").ok().filter(|value| !value.is_empty());
        Proxies { http, ..Proxies::from_env() }
    }

    /// Returns the proxy for a host, or nothing if it is spoken to itself.
    pub(super) fn of(&self, is_https: bool, host: &str) -> Option<&str> {
        let proxy = if is_https { &self.https } else { &self.http };
        let is_local = host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
        let is_none = |entry: &String| matches(entry, host);
        proxy.as_deref().filter(|_| !is_local && !self.none.iter().any(is_none))
    }

    /// Returns `true` if one of the proxies is at a host and port.
    pub(super) fn has(&self, host: &str, port: Option<u16>) -> bool {
        let mut proxies = [&self.http, &self.https].into_iter().flatten();
        proxies.any(|proxy| {
            let url = with_scheme(proxy);
            let usual = if url.starts_with("https") { 443 } else { 80 };
            Address::parse(&url).is_some_and(|at| {
                at.host == host.trim_matches(['[', ']']).to_ascii_lowercase()
                    && at.port.unwrap_or(usual) == port.unwrap_or(usual)
            })
        })
    }
}

/// A proxy without a scheme is spoken to by HTTP.
pub(super) fn with_scheme(proxy: &str) -> String {
    if proxy.contains("://") { proxy.to_owned() } else { format!("http://{proxy}") }
}

/// Returns `true` if an entry of `NO_PROXY` names a host.
fn matches(entry: &str, host: &str) -> bool {
    if entry == "*" {
        return true;
    }
    if let (Some((network, bits)), Ok(address)) = (entry.split_once('/'), host.parse::<IpAddr>()) {
        return match (network.parse(), bits.parse()) {
            (Ok(network), Ok(bits)) => is_in(address, network, bits),
            _ => false,
        };
    }
    let entry =
        entry.split_once(':').filter(|(_, port)| !port.contains(':')).map_or(entry, |e| e.0);
    let domain = entry.trim_start_matches('*').trim_start_matches('.');
    let is_below = || host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'));
    (host == domain && !entry.starts_with('.')) || is_below()
}

fn is_in(address: IpAddr, network: IpAddr, bits: u32) -> bool {
    let same = |a: u128, b: u128, width: u32| {
        bits <= width && (bits == 0 || a >> (width - bits) == b >> (width - bits))
    };
    match (address, network) {
        (IpAddr::V4(a), IpAddr::V4(b)) => same(a.to_bits().into(), b.to_bits().into(), 32),
        (IpAddr::V6(a), IpAddr::V6(b)) => same(a.to_bits(), b.to_bits(), 128),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_hosts_need_no_proxy() {
        let none = ["example.com", ".corp", "10.0.0.0/8", "host:80"].map(str::to_owned).to_vec();
        let proxies = Proxies { http: None, https: Some("http://proxy:3128".into()), none };
        for host in ["github.com", "notexample.com", "corp", "11.0.0.1"] {
            assert_eq!(proxies.of(true, host), Some("http://proxy:3128"), "{host}");
            assert_eq!(proxies.of(false, host), None);
        }
        assert!(proxies.has("Proxy", Some(3128)));
        assert!(!proxies.has("proxy", None) && !proxies.has("github.com", Some(3128)));
        for host in ["example.com", "a.example.com", "x.corp", "10.1.2.3", "host", "127.0.0.1"] {
            assert_eq!(proxies.of(true, host), None, "{host}");
        }
    }
}
