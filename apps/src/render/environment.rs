//! The variables that Argo CD puts into overrides.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::application::Application;

/// The values by name.
pub(super) type Environment = BTreeMap<&'static str, String>;

/// Returns the variables of a source. The revision is the one that the Application names, for which
/// commit that would be is not known here.
pub(super) fn of(application: &Application, source: &Json) -> Environment {
    let text = |key: &str| source.get(key).and_then(Json::as_str).unwrap_or_default().to_owned();
    let revision = text("targetRevision");
    let short = |length: usize| revision.chars().take(length).collect::<String>();
    BTreeMap::from([
        ("ARGOCD_APP_NAME", application.name().to_owned()),
        ("ARGOCD_APP_NAMESPACE", application.destination_namespace().to_owned()),
        ("ARGOCD_APP_PROJECT_NAME", application.project().to_owned()),
        ("ARGOCD_APP_REVISION", revision.clone()),
        ("ARGOCD_APP_REVISION_SHORT", short(7)),
        ("ARGOCD_APP_REVISION_SHORT_8", short(8)),
        ("ARGOCD_APP_SOURCE_REPO_URL", text("repoURL")),
        ("ARGOCD_APP_SOURCE_PATH", text("path")),
        ("ARGOCD_APP_SOURCE_TARGET_REVISION", revision),
    ])
}

/// Replaces `$NAME` and `${NAME}`; an unknown name is empty, and `$$` is a dollar.
pub(super) fn expand(text: &str, environment: &Environment) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        let (name, after) = name(after);
        match name {
            "$" => out.push('$'),
            // Odd: a `$` that names nothing stays, but `${}` goes.
            "" if !after.starts_with('{') => out.push('$'),
            name => out.push_str(environment.get(name).map_or("", String::as_str)),
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Returns the name at the start of a text, and what comes after it.
fn name(text: &str) -> (&str, &str) {
    if let Some(inside) = text.strip_prefix('{') {
        return inside.split_once('}').unwrap_or(("", inside));
    }
    if text.starts_with(|c: char| "*#$@!?-0123456789".contains(c)) {
        return text.split_at(1);
    }
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    text.split_at(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_replaced() {
        let environment = BTreeMap::from([("ARGOCD_APP_NAME", "web".to_owned())]);
        for (text, wanted) in [
            ("$ARGOCD_APP_NAME-x", "web-x"),
            ("a${ARGOCD_APP_NAME}b", "awebb"),
            ("$NOPE|$$|5$", "|$|5$"),
        ] {
            assert_eq!(expand(text, &environment), wanted);
        }
    }
}
