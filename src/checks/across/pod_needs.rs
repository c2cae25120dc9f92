//! Secrets, ConfigMaps and claims that Pods want and no root makes.
//!
//! Many a Secret is made by hand. So one is reported only if something of its own root makes one that is nearly called
//! so and that nobody wants, or if all overlays beside it make it.

use std::cell::OnceCell;
use std::path::Path;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::checks::across::roots::{Root, Suspect};
use crate::checks::kubernetes::is_filled_in;
use crate::checks::objects::{effective, is_custom};
use crate::checks::positions::place_of_value;
use crate::checks::workloads::pods;
use crate::diagnostics::{Warning, WarningKind};
use crate::resource::Resource;
use crate::work;
use crate::yaml::Node;

/// How long names of objects are at most.
const LONGEST: usize = 253;

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

/// Where something of one kind and name is made.
#[derive(Default)]
struct Made<'a> {
    /// The numbers of the roots that make it.
    roots: FxHashSet<usize>,
    /// The folders that hold these roots, by the namespace in which they make it.
    beside: FxHashMap<&'a str, FxHashSet<Option<&'a Path>>>,
}

impl<'a> Made<'a> {
    fn add(&mut self, root: &'a Root<'a>, by: &'a Resource) {
        self.roots.insert(root.number);
        let folders = self.beside.entry(effective(by.namespace())).or_default();
        folders.insert(root.folder.parent());
    }

    /// Returns `true` if a root makes it, or one that does not lie beside it makes it in a namespace.
    fn has(&self, root: &Root<'_>, namespace: &str) -> bool {
        self.roots.contains(&root.number)
            || self.beside.get(namespace).is_some_and(|folders| {
                folders.len() > 1 || !folders.contains(&root.folder.parent())
            })
    }
}

