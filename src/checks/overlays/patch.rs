//! Strategic merge patches: what they lose, what they make, and whether they do anything.

use crate::build_context::Context;
use crate::checks::data::near_keys;
use crate::checks::fields::versions;
use crate::checks::kubernetes::{self, element_name};
use crate::checks::objects::is_custom;
use crate::checks::overlays::images::without_tag;
use crate::checks::overlays::lost_fields;
use crate::checks::overlays::overruled;
use crate::checks::overlays::patch_values;
use crate::checks::overlays::removed_containers;
use crate::checks::slips::{are_one_name, is_slip_in_name, is_slip_in_word};
use crate::diagnostics::{Lint, NoChange, Warning, WarningKind};
use crate::merge::audit::{self, Finding, What};
use crate::resource::{Resource, ResourceSet};
use crate::schema::Schema;
use crate::select::{TargetSelector, Wrong};
use crate::yaml::{Node, Pos, nearest};

/// A resource as it was before a merge.
pub(crate) struct Audit<'a> {
    lint: &'a Lint,
    schema: &'a Schema,
    before: Node,
}

impl<'a> Audit<'a> {
    /// Warns about what can be seen before the merge, and keeps the resource as it is; nothing without a
    /// lint.
    pub(crate) fn start(cx: &'a Context, target: &Resource, patch: &Node) -> Option<Audit<'a>> {
        let lint = cx.lint.as_ref()?;
        overruled::note(lint, patch, &target.node);
        if matches!(target.kind(), "ConfigMap" | "Secret") {
            let object = format!("{} {}", target.kind(), target.name());
            near_keys::check(lint, (patch, &target.node), ("the patch", &object), |_| true);
        }
        for finding in audit::before(&target.node, patch, &cx.schema) {
            if let Some(warning) = told(target, &finding) {
                lint.add(warning);
            }
        }
        Some(Audit { lint, schema: &cx.schema, before: target.node.clone() })
    }

    /// Warns about what can be seen after the merge; returns `false` if nothing has changed, and nothing of
    /// the patch was lost.
    pub(crate) fn finish(&self, merged: &Resource, patch: &Node) -> bool {
        let mut does_something = !audit::is_same(&self.before, &merged.node);
        removed_containers::note(self.lint, &self.before, merged, |name| {
            removed_containers::in_patch(patch, name)
        });
        for finding in audit::after(&self.before, &merged.node, patch, self.schema) {
            if let Some(warning) = told(merged, &finding) {
                self.lint.add(warning);
                does_something = true;
            }
        }
        does_something
    }
}

/// Warns about a patch that changed none of the resources that it is for.
///
/// `target` is the resource, if there is only one.
pub(crate) fn no_op(cx: &Context, patch: &Node, target: Option<&Resource>, changed: bool) {
    let Some(lint) = cx.lint.as_ref().filter(|_| !changed) else { return };
    let values = patch_values::of_merge(patch);
    if patch_values::is_none(&values) || patch_values::is_of_versions(patch) {
        return;
    }
    let values = values.into_iter().map(str::to_owned).collect();
    let object_pos = target.map_or(Pos::NONE, |target| target.node.pos());
    let object = match target {
        Some(target) => format!("the {} {} has", target.kind(), target.name()),
        None => "all resources that it is for have".to_owned(),
    };
    let text = format!("the patch changes nothing: {object} all of it already");
    lint.add(
        Warning::new(WarningKind::NoOpPatch, text, patch.pos())
            .unless_in_component(true)
            .changing_nothing(NoChange { values, object: object_pos, ..NoChange::default() })
            .hint("remove it, or check that it names the field that is meant"),
    );
}

/// Warns about a name in a patch with a target that looks like a new one for the resource.
pub(crate) fn ignored_name(cx: &Context, patch: &Node, target: Option<&Resource>) {
    let (Some(lint), Some(target)) = (&cx.lint, target) else { return };
    let node = patch.get_path(&["metadata", "name"]);
    let Some((node, name)) = node.and_then(|node| Some((node, node.text()?))) else { return };
    let own = target.name();
    // A shorter name is mostly that without a prefix, and quite another one stands there only because some
    // name must.
    let grows = own.len() > 3
        && (name.strip_prefix(own).is_some_and(|rest| rest.starts_with('-'))
            || name.strip_suffix(own).is_some_and(|rest| rest.ends_with('-')));
    // A former name is no new one.
    let is_former = target.history.previous.iter().any(|former| former.name == name);
    if is_former || !grows || kubernetes::is_filled_in(name) {
        return;
    }
    let text = format!(
        "the name `{name}` of the patch is not used: the target selects the {} {own}, which keeps its name",
        target.kind()
    );
    lint.add(Warning::new(WarningKind::IgnoredName, text, node.pos()).hint(format!(
        "to rename it, set `options: {{allowNameChange: true}}` beside the patch; else write `name: {own}`"
    )));
}

/// Returns the warning for a finding in a resource, if it is worth one.
fn told(target: &Resource, finding: &Finding<'_>) -> Option<Warning> {
    let object = format!("{} {}", target.kind(), target.name());
    let path = &finding.path;
    Some(match &finding.what {
        What::Keyless { element, key } => Warning::new(
            WarningKind::LostElement,
            format!(
                "an element of `{path}` of {object} is lost: it has no `{key}`, by which the list is merged"
            ),
            element.pos(),
        )
        .hint(format!("give it the `{key}` of the element that is meant; those that were there may be lost too")),
        What::KeylessDelete { element, key, meant } => {
            let value = meant.and_then(|meant| meant.get(key)).and_then(Node::text);
            let hint = format!(
                "name the element by it: `- {{{key}: {}, $patch: delete}}`",
                value.unwrap_or("...")
            );
            Warning::new(
                WarningKind::LostElement,
                format!(
                    "`$patch: delete` in `{path}` of {object} names no element, and may empty the list: it has no \
                     `{key}`, by which the list is merged"
                ),
                element.pos(),
            )
            .hint(hint)
        }
        What::Replaced { old, new }
            if lost_fields::is_meant(old, new)
                || is_custom(target) && !lost_fields::has_one_of(old, new) =>
        {
            return None;
        }
        What::Empty { .. } if is_for_validation(target, path) => return None,
        What::Replaced { old, new } => Warning::new(
            WarningKind::ReplacedList,
            format!("the patch replaces the whole list `{path}` of {object}, which has no merge key"),
            new.pos(),
        )
        .related("the list is at", old.pos())
        .hint(match versions::meant(target.api_version(), target.kind()) {
            Some(right) => format!(
                "`{}` has no kind {}, so nothing is known of its lists: write `apiVersion: {right}` in the patch and \
                 the resource",
                target.api_version(),
                target.kind()
            ),
            None => match lost_fields::of(old, new) {
                Some(lost) => format!("repeat what is lost, {lost}, or change one element with a JSON patch"),
                None => "repeat the elements to keep, or change one with a JSON patch".to_owned(),
            },
        }),
        What::Empty { old, new } => Warning::new(
            WarningKind::EmptyMapping,
            format!("`{path}: {{}}` changes nothing: what {object} has there stays"),
            new.pos(),
        )
        .related("it has this at", old.pos())
        .hint("to empty it, write `$patch: replace` into the mapping, or replace it with a JSON patch"),
        What::Bare { element, key, beside } => empty_element(&object, path, element, (key, beside))?,
        What::New { element, list } => new_element(&object, path, element, list)?,
        What::Lost(element) => Warning::new(
            WarningKind::LostElement,
            format!(
                "the merge drops {} of `{path}` of {object}: another element has the same merge key",
                described(element)
            ),
            element.pos(),
        )
        .hint(remedy(path)),
        What::Unmerged(element) => Warning::new(
            WarningKind::LostElement,
            format!(
                "{} of `{path}` of {object} is lost: another element has the same merge key",
                described(element)
            ),
            element.pos(),
        )
        .hint(remedy(path)),
    })
}

/// Returns `true` for a field that the API server refuses when it is empty: it stands in the patch only because some
/// tool wants it to be there.
fn is_for_validation(target: &Resource, path: &str) -> bool {
    matches!(path, "spec.selector" | "spec.template")
        && matches!(target.kind(), "DaemonSet" | "Deployment" | "ReplicaSet" | "StatefulSet")
}

/// Returns the warning for a container of a patch that has its name alone. Other elements are often nothing but a
/// name, as those of `imagePullSecrets`.
fn empty_element(
    object: &str,
    path: &str,
    element: &Node,
    (key, beside): (&str, &[&str]),
) -> Option<Warning> {
    let field = path.rsplit('.').next().filter(|field| kubernetes::is_container_list(field))?;
    let name = element.get(key).and_then(Node::text)?;
    let text = format!(
        "the element `{{{key}: {name}}}` of `{path}` of {object} changes nothing: it has its `{key}` alone"
    );
    let hint = match beside {
        [] => "add what is to be changed, or remove the element".to_owned(),
        _ => {
            let names: Vec<String> = beside.iter().map(|name| format!("`{name}`")).collect();
            let (stand, it) =
                if beside.len() == 1 { ("stands", "it is") } else { ("stand", "they are") };
            format!(
                "{} {stand} beside `{field}`: if {it} for the container, indent as deep as its `{key}`",
                names.join(", ")
            )
        }
    };
    Some(Warning::new(WarningKind::EmptyElement, text, element.pos()).hint(hint))
}

fn remedy(path: &str) -> &'static str {
    if path.ends_with("ports") {
        "give every port its `protocol`, for the list merges by number and protocol, or use a JSON patch"
    } else {
        "give each element another merge key, or use a JSON patch"
    }
}

