//! The value of a var: a scalar of a resource, with its type.

use ecow::{EcoString, eco_format};

use crate::yaml::{Node, ScalarType, Tag, scalar_type};

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    /// A string; null is its spelling.
    Text(EcoString),
    /// An integer.
    Int(i64),
    /// A number with a fraction or exponent.
    Float(f64),
    /// A boolean.
    Bool(bool),
    /// A map or list, which cannot be put into a string.
    Collection,
}

impl Value {
    /// Returns the text that stands for the value inside a longer string.
    pub(super) fn text(&self) -> EcoString {
        match self {
            Value::Text(text) => text.clone(),
            Value::Int(int) => eco_format!("{int}"),
            Value::Float(float) => general(*float),
            Value::Bool(bool) => eco_format!("{bool}"),
            Value::Collection => EcoString::new(),
        }
    }
}

/// Returns the value at a `.`-separated path, or `None` if it is missing or cannot be read.
pub(super) fn read(node: &Node, path: &str) -> Option<Value> {
    let parts = split(path);
    let mut parts = parts.iter().map(|part| part.trim()).filter(|part| !part.is_empty());
    let found = parts.try_fold(node, step)?;
    let text = match found {
        // Odd: what a replacement made has no type (case vars/value-made-by-a-replacement).
        Node::Scalar { text, tag: Tag::Cleared, .. } => return Some(Value::Text(text.clone())),
        Node::Scalar { text, .. } => text,
        _ => return Some(Value::Collection),
    };
    Some(match scalar_type(found)? {
        // Odd: only plain decimals are read, so `0x10` is as good as missing and `010` is ten
        // (cases vars/value-in-hex and vars/value-with-leading-zero).
        ScalarType::Int => Value::Int(text.parse().ok()?),
        ScalarType::Float => {
            let float: f64 = text.replace("_", "").parse().ok()?;
            Value::Float(Some(float).filter(|float| float.is_finite())?)
        }
        ScalarType::Bool => Value::Bool(text.eq_ignore_ascii_case("true")),
        _ => Value::Text(text.clone()),
    })
}

/// Splits a path at its dots; `\.` is a dot of a key, and so is a dot in brackets.
fn split(path: &str) -> Vec<EcoString> {
    let mut pieces = vec![EcoString::new()];
    let mut chars = path.chars().peekable();
    while let Some(c) = chars.next() {
        let Some(piece) = pieces.last_mut() else {
            break;
        };
        match c {
            '\\' if chars.peek() == Some(&'.') => piece.extend(chars.next()),
            '.' if piece.starts_with('[') && !piece.ends_with(']') => piece.push('.'),
            '.' => pieces.push(EcoString::new()),
            _ => piece.push(c),
        }
    }
    pieces.into_iter().flat_map(parts).collect()
}

/// Makes `key` and `0` of `key[0]`, and takes the brackets off a key with dots.
fn parts(piece: EcoString) -> Vec<EcoString> {
    let Some((key, inner)) = piece.strip_suffix(']').and_then(|p| p.rsplit_once('[')) else {
        let unclosed = piece.starts_with('[') && !piece.contains('=');
        return vec![if unclosed { piece.trim_matches('[').into() } else { piece }];
    };
    if !inner.is_empty() && inner.bytes().all(|b| b.is_ascii_digit()) {
        let key = Some(key).filter(|key| !key.is_empty()).map(EcoString::from);
        return key.into_iter().chain([EcoString::from(inner)]).collect();
    }
    if key.is_empty() && inner.contains('.') && !inner.contains('=') {
        return vec![inner.into()];
    }
    vec![piece]
}

fn step<'a>(node: &'a Node, part: &str) -> Option<&'a Node> {
    match node {
        Node::Map { map, .. } => Some(part).filter(|p| !is_element(p)).and_then(|p| map.get(p)),
        Node::Seq { items, .. } if part == "-" => items.last(),
        Node::Seq { items, .. } => {
            let Some(inner) = part.strip_prefix('[').and_then(|p| p.strip_suffix(']')) else {
                return items.get(part.parse::<usize>().ok()?);
            };
            let (key, value) = inner.split_once('=')?;
            items.iter().find(|item| {
                let field = if key.is_empty() { Some(*item) } else { item.get(key) };
                field.and_then(Node::text) == Some(value)
            })
        }
        Node::Scalar { .. } => None,
    }
}

/// Returns `true` if a part names an element of a list, which no map has.
fn is_element(part: &str) -> bool {
    matches!(part, "-" | "*")
        || part.bytes().all(|b| b.is_ascii_digit())
        || part.starts_with('[') && part.ends_with(']')
}

/// Returns the shortest decimal, with an exponent if that is below -4 or above 5.
fn general(float: f64) -> EcoString {
    let text = eco_format!("{float:e}");
    let Some((digits, exponent)) = text.split_once('e') else {
        return text;
    };
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if (-4..6).contains(&exponent) {
        return eco_format!("{float}");
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    eco_format!("{digits}e{sign}{:02}", exponent.unsigned_abs())
}
