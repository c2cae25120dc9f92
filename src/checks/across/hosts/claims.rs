//! Hosts that two roots claim: an overlay was copied and its host not changed, or two applications want the same.

use std::cmp::Ordering;
use std::path::Path;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::checks::across::hosts::owner;
use crate::checks::across::names::table::follow;
use crate::checks::across::roots::{Root, Suspect, is_same_place, last_stage};
use crate::checks::files::stages::Stage;
use crate::checks::kubernetes::is_filled_in;
use crate::checks::positions::place_or;
use crate::diagnostics::{Warning, WarningKind};
use crate::load::{Files, common_folder};
use crate::resource::Resource;
use crate::work;
use crate::yaml::{Node, Pos};

/// How many objects with the same host and path are compared; if there are more, nothing is said of them.
const MOST: usize = 32;

/// Folders whose subfolders are for one cluster each.
const OF_CLUSTERS: &[&str] =
    &["cluster", "clusters", "env", "environment", "environments", "envs", "regions", "sites"];

/// A host and path that an object wants.
struct Claim<'a> {
    root: &'a Root<'a>,
    by: &'a Resource,
    host: &'a Node,
    /// Who serves it.
    class: &'a str,
}

/// The hosts of an object of a kind and name, in each root.
type Hosts<'a> = FxHashMap<(&'a str, &'a str), Vec<(&'a Root<'a>, &'a str)>>;

/// The kind of the objects, the host and the path.
type Key<'a> = (&'a str, &'a str, &'a str);

/// Looks at all roots.
pub(in crate::checks) fn check<'a>(
    files: &Files,
    roots: &'a [Root<'a>],
    suspects: &mut Vec<Suspect<'a>>,
) {
    if roots.len() < 2 {
        return;
    }
    let mut claims: FxHashMap<Key<'a>, Vec<Claim<'a>>> = FxHashMap::default();
    let (mut hosts, mut left) = (Hosts::default(), Vec::new());
    for root in roots {
        for by in root.resources {
            work::check();
            each(by, &mut |host, path, class| {
                if host.text().is_some_and(is_left_over) {
                    left.push(Claim { root, by, host, class });
                }
                let Some(text) = host.text().filter(|text| is_whole(text)) else { return };
                hosts.entry((by.kind(), by.name())).or_default().push((root, text));
                let all = claims.entry((by.kind(), text, path)).or_default();
                all.push(Claim { root, by, host, class });
            });
        }
    }
    let common = common_folder(roots.iter().map(|root| root.folder.as_path())).unwrap_or_default();
    let varies = |claim: &Claim<'_>| {
        let mut all = hosts.get(&(claim.by.kind(), claim.by.name())).into_iter().flatten();
        all.any(|(_, host)| Some(*host) != claim.host.text())
    };
    let mut keys: Vec<(&Key<'a>, &Vec<Claim<'a>>)> =
        claims.iter().filter(|(_, all)| (2..=MOST).contains(&all.len())).collect();
    keys.sort_unstable_by_key(|(key, _)| **key);
    let mut told: FxHashSet<(usize, &str)> = FxHashSet::default();
    for claim in &left {
        let all = hosts.get(&(claim.by.kind(), claim.by.name())).into_iter().flatten();
        let mut others = all.filter(|(root, _)| root.number != claim.root.number);
        if let Some((other, host)) = others.next()
            && told.insert((claim.root.number, claim.by.name()))
        {
            suspects.push(left_over(claim, other, host, &hosts, &common));
        }
    }
    for ((_, host, path), all) in keys {
        for (i, claim) in all.iter().enumerate() {
            for other in all.iter().skip(i + 1) {
                if collide(files, claim, other, &common, varies(claim))
                    && let (own, other, why) = in_order(claim, other, &hosts, &common)
                    && told.insert((own.root.number, host))
                {
                    suspects.push(remark(files, (own, other, why), (host, path), &hosts, &common));
                }
            }
        }
    }
}

