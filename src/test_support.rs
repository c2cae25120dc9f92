//! Helpers of unit tests.

use crate::build_context::Context;
use crate::diagnostics::Result;
use crate::resource::{Resource, ResourceSet};
use crate::schema::Schema;
use crate::transform::Transformer;
use crate::yaml::{Mapping, Node, Style, Tag};

/// Builds a tree from JSON; its strings become double-quoted scalars.
pub(crate) fn json(text: &str) -> Node {
    node(&serde_json::from_str(text).expect("valid JSON"))
}

/// Shows a tree as JSON: what is untagged and plain without quotes, all other scalars with.
pub(crate) fn show(node: &Node) -> String {
    match node {
        Node::Scalar {
            style: Style::Plain,
            tag: Tag::None | Tag::Null | Tag::Int | Tag::Bool,
            text,
            ..
        } if node.is_null()
            || text.parse::<f64>().is_ok()
            || matches!(&**text, "true" | "false") =>
        {
            text.to_string()
        }
        Node::Scalar { text, .. } => format!("{text:?}"),
        Node::Map { map, .. } => {
            let entries: Vec<_> = map
                .iter()
                .map(|e| format!("{:?}:{}", e.key.text().unwrap_or("?"), show(&e.value)))
                .collect();
            format!("{{{}}}", entries.join(","))
        }
        Node::Seq { items, .. } => {
            format!("[{}]", items.iter().map(show).collect::<Vec<_>>().join(","))
        }
    }
}

/// Returns an object as JSON; `metadata` is what follows its name.
pub(crate) fn object(api_version: &str, kind: &str, name: &str, metadata: &str) -> String {
    format!(
        r#"{{"apiVersion":"{api_version}","kind":"{kind}","metadata":{{"name":"{name}"{metadata}}}}}"#
    )
}

/// Returns the objects as a set.
pub(crate) fn set(cx: &Context, objects: &[&str]) -> ResourceSet {
    let mut set = ResourceSet::default();
    objects.iter().for_each(|text| set.push(Resource::new(json(text)), &cx.schema));
    set
}

/// Runs steps over objects and shows them.
pub(crate) fn run(steps: &[&dyn Transformer], objects: &[&str]) -> Result<Vec<String>> {
    let cx = Context::new(Schema::builtin());
    let mut set = set(&cx, objects);
    steps.iter().try_for_each(|step| step.run(&cx, &mut set))?;
    Ok(set.iter().map(|resource| show(&resource.node)).collect())
}

fn node(value: &serde_json::Value) -> Node {
    match value {
        serde_json::Value::String(text) => {
            Node::scalar(text.as_str(), Style::DoubleQuoted, Tag::None, Default::default())
        }
        serde_json::Value::Array(items) => Node::seq(items.iter().map(node).collect()),
        serde_json::Value::Object(entries) => {
            let mut map = Mapping::new();
            for (key, value) in entries {
                map.push(Node::plain(key.as_str()), node(value));
            }
            Node::map(map)
        }
        other => Node::plain(other.to_string()),
    }
}
