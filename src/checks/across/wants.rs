//! Secrets, ConfigMaps and claims that Pods want and no root makes.
//!
//! Many a Secret is made by hand. So one is told of only if something of its own root makes one that is nearly called
//! so and that nobody wants, or if all overlays beside it make it.

use std::path::Path;

use rustc_hash::{FxHashMap, FxHashSet};

use super::roots::{Root, Suspect};
use crate::checks::kubernetes::is_filled_in;
use crate::checks::objects::{effective, is_custom};
use crate::checks::pods;
use crate::checks::positions::place_of_value;
use crate::diagnostics::{Warning, WarningKind};
use crate::resource::Resource;
use crate::work;
use crate::yaml::Node;

const CLAIM: &str = "PersistentVolumeClaim";

/// Something that a Pod wants.
struct Wanted<'a> {
    by: &'a Resource,
    kind: &'static str,
    name: &'a str,
    node: &'a Node,
}

/// What makes a Secret or a ConfigMap, or is one.
struct Maker<'a> {
    by: &'a Resource,
    kind: &'static str,
    name: &'a str,
    /// Where its name is written.
    node: Option<&'a Node>,
}

/// What one root wants and makes.
struct Facts<'a> {
    root: &'a Root<'a>,
    wanted: Vec<Wanted<'a>>,
    makers: Vec<Maker<'a>>,
}

/// By kind and name.
type Places<'a> = FxHashMap<(&'a str, &'a str), Vec<(&'a Root<'a>, &'a Resource)>>;

/// Looks at all roots.
pub(super) fn check<'a>(roots: &'a [Root<'a>], suspects: &mut Vec<Suspect<'a>>) {
    let mut there = Places::default();
    let mut facts = Vec::new();
    for root in roots {
        let (mut wanted, mut makers) = (Vec::new(), Vec::new());
        for by in root.resources {
            work::check();
            if let Some(pod) = pods::template(by).and_then(|template| template.get("spec")) {
                of_pod(by, pod, &mut wanted);
            }
            made(by, &mut makers);
        }
        for maker in &makers {
            for name in names(maker) {
                there.entry((maker.kind, name)).or_default().push((root, maker.by));
            }
        }
        facts.push(Facts { root, wanted, makers });
    }
    let mut beside: FxHashMap<&Path, Vec<&Facts<'a>>> = FxHashMap::default();
    for of in &facts {
        if let Some(parent) = of.root.folder.parent() {
            beside.entry(parent).or_default().push(of);
        }
    }
    for of in &facts {
        let mut told: FxHashSet<(&str, &str)> = FxHashSet::default();
        let others = of.root.folder.parent().and_then(|parent| beside.get(parent));
        let others = others.map(Vec::as_slice).unwrap_or_default();
        for wanted in &of.wanted {
            work::check();
            let is_made = |(root, by): &(&Root<'_>, &Resource)| {
                root.number == of.root.number
                    || effective(by.namespace()) == effective(wanted.by.namespace())
                        && root.folder.parent() != of.root.folder.parent()
            };
            let places = there.get(&(wanted.kind, wanted.name)).map(Vec::as_slice);
            if places.unwrap_or_default().iter().any(is_made)
                || !told.insert((wanted.kind, wanted.name))
            {
                continue;
            }
            let warning = match wanted.kind {
                CLAIM => places.is_none().then(|| no_claim(roots, wanted)).flatten(),
                _ => otherwise_named(of, wanted).or_else(|| as_beside(of, others, wanted)),
            };
            let missing = Some((wanted.kind, wanted.name));
            suspects.extend(warning.map(|warning| Suspect {
                root: of.root.number,
                warning,
                // What all overlays beside it make is found in their files.
                missing: if places.is_none() { missing } else { None },
            }));
        }
    }
}

/// Returns the names that an object has or had, or that of what it makes.
fn names<'a>(maker: &Maker<'a>) -> Vec<&'a str> {
    let own = std::iter::once(maker.name);
    let is_itself = maker.by.name() == maker.name;
    let former = maker.by.history.previous.iter().map(|former| former.name.as_str());
    own.chain(former.filter(|_| is_itself)).collect()
}

