//! Which addresses the names of hosts have, before git looks them up.

use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use kustom::Cancel;
use kustom::outside::{Failure, FailureKind};

use super::address::{self, Address};
use super::allow::{Allowed, Verdict};
use super::proxy::Proxies;

/// How long a name may take; git takes as long then, within its own limit.
const TIME: Duration = Duration::from_secs(10);
/// How often it is looked whether an answer is still wanted.
const TICK: Duration = Duration::from_millis(20);

/// What knows the addresses of names: none of names that it does not know.
#[derive(Clone, Copy, Debug)]
pub(super) struct System(pub(super) fn(&str, u16) -> Vec<SocketAddr>);

impl Default for System {
    fn default() -> System {
        System(|host, port| {
            let found = (host, port).to_socket_addrs().map(Iterator::collect);
            found.unwrap_or_default()
        })
    }
}

/// Checks that the host of a repository has only addresses that everybody can reach, unless it was named.
///
/// What a proxy looks up for git is not known, nor what has no address here, such as a name that only the
/// configuration of ssh has.
///
/// # Errors
/// If one of its addresses is a private one, or nobody waits any more.
pub(super) fn check(
    url: &str,
    allowed: &Allowed,
    system: System,
    cancel: &Cancel,
) -> Result<(), Failure> {
    let Some(address) = Address::parse(url) else { return Ok(()) };
    let is_public = allowed.verdict(&address) == Verdict::Public;
    let usual = match address.scheme.as_str() {
        "https" => 443,
        "http" => 80,
        "ssh" => 22,
        _ => return Ok(()),
    };
    let is_web = address.scheme != "ssh";
    let by_proxy = || Proxies::of_git().of(address.scheme == "https", &address.host).is_some();
    if !is_public || (is_web && by_proxy()) {
        return Ok(());
    }
    let port = address.port.unwrap_or(usual);
    let found = look_up(address.host.clone(), port, system, cancel)?;
    match found.iter().find(|found| !address::is_public(found.ip())) {
        None => Ok(()),
        Some(found) => {
            let (host, ip) = (&address.host, found.ip());
            let message = format!(
                "'{url}' is remote: {host} has the address {ip}, which is not public, and has to be named"
            );
            Err(Failure::new(FailureKind::Refused, message)
                .hint(format!("allow it with --allow-remote={host}")))
        }
    }
}

/// Returns the addresses of a name; none if that is not known in time.
fn look_up(
    host: String,
    port: u16,
    System(system): System,
    cancel: &Cancel,
) -> Result<Vec<SocketAddr>, Failure> {
    let (sender, answer) = mpsc::channel();
    let work = move || drop(sender.send(system(&host, port)));
    if thread::Builder::new().spawn(work).is_err() {
        return Ok(Vec::new());
    }
    let start = Instant::now();
    while start.elapsed() < TIME {
        if cancel.is_stopped() {
            return Err(Failure::cancelled(cancel));
        }
        match answer.recv_timeout(TICK) {
            Ok(found) => return Ok(found),
            Err(mpsc::RecvTimeoutError::Timeout) => {}
            Err(mpsc::RecvTimeoutError::Disconnected) => break,
        }
    }
    Ok(Vec::new())
}
