//! What may have been meant by a field path that leads nowhere.

use crate::yaml::{Node, nearest};

/// How many names are listed.
const MOST: usize = 5;

/// Returns which part of a path an object does not have, and what it has there instead; `None` if all of it
/// is there, or a key has a dot.
pub(crate) fn near_path(object: &Node, path: &str) -> Option<String> {
    if path.contains(['\\', '*']) {
        return None;
    }
    if path.starts_with('/') && !path.contains(['.', '[', '~']) {
        let dotted = path.trim_matches('/').replace('/', ".");
        return (!dotted.is_empty())
            .then(|| format!("a field path has dots, not slashes: write `{dotted}`"));
    }
    let bare = path.trim_start_matches(['{', '$']).trim_end_matches('}').trim_start_matches('.');
    if path.starts_with(['{', '$']) && !bare.is_empty() {
        let bare = bare.replace('[', ".").replace(']', "");
        return Some(format!("a field path is no JSONPath: write `{bare}`"));
    }
    let mut node = object;
    let mut way: Vec<&str> = Vec::new();
    let mut parts = path.trim_start_matches('.').split('.').peekable();
    while let Some(part) = parts.next() {
        let next = match node {
            Node::Map { .. } => node.get(part),
            Node::Seq { items, .. } => {
                match part.strip_prefix('[').and_then(|by| by.strip_suffix(']')) {
                    Some(by) => {
                        let (key, value) = by.split_once('=')?;
                        items.iter().find(|item| item.get(key).and_then(Node::text) == Some(value))
                    }
                    None => items.get(part.parse::<usize>().ok()?),
                }
            }
            Node::Scalar { .. } => return None,
        };
        if let Some(next) = next {
            node = next;
            way.push(part);
            continue;
        }
        let rest: Vec<&str> = parts.collect();
        let place =
            if way.is_empty() { "the object".to_owned() } else { format!("`{}`", way.join(".")) };
        // A key of labels or annotations with dots in it, written as it has to be.
        if part.starts_with('[') && !part.contains('=') {
            let key = [&[part], rest.as_slice()].concat().join(".");
            return Some(format!(
                "{place} has no `{}`: `options: {{create: true}}` of the target makes it",
                key.trim_matches(['[', ']'])
            ));
        }
        if !rest.is_empty() && matches!(way.last(), Some(&"annotations" | &"labels")) {
            let key = [&[part], rest.as_slice()].concat().join(".");
            return Some(format!(
                "did you mean `{}.[{key}]`? A key with dots stands in brackets",
                way.join(".")
            ));
        }
        let there = names(node, part);
        let whole = |name: &str| {
            let mut all = way.clone();
            all.push(name);
            all.extend(&rest);
            all.join(".")
        };
        if let Some(near) = nearest(there.iter().map(String::as_str), part) {
            return Some(format!("did you mean `{}`?", whole(near)));
        }
        let shown: Vec<String> = there.iter().take(MOST).map(|name| format!("`{name}`")).collect();
        let more = if there.len() > MOST { " and others" } else { "" };
        return (!shown.is_empty())
            .then(|| format!("{place} has no `{part}`, only {}{more}", shown.join(", ")));
    }
    None
}

/// Returns how the fields or elements of a collection are named in a path.
fn names(node: &Node, part: &str) -> Vec<String> {
    match node {
        Node::Map { map, .. } => {
            map.iter().filter_map(|entry| entry.key.text()).map(str::to_owned).collect()
        }
        Node::Seq { items, .. } => {
            let key = part.trim_start_matches('[').split('=').next().unwrap_or("name");
            let value = |item: &Node| Some(format!("[{key}={}]", item.get(key)?.text()?));
            items.iter().filter_map(value).collect()
        }
        Node::Scalar { .. } => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::json;

    #[test]
    fn the_part_that_is_not_there_is_named() {
        let object = json(r#"{"spec": {"ports": [{"name": "http", "port": 80}]}}"#);
        let near = |path: &str| near_path(&object, path).unwrap_or_default();
        assert_eq!(near("spec.port.0.port"), "did you mean `spec.ports.0.port`?");
        assert_eq!(
            near("spec.ports.[name=htp].port"),
            "did you mean `spec.ports.[name=http].port`?"
        );
        assert!(near("spec.selector.app").contains("has no `selector`, only `ports`"));
        assert_eq!(near("spec.ports.0.port"), "");
        assert_eq!(near("metadata.annotations.a\\.b"), "");
    }

    #[test]
    fn a_key_with_dots_that_is_not_there_is_to_be_made() {
        let object = json(r#"{"metadata": {"labels": {"app": "web"}}}"#);
        let near = |path: &str| near_path(&object, path).unwrap_or_default();
        let made =
            "`metadata.labels` has no `a.io/b`: `options: {create: true}` of the target makes it";
        assert_eq!(near("metadata.labels.[a.io/b]"), made);
        let meant = "did you mean `metadata.labels.[a.io/b]`? A key with dots stands in brackets";
        assert_eq!(near("metadata.labels.a.io/b"), meant);
    }
}
