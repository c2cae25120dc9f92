//! Hosts that are more than a name, or differ between two places.

use crate::checks::kubernetes::is_filled_in;
use crate::checks::positions::place_or;
use crate::diagnostics::{Lint, Warning, WarningKind};
use crate::resource::Resource;
use crate::yaml::{Node, Pos, nearest};

fn list<'n>(node: Option<&'n Node>, key: &str) -> impl Iterator<Item = &'n Node> {
    node.and_then(|node| node.get(key)).and_then(Node::as_seq).into_iter().flatten()
}

/// Looks at the hosts of an Ingress.
pub(in crate::checks) fn of_ingress(lint: &Lint, resource: &Resource) {
    let spec = resource.node.get("spec");
    let rules: Vec<&Node> = list(spec, "rules").filter_map(|rule| rule.get("host")).collect();
    for value in &rules {
        host(lint, resource, value);
    }
    for path in list(spec, "rules").flat_map(|rule| list(rule.get("http"), "paths")) {
        let is_free = path.get("pathType").and_then(Node::text) == Some("ImplementationSpecific");
        if let Some(value) = path.get("path").filter(|_| !is_free) {
            self::path(lint, resource, value);
        }
    }
    for value in list(spec, "tls").flat_map(|tls| list(Some(tls), "hosts")) {
        host(lint, resource, value);
        of_no_rule(lint, resource, value, &rules);
    }
    let tls = list(spec, "tls").flat_map(|tls| list(Some(tls), "hosts"));
    of_another_host(lint, resource, &rules, &tls.collect::<Vec<_>>());
}

/// Looks at the hosts of a route.
pub(in crate::checks) fn of_route(lint: &Lint, resource: &Resource) {
    list(resource.node.get("spec"), "hostnames").for_each(|value| host(lint, resource, value));
}

/// Warns about what is no name of a host alone.
fn host(lint: &Lint, resource: &Resource, value: &Node) {
    let Some(given) = value.text().filter(|text| !text.is_empty() && !is_filled_in(text)) else {
        return;
    };
    // Such as `NAMESPACE-web.example.com`, which is filled in later.
    let mut words = given.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| word.len() > 2);
    if words.any(|word| word.chars().all(|c| c.is_ascii_uppercase())) {
        return;
    }
    let is_part =
        |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.' | '*');
    let bare = given.split_once("://").map_or(given, |(_, rest)| rest);
    let bare = bare.split(['/', ':']).next().unwrap_or_default();
    let what = if given.contains("://") {
        "has a scheme"
    } else if given.contains('/') {
        "has a path"
    } else if given.contains(':') {
        "has a port"
    } else if !given.chars().all(is_part) {
        "has other characters than a name of a host"
    } else {
        return;
    };
    let hint = match bare.chars().all(is_part) {
        true => format!(
            "write the name alone: `{bare}`; paths stand under `paths`, and certificates under `tls`"
        ),
        false => "write lowercase letters, digits, `-` and `.` only".to_owned(),
    };
    let text = format!(
        "{} {}: the host `{given}` {what}, and the API server refuses it",
        resource.kind(),
        resource.name()
    );
    lint.add(
        Warning::new(WarningKind::InvalidValue, text, place_or(value.pos(), resource)).hint(hint),
    );
}

/// Warns about a path that does not start with a slash.
fn path(lint: &Lint, resource: &Resource, value: &Node) {
    let given = value.text().filter(|text| !value.is_null() && !is_filled_in(text));
    let Some(given) = given.filter(|text| !text.is_empty() && !text.starts_with('/')) else {
        return;
    };
    let text = format!(
        "{} {}: the path `{given}` does not start with a slash, and the API server refuses it",
        resource.kind(),
        resource.name()
    );
    lint.add(
        Warning::new(WarningKind::InvalidValue, text, place_or(value.pos(), resource))
            .hint(format!("write `/{given}`")),
    );
}

