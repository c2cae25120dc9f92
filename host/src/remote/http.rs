//! Files over HTTP.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use flate2::read::MultiGzDecoder;
use kustom::Cancel;
use kustom::outside::{Failure, FailureKind, FileAnswer};
use ureq::Agent;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::http::header::{
    ACCEPT_ENCODING, AUTHORIZATION, CONTENT_ENCODING, LOCATION, USER_AGENT as USER_AGENT_HEADER,
};
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};

use super::address::{self, Address};
use super::allow::{Allowed, Verdict};
use super::limits::FetchLimits;
use super::proxy::{self, Proxies};
use super::urls::{escaped, join, without_user};

/// What is said of a request that took too long.
const NO_ANSWER: &str = "no answer within the time limit";

/// How many redirects are followed, as upstream's client does.
const MOST_REDIRECTS: usize = 10;

const USER_AGENT: &str = concat!("kustom/", env!("CARGO_PKG_VERSION"));
/// Who asks for repositories.
const GIT_AGENT: &str = concat!("git/2 kustom/", env!("CARGO_PKG_VERSION"));

/// A client that goes only where it may.
pub(super) struct Client {
    agent: Agent,
    allowed: Arc<Allowed>,
    proxies: Proxies,
}

impl Client {
    /// Returns a client; certificates are those of the system.
    pub(super) fn new(allowed: Arc<Allowed>) -> Client {
        let found = rustls_native_certs::load_native_certs().certs;
        let certificates = found.iter().map(|c| Certificate::from_der(c.as_ref()).to_owned());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::from(certificates))
            .unversioned_rustls_crypto_provider(provider)
            .build();
        let config = Config::builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .tls_config(tls)
            .build();
        let proxies = Proxies::from_env();
        let resolver = AllowedResolver { allowed: Arc::clone(&allowed), proxies: proxies.clone() };
        let agent = Agent::with_parts(config, DefaultConnector::default(), resolver);
        Client { agent, allowed, proxies }
    }

    /// Fetches a file.
    fn get(&self, url: &str, limits: &FetchLimits) -> Result<FileAnswer, Failure> {
        let start = Instant::now();
        let failed =
            |kind, why: &dyn std::fmt::Display| Failure::new(kind, format!("Get \"{url}\": {why}"));
        let mut at = url.to_owned();
        for _ in 0..=MOST_REDIRECTS {
            self.check_hop(url, &at)?;
            let left = limits.file_time.saturating_sub(start.elapsed());
            let answer = self.call(&at, left, USER_AGENT);
            let mut answer = answer.map_err(|e| failed(kind_of(&e), &words(&e)))?;
            let status = answer.status();
            if let Some(location) = location(&answer) {
                at = join(&at, &location)
                    .ok_or_else(|| failed(FailureKind::Failed, &"redirects to no address"))?;
                continue;
            }
            if !status.is_success() {
                return Ok(FileAnswer::Status(status.as_u16()));
            }
            let most = limits.file_bytes;
            let too_much = || {
                failed(FailureKind::Limit, &format_args!("more than {most} bytes"))
                    .hint("--limits none lifts this limit")
            };
            let body = answer.body_mut().with_config().limit(most).read_to_vec();
            let body = body.map_err(|e| match e {
                ureq::Error::BodyExceedsLimit(_) => too_much(),
                e => failed(kind_of(&e), &words(&e)),
            })?;
            let encoding = answer.headers().get(CONTENT_ENCODING);
            let is_packed = encoding.is_some_and(|e| e.as_bytes().eq_ignore_ascii_case(b"gzip"));
            if !is_packed || body.is_empty() {
                return Ok(FileAnswer::Found(body));
            }
            let unpacked = unpack(&body, most).map_err(|e| failed(FailureKind::Failed, &e))?;
            return unpacked.map(FileAnswer::Found).ok_or_else(too_much);
        }
        Err(failed(FailureKind::Failed, &format_args!("stopped after {MOST_REDIRECTS} redirects")))
    }

    /// Returns the address that redirects lead to from another one.
    fn end_of(&self, url: &str, time: Duration) -> Result<String, Failure> {
        let start = Instant::now();
        let failed = |why: &dyn std::fmt::Display| {
            Failure::new(FailureKind::Failed, format!("Get \"{url}\": {why}"))
        };
        let mut at = url.to_owned();
        for _ in 0..=MOST_REDIRECTS {
            self.check_hop(url, &at)?;
            // Some servers lead programs elsewhere than people.
            let left = time.saturating_sub(start.elapsed());
            let answer = self.call(&at, left, GIT_AGENT).map_err(|e| failed(&words(&e)))?;
            match location(&answer) {
                Some(location) => {
                    let next = join(&at, &location);
                    at = next.ok_or_else(|| failed(&"redirects to no address"))?;
                }
                None => return Ok(at),
            }
        }
        Err(failed(&format_args!("stopped after {MOST_REDIRECTS} redirects")))
    }

    /// Checks an address to which redirects have led from `url`.
    fn check_hop(&self, url: &str, at: &str) -> Result<(), Failure> {
        self.allowed.check_web(at).map(drop).map_err(|refused| match at == url {
            true => refused,
            false => Failure::new(
                FailureKind::Refused,
                format!("'{url}' redirects: {}", refused.message()),
            )
            .hint(refused.hint_text().unwrap_or_default()),
        })
    }

    fn call(
        &self,
        url: &str,
        time: Duration,
        agent: &str,
    ) -> Result<ureq::http::Response<ureq::Body>, ureq::Error> {
        let address = Address::parse(url).ok_or_else(|| ureq::Error::BadUri(url.to_owned()))?;
        let proxy = self.proxies.of(address.scheme == "https", &address.host);
        let proxy =
            proxy.map(proxy::with_scheme).map(|proxy| ureq::Proxy::new(&proxy)).transpose()?;
        let (plain, user) = without_user(url);
        let plain = escaped(&plain);
        let request = self.agent.get(&plain).header(ACCEPT_ENCODING, "gzip");
        let mut request = request.header(USER_AGENT_HEADER, agent);
        if let Some(user) = user {
            let value = format!("Basic {}", BASE64_STANDARD.encode(user));
            request = request.header(AUTHORIZATION, value);
        }
        request.config().timeout_global(Some(time)).proxy(proxy).build().call()
    }
}

