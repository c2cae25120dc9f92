//! Rights that are dangerous: what roles allow after a change and did not before, and who becomes cluster-admin.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Add;
use crate::diff::apply;
use crate::diff::model::{FieldChange, ObjectId, ResourceDiff};

/// Verbs by which rights can be gained.
const GAINING: [&str; 3] = ["bind", "escalate", "impersonate"];

/// Reports what a role or binding gives that it did not give before.
pub(super) fn grown(resource: &ResourceDiff, id: &ObjectId, add: Add<'_>) {
    let is_role = matches!(id.kind.as_str(), "Role" | "ClusterRole");
    let is_binding = matches!(id.kind.as_str(), "RoleBinding" | "ClusterRoleBinding");
    if !is_role && !is_binding {
        return;
    }
    let Some((before, after)) = states(resource) else { return };
    if is_role {
        rules_grown(&before, &after, add);
    } else {
        subjects_grown(&before, &after, add);
    }
}

/// Returns the object before and after, null where it was not there.
fn states(resource: &ResourceDiff) -> Option<(Value, Value)> {
    if let (None, Some(object)) = (&resource.before, &resource.object) {
        return Some((Value::Null, object.value().into_owned()));
    }
    let after = resource.whole.value();
    let back: Vec<FieldChange> = resource.own_fields().map(FieldChange::mirrored).collect();
    // Of a difference that was read from JSON the rest of the object is not known.
    let before = apply::fields(&after, &back).ok()?;
    Some((before, after.into_owned()))
}

/// One rule of a role.
struct Rule<'r> {
    groups: Vec<&'r str>,
    resources: Vec<&'r str>,
    verbs: Vec<&'r str>,
    urls: Vec<&'r str>,
    /// The names of the objects; none for all.
    names: Vec<&'r str>,
}

impl<'r> Rule<'r> {
    fn all(role: &'r Value) -> Vec<Rule<'r>> {
        let rules = role.get("rules").and_then(Value::as_array).into_iter().flatten();
        let read = |rule: &'r Value| {
            let words = |field: &str| {
                let words = rule.get(field).and_then(Value::as_array).into_iter().flatten();
                words.filter_map(Value::as_str).collect()
            };
            Rule {
                groups: words("apiGroups"),
                resources: words("resources"),
                verbs: words("verbs"),
                urls: words("nonResourceURLs"),
                names: words("resourceNames"),
            }
        };
        rules.map(read).collect()
    }

    /// Returns `true` if the rule allows a verb for a resource; no verb is any verb.
    fn allows(&self, group: &str, resource: &str, verb: Option<&str>, name: Option<&str>) -> bool {
        let has = |words: &[&str], word: &str| words.contains(&word) || words.contains(&"*");
        has(&self.groups, group)
            && has(&self.resources, resource)
            && verb.is_none_or(|verb| has(&self.verbs, verb))
            && (self.names.is_empty() || name.is_some_and(|name| self.names.contains(&name)))
    }

    /// Calls `look` for what the rule allows: group, resource, verb, and the name of the object.
    fn each(&self, mut look: impl FnMut(&str, &str, &str, Option<&str>)) {
        let names: Vec<Option<&str>> = match self.names.is_empty() {
            true => vec![None],
            false => self.names.iter().copied().map(Some).collect(),
        };
        for group in &self.groups {
            for resource in &self.resources {
                for verb in &self.verbs {
                    names.iter().for_each(|name| look(group, resource, verb, *name));
                }
            }
        }
    }
}