/// Returns `true` for a host that can be claimed but once.
fn is_whole(host: &str) -> bool {
    host.contains('.') && !host.contains('*') && !is_filled_in(host) && !is_a_placeholder(host)
}

/// Returns `true` for names that are never asked for, which overlays are to replace.
fn is_a_placeholder(host: &str) -> bool {
    [".invalid", ".local", ".localhost", ".test", ".nip.io", ".sslip.io"]
        .iter()
        .any(|end| host.ends_with(end))
}

/// Returns `true` for what stands for a host in a base until an overlay gives one.
fn is_left_over(host: &str) -> bool {
    let host = host.to_ascii_lowercase().replace(['-', '_'], "");
    host.ends_with(".invalid")
        || ["changeme", "placeholder", "replaceme", "tobereplaced"]
            .iter()
            .any(|word| host.contains(word))
}

/// Warns about a placeholder where another root has a host.
fn left_over<'a>(
    claim: &Claim<'a>,
    other: &Root<'_>,
    host: &str,
    hosts: &Hosts<'_>,
    common: &Path,
) -> Suspect<'a> {
    let given = claim.host.text().unwrap_or_default();
    let name = |root: &Root<'_>| root.typed.to_string_lossy().replace('\\', "/");
    let (own, other) = (name(claim.root), name(other));
    let text = format!(
        "{} {} of `{own}` keeps the placeholder `{given}` for its host, and that of `{other}` has `{host}`",
        claim.by.kind(),
        claim.by.name()
    );
    let hint = match as_third(claim, given, hosts, common) {
        Some(better) => format!("set the host in `{own}` too, such as `{better}`"),
        None => format!("set the host in `{own}` too, by a patch"),
    };
    let place = place_or(claim.host.pos(), claim.by);
    let warning = Warning::new(WarningKind::UnknownHost, text, place).hint(hint);
    Suspect { root: claim.root.number, warning, missing: None }
}

/// Hands out the hosts of an object, each with a path and what serves it.
fn each<'a>(by: &'a Resource, found: &mut dyn FnMut(&'a Node, &'a str, &'a str)) {
    let text = |path: &[&str]| by.node.get_path(path).and_then(Node::text).unwrap_or_default();
    let annotation = |key: &str| text(&["metadata", "annotations", key]);
    match by.kind() {
        "Ingress" if annotation("nginx.ingress.kubernetes.io/canary") != "true" => {
            let class = match text(&["spec", "ingressClassName"]) {
                "" => annotation("kubernetes.io/ingress.class"),
                class => class,
            };
            follow(&by.node, &["spec", "rules", "[]"], &mut |rule| {
                let Some(host) = rule.get("host") else { return };
                follow(rule, &["http", "paths", "[]"], &mut |path| {
                    found(host, path.get("path").and_then(Node::text).unwrap_or("/"), class);
                });
            });
        }
        "HTTPRoute" | "GRPCRoute" => {
            let mut paths = Vec::new();
            follow(&by.node, &["spec", "rules", "[]"], &mut |rule| of_matches(rule, &mut paths));
            let mut class = "";
            follow(&by.node, &["spec", "parentRefs", "[]", "name"], &mut |name| {
                class = name.text().unwrap_or_default();
            });
            follow(&by.node, &["spec", "hostnames", "[]"], &mut |host| {
                paths.iter().for_each(|path| found(host, path, class));
            });
        }
        "VirtualService" => {
            let (mut paths, mut class) = (Vec::new(), "");
            follow(&by.node, &["spec", "http", "[]"], &mut |rule| of_matches(rule, &mut paths));
            follow(&by.node, &["spec", "gateways", "[]"], &mut |gateway| {
                class = gateway.text().filter(|name| *name != "mesh").unwrap_or(class);
            });
            follow(&by.node, &["spec", "hosts", "[]"], &mut |host| {
                let is_inside = class.is_empty() || host.text().is_some_and(|h| h.contains(".svc"));
                paths.iter().filter(|_| !is_inside).for_each(|path| found(host, path, class));
            });
        }
        "Route" => {
            if let Some(host) = by.node.get_path(&["spec", "host"]) {
                found(host, text(&["spec", "path"]), "");
            }
        }
        "IngressRoute" => {
            follow(&by.node, &["spec", "routes", "[]", "match"], &mut |rule| {
                if rule.text().is_some_and(|rule| rule.starts_with("Host(")) {
                    found(rule, "", "");
                }
            });
        }
        "Service" => {
            let path = ["metadata", "annotations", "external-dns.alpha.kubernetes.io/hostname"];
            if let Some(host) = by.node.get_path(&path) {
                found(host, "", "");
            }
        }
        _ => {}
    }
}

