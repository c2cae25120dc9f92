//! Values taken for others: any value for a text, a text for a number.

use std::rc::Rc;

use super::super::budget::Budget;
use super::super::error::TemplateError;
use super::super::number;
use super::super::print;
use super::super::value::Value;

/// Returns a value as a text.
pub(super) fn text(value: &Value, budget: &Budget) -> Result<Rc<str>, TemplateError> {
    match value {
        Value::Str(text) => {
            budget.reads(text.len())?;
            Ok(Rc::clone(text))
        }
        other => print::plain(other, budget).map(Into::into),
    }
}

/// Returns a value as a list of texts: its elements without nulls, or itself.
pub(super) fn texts(value: &Value, budget: &Budget) -> Result<Vec<Rc<str>>, TemplateError> {
    match value {
        Value::Nil => Ok(Vec::new()),
        Value::List(list) => {
            let items = list.items().iter().filter(|item| !matches!(item, Value::Nil));
            items.map(|item| text(item, budget)).collect()
        }
        other => Ok(vec![text(other, budget)?]),
    }
}

/// Returns a value as a whole number; 0 if it is none.
pub(super) fn int(value: &Value) -> i64 {
    match value {
        Value::Int(value, _) => *value,
        Value::Float(value) => whole(*value),
        Value::Bool(value) => i64::from(*value),
        Value::Str(text) => {
            let whole = match text.split_once('.') {
                Some((whole, zeros)) if zeros.bytes().all(|b| b == b'0') && !zeros.is_empty() => {
                    whole
                }
                _ => text,
            };
            number::parse_int(whole).and_then(|value| i64::try_from(value).ok()).unwrap_or(0)
        }
        _ => 0,
    }
}

/// Returns a number without what is after its point, as Go does on amd64: one that is too large, or none, is the
/// smallest that there is.
#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "in the range")]
fn whole(value: f64) -> i64 {
    let range = i64::MIN as f64..-(i64::MIN as f64);
    if range.contains(&value) { value as i64 } else { i64::MIN }
}

/// Returns a value as a floating-point number; 0 if it is none.
#[expect(clippy::cast_precision_loss, reason = "as Go converts it")]
pub(super) fn float(value: &Value) -> f64 {
    match value {
        Value::Int(value, _) => *value as f64,
        Value::Float(value) => *value,
        Value::Bool(value) => f64::from(u8::from(*value)),
        Value::Str(text) => number::parse_float(text).unwrap_or(0.0),
        _ => 0.0,
    }
}