fn rules_grown(before: &Value, after: &Value, add: Add<'_>) {
    let known = Rule::all(before);
    // What is dangerous, and with which verbs.
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for rule in Rule::all(after) {
        rule.each(|group, resource, verb, name| {
            let Some(what) = danger(group, resource, verb, name) else { return };
            // More verbs for what was wide before make it no wider, but for Secrets.
            let is_of_verb = verb == "*" || GAINING.contains(&verb) || is_secrets(group, resource);
            let wanted = Some(verb).filter(|_| is_of_verb);
            if !known.iter().any(|known| known.allows(group, resource, wanted, name)) {
                let verbs = found.entry(what).or_default();
                let verb = format!("`{verb}`");
                if !verbs.contains(&verb) {
                    verbs.push(verb);
                }
            }
        });
        for url in rule.urls.iter().filter(|url| **url == "*") {
            if !known.iter().any(|known| known.urls.contains(url)) {
                add("rbac-grown", "a rule gets `*`, which is every path of the server".to_owned());
            }
        }
    }
    if aggregates_all(after) && !aggregates_all(before) {
        let what = "aggregationRule selects every ClusterRole: it gets what all of them allow";
        add("rbac-grown", what.to_owned());
    }
    for (what, verbs) in found {
        add("rbac-grown", format!("a rule gets {} {what}", verbs.join(", ")));
    }
}

/// Returns `true` if a role gets the rules of every ClusterRole, by a selector that asks for no label.
fn aggregates_all(role: &Value) -> bool {
    let selectors = role.pointer("/aggregationRule/clusterRoleSelectors").and_then(Value::as_array);
    let is_empty = |value: &Value| match value {
        Value::Object(map) => map.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => true,
    };
    let selects_all = |selector: &Value| {
        selector.as_object().is_some_and(|selector| selector.values().all(is_empty))
    };
    selectors.into_iter().flatten().any(selects_all)
}

/// Says of what a verb is dangerous, if it is.
fn danger(group: &str, resource: &str, verb: &str, name: Option<&str>) -> Option<String> {
    let of = if group.is_empty() { resource.to_owned() } else { format!("{resource}.{group}") };
    if GAINING.contains(&verb) {
        return Some(format!("on `{of}`, by which rights can be gained"));
    }
    if is_secrets(group, resource) && resource != "*" {
        let which = name.map_or_else(String::new, |name| format!(" named {name}"));
        return Some(format!("on `{of}`: access to Secrets{which}"));
    }
    let is_wide = [group, resource, verb].contains(&"*");
    is_wide.then(|| format!("on `{of}`, and `*` is everything"))
}

fn is_secrets(group: &str, resource: &str) -> bool {
    matches!(group, "" | "*") && matches!(resource, "secrets" | "secrets/*" | "*")
}

fn subjects_grown(before: &Value, after: &Value, add: Add<'_>) {
    let is_admin = |binding: &Value| {
        let role = |field: &str| binding.get("roleRef").and_then(|role| role.get(field)?.as_str());
        role("name") == Some("cluster-admin") && role("kind") == Some("ClusterRole")
    };
    if !is_admin(after) {
        return;
    }
    if !is_admin(before) {
        return add("rbac-grown", "binds cluster-admin, which may do everything".to_owned());
    }
    let known = subjects(before);
    for subject in subjects(after).difference(&known) {
        let shown = subject.join(" ");
        add("rbac-grown", format!("binds cluster-admin, which may do everything, to {shown}"));
    }
}