/// Adds what an object makes or is.
fn made<'a>(by: &'a Resource, makers: &mut Vec<Maker<'a>>) {
    let node = |path: &[&str]| by.node.get_path(path).filter(|node| node.text().is_some());
    let (kind, node) = match by.kind() {
        "Secret" | "SealedSecret" => ("Secret", node(&["metadata", "name"])),
        "ConfigMap" => ("ConfigMap", node(&["metadata", "name"])),
        CLAIM => (CLAIM, node(&["metadata", "name"])),
        "ExternalSecret" => {
            let target = node(&["spec", "target", "name"]);
            ("Secret", target.or_else(|| node(&["metadata", "name"])))
        }
        "Certificate" => ("Secret", node(&["spec", "secretName"])),
        _ => return,
    };
    if let Some(name) = node.and_then(Node::text) {
        makers.push(Maker { by, kind, name, node });
    }
}

/// Adds what a Pod must have to start.
fn of_pod<'a>(by: &'a Resource, pod: &'a Node, wanted: &mut Vec<Wanted<'a>>) {
    let mut add = |kind, of: Option<&'a Node>, field: &str| {
        let Some(of) = of else { return };
        let is_optional = of.get("optional").and_then(Node::text) == Some("true");
        let node = of.get(field).filter(|node| !node.is_null() && !is_optional);
        if let Some((node, name)) = node.and_then(|node| Some((node, node.text()?)))
            && !is_filled_in(name)
        {
            wanted.push(Wanted { by, kind, name, node });
        }
    };
    let list =
        |of: &'a Node, field: &str| of.get(field).and_then(Node::as_seq).into_iter().flatten();
    // A StatefulSet puts its own claims in the place of volumes of the same name.
    let templates = by.node.get_path(&["spec", "volumeClaimTemplates"]).and_then(Node::as_seq);
    let name = |of: &'a Node| of.get("name").and_then(Node::text);
    let own: Vec<Option<&str>> =
        templates.into_iter().flatten().map(|of| of.get("metadata").and_then(name)).collect();
    for volume in list(pod, "volumes") {
        add("Secret", volume.get("secret"), "secretName");
        add("ConfigMap", volume.get("configMap"), "name");
        if !own.contains(&name(volume)) {
            add(CLAIM, volume.get("persistentVolumeClaim"), "claimName");
        }
        for source in volume.get("projected").into_iter().flat_map(|of| list(of, "sources")) {
            add("Secret", source.get("secret"), "name");
            add("ConfigMap", source.get("configMap"), "name");
        }
    }
    for container in ["initContainers", "containers"].into_iter().flat_map(|of| list(pod, of)) {
        for from in list(container, "envFrom") {
            add("Secret", from.get("secretRef"), "name");
            add("ConfigMap", from.get("configMapRef"), "name");
        }
        for from in list(container, "env").filter_map(|env| env.get("valueFrom")) {
            add("Secret", from.get("secretKeyRef"), "name");
            add("ConfigMap", from.get("configMapKeyRef"), "name");
        }
    }
}

/// Returns the remark if one object makes something that nobody wants, with the wanted name and a word more or less.
fn otherwise_named<'a>(of: &Facts<'a>, wanted: &Wanted<'a>) -> Option<Warning> {
    if wanted.kind != "Secret" {
        return None;
    }
    let is_longer = |long: &str, short: &str| {
        long.strip_prefix(short).is_some_and(|rest| rest.starts_with('-'))
            || long.strip_suffix(short).is_some_and(|rest| rest.ends_with('-'))
    };
    let has_words = |name: &str| is_longer(name, wanted.name) || is_longer(wanted.name, name);
    // Secrets themselves are told of with their own build.
    let fits = |maker: &&Maker<'_>| {
        maker.kind == wanted.kind
            && matches!(maker.by.kind(), "ExternalSecret" | "SealedSecret" | "Certificate")
            && effective(maker.by.namespace()) == effective(wanted.by.namespace())
            && has_words(maker.name)
    };
    let mut near = of.makers.iter().filter(fits);
    let (maker, None) = (near.next()?, near.next()) else { return None };
    let own = maker.by;
    let mut others = of.root.resources.iter().filter(|other| !std::ptr::eq(*other, own));
    if others.any(|other| names_it(&other.node, maker.name)) {
        return None;
    }
    let text = format!(
        "{} {} makes the Secret `{}`, which nothing in this root wants, and {} {} wants the Secret `{}`, which nothing \
         makes: its Pods will not start",
        own.kind(),
        own.name(),
        maker.name,
        wanted.by.kind(),
        wanted.by.name(),
        wanted.name
    );
    Some(
        Warning::new(WarningKind::DanglingReference, text, place_of_value(maker.node, own))
            .related("it is wanted at", place_of_value(Some(wanted.node), wanted.by))
            .hint(format!("write `{}` here, or `{}` there", wanted.name, maker.name)),
    )
}

