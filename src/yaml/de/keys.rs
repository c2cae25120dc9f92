//! Keys of a mapping: as JSON text, in the order of their bytes, matched with the names of fields.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::super::node::{Entry, Mapping, Node};
use super::super::scalar::Rules;
use super::error::Fault;
use super::scalar::{Typed, short_float, typed};

/// An entry with the text of its key.
pub(super) type KeyedEntry<'a> = (Cow<'a, str>, &'a Entry);

/// Returns the entries of mappings by the text of their keys; of equal keys the last.
pub(super) fn by_key<'a>(
    maps: impl IntoIterator<Item = &'a Mapping>,
    rules: Rules,
) -> Result<Vec<KeyedEntry<'a>>, Fault> {
    let mut entries: Vec<KeyedEntry<'a>> = Vec::new();
    for map in maps {
        entries.reserve(map.len());
        for entry in map {
            entries.push((key_text(entry, rules)?, entry));
        }
    }
    entries.sort_by(|(a, _), (b, _)| a.cmp(b));
    entries.dedup_by(|later, earlier| {
        let same = later.0 == earlier.0;
        if same {
            std::mem::swap(later, earlier);
        }
        same
    });
    Ok(entries)
}

/// Returns the text that a key has in JSON.
pub(super) fn key_text(entry: &Entry, rules: Rules) -> Result<Cow<'_, str>, Fault> {
    let key = &entry.key;
    let unsupported = |kind: &str, text: &str| {
        let value = entry.value.text().unwrap_or("…");
        let message = format!("unsupported map key of type: {kind}, key: {text}, value: {value:?}");
        Err(Fault::other(message).at(key.pos()))
    };
    Ok(match typed(key, rules)? {
        Typed::Str(text) => text,
        Typed::Bool(value) => Cow::Borrowed(if value { "true" } else { "false" }),
        Typed::Int(value) => Cow::Owned(value.to_string()),
        Typed::Float(value) => Cow::Owned(match short_float(value).as_str() {
            "+Inf" => ".inf".to_owned(),
            "-Inf" => "-.inf".to_owned(),
            "NaN" => ".nan".to_owned(),
            text => text.to_owned(),
        }),
        Typed::Null => return unsupported("%!s(<nil>)", "<nil>"),
        Typed::Uint(value) if rules == Rules::V3 => Cow::Owned(value.to_string()),
        Typed::Uint(value) => return unsupported("uint64", &format!("{value:#x}")),
        Typed::Map(_) | Typed::Seq => {
            let message = format!("yaml: invalid map key: a {}", key.kind().name());
            return Err(Fault::other(message).at(key.pos()));
        }
    })
}

/// Returns the field that a key means: the one of that name, else one that differs in case only.
pub(super) fn find_field(fields: &'static [&'static str], key: &str) -> Option<&'static str> {
    fields
        .iter()
        .find(|field| **field == key)
        .or_else(|| fields.iter().find(|field| folds_to(key, field)))
        .copied()
}

/// Returns what two keys have in common that differ in the case of letters only, as long as one of
/// them is ASCII.
///
/// Odd: case is Unicode's, so that `ſ` (long s) is an `s` and `K` (Kelvin) a `k`
/// (case kustomization/field-names-with-long-s).
pub(crate) fn fold(key: &str) -> impl Iterator<Item = char> {
    key.chars().map(|c| match c {
        'ſ' => 's',
        '\u{212A}' => 'k',
        c => c.to_ascii_lowercase(),
    })
}

fn folds_to(key: &str, field: &str) -> bool {
    match key.len().cmp(&field.len()) {
        Ordering::Less => false,
        Ordering::Equal => key.eq_ignore_ascii_case(field),
        // The letters outside of ASCII are longer than those that they fold to.
        Ordering::Greater => !key.is_ascii() && fold(key).eq(fold(field)),
    }
}

/// Returns the value of the field `field` of the mapping `node`: of several spellings the last in the
/// order of bytes, of equal keys the last in the file.
pub(crate) fn get_folded<'a>(node: &'a Node, field: &str) -> Option<&'a Node> {
    let entries = node.as_map()?.iter();
    entries
        .filter(|e| e.key.text().is_some_and(|key| folds_to(key, field)))
        .max_by_key(|e| e.key.text())
        .map(|e| &e.value)
}