/// Returns kind, namespace and name of those who are bound.
fn subjects(binding: &Value) -> BTreeSet<Vec<&str>> {
    let subjects = binding.get("subjects").and_then(Value::as_array).into_iter().flatten();
    let words = |subject| {
        let fields = ["kind", "namespace", "name"].into_iter();
        fields.filter_map(|field| Value::get(subject, field)?.as_str()).collect()
    };
    subjects.map(words).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;

    const GET: &str = "apiGroups: [''], verbs: [get]";

    fn role(rules: &[&str]) -> String {
        let rules: Vec<String> = rules.iter().map(|rule| format!("{{{rule}}}")).collect();
        format!(
            "{{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {{name: a}}, rules: [{}]}}",
            rules.join(", ")
        )
    }

    #[test]
    fn rules_grow_by_what_they_allow() {
        let secrets = "apiGroups: [''], resources: [secrets], verbs: [get]";
        let pods = "apiGroups: [''], resources: [pods], verbs: [get, list]";
        let named = |names: &str| format!("{secrets}, resourceNames: [{names}]");
        let with = |more: &str| format!("{GET}, {more}");
        for (before, after) in [
            (named("a"), secrets.to_owned()),
            (named("a"), named("a, b")),
            (secrets.to_owned(), secrets.replace("[get]", "[get, list]")),
            (pods.to_owned(), secrets.to_owned()),
            (pods.to_owned(), pods.replace("list", "bind")),
            (pods.to_owned(), pods.replace("pods", "'*'")),
            (pods.to_owned(), secrets.replace("''", "'*'")),
            (pods.to_owned(), "nonResourceURLs: ['*'], verbs: [get]".to_owned()),
        ] {
            let both = (role(&[&before]), role(&[&after]));
            assert!(found(&both.0, &both.1).iter().all(|rule| rule == "rbac-grown"), "{after}");
            assert!(!found(&both.0, &both.1).is_empty(), "{before} → {after}");
            assert!(!found("", &both.1).is_empty(), "{after}");
        }
        for (before, after) in [
            (role(&[secrets, pods]), role(&[pods, secrets])),
            (role(&[secrets]), role(&[&named("a")])),
            (role(&[&named("a, b")]), role(&[&named("b, a")])),
            (
                role(&[&with("resources: [secrets, pods]")]),
                role(&[secrets, &with("resources: [pods]")]),
            ),
            (role(&[&with("resources: ['*']")]), role(&[secrets])),
            (role(&[pods]), role(&[&secrets.replace("''", "example.com")])),
        ] {
            assert!(found(&before, &after).is_empty(), "{before} → {after}");
        }
    }

    #[test]
    fn a_role_grows_by_a_selector_of_all_roles() {
        let role = |selector: &str| {
            role(&[]).replace(
                "rules: []",
                &format!("aggregationRule: {{clusterRoleSelectors: [{selector}]}}"),
            )
        };
        let named = role("{matchLabels: {a: b}}");
        for all in ["{}", "{matchLabels: {}}", "{matchLabels: {}, matchExpressions: []}"] {
            assert_eq!(found(&named, &role(all)), ["rbac-grown"], "{all}");
            assert!(found(&role(all), &named).is_empty(), "{all}");
        }
    }

    #[test]
    fn bindings_grow_by_whom_they_bind() {
        let binding = |kind: &str, role: &str, users: &[&str]| {
            let users: Vec<String> =
                users.iter().map(|user| format!("{{kind: User, name: {user}}}")).collect();
            format!(
                "{{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {{name: a}}, \
                 roleRef: {{kind: {kind}, name: {role}}}, subjects: [{}]}}",
                users.join(", ")
            )
        };
        let admin = |users: &[&str]| binding("ClusterRole", "cluster-admin", users);
        for (before, after) in [
            (String::new(), admin(&["u"])),
            (admin(&["u"]), admin(&["u", "v"])),
            (admin(&["u"]), admin(&["v"])),
        ] {
            assert_eq!(found(&before, &after), ["rbac-grown"], "{before} → {after}");
        }
        for (before, after) in [
            (admin(&["u", "v"]), admin(&["v"])),
            (admin(&["u", "v"]), admin(&["v", "u"])),
            (String::new(), binding("Role", "cluster-admin", &["u"])),
            (binding("ClusterRole", "view", &["u"]), binding("ClusterRole", "view", &["u", "v"])),
        ] {
            assert!(found(&before, &after).is_empty(), "{before} → {after}");
        }
        let view = binding("ClusterRole", "view", &["u"]);
        assert_eq!(found(&view, &admin(&["u"])), ["immutable", "rbac-grown"]);
    }
}
