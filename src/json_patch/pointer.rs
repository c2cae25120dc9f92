//! JSON pointers, and list indexes as upstream counts them.

use std::borrow::Cow;

use crate::yaml::{Entry, Node};

/// Where an operation works: a member or element of a map or list.
#[derive(Clone, Debug)]
pub(super) struct Pointer {
    /// As written.
    pub(super) text: String,
    /// Nothing if the text has no `/`, which has no parent.
    tokens: Option<Vec<String>>,
}

impl Pointer {
    /// Splits a pointer.
    pub(super) fn parse(text: &str) -> Pointer {
        // Odd: what stands before the first slash is ignored, so `x/spec` is `/spec`
        // (case json-patch/path-text-before-slash-ignored).
        let tokens = text.split_once('/').map(|(_, rest)| rest.split('/').map(unescape).collect());
        Pointer { text: text.into(), tokens }
    }

    /// Returns how many steps there are.
    pub(super) fn len(&self) -> usize {
        self.tokens().len()
    }

    /// Returns the parts of the path.
    pub(super) fn tokens(&self) -> &[String] {
        self.tokens.as_deref().unwrap_or_default()
    }

    /// Returns the last token.
    pub(super) fn key(&self) -> &str {
        self.tokens.as_ref().and_then(|tokens| tokens.last()).map_or("", String::as_str)
    }

    /// Returns the parent, if there is one and it is a map or list.
    pub(super) fn parent<'n>(&self, root: &'n Node) -> Option<&'n Node> {
        let (_, way) = self.tokens.as_ref()?.split_last()?;
        let parent = way.iter().try_fold(root, |node, token| child(node, token).ok().flatten())?;
        (parent.text().is_none()).then_some(parent)
    }

    /// Returns the parent for changing.
    pub(super) fn parent_mut<'n>(&self, root: &'n mut Node) -> Option<&'n mut Node> {
        let (_, way) = self.tokens.as_ref()?.split_last()?;
        let mut node = root;
        for token in way {
            node = match node {
                Node::Map { map, .. } => {
                    let i = find(map.iter().as_slice(), token).ok()?;
                    &mut map.entries_mut()[i].value
                }
                Node::Seq { items, .. } => {
                    let i = existing(token, items.len()).ok()?;
                    items.make_mut().get_mut(i)?
                }
                Node::Scalar { .. } => return None,
            };
        }
        (node.text().is_none()).then_some(node)
    }
}

/// Returns a member, nothing if it is missing, or an element.
///
/// # Errors
/// If there is no such element.
pub(super) fn child<'n>(parent: &'n Node, key: &str) -> Result<Option<&'n Node>, String> {
    match parent {
        Node::Map { map, .. } => {
            let entries = map.iter().as_slice();
            Ok(find(entries, key).ok().map(|i| &entries[i].value))
        }
        Node::Seq { items, .. } => Ok(items.get(existing(key, items.len())?)),
        Node::Scalar { .. } => Ok(None),
    }
}

/// Sets a member of a map.
pub(super) fn set_member(parent: &mut Node, key: &str, value: Node) {
    let Some(map) = parent.as_map_mut() else {
        return;
    };
    match find(map.iter().as_slice(), key) {
        Ok(i) => map.entries_mut()[i].value = value,
        Err(i) => {
            map.push(Node::str(key), value);
            map.entries_mut()[i..].rotate_right(1);
        }
    }
}

/// Adds a member or an element.
///
/// # Errors
/// If there can be no such element.
pub(super) fn add(parent: &mut Node, key: &str, value: Node) -> Result<(), String> {
    let Some(items) = parent.as_seq_mut() else {
        set_member(parent, key, value);
        return Ok(());
    };
    if key == "-" {
        items.push(value);
        return Ok(());
    }
    let index = atoi(key)
        .map_err(|problem| format!("value was not a proper array index: '{key}': {problem}"))?;
    // Odd: counted from the end, -1 is behind the last element here (case json-patch/add-from-the-end).
    let index = within(index, items.len() + 1)?;
    items.insert(index, value);
    Ok(())
}

/// Replaces an element, or sets a member.
///
/// # Errors
/// If there is no such element.
pub(super) fn set(parent: &mut Node, key: &str, value: Node) -> Result<(), String> {
    let Some(items) = parent.as_seq_mut() else {
        set_member(parent, key, value);
        return Ok(());
    };
    let index = existing(key, items.len())?;
    items.make_mut()[index] = value;
    Ok(())
}

/// Removes a member or an element.
///
/// # Errors
/// If there is none.
pub(super) fn remove(parent: &mut Node, key: &str) -> Result<Node, String> {
    match parent {
        Node::Map { map, .. } => match find(map.iter().as_slice(), key) {
            Ok(i) => Ok(map.remove_at(i).value),
            Err(_) => Err(format!("Unable to remove nonexistent key: {key}: missing value")),
        },
        Node::Seq { items, .. } => Ok(items.remove(existing(key, items.len())?)),
        Node::Scalar { .. } => Err("missing value".into()),
    }
}

/// Returns the place of a name among sorted entries, else where it belongs.
fn find(entries: &[Entry], key: &str) -> Result<usize, usize> {
    entries.binary_search_by(|entry| entry.key.text().unwrap_or_default().cmp(key))
}

/// Returns the index of an element that exists.
fn existing(key: &str, len: usize) -> Result<usize, String> {
    within(atoi(key)?, len)
}

/// Returns an index below `len`; a negative one counts from there.
fn within(index: i64, len: usize) -> Result<usize, String> {
    let from_end = usize::try_from(index.unsigned_abs()).ok().and_then(|i| len.checked_sub(i));
    let found = if index < 0 { from_end } else { usize::try_from(index).ok() };
    found
        .filter(|&i| i < len)
        .ok_or_else(|| format!("Unable to access invalid index: {index}: invalid index referenced"))
}

fn atoi(key: &str) -> Result<i64, String> {
    key.parse().map_err(|error: std::num::ParseIntError| {
        let problem = match error.kind() {
            std::num::IntErrorKind::PosOverflow | std::num::IntErrorKind::NegOverflow => {
                "value out of range"
            }
            _ => "invalid syntax",
        };
        format!("strconv.Atoi: parsing {key:?}: {problem}")
    })
}

fn unescape(token: &str) -> String {
    let token: Cow<'_, str> = if token.contains('~') {
        token.replace("~1", "/").replace("~0", "~").into()
    } else {
        token.into()
    };
    token.into_owned()
}