/// Adds the paths of a rule of a route; rules that look at more than the path are left out.
fn of_matches<'a>(rule: &'a Node, paths: &mut Vec<&'a str>) {
    let (gateway, mesh) = (rule.get("matches"), rule.get("match"));
    let Some(matches) = gateway.or(mesh).and_then(Node::as_seq) else { return paths.push("/") };
    for one in matches {
        let path = one.get("path").or_else(|| one.get("uri"));
        let is_alone = one.as_map().is_some_and(|map| {
            map.iter().all(|entry| matches!(entry.key.text(), Some("path" | "uri" | "name")))
        });
        let value = path.and_then(Node::as_map).and_then(|path| {
            let keys = ["value", "prefix", "exact", "regex"];
            keys.iter().find_map(|key| path.get(key)?.text())
        });
        if is_alone {
            paths.push(value.unwrap_or("/"));
        }
    }
}

/// Returns `true` if two objects of different roots most likely want the same of one cluster, or of one name.
fn collide(files: &Files, one: &Claim<'_>, other: &Claim<'_>, common: &Path, varies: bool) -> bool {
    if one.root.number == other.root.number
        || (one.class != other.class && !one.class.is_empty() && !other.class.is_empty())
    {
        return false;
    }
    let is_same_text = is_same_place(files, one.host.pos(), other.host.pos());
    let (here, there) = (one.by.namespace(), other.by.namespace());
    let is_same_object = one.by.name() == other.by.name() && here == there;
    // What all overlays have from their base, none of them was to change.
    if is_same_text && (here == there || here.is_empty() || there.is_empty()) && !varies {
        return false;
    }
    match (last_stage(one.root, common), last_stage(other.root, common)) {
        (Some(own), Some(of)) => {
            let differ = Stage::of_two(own, of).is_some_and(|stage| stage.are_known());
            differ || own == of && !is_same_object && !is_same_text
        }
        _ => {
            let is_of_clusters = first_parting(&one.root.folder, &other.root.folder)
                .is_some_and(|name| OF_CLUSTERS.contains(&name.as_str()));
            !is_same_object && !is_same_text && !is_of_clusters && here != there
        }
    }
}

/// Returns the name of the folder in which two lie in different ones.
fn first_parting(one: &Path, other: &Path) -> Option<String> {
    let common = common_folder([one, other].into_iter())?;
    Some(common.file_name()?.to_string_lossy().into_owned())
}

/// Why one of two claims is taken for the wrong one.
#[derive(Clone, Copy, PartialEq)]
enum Why {
    /// The host names the stage of the other, or none.
    Stage,
    /// The host names the application of the other, or the other has such objects for more stages.
    Stranger,
    /// Nothing says which.
    Unknown,
}