/// Warns about a host under `tls` that is nearly that of a rule.
fn of_no_rule(lint: &Lint, resource: &Resource, value: &Node, rules: &[&Node]) {
    let Some(given) = value.text().filter(|text| !is_filled_in(text)) else { return };
    let hosts = || rules.iter().filter_map(|rule| rule.text());
    if given.contains('*') || hosts().any(|host| host == given) {
        return;
    }
    let bare = |host: &str| host.replace(|c: char| c.is_ascii_digit(), "");
    let near = nearest(hosts(), given).filter(|near| bare(near) != bare(given));
    let Some(near) = near.filter(|near| one_slip(near, given)) else { return };
    let text = format!(
        "{} {}: `tls` is for the host `{given}`, and no rule has it",
        resource.kind(),
        resource.name()
    );
    lint.add(
        Warning::new(WarningKind::InvalidValue, text, place_or(value.pos(), resource))
            .hint(format!("did you mean `{near}`?")),
    );
}

/// How many hosts are compared with each other.
const MOST: usize = 64;

/// Warns about the one host under `tls` that no rule has if there is one rule whose host `tls` does not have.
fn of_another_host(lint: &Lint, resource: &Resource, rules: &[&Node], tls: &[&Node]) {
    if rules.len().max(tls.len()) > MOST {
        return;
    }
    let without = |hosts: &[&Node], others: &[&Node]| -> Option<Vec<(String, Pos)>> {
        let mut left = Vec::new();
        for host in hosts {
            let given = host.text().filter(|text| !text.is_empty() && !is_filled_in(text))?;
            let mut others = others.iter().filter_map(|other| other.text());
            let is_left = !others.any(|other| covers(given, other) || covers(other, given));
            if is_left && !left.iter().any(|(other, _)| other == given) {
                left.push((given.to_owned(), host.pos()));
            }
        }
        Some(left)
    };
    let (Some(bare), Some(spare)) = (without(rules, tls), without(tls, rules)) else { return };
    let ([(rule, rule_pos)], [(host, pos)]) = (&bare[..], &spare[..]) else { return };
    let place = place_or(*pos, resource);
    if lint.has(WarningKind::InvalidValue, place) {
        return;
    }
    let text = format!(
        "{} {}: `tls` is for the host `{host}`, which no rule has, and not for `{rule}`, which one has",
        resource.kind(),
        resource.name()
    );
    lint.add(
        Warning::new(WarningKind::InvalidValue, text, place)
            .related("the rule is at", *rule_pos)
            .hint(format!("write `{rule}` in both places, or change the rule to `{host}`")),
    );
}

/// Returns `true` if a host is another one or, as `*.example.com`, stands for it.
fn covers(host: &str, other: &str) -> bool {
    let any = host.strip_prefix("*.");
    host == other
        || any.is_some_and(|rest| {
            rest == other || other.strip_suffix(rest).is_some_and(|first| first.ends_with('.'))
        })
}

/// Returns `true` if two names differ in one label, and there by a letter that one lacks or by two that changed
/// places.
fn one_slip(one: &str, other: &str) -> bool {
    let mut differing = one.split('.').zip(other.split('.')).filter(|(a, b)| a != b);
    let (Some((a, b)), None) = (differing.next(), differing.next()) else { return false };
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let same = short.bytes().zip(long.bytes()).take_while(|(a, b)| a == b).count();
    let rest = |text: &str, from: usize| text.as_bytes().get(from..).map(<[u8]>::to_vec);
    let (left, right) = (rest(short, same), rest(long, same));
    let is_swap = match (left.as_deref(), right.as_deref()) {
        (Some([a, b, rest @ ..]), Some([c, d, other @ ..])) => a == d && b == c && rest == other,
        _ => false,
    };
    one.split('.').count() == other.split('.').count()
        && short.len() > 3
        && (is_swap || long.len() == short.len() + 1 && left == rest(long, same + 1))
}
