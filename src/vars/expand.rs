//! `$(NAME)` in strings (docs/spec/vars.md, section 3).

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ecow::{EcoString, eco_format};

use super::value::Value;
use crate::diagnostics::{Error, ErrorKind, Result};
use crate::limits::{Account, Limit};
use crate::yaml::{Node, Style, Tag, is_string};

/// The values, and what became of them.
pub(super) struct Expander<'a> {
    account: &'a Account,
    values: BTreeMap<EcoString, Value>,
    used: BTreeSet<EcoString>,
    log: Vec<String>,
}

/// Returns `true` if a leaf has something to expand, or something that is an error.
pub(super) fn concerns(leaf: &Node) -> bool {
    let expandable = |node: &Node| match node {
        Node::Scalar { text, style, .. } => {
            is_untagged(node) || text.contains('$') || is_written_as_block(text, *style)
        }
        _ => false,
    };
    match leaf {
        Node::Scalar { .. } => expandable(leaf),
        Node::Seq { items, .. } => items.iter().any(|item| !is_element(item) || expandable(item)),
        Node::Map { map, .. } => map.iter().any(|e| !is_string(&e.key) || expandable(&e.value)),
    }
}

/// Returns `true` if a text of several lines becomes a literal block, though nothing in it changes.
///
/// Odd: upstream writes it anew (case vars/folded-text).
fn is_written_as_block(text: &str, style: Style) -> bool {
    !matches!(style, Style::Plain | Style::Literal) && text.contains('\n')
}

/// Returns `true` for what may be an element of a list.
///
/// Odd: a plain `<<` is no string (case vars/list-with-merge-sign).
fn is_element(node: &Node) -> bool {
    let is_merge_sign = matches!(node, Node::Scalar { text, style: Style::Plain, tag: Tag::None, .. } if text == "<<");
    is_string(node) && !is_merge_sign
}

/// Returns `true` if a scalar lost its tag.
fn is_untagged(node: &Node) -> bool {
    matches!(node, Node::Scalar { tag: Tag::Cleared, .. })
}

/// Returns `true` if a key comes from no file.
///
/// Odd: the keys that a step makes have no type, and so count as strings whatever their text (case
/// vars/made-keys-of-any-type).
fn is_made(key: &Node) -> bool {
    !key.pos().is_some()
}