/// Returns the warning for an element that a patch makes and that was hardly meant to be a new one: a
/// container without an image, a variable whose name is another one with a slip.
fn new_element(object: &str, path: &str, element: &Node, list: &[Node]) -> Option<Warning> {
    let field = path.rsplit('.').next().unwrap_or_default();
    let name = element_name(element)?;
    if field == "env" {
        let is_near = |other: &&str| is_slip_in_word(name, other) || are_one_name(name, other);
        let near = list.iter().filter_map(element_name).find(is_near)?;
        let text = format!(
            "the patch adds a variable `{name}` to `{path}` of {object}, which has the variable `{near}`"
        );
        return Some(
            Warning::new(WarningKind::NewElement, text, element.pos())
                .hint(format!("did you mean `{near}`?")),
        );
    }
    if !kubernetes::is_container_list(field) {
        return None;
    }
    if let Some(image) = element.get("image").and_then(Node::text) {
        return second_of_one_image(object, path, (element, name, image), list);
    }
    let names = || list.iter().filter_map(element_name);
    let hint = match nearest(names(), name) {
        Some(near) => format!("did you mean the container `{near}`?"),
        None if names().next().is_none() => "give it an image".to_owned(),
        None => {
            let names: Vec<String> = names().take(5).map(|name| format!("`{name}`")).collect();
            format!("there is {}; use one of these names, or give it an image", names.join(", "))
        }
    };
    let text = format!(
        "the patch adds a container `{name}` without an image to `{path}` of {object}: none has this name"
    );
    Some(Warning::new(WarningKind::NewElement, text, element.pos()).hint(hint))
}