/// Returns `true` if a text of an object is a name.
fn names_it(node: &Node, name: &str) -> bool {
    let mut left = vec![node];
    while let Some(node) = left.pop() {
        work::check();
        match node {
            Node::Scalar { text, .. } if &**text == name => return true,
            Node::Scalar { .. } => {}
            Node::Seq { items, .. } => left.extend(items),
            Node::Map { map, .. } => left.extend(map.iter().map(|entry| &entry.value)),
        }
    }
    false
}

/// Returns the remark if two or more overlays beside a root want the same, and all of them make it.
fn as_beside<'a>(of: &Facts<'a>, beside: &[&Facts<'a>], wanted: &Wanted<'a>) -> Option<Warning> {
    let others = beside.iter().filter(|other| other.root.number != of.root.number);
    // Nothing of this root has the name, so that no step has changed it.
    let original = wanted.name;
    let mut makers = Vec::new();
    for other in others {
        let is_it =
            |maker: &&Maker<'_>| maker.kind == wanted.kind && names(maker).contains(&original);
        let maker = other.makers.iter().find(is_it);
        let wants = other.wanted.iter().any(|it| {
            it.kind == wanted.kind
                && (it.name == original || maker.is_some_and(|m| m.name == it.name))
        });
        match maker {
            Some(maker) => makers.push((other.root, maker)),
            None if wants => return None,
            None => {}
        }
    }
    let [(root, maker), _, ..] = &makers[..] else { return None };
    // Others name what they are to make, such as an annotation of a Service.
    let mut rest = of.root.resources.iter().filter(|by| pods::template(by).is_none());
    if rest.any(|by| names_it(&by.node, wanted.name)) {
        return None;
    }
    let folder = root.typed.to_string_lossy().replace('\\', "/");
    let text = format!(
        "{} {} wants the {} `{}`, which nothing in this root makes; each of the {} roots beside it has one",
        wanted.by.kind(),
        wanted.by.name(),
        wanted.kind,
        wanted.name,
        makers.len()
    );
    Some(
        Warning::new(WarningKind::DanglingReference, text, place_of_value(Some(wanted.node), wanted.by))
            .related("that of another root is at", maker.by.node.pos())
            .hint(format!("add what makes it, as in `{folder}`")),
    )
}

/// Returns the remark on a claim that no root has.
fn no_claim(roots: &[Root<'_>], wanted: &Wanted<'_>) -> Option<Warning> {
    // A claim of a StatefulSet has its name and a number behind it, and what others make is mostly called after them.
    let makes_it = |by: &Resource| {
        let is_set = by.kind() == "StatefulSet" && wanted.name.contains(by.name());
        is_set
            || (is_custom(by)
                && (wanted.name.contains(by.name()) || names_it(&by.node, wanted.name)))
    };
    if roots.len() < 2 || roots.iter().flat_map(|root| root.resources).any(makes_it) {
        return None;
    }
    let text = format!(
        "{} {} mounts the PersistentVolumeClaim `{}`, which nothing in the repository makes: its Pods will not start",
        wanted.by.kind(),
        wanted.by.name(),
        wanted.name
    );
    Some(
        Warning::new(WarningKind::DanglingReference, text, place_of_value(Some(wanted.node), wanted.by))
            .hint("add the claim, or correct its name"),
    )
}
