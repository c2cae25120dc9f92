//! Which text a generator made a field of its object from.
//!
//! It is found by its key, where the generator looks for it: the same text may stand elsewhere in the entry.

use super::FieldPath;
use super::blame::{Blame, field_at, push_key};
use crate::build::StepKind;
use crate::build::recorder::Step;
use crate::yaml::{Node, Pos, Rules, Value, fold, resolve};

/// The options for all generators of a kustomization.
const FOR_ALL: &str = "generatorOptions";

impl Blame<'_> {
    /// Returns the place of the text that a generator made a field of, and its path in the kustomization; those of
    /// the entry if the generator needs no text for it. `None` for other steps, and for data.
    pub(super) fn generated(&self, step: &Step, path: &FieldPath) -> Option<(Pos, String)> {
        // Of configs only the place is known.
        let fields = ["configMapGenerator[", "secretGenerator["];
        if step.kind != StepKind::Generator || !fields.iter().any(|it| step.field.starts_with(it)) {
            return None;
        }
        let last = path.last_key()?;
        let (own, of_all): (Vec<&str>, Option<Vec<&str>>) = match last {
            "apiVersion" | "kind" if path.is(&[last]) => {
                return Some((step.pos, step.field.clone()));
            }
            "type" if path.is(&[last]) => (vec![last], None),
            "name" | "namespace" if path.is(&["metadata", last]) => (vec![last], None),
            "immutable" if path.is(&[last]) => (vec!["options", last], Some(vec![last])),
            _ => {
                let maps = ["labels", "annotations"];
                let map = maps.into_iter().find(|map| path.is(&["metadata", map, last]))?;
                (vec!["options", map, last], Some(vec![map, last]))
            }
        };
        let field = self.configuration(step);
        let found = field.and_then(|field| text_at(&field, &step.field, &own)).or_else(|| {
            let documents = self.trace.files.documents(&self.layer(step.layer)?.file).ok()?;
            text_at(&field_at(documents.first()?, FOR_ALL)?, FOR_ALL, &of_all?)
        });
        found.or_else(|| Some((step.pos, step.field.clone())))
    }
}

/// Returns the place of the text at some keys of a field, and the path to it; none for a switch that is off, which
/// leaves it to the options for all.
fn text_at(field: &Node, name: &str, keys: &[&str]) -> Option<(Pos, String)> {
    let (mut node, mut path) = (field, name.to_owned());
    for (i, key) in keys.iter().enumerate() {
        // Case matters in the keys of labels and annotations only. Of several the last counts.
        let is_own = i > 0 && matches!(keys.get(i - 1), Some(&("labels" | "annotations")));
        let is_it = |text: &str| if is_own { text == *key } else { fold(text).eq(fold(key)) };
        let mut entries = node.as_map()?.iter().rev();
        node = &entries.find(|entry| entry.key.text().is_some_and(is_it))?.value;
        push_key(&mut path, key);
    }
    let is_off = matches!(keys, [.., "options", "immutable"] | ["immutable"]) && !is_on(node);
    Some((node.pos(), path)).filter(|(pos, _)| pos.is_some() && !is_off)
}

/// Returns `true` if a switch of a kustomization is on.
fn is_on(node: &Node) -> bool {
    let Node::Scalar { text, style, tag, .. } = node else { return false };
    matches!(resolve(text, *style, *tag, Rules::V2), Ok(Value::Bool(true)))
}