/// Returns the warning for a container that has the image of another one: most likely that one is meant.
fn second_of_one_image(
    object: &str,
    path: &str,
    (element, name, image): (&Node, &str, &str),
    list: &[Node],
) -> Option<Warning> {
    let has_it = |other: &&Node| {
        other
            .get("image")
            .and_then(Node::text)
            .is_some_and(|it| without_tag(it) == without_tag(image))
    };
    let other =
        list.iter().filter_map(|other| element_name(other).filter(|_| has_it(&other))).next()?;
    let text = format!(
        "the patch adds a container `{name}` to `{path}` of {object}, which has the image of the container `{other}`"
    );
    let hint = format!("use the name `{other}` if that container is meant");
    Some(Warning::new(WarningKind::NewElement, text, element.pos()).hint(hint))
}

/// Finds an element by the scalars that identify it.
fn described(element: &Node) -> String {
    let scalar = |key: &str| {
        let text = element.get(key).filter(|node| !node.is_null()).and_then(Node::text)?;
        Some(format!("{key}: {text}"))
    };
    let keys = ["name", "port", "containerPort", "protocol", "mountPath", "key", "ip"];
    let parts: Vec<String> = keys.iter().filter_map(|key| scalar(key)).take(3).collect();
    match parts.as_slice() {
        [] => "an element".to_owned(),
        _ => format!("the element `{{{}}}`", parts.join(", ")),
    }
}

/// Warns about a target that selects nothing.
pub(crate) fn no_target(cx: &Context, target: &TargetSelector, set: &ResourceSet) {
    let Some(lint) = &cx.lint else { return };
    // What will be in a file that is empty, as before the bootstrap of Flux, is not known.
    if lint.lacks_resources() && !set.iter().any(|resource| resource.kind() == target.kind()) {
        return;
    }
    let text = "the target selects no resource, so the patch does nothing";
    lint.add(
        Warning::new(WarningKind::UnusedPatch, text, Pos::NONE)
            .in_field("target")
            .unless_in_component(takes_what_is_there(target, set))
            .hint(target_hint(target, set)),
    );
}

/// Returns `true` if a target is for all objects of a kind, however many there are, and the kind is no slip of another
/// one.
fn takes_what_is_there(target: &TargetSelector, set: &ResourceSet) -> bool {
    let is_slip = |kind: &str| kind == target.kind() || !is_slip_in_name(kind, target.kind());
    target.name().is_empty()
        && !is_glob(target.kind())
        && set.iter().map(Resource::kind).all(is_slip)
}

