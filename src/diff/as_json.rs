//! Objects as JSON, to be compared.

use serde_json::Value;

use crate::diagnostics::Result;
use crate::yaml::{self, Node};

/// Returns a tree as JSON, typed as printed.
pub(super) fn as_json(node: &Node) -> Result<Value> {
    let mut value = yaml::to_value(node)?;
    normalize_numbers(&mut value);
    Ok(value)
}

/// Makes numbers of one value equal, however they are written: `1e2` is 100, and `-1.0` is -1.
fn normalize_numbers(value: &mut Value) {
    /// Up to here each whole number has a float of its own.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match value {
        Value::Number(number) if number.is_f64() => {
            let float = number.as_f64().unwrap_or_default();
            let whole = float.fract() == 0.0 && float.abs() < EXACT;
            // Minus zero is printed as such.
            if whole && !(float == 0.0 && float.is_sign_negative()) {
                #[expect(clippy::cast_possible_truncation, reason = "whole, and small enough")]
                let whole = float as i64;
                *value = whole.into();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(normalize_numbers),
        Value::Object(map) => map.values_mut().for_each(normalize_numbers),
        _ => {}
    }
}
