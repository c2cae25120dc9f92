//! What elements of a list have under the keys that it merges by, as numbers: they are compared often.

use ecow::EcoString;
use rustc_hash::FxHashMap;

use crate::yaml::{Mapping, Node};

/// The number of a text; that of the empty one is 0.
pub(super) type Number = u32;

/// What stands for a field that is not there.
const ABSENT: Number = Number::MAX;

/// The numbers of texts.
#[derive(Debug)]
pub(super) struct Texts(FxHashMap<EcoString, Number>);

impl Texts {
    pub(super) fn new() -> Texts {
        Texts(FxHashMap::from_iter([(EcoString::new(), 0)]))
    }

    /// Returns the number of a text.
    pub(super) fn number(&mut self, text: &str) -> Number {
        if let Some(number) = self.0.get(text) {
            return *number;
        }
        let number = self.0.len() as Number;
        self.0.insert(text.into(), number);
        number
    }

    /// Returns the numbers of texts.
    pub(super) fn numbers(&mut self, texts: &[EcoString]) -> Vec<Number> {
        texts.iter().map(|text| self.number(text)).collect()
    }
}

/// What is known of one element.
#[derive(Clone, Debug)]
pub(super) struct Facts {
    pub(super) is_map: bool,
    pub(super) is_empty: bool,
    /// What it has under each key.
    fields: Vec<Number>,
}

impl Facts {
    /// Looks at an element.
    pub(super) fn of(node: &Node, keys: &[&str], texts: &mut Texts) -> Facts {
        let field = |key: &&str| match node.get(key) {
            Some(value) => texts.number(value.text().unwrap_or_default()),
            None => ABSENT,
        };
        let fields = keys.iter().map(field).collect();
        Facts { is_map: node.as_map().is_some(), is_empty: is_empty(node), fields }
    }

    /// Returns `true` if all fields that a value is given for have it; `any` says whether every text is like
    /// an empty value.
    pub(super) fn has(&self, values: &[Number], any: bool) -> bool {
        let mut pairs = self.fields.iter().zip(values);
        pairs.all(|(field, value)| field == value || (any && *value == 0 && *field != ABSENT))
    }

    /// Returns `true` if all fields that a value other than the empty one is given for have it.
    pub(super) fn has_given(&self, values: &[Number]) -> bool {
        self.fields.iter().zip(values).all(|(field, value)| *value == 0 || field == value)
    }
}

/// Returns `true` for what counts as no element: null and a map without entries.
pub(super) fn is_empty(node: &Node) -> bool {
    node.is_null() || node.as_map().is_some_and(Mapping::is_empty)
}
