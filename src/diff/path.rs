//! Where in an object something changed.

use std::cmp::Ordering;
use std::fmt::{self, Write};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The way from the root of an object to a value.
///
/// It displays as people write it, and as [`Ignore`](super::Ignore) reads it:
/// `spec.containers[name=api].ports[0]`, `metadata.annotations["example.com/owner"]`. An element without a key that
/// stands in another place than before has both: `rules[1→0]`; one that was removed has the place it had.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ChangePath(pub(super) Vec<PathStep>);

/// One step of a [`ChangePath`].
///
/// In JSON a field is a string, an element that is told by its merge keys is `{"key": {"name":
/// "api"}, "at": 1}`, and any other element is `{"before": 0, "after": 1}`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum PathStep {
    /// The field of a mapping.
    Field(String),
    /// An element of a list that merges by key.
    Key {
        /// The values of the merge keys.
        key: Map<String, Value>,
        /// Its position on the only side that has it; nothing if both have it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<usize>,
    },
    /// An element of any other list.
    Index {
        /// Its position on the side before, if it was there.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<usize>,
        /// Its position on the side after, if it is there.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<usize>,
    },
}

impl ChangePath {
    /// Returns the steps, from the root of the object.
    pub fn steps(&self) -> &[PathStep] {
        &self.0
    }

    /// Returns the name of the last field, if the path ends in one.
    pub fn last_field(&self) -> Option<&str> {
        match self.0.last() {
            Some(PathStep::Field(name)) => Some(name),
            _ => None,
        }
    }

    /// Returns the name of the field whose value it leads to, or leads into.
    pub(super) fn name(&self) -> Option<&str> {
        self.0.iter().rev().find_map(|step| match step {
            PathStep::Field(name) => Some(name.as_str()),
            _ => None,
        })
    }

    /// Returns the path as the other direction sees it.
    pub(super) fn mirrored(&self) -> ChangePath {
        let mirror = |step: &PathStep| match step {
            PathStep::Index { before, after } => PathStep::Index { before: *after, after: *before },
            other => other.clone(),
        };
        ChangePath(self.0.iter().map(mirror).collect())
    }

    /// Orders paths as one reads them: by field, and by position or key within a list.
    pub(super) fn order(&self, other: &ChangePath) -> Ordering {
        let mut steps = self.0.iter().zip(&other.0).map(|(a, b)| a.order(b));
        steps.find(|order| order.is_ne()).unwrap_or_else(|| self.0.len().cmp(&other.0.len()))
    }
}

impl PathStep {
    fn order(&self, other: &PathStep) -> Ordering {
        match (self, other) {
            (PathStep::Field(a), PathStep::Field(b)) => a.cmp(b),
            (PathStep::Key { key: a, .. }, PathStep::Key { key: b, .. }) if a == b => {
                Ordering::Equal
            }
            (PathStep::Key { key: a, .. }, PathStep::Key { key: b, .. }) => {
                let text = |key: &Map<String, Value>| {
                    key.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>()
                };
                text(a).cmp(&text(b))
            }
            (
                PathStep::Index { before: b1, after: a1 },
                PathStep::Index { before: b2, after: a2 },
            ) => (a1.or(*b1), a1.is_some(), b1).cmp(&(a2.or(*b2), a2.is_some(), b2)),
            _ => self.rank().cmp(&other.rank()),
        }
    }

    fn rank(&self) -> u8 {
        match self {
            PathStep::Field(_) => 0,
            PathStep::Key { .. } => 1,
            PathStep::Index { .. } => 2,
        }
    }
}

impl fmt::Display for ChangePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, step) in self.0.iter().enumerate() {
            match step {
                PathStep::Field(name) if is_plain(name) => {
                    if i > 0 {
                        f.write_char('.')?;
                    }
                    f.write_str(name)?;
                }
                PathStep::Field(name) => write!(f, "[{}]", Value::from(name.as_str()))?,
                PathStep::Key { key, .. } => {
                    f.write_char('[')?;
                    // What is the default, or not given, tells nothing.
                    let telling = |(name, value): &(&String, &Value)| {
                        !value.is_null() && (*name != "protocol" || *value != "TCP")
                    };
                    for (k, (name, value)) in key.iter().filter(telling).enumerate() {
                        let comma = if k > 0 { "," } else { "" };
                        match value.as_str().filter(|text| is_simple(text)) {
                            Some(text) => write!(f, "{comma}{name}={text}")?,
                            None => write!(f, "{comma}{name}={value}")?,
                        }
                    }
                    f.write_char(']')?;
                }
                // The place of an element that has another one.
                PathStep::Index { before: Some(i), after: Some(j) } if i != j => {
                    write!(f, "[{i}→{j}]")?;
                }
                PathStep::Index { before: Some(i), after: None }
                | PathStep::Index { after: Some(i), .. } => {
                    write!(f, "[{i}]")?;
                }
                PathStep::Index { before: None, after: None } => f.write_str("[]")?,
            }
        }
        Ok(())
    }
}

/// Returns `true` if a field can stand between dots.
fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '$'))
}

/// Returns `true` if a key's value can stand in brackets as it is.
fn is_simple(text: &str) -> bool {
    !text.is_empty()
        && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | ':'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn paths_are_shown_as_people_write_them_and_come_back_from_json() {
        let path: ChangePath = serde_json::from_value(json!([
            "metadata", "example.com/owner", {"key": {"port": 80, "protocol": "TCP"}},
            {"before": 1, "after": 2}, "image"
        ]))
        .unwrap();
        assert_eq!(path.to_string(), r#"metadata["example.com/owner"][port=80][1→2].image"#);
        let again = serde_json::from_value(serde_json::to_value(&path).unwrap()).unwrap();
        assert_eq!(path, again);
    }
}
