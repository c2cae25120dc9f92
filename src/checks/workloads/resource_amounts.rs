//! Amounts of cpu and memory: unlikely ones, invalid ones, and requests above limits.

use crate::checks::kubernetes::is_filled_in;
use crate::checks::positions::place_or;
use crate::diagnostics::{Lint, Warning, WarningKind};
use crate::resource::Resource;
use crate::yaml::{Mapping, Node};

/// Mappings from resources to amounts.
const AMOUNTS: &[&str] = &[
    "capacity",
    "default",
    "defaultRequest",
    "hard",
    "limits",
    "max",
    "maxAllowed",
    "min",
    "minAllowed",
    "requests",
];

/// What the letters behind a number stand for.
const UNITS: &[(&str, f64)] = &[
    ("n", 1e-9),
    ("u", 1e-6),
    ("m", 1e-3),
    ("", 1.0),
    ("k", 1e3),
    ("M", 1e6),
    ("G", 1e9),
    ("T", 1e12),
    ("P", 1e15),
    ("E", 1e18),
    ("Ki", 1024.0),
    ("Mi", 1_048_576.0),
    ("Gi", 1_073_741_824.0),
    ("Ti", 1_099_511_627_776.0),
    ("Pi", 1_125_899_906_842_624.0),
    ("Ei", 1_152_921_504_606_846_976.0),
];

/// Less memory than this starts no container.
const LEAST_BYTES: f64 = 1_048_576.0;

/// More cores than any node has.
const MOST_CORES: f64 = 1000.0;

/// Looks at a mapping that stands under `key`, whose path is `path`.
pub(in crate::checks) fn check(
    lint: &Lint,
    resource: &Resource,
    key: &str,
    map: &Mapping,
    path: impl Fn() -> String,
) {
    if key == "resources" {
        if let (Some(requests), Some(limits)) = (map.get("requests"), map.get("limits")) {
            above(lint, resource, requests, limits, &path);
        }
    } else if AMOUNTS.contains(&key) {
        for entry in map {
            let name = entry.key.text().unwrap_or_default();
            amount(lint, resource, name, &entry.value, &path);
        }
    }
}

/// Looks at the amount of a resource such as `memory` or `limits.cpu`.
fn amount(lint: &Lint, resource: &Resource, name: &str, value: &Node, path: &impl Fn() -> String) {
    let given = value.text().filter(|_| !value.is_null()).unwrap_or_default();
    // A quota is for many nodes together.
    let is_sum = resource.kind() == "ResourceQuota";
    let Some((why, hint)) = odd(name, given, is_sum) else { return };
    let text =
        format!("{} {}: `{}.{name}: {given}` is {why}", resource.kind(), resource.name(), path());
    lint.add(
        Warning::new(WarningKind::OddAmount, text, place_or(value.pos(), resource)).hint(hint),
    );
}

/// Returns what is odd about an amount, and what may be meant.
fn odd(name: &str, given: &str, is_sum: bool) -> Option<(String, String)> {
    let is_cpu = match name.rsplit('.').next() {
        Some("cpu") => true,
        Some("memory" | "storage" | "ephemeral-storage") => false,
        _ => return None,
    };
    let number = given.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = given.strip_prefix(number).unwrap_or_default();
    if is_filled_in(given) || number.parse::<f64>().is_err() {
        return None;
    }
    let Some(size) = size(given) else {
        let letter = unit.chars().next().map(|letter| letter.to_ascii_uppercase());
        let meant = match letter {
            Some('M') if is_cpu => format!("`{number}m` for thousandths of a core"),
            Some('K' | 'M' | 'G' | 'T') if !is_cpu => {
                format!("`{number}{}i`", letter.unwrap_or_default())
            }
            _ if is_cpu => "a number of cores, or `m` for thousandths of one".to_owned(),
            _ => "a number with `Mi` or `Gi`".to_owned(),
        };
        return Some(("no amount for Kubernetes".to_owned(), format!("write {meant}")));
    };
    if is_cpu && !is_sum && size >= MOST_CORES {
        let hint = format!("thousandths of a core have an `m`: `{number}m`");
        return Some((format!("{size} whole cores, which no node has"), hint));
    }
    let is_little = unit == "m" || name.ends_with("memory") && size < LEAST_BYTES;
    if is_cpu || size == 0.0 || !is_little {
        return None;
    }
    let thousandths = if unit == "m" { ": `m` stands for thousandths" } else { "" };
    Some((format!("{size} bytes{thousandths}"), format!("mebibytes are `{number}Mi`")))
}

/// Warns about requests above the limits.
fn above(
    lint: &Lint,
    resource: &Resource,
    requests: &Node,
    limits: &Node,
    path: &impl Fn() -> String,
) {
    for entry in requests.as_map().into_iter().flatten() {
        let Some(name) = entry.key.text() else { continue };
        let Some((request, limit)) = entry.value.text().zip(limits.get(name)) else { continue };
        let shown = limit.text().unwrap_or_default();
        let (Some(wanted), Some(most)) = (size(request), size(shown)) else { continue };
        // What is odd by itself has a warning of its own.
        let is_odd = [request, shown].iter().any(|given| odd(name, given, false).is_some());
        if is_odd || wanted <= most * (1.0 + 1e-9) {
            continue;
        }
        let text = format!(
            "{} {}: `{}` requests {request} of {name} and limits it to {shown}, which the API server refuses",
            resource.kind(),
            resource.name(),
            path()
        );
        // Both may be right by themselves: a patch mostly brought one of them.
        let pos = place_or(entry.value.pos(), resource);
        lint.add(
            Warning::new(WarningKind::RequestAboveLimit, text, pos)
                .related("the limit is at", limit.pos())
                .hint("raise the limit or lower the request; a patch of one leaves the other as it is"),
        );
    }
}

/// Returns an amount as a number.
fn size(text: &str) -> Option<f64> {
    let unit_at = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (number, unit) = text.split_at(unit_at);
    // An exponent such as `1e3`.
    if let Ok(size) = text.parse::<f64>()
        && unit.starts_with(['e', 'E'])
    {
        return Some(size);
    }
    let (_, factor) = UNITS.iter().find(|(name, _)| *name == unit)?;
    Some(number.parse::<f64>().ok()? * factor)
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn amounts_are_those_of_kubernetes() {
        assert_eq!(size("512m"), Some(0.512));
        assert_eq!(size("1Ki"), Some(1024.0));
        assert_eq!(size("1e3"), Some(1000.0));
        assert_eq!(size("1E"), Some(1e18));
        assert_eq!(size("0.5"), Some(0.5));
        for text in ["512MB", "1gb", "Mi", "", "1 Gi", "inf"] {
            assert_eq!(size(text), None, "{text}");
        }
    }
}