/// Looks at all roots.
pub(super) fn check<'a>(roots: &'a [Root<'a>], suspects: &mut Vec<Suspect<'a>>) {
    let mut there: FxHashMap<(&str, &str), Made<'a>> = FxHashMap::default();
    let claim_makers = OnceCell::new();
    let mut facts = Vec::new();
    for root in roots {
        let mut wanted = Vec::new();
        for by in root.of_kinds(pods::may_make_pods) {
            work::check();
            if let Some(pod) = pods::template(by).and_then(|template| template.get("spec")) {
                of_pod(by, pod, &mut wanted);
            }
        }
        facts.push(Facts { root, wanted, makers: Vec::new() });
    }
    if facts.iter().all(|of| of.wanted.is_empty()) {
        return;
    }
    for of in &mut facts {
        of.root.of_kinds(is_maker).for_each(|by| made(by, &mut of.makers));
        for maker in &of.makers {
            for name in names(maker) {
                there.entry((maker.kind, name)).or_default().add(of.root, maker.by);
            }
        }
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
            let made = there.get(&(wanted.kind, wanted.name));
            if made.is_some_and(|made| made.has(of.root, effective(wanted.by.namespace())))
                || !told.insert((wanted.kind, wanted.name))
            {
                continue;
            }
            let is_known = made.is_some();
            let warning = match wanted.kind {
                CLAIM if is_known || roots.len() < 2 => None,
                CLAIM => {
                    let makers = claim_makers.get_or_init(|| ClaimMakers::new(roots));
                    (!makers.may_make(wanted.name)).then(|| no_claim(wanted))
                }
                _ => otherwise_named(of, wanted).or_else(|| as_beside(of, others, wanted)),
            };
            let missing = Some((wanted.kind, wanted.name));
            suspects.extend(warning.map(|warning| Suspect {
                root: of.root.number,
                warning,
                // What all overlays beside it make is found in their files.
                missing: if is_known { None } else { missing },
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

fn is_maker(kind: &str) -> bool {
    matches!(
        kind,
        "Certificate" | "ConfigMap" | "ExternalSecret" | "SealedSecret" | "Secret" | CLAIM
    )
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
    let fields = |of: &'a Node| of.as_map().into_iter().flatten();
    let items = |of: &'a Node| of.as_seq().into_iter().flatten();
    for entry in fields(pod) {
        match entry.key.text() {
            Some("volumes") => {
                let own = own_claims(by);
                for volume in items(&entry.value) {
                    add("Secret", volume.get("secret"), "secretName");
                    add("ConfigMap", volume.get("configMap"), "name");
                    if !own.contains(&volume.get("name").and_then(Node::text)) {
                        add(CLAIM, volume.get("persistentVolumeClaim"), "claimName");
                    }
                    let projected = volume.get("projected").into_iter();
                    for source in projected.flat_map(|of| list(of, "sources")) {
                        add("Secret", source.get("secret"), "name");
                        add("ConfigMap", source.get("configMap"), "name");
                    }
                }
            }
            Some("initContainers" | "containers") => {
                for field in items(&entry.value).flat_map(fields) {
                    match field.key.text() {
                        Some("envFrom") => {
                            for from in items(&field.value) {
                                add("Secret", from.get("secretRef"), "name");
                                add("ConfigMap", from.get("configMapRef"), "name");
                            }
                        }
                        Some("env") => {
                            for from in items(&field.value).filter_map(|env| env.get("valueFrom")) {
                                add("Secret", from.get("secretKeyRef"), "name");
                                add("ConfigMap", from.get("configMapKeyRef"), "name");
                            }
                        }
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
}

/// Returns the names of the claims that a StatefulSet puts in the place of volumes of the same name.
fn own_claims(by: &Resource) -> Vec<Option<&str>> {
    let templates = by.node.get_path(&["spec", "volumeClaimTemplates"]).and_then(Node::as_seq);
    let names = templates.into_iter().flatten().map(|of| of.get_path(&["metadata", "name"]));
    names.map(|name| name.and_then(Node::text)).collect()
}

/// Returns the warning if one object makes something that nobody wants, with the wanted name and a word more or less.
fn otherwise_named<'a>(of: &Facts<'a>, wanted: &Wanted<'a>) -> Option<Warning> {
    if wanted.kind != "Secret" {
        return None;
    }
    let is_longer = |long: &str, short: &str| {
        long.strip_prefix(short).is_some_and(|rest| rest.starts_with('-'))
            || long.strip_suffix(short).is_some_and(|rest| rest.ends_with('-'))
    };
    let has_words = |name: &str| is_longer(name, wanted.name) || is_longer(wanted.name, name);
    // Secrets themselves are reported with their own build.
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
    each_text(node, &mut |text| text == name)
}

/// Hands out the texts of an object until `found` returns `true`; returns `true` if it did.
fn each_text<'n>(node: &'n Node, found: &mut dyn FnMut(&'n str) -> bool) -> bool {
    let mut left = vec![node];
    while let Some(node) = left.pop() {
        work::check();
        match node {
            Node::Scalar { text, .. } if found(text) => return true,
            Node::Scalar { .. } => {}
            Node::Seq { items, .. } => left.extend(items),
            Node::Map { map, .. } => left.extend(map.iter().map(|entry| &entry.value)),
        }
    }
    false
}

/// Returns the warning if two or more overlays beside a root want the same, and all of them make it.
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
        Warning::new(
            WarningKind::DanglingReference,
            text,
            place_of_value(Some(wanted.node), wanted.by),
        )
        .related("that of another root is at", maker.by.node.pos())
        .hint(format!("add what makes it, as in `{folder}`")),
    )
}

/// What may make claims that no root has written down, of all roots.
#[derive(Default)]
struct ClaimMakers<'a> {
    /// The names of StatefulSets: a claim has such a name and a number behind it.
    sets: FxHashSet<&'a str>,
    /// The names of custom objects, after which what they make is mostly called.
    custom: FxHashSet<&'a str>,
    /// All texts of custom objects.
    texts: FxHashSet<&'a str>,
}

impl<'a> ClaimMakers<'a> {
    fn new(roots: &'a [Root<'a>]) -> ClaimMakers<'a> {
        let mut makers = ClaimMakers::default();
        for by in roots.iter().flat_map(|root| root.resources) {
            work::check();
            if by.kind() == "StatefulSet" {
                makers.sets.insert(by.name());
            }
            if is_custom(by) {
                makers.custom.insert(by.name());
                each_text(&by.node, &mut |text| {
                    makers.texts.insert(text);
                    false
                });
            }
        }
        makers
    }

    /// Returns `true` if something may make a claim of the name; no object has one longer than [`LONGEST`].
    fn may_make(&self, name: &str) -> bool {
        if name.len() > LONGEST {
            return true;
        }
        // The parts of one name are few, however many objects there are.
        let parts = || {
            let starts = name.char_indices().map(|(start, _)| start);
            starts.filter_map(|start| name.get(start..)).flat_map(|rest| {
                let ends = rest.char_indices().map(|(end, c)| end + c.len_utf8());
                ends.filter_map(move |end| rest.get(..end))
            })
        };
        let is_known = |part: &str| self.sets.contains(part) || self.custom.contains(part);
        self.texts.contains(name) || is_known("") || parts().any(is_known)
    }
}

/// Returns the warning about a claim that no root has.
fn no_claim(wanted: &Wanted<'_>) -> Warning {
    let text = format!(
        "{} {} mounts the PersistentVolumeClaim `{}`, which nothing in the repository makes: its Pods will not start",
        wanted.by.kind(),
        wanted.by.name(),
        wanted.name
    );
    Warning::new(WarningKind::DanglingReference, text, place_of_value(Some(wanted.node), wanted.by))
        .hint("add the claim, or correct its name")
}