/// Returns what may have been meant by a target that selects nothing.
fn target_hint(target: &TargetSelector, set: &ResourceSet) -> String {
    let (kind, name) = (target.kind(), target.name());
    if let Some(pattern) = [kind, name].into_iter().find(|text| is_glob(text)) {
        return format!(
            "`{pattern}` is a regular expression for the whole text; write `{}`",
            pattern.replace('*', ".*")
        );
    }
    if let Some(list) = [kind, name].into_iter().find(|text| text.contains(',')) {
        return format!(
            "`{list}` is a regular expression for the whole text; write `{}` for any of these",
            list.split(',').map(str::trim).collect::<Vec<_>>().join("|")
        );
    }
    let of_kind = |resource: &&Resource| kind.is_empty() || target.is_kind(resource.kind());
    let names = || set.iter().filter(of_kind).map(Resource::name);
    if names().next().is_none() {
        let kinds = set.iter().map(Resource::kind);
        return match nearest(kinds, kind) {
            Some(near) => format!("did you mean the kind `{near}`?"),
            None => format!("no resource of this layer or its bases has the kind `{kind}`"),
        };
    }
    if let Some(wrong) = target.wrong(set) {
        return wrong_condition(&wrong, kind);
    }
    if let Some(other) = target.of_other_version(set) {
        return other_version(other);
    }
    if name.is_empty() {
        return "group, version, namespace and selectors must be those of a resource here"
            .to_owned();
    }
    if names().any(|other| other == name) {
        let other = set.iter().filter(of_kind).find(|other| other.name() == name);
        let (version, namespace) =
            other.map_or(("", ""), |other| (other.api_version(), other.namespace()));
        let place = if namespace.is_empty() {
            "without a namespace".to_owned()
        } else {
            format!("in the namespace `{namespace}`")
        };
        return format!("`{name}` is there {place}, with apiVersion {version}");
    }
    // Names grow by prefixes and suffixes, of this layer or of those below.
    if let Some(part) = names().find(|other| {
        !other.is_empty()
            && name.len() > other.len()
            && (name.ends_with(other) || name.starts_with(other))
    }) {
        return format!(
            "did you mean `{part}`? A target has the name before the prefix and suffix of this layer"
        );
    }
    if let Some(longer) = names().find(|other| other.contains(name)) {
        return format!(
            "`{name}` must match the whole name: did you mean `{longer}`, or the regular expression \
             `{name}.*`?"
        );
    }
    match nearest(names(), name) {
        Some(near) => format!("did you mean `{near}`?"),
        None => {
            let some: Vec<String> = names().take(3).map(|name| format!("`{name}`")).collect();
            format!(
                "a target needs the name that the resource has here, such as {}",
                some.join(", ")
            )
        }
    }
}

/// Returns what there is where a target names another group and version.
fn other_version(there: &Resource) -> String {
    let of = there.gvk_ref();
    let group = if of.group.is_empty() { "\"\"" } else { of.group };
    format!(
        "there is {} {} of `{}`: write `group: {group}` and `version: {}`, or leave both out",
        there.kind(),
        there.name(),
        there.api_version(),
        of.version
    )
}

/// Returns what to do about the one condition of a target that no resource meets.
fn wrong_condition(wrong: &Wrong<'_>, kind: &str) -> String {
    let kind = if kind.is_empty() { "resource" } else { kind };
    let there = match wrong.there.as_str() {
        "" => "here there is none".to_owned(),
        there => format!("here it is `{there}`"),
    };
    match (wrong.field, wrong.written.split_once('/')) {
        ("group", Some((group, version))) => {
            format!("a group has no version: write `group: {group}` and `version: {version}`")
        }
        ("labelSelector" | "annotationSelector", _) => format!(
            "no {kind} here is selected by `{}: {}`: a target sees labels and annotations as they are before this \
             layer changes them",
            wrong.field, wrong.written
        ),
        ("namespace", _) => format!(
            "no {kind} here is in the namespace `{}`: a target sees the namespace before this layer changes it, and \
             {there}",
            wrong.written
        ),
        (field, _) => format!("no {kind} here has the {field} `{}`: {there}", wrong.written),
    }
}

/// Returns `true` if a text is a pattern of a shell, such as `web-*`, which as a regular expression means
/// something else.
fn is_glob(text: &str) -> bool {
    let bytes = text.as_bytes();
    (0..bytes.len()).any(|i| {
        bytes[i] == b'*'
            && i.checked_sub(1).is_none_or(|before| {
                let before = bytes[before];
                before.is_ascii_alphanumeric() || before == b'-'
            })
    })
}