/// Returns the claim that is most likely wrong first: the one with the host of the other, or not of production.
fn in_order<'c, 'a>(
    one: &'c Claim<'a>,
    other: &'c Claim<'a>,
    hosts: &Hosts<'_>,
    common: &Path,
) -> (&'c Claim<'a>, &'c Claim<'a>, Why) {
    let host = one.host.text().unwrap_or_default();
    let stages = last_stage(one.root, common).zip(last_stage(other.root, common));
    let Some(stage) = stages.and_then(|(own, of)| Stage::of_two(own, of)) else {
        let belongs = |claim: &Claim<'_>| owner::claims_of(host, claim.root, claim.by, common);
        // The words of the host, then how many overlays beside it have such an object with a host.
        let beside = |claim: &Claim<'_>| {
            let parent = claim.root.folder.parent();
            let all = hosts.get(&(claim.by.kind(), claim.by.name())).into_iter().flatten();
            let mut roots: Vec<usize> = all
                .filter(|(root, _)| root.folder.parent() == parent)
                .map(|(root, _)| root.number)
                .collect();
            roots.sort_unstable();
            roots.dedup();
            roots.len() > 1
        };
        let rank = |claim: &Claim<'_>| (belongs(claim), beside(claim));
        return match rank(one).cmp(&rank(other)) {
            Ordering::Less => (one, other, Why::Stranger),
            Ordering::Greater => (other, one, Why::Stranger),
            Ordering::Equal => (other, one, Why::Unknown),
        };
    };
    let is_for_other =
        stage.is_of_other(host) || (!stage.is_of_own(host) && !stage.is_production());
    if is_for_other { (one, other, Why::Stage) } else { (other, one, Why::Stage) }
}

/// Returns the host that a root has most likely for its own, as a third has one with the word for its stage.
fn as_third(own: &Claim<'_>, host: &str, hosts: &Hosts<'_>, common: &Path) -> Option<String> {
    let name = last_stage(own.root, common)?;
    let all = hosts.get(&(own.by.kind(), own.by.name()))?;
    all.iter().filter(|(_, other)| *other != host).find_map(|(root, other)| {
        let stage = Stage::of_two(name, last_stage(root, common)?)?;
        stage.is_of_other(other).then(|| stage.as_own(other))
    })
}

fn remark<'a>(
    files: &Files,
    (own, other, why): (&Claim<'a>, &Claim<'a>, Why),
    (host, path): (&str, &str),
    hosts: &Hosts<'_>,
    common: &Path,
) -> Suspect<'a> {
    let name = |root: &Root<'_>| root.typed.to_string_lossy().replace('\\', "/");
    let stages = last_stage(own.root, common).zip(last_stage(other.root, common));
    let stage = stages.and_then(|(own, of)| Stage::of_two(own, of));
    let with = if path.is_empty() { String::new() } else { format!(" with the path `{path}`") };
    let text = format!(
        "{} {} of `{}` claims the host `{host}`{with}, which {} {} of `{}` claims too",
        own.by.kind(),
        own.by.name(),
        name(own.root),
        other.by.kind(),
        other.by.name(),
        name(other.root)
    );
    let stage = stage.filter(|stage| stage.is_of_other(host));
    let better = match why {
        Why::Stage => {
            stage.map(|stage| stage.as_own(host)).or_else(|| as_third(own, host, hosts, common))
        }
        Why::Stranger => owner::as_own(host, (own.root, own.by), (other.root, other.by), common),
        Why::Unknown => None,
    };
    let hint = match better {
        Some(better) => format!("write the host of `{}`, such as `{better}`", name(own.root)),
        None if why == Why::Unknown => {
            "give one of both a host of its own: requests for this one reach only one of them"
                .to_owned()
        }
        None => format!(
            "give `{}` a host of its own: requests for this one reach only one of both",
            name(own.root)
        ),
    };
    let pos = other.host.pos();
    let related = if is_same_place(files, pos, own.host.pos()) { Pos::NONE } else { pos };
    let warning = Warning::new(WarningKind::SharedHost, text, place_or(own.host.pos(), own.by))
        .related("the other is at", related)
        .hint(hint);
    Suspect { root: own.root.number, warning, missing: None }
}