/// How often it is looked whether an answer is still wanted.
const TICK: Duration = Duration::from_millis(50);
/// How much longer than its limit a request may take before it is left alone, whatever it waits for.
const GRACE: Duration = Duration::from_secs(1);

/// Fetches a file.
pub(super) fn get(
    client: &Arc<Client>,
    url: &str,
    limits: FetchLimits,
    cancel: &Cancel,
) -> Result<FileAnswer, Failure> {
    let asked = url.to_owned();
    let work = move |client: &Client| client.get(&asked, &limits);
    on_thread(client, url, limits.file_time, cancel, work)
}

/// Returns the address that redirects lead to from another one, each on the way one that is allowed.
pub(super) fn end_of(
    client: &Arc<Client>,
    url: &str,
    time: Duration,
    cancel: &Cancel,
) -> Result<String, Failure> {
    let asked = url.to_owned();
    on_thread(client, url, time, cancel, move |client: &Client| client.end_of(&asked, time))
}

/// Works on a thread of its own, for nothing else can be waited for and left alone.
fn on_thread<T: Send + 'static>(
    client: &Arc<Client>,
    url: &str,
    time: Duration,
    cancel: &Cancel,
    work: impl FnOnce(&Client) -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let (sender, answer) = mpsc::channel();
    let (client, start) = (Arc::clone(client), Instant::now());
    // Who was left alone talks to nobody.
    let work = move || drop(sender.send(work(&client)));
    let failed = |kind, why: &str| Err(Failure::new(kind, format!("Get \"{url}\": {why}")));
    if let Err(e) = thread::Builder::new().spawn(work) {
        return failed(FailureKind::Failed, &e.to_string());
    }
    loop {
        if cancel.is_stopped() {
            return Err(Failure::cancelled(cancel));
        }
        match answer.recv_timeout(TICK) {
            Ok(answer) => return answer,
            Err(RecvTimeoutError::Timeout) if start.elapsed() < time + GRACE => {}
            Err(RecvTimeoutError::Timeout) => return failed(FailureKind::Limit, NO_ANSWER),
            Err(RecvTimeoutError::Disconnected) => {
                return failed(FailureKind::Failed, "the client crashed");
            }
        }
    }
}

/// Returns where an answer says that something else is.
fn location(answer: &ureq::http::Response<ureq::Body>) -> Option<String> {
    let is_redirect = matches!(answer.status().as_u16(), 301 | 302 | 303 | 307 | 308);
    let location = answer.headers().get(LOCATION).filter(|_| is_redirect)?;
    Some(String::from_utf8_lossy(location.as_bytes()).into_owned())
}

/// Returns what was packed, as upstream's client does unasked; nothing if it is more than `most` bytes.
fn unpack(packed: &[u8], most: u64) -> io::Result<Option<Vec<u8>>> {
    let mut unpacked = Vec::new();
    MultiGzDecoder::new(packed).take(most.saturating_add(1)).read_to_end(&mut unpacked)?;
    Ok((unpacked.len() as u64 <= most).then_some(unpacked))
}

fn kind_of(error: &ureq::Error) -> FailureKind {
    match error {
        ureq::Error::Timeout(_) => FailureKind::Limit,
        ureq::Error::Io(e) if e.kind() == io::ErrorKind::PermissionDenied => FailureKind::Refused,
        _ => FailureKind::Failed,
    }
}

/// Says what went wrong as upstream would.
fn words(error: &ureq::Error) -> String {
    match error {
        ureq::Error::Io(e) if e.kind() == io::ErrorKind::ConnectionRefused => {
            "connect: connection refused".to_owned()
        }
        ureq::Error::Timeout(_) => NO_ANSWER.to_owned(),
        ureq::Error::HostNotFound => "no such host".to_owned(),
        e => e.to_string(),
    }
}

/// Looks up names, and leaves out addresses that are not for everybody unless the host was named.
#[derive(Debug)]
struct AllowedResolver {
    allowed: Arc<Allowed>,
    proxies: Proxies,
}

impl Resolver for AllowedResolver {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = DefaultResolver::default().resolve(uri, config, timeout)?;
        // The user named it.
        if self.proxies.has(uri.host().unwrap_or_default(), uri.port_u16()) {
            return Ok(found);
        }
        // Checked again here: this is where the connection goes.
        let verdict = self.allowed.check_web(&uri.to_string());
        let mut kept = self.empty();
        for address in found.iter() {
            let is_allowed = match verdict {
                Ok(Verdict::Named) => true,
                Ok(Verdict::Public) => address::is_public(address.ip()),
                Ok(Verdict::Refused) | Err(_) => false,
            };
            if is_allowed {
                kept.push(*address);
            }
        }
        if kept.is_empty() {
            let host = uri.host().unwrap_or_default();
            let message = format!("{host} is an address that is not public, and has to be named");
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, message).into());
        }
        Ok(kept)
    }
}
