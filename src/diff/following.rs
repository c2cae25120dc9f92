//! Changes that only follow a new name.

use rustc_hash::FxHashMap;
use serde_json::Value;

use super::Comparison;
use super::fields;
use super::model::FieldChange;
use super::options::{self, Options};
use super::pairs::Pair;
use super::path::ChangePath;
use crate::schema::TypeRef;

impl Comparison<'_> {
    /// Marks the changes that are gone as soon as the old names are replaced by the new ones.
    pub(super) fn mark_following(
        &self,
        before: &Value,
        after: &Value,
        of: Option<TypeRef<'_>>,
        changes: &mut [FieldChange],
    ) {
        if let Some([one, other]) = &self.options.names {
            for change in changes.iter_mut() {
                change.follows = change.path.last_field() == Some("namespace")
                    && one.is_namespace(change.before.as_ref())
                    && other.is_namespace(change.after.as_ref());
            }
        }
        if self.new_names.is_empty() {
            return;
        }
        let mut renamed = before.clone();
        if !self.rename(&mut renamed) {
            return;
        }
        let budget = self.budget.again();
        let own = fields::compare(&renamed, after, of, &budget);
        if budget.is_exceeded() {
            return;
        }
        let own: FxHashMap<&ChangePath, &FieldChange> =
            own.iter().map(|change| (&change.path, change)).collect();
        let is_own = |change: &FieldChange| {
            own.get(&change.path).is_some_and(|own| {
                own.after == change.after
                    && match (&change.before, &own.before) {
                        (Some(before), Some(own)) => self.is_renamed(before, own),
                        (before, own) => before.is_none() && own.is_none(),
                    }
            })
        };
        // Where a name is the key of an element, the element is another one; whether it has more
        // changes cannot be told from its removal and addition.
        let told = changes.iter().filter(|change| own.contains_key(&change.path)).count();
        let all_told = told == own.len();
        let follows: Vec<bool> = changes
            .iter()
            .map(|change| {
                let renames = match (&change.before, &change.after) {
                    (Some(Value::String(old)), Some(Value::String(new))) => {
                        self.new_names.get(old) == Some(new)
                    }
                    _ => false,
                };
                renames || all_told && !is_own(change)
            })
            .collect();
        for (change, follows) in changes.iter_mut().zip(follows) {
            change.follows |= follows;
        }
        // A new name without new content follows nothing: it is the change.
        if self.options.names.is_none() && changes.iter().all(|change| change.follows) {
            let own = changes.iter_mut().find(|change| change.path.to_string() == "metadata.name");
            own.into_iter().for_each(|change| change.follows = false);
        }
    }

    /// Returns `true` if a value is another one with the new names in place of the old ones.
    fn is_renamed(&self, value: &Value, renamed: &Value) -> bool {
        match (value, renamed) {
            (Value::String(text), Value::String(renamed)) => {
                self.new_names.get(text.as_str()).unwrap_or(text) == renamed
            }
            (Value::Array(items), Value::Array(renamed)) => {
                let mut pairs = items.iter().zip(renamed);
                items.len() == renamed.len()
                    && pairs.all(|(one, other)| self.is_renamed(one, other))
            }
            (Value::Object(map), Value::Object(renamed)) => {
                let is_renamed = |(key, value): (&String, &Value)| {
                    renamed.get(key).is_some_and(|renamed| self.is_renamed(value, renamed))
                };
                map.len() == renamed.len() && map.iter().all(is_renamed)
            }
            (value, renamed) => value == renamed,
        }
    }

    fn rename(&self, value: &mut Value) -> bool {
        match value {
            Value::String(text) => match self.new_names.get(text.as_str()) {
                Some(new) => {
                    new.clone_into(text);
                    true
                }
                None => false,
            },
            Value::Array(items) => {
                items.iter_mut().fold(false, |any, item| self.rename(item) | any)
            }
            Value::Object(map) => map.iter_mut().fold(false, |any, (_, v)| self.rename(v) | any),
            _ => false,
        }
    }
}

/// Returns the names that changed with the content hash at their end, or from overlay to overlay.
pub(super) fn new_names(pairs: &[Pair<'_>], options: &Options) -> FxHashMap<String, String> {
    let names = pairs.iter().filter_map(|pair| {
        let (before, after) = (pair.before?.name(), pair.after?.name());
        let same = match &options.names {
            Some([one, other]) => one.bare(before) == other.bare(after),
            None => options::stem(before) == options::stem(after),
        };
        (before != after && same).then(|| (before.to_owned(), after.to_owned()))
    });
    names.collect()
}