impl Expander<'_> {
    /// Returns an expander for these values.
    pub(super) fn new(values: BTreeMap<EcoString, Value>, account: &Account) -> Expander<'_> {
        Expander { account, values, used: BTreeSet::new(), log: Vec::new() }
    }

    /// Expands a string, a list of strings, or the strings among the values of a map.
    ///
    /// # Errors
    /// If a list has other elements, or a map other keys, or there is no room for a text.
    pub(super) fn expand(&mut self, leaf: &mut Node) -> Result<()> {
        match leaf {
            Node::Scalar { .. } => self.expand_scalar(leaf)?,
            Node::Seq { items, .. } => {
                for item in items.make_mut() {
                    if !is_element(item) && !is_untagged(item) {
                        return Err(wrong("invalid value type expect a string").at(item.pos()));
                    }
                    self.expand_scalar(item)?;
                }
            }
            Node::Map { map, .. } => {
                for entry in map.entries_mut() {
                    if !is_string(&entry.key) && !is_made(&entry.key) {
                        let key = entry.key.text().unwrap_or_default();
                        return Err(
                            wrong(format!("invalid map key: value='{key}'")).at(entry.key.pos())
                        );
                    }
                    self.expand_scalar(&mut entry.value)?;
                }
            }
        }
        Ok(())
    }

    /// Returns what is to be logged.
    pub(super) fn into_log(mut self) -> Vec<String> {
        let unused: Vec<&str> = self
            .values
            .keys()
            .filter(|name| !self.used.contains(*name))
            .map(EcoString::as_str)
            .collect();
        if !unused.is_empty() {
            let names = unused.join(",");
            self.log.push(format!("well-defined vars that were never replaced: {names}"));
        }
        self.log
    }

    fn expand_scalar(&mut self, node: &mut Node) -> Result<()> {
        // Odd: what lost its tag in an earlier step becomes a string (case vars/untagged-becomes-string).
        if let Node::Scalar { tag: tag @ Tag::Cleared, .. } = node {
            *tag = Tag::Str;
        }
        let text = match &*node {
            Node::Scalar { text, .. } if is_string(node) && text.contains('$') => text.clone(),
            Node::Scalar { text, style, pos, .. } if is_written_as_block(text, *style) => {
                if is_string(node) {
                    *node = Node::scalar(text.clone(), Style::Plain, Tag::Str, *pos);
                }
                return Ok(());
            }
            _ => return Ok(()),
        };
        let whole = text.strip_prefix("$(").and_then(|inner| inner.split_once(')'));
        let (text, tag) = match whole.filter(|(_, rest)| rest.is_empty()) {
            Some((name, _)) => match self.value(name) {
                Some(Value::Float(float)) => (eco_format!("{float}"), Tag::Float),
                Some(value @ Value::Bool(_)) => (value.text(), Tag::Bool),
                Some(value @ Value::Int(_)) => (value.text(), Tag::Int),
                Some(value) => (value.text(), Tag::Str),
                None => return Ok(()),
            },
            None => (self.splice(&text)?, Tag::Str),
        };
        *node = Node::scalar(text, Style::Plain, tag, node.pos());
        Ok(())
    }

    /// Returns the text with all known vars replaced and `$$` halved.
    ///
    /// # Errors
    /// If there is no room for it.
    fn splice(&mut self, text: &str) -> Result<EcoString> {
        let account = self.account;
        account.charge_text(text.len())?;
        let mut out = Vec::with_capacity(text.len());
        let mut rest = text;
        // Behind the last `)` nothing is a reference.
        let last = text.rfind(')').unwrap_or_default();
        while let Some((before, after)) = rest.split_once('$') {
            out.extend_from_slice(before.as_bytes());
            let inner = after.strip_prefix('(').filter(|inner| text.len() - inner.len() <= last);
            if let Some((name, behind)) = inner.and_then(|inner| inner.split_once(')')) {
                match self.value(name) {
                    Some(value) => {
                        let value = value.text();
                        account.charge(Limit::MadeBytes, value.len() as u64)?;
                        account.allow(Limit::ValueBytes, (out.len() + value.len()) as u64)?;
                        out.extend_from_slice(value.as_bytes());
                    }
                    None => out.extend_from_slice(format!("$({name})").as_bytes()),
                }
                rest = behind;
            } else if let Some(behind) = after.strip_prefix('$') {
                out.push(b'$');
                rest = behind;
            } else if let Some(first) = after.bytes().next().filter(|b| !b.is_ascii()) {
                // Odd: the byte is taken for a character of Latin-1, which leaves no UTF-8
                // (case vars/dollar-before-a-letter-of-two-bytes).
                out.push(b'$');
                out.extend_from_slice(char::from(first).encode_utf8(&mut [0; 2]).as_bytes());
                out.extend_from_slice(
                    after.as_bytes().get(1..first_len(after)).unwrap_or_default(),
                );
                rest = after.get(first_len(after)..).unwrap_or_default();
            } else {
                out.push(b'$');
                rest = after;
            }
        }
        out.extend_from_slice(rest.as_bytes());
        // What is not UTF-8 is shown as base64, as if it were binary data.
        Ok(String::from_utf8(out).unwrap_or_else(|e| BASE64_STANDARD.encode(e.as_bytes())).into())
    }

    /// Returns the value of a var if it can be put into a string, and notes that it was used.
    fn value(&mut self, name: &str) -> Option<&Value> {
        let (name, value) = self.values.get_key_value(name)?;
        if *value == Value::Collection {
            self.log.push(format!("var '{name}' is a map or a list: bad replacement type"));
            return None;
        }
        if !self.used.contains(name) {
            self.used.insert(name.clone());
        }
        Some(value)
    }
}

fn first_len(text: &str) -> usize {
    text.chars().next().map_or(0, char::len_utf8)
}

fn wrong(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Reference, message)
}
