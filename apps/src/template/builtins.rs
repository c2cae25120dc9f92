//! The functions that every template of Go has.

use std::cmp::Ordering;

use super::function::{Args, Failure, Function, function};
use super::print::{self, DEEPEST};
use super::printf;
use super::strings::{from_bytes, quote};
use super::value::{IntType, Value};

type Outcome = Result<Value, Failure>;

/// All of them; `and` and `or` are evaluated where they are called.
pub(super) const FUNCTIONS: &[Function] = &[
    function("and", "aa*", |_| Ok(Value::Nil)),
    function("or", "aa*", |_| Ok(Value::Nil)),
    function("not", "a", |args| Ok(Value::Bool(!args.any(0).is_true()))),
    function("call", "aa*", call),
    function("index", "aa*", index),
    function("slice", "aa*", slice),
    function("len", "a", len),
    function("print", "a*", |args| text(print::sprint(args.all(), args.budget)?)),
    function("println", "a*", |args| text(print::sprintln(args.all(), args.budget)?)),
    function("printf", "sa*", |args| {
        text(printf::sprintf(args.str(0), args.from(1), args.budget)?)
    }),
    function("html", "a*", |args| escaped(args, html)),
    function("js", "a*", |args| escaped(args, js)),
    function("urlquery", "a*", |args| escaped(args, urlquery)),
    function("eq", "aa*", |args| any_equal(args).map(Value::Bool)),
    function("ne", "aa", |args| equal(args.any(0), args.any(1)).map(|same| Value::Bool(!same))),
    function("lt", "aa", |args| less(args.any(0), args.any(1)).map(Value::Bool)),
    function("le", "aa", |args| at_most(args).map(Value::Bool)),
    function("gt", "aa", |args| at_most(args).map(|at_most| Value::Bool(!at_most))),
    function("ge", "aa", |args| less(args.any(0), args.any(1)).map(|less| Value::Bool(!less))),
];

fn text(text: String) -> Outcome {
    Ok(Value::str(text))
}

fn call(args: &Args<'_>) -> Outcome {
    match args.any(0) {
        Value::Nil => Err("call of nil".into()),
        other => Err(format!("non-function of type {}", other.type_name()).into()),
    }
}

fn index(args: &Args<'_>) -> Outcome {
    let mut item = args.any(0).clone();
    if matches!(item, Value::Nil) {
        return Err("index of untyped nil".into());
    }
    for index in args.from(1) {
        item = match &item {
            Value::List(list) => {
                let at = position(index, list.items().len())?;
                list.items().get(at).cloned().ok_or_else(|| out_of_range(at))?
            }
            Value::Str(text) => {
                let at = position(index, text.len())?;
                let byte = text.as_bytes().get(at).ok_or_else(|| out_of_range(at))?;
                Value::Int(i64::from(*byte), IntType::Uint8)
            }
            Value::Map(map) => match index {
                Value::Str(key) => map.get(key).unwrap_or_else(|| match map.of() {
                    super::value::Elements::Str => Value::str(""),
                    _ => Value::Nil,
                }),
                Value::Nil => return Err("value is nil; should be of type string".into()),
                other => {
                    let of = other.type_name();
                    return Err(format!("value has type {of}; should be string").into());
                }
            },
            Value::Nil => return Err("index of nil pointer".into()),
            other => return Err(format!("can't index item of type {}", other.type_name()).into()),
        };
    }
    Ok(item)
}

fn out_of_range(index: impl std::fmt::Display) -> Failure {
    Failure::Message(format!("index out of range: {index}"))
}

/// Returns an index into what is `length` long; `length` itself is let through.
fn position(index: &Value, length: usize) -> Result<usize, Failure> {
    match index {
        Value::Int(index, _) => {
            usize::try_from(*index).ok().filter(|i| *i <= length).ok_or_else(|| out_of_range(index))
        }
        Value::Nil => Err("cannot index slice/array with nil".into()),
        other => Err(format!("cannot index slice/array with type {}", other.type_name()).into()),
    }
}

/// The `slice` of Go, which Argo CD's templates do not have: there it is that of sprig.
fn slice(args: &Args<'_>) -> Outcome {
    let item = args.any(0);
    let (length, most) = match item {
        Value::Nil => return Err("slice of untyped nil".into()),
        Value::Str(text) => (text.len(), 2),
        Value::List(list) => (list.items().len(), 3),
        other => return Err(format!("can't slice item of type {}", other.type_name()).into()),
    };
    let indexes = args.from(1);
    if indexes.len() > most {
        return Err(match item {
            Value::Str(_) => "cannot 3-index slice a string".into(),
            _ => format!("too many slice indexes: {}", indexes.len()).into(),
        });
    }
    let mut bounds = [0, length];
    for (bound, index) in bounds.iter_mut().zip(indexes) {
        *bound = position(index, length)?;
    }
    let [start, end] = bounds;
    if start > end {
        return Err(format!("invalid slice index: {start} > {end}").into());
    }
    Ok(match item {
        Value::Str(text) => {
            let bytes = text.as_bytes().get(start..end).unwrap_or_default();
            Value::str(from_bytes(bytes).as_ref())
        }
        Value::List(list) => {
            let items = list.items().get(start..end).unwrap_or_default().to_vec();
            Value::List(super::value::List::new(items, list.of()))
        }
        _ => Value::Nil,
    })
}

fn len(args: &Args<'_>) -> Outcome {
    let length = match args.any(0) {
        Value::Str(text) => text.len(),
        Value::List(list) => list.items().len(),
        Value::Map(map) => map.len(),
        Value::Nil => return Err("len of nil pointer".into()),
        other => return Err(format!("len of type {}", other.type_name()).into()),
    };
    Ok(Value::int(i64::try_from(length).unwrap_or(i64::MAX)))
}

// Comparisons

/// What can be compared with what.
fn basic_kind(value: &Value) -> Option<&'static str> {
    match value {
        Value::Bool(_) => Some("bool"),
        Value::Int(_, IntType::Uint8 | IntType::Uint64) => Some("uint"),
        Value::Int(..) => Some("int"),
        Value::Float(_) => Some("float"),
        Value::Str(_) => Some("string"),
        _ => None,
    }
}

fn any_equal(args: &Args<'_>) -> Result<bool, Failure> {
    if args.all().len() < 2 {
        return Err("missing argument for comparison".into());
    }
    for other in args.from(1) {
        if equal(args.any(0), other)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn equal(a: &Value, b: &Value) -> Result<bool, Failure> {
    match (a, b) {
        (Value::Int(a, _), Value::Int(b, _)) => Ok(a == b),
        (Value::Bool(a), Value::Bool(b)) => Ok(a == b),
        (Value::Float(a), Value::Float(b)) => Ok(a == b),
        (Value::Str(a), Value::Str(b)) => Ok(a == b),
        (Value::Nil, Value::Nil) => Ok(true),
        (Value::Nil, _) | (_, Value::Nil) => Ok(false),
        _ if basic_kind(a) != basic_kind(b) => Err("incompatible types for comparison".into()),
        _ => {
            let (a, b) = (a.type_name(), b.type_name());
            Err(format!("non-comparable types {a}, {b}").into())
        }
    }
}

fn less(a: &Value, b: &Value) -> Result<bool, Failure> {
    let order = match (a, b) {
        (Value::Int(a, _), Value::Int(b, _)) => Some(a.cmp(b)),
        (Value::Float(a), Value::Float(b)) => a.partial_cmp(b),
        (Value::Str(a), Value::Str(b)) => Some(a.cmp(b)),
        _ => {
            return Err(match (basic_kind(a), basic_kind(b)) {
                (Some(a), Some(b)) if a != b => "incompatible types for comparison".into(),
                _ => "invalid type for comparison".into(),
            });
        }
    };
    Ok(order == Some(Ordering::Less))
}

fn at_most(args: &Args<'_>) -> Result<bool, Failure> {
    let (a, b) = (args.any(0), args.any(1));
    Ok(less(a, b)? || equal(a, b)?)
}

// Escapes

fn escaped(args: &Args<'_>, escape: fn(char, &mut String)) -> Outcome {
    let plain = match args.all() {
        [Value::Str(text)] => text.to_string(),
        values => {
            let mut shown = Vec::with_capacity(values.len());
            for value in values {
                shown.push(match value {
                    Value::Nil => Value::str("<no value>"),
                    value => value.clone(),
                });
            }
            print::sprint(&shown, args.budget)?
        }
    };
    // Some characters are looked up before they are escaped.
    args.will_read(plain.len().saturating_mul(2))?;
    args.will_make(plain.len().saturating_mul(2))?;
    let mut out = String::with_capacity(plain.len());
    plain.chars().for_each(|c| escape(c, &mut out));
    text(out)
}

fn html(c: char, out: &mut String) {
    match c {
        '\0' => out.push('\u{fffd}'),
        '"' => out.push_str("&#34;"),
        '\'' => out.push_str("&#39;"),
        '&' => out.push_str("&amp;"),
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        c => out.push(c),
    }
}

fn js(c: char, out: &mut String) {
    match c {
        '\\' => out.push_str("\\\\"),
        '\'' => out.push_str("\\'"),
        '"' => out.push_str("\\\""),
        '<' | '>' | '&' | '=' => out.push_str(&format!("\\u{:04X}", u32::from(c))),
        c if c < ' ' || c == '\u{7f}' => out.push_str(&format!("\\u{:04X}", u32::from(c))),
        c if !c.is_ascii() && quote(&c.to_string()).len() != c.len_utf8() + 2 => {
            out.push_str(&format!("\\u{:04X}", u32::from(c)));
        }
        c => out.push(c),
    }
}

fn urlquery(c: char, out: &mut String) {
    match c {
        ' ' => out.push('+'),
        c if c.is_ascii_alphanumeric() || "-_.~".contains(c) => out.push(c),
        c => c.encode_utf8(&mut [0; 4]).bytes().for_each(|byte| push_percent(byte, out)),
    }
}

/// Appends a byte as addresses have it: `%20`.
pub(super) fn push_percent(byte: u8, out: &mut String) {
    let digit = |four: u8| char::from_digit(u32::from(four & 15), 16).unwrap_or_default();
    out.extend(['%', digit(byte >> 4), digit(byte)].map(|c| c.to_ascii_uppercase()));
}

/// Returns `true` if two values are the same all the way down, types included, as Go's `DeepEqual`
/// has it.
pub(super) fn deep_equal(a: &Value, b: &Value, args: &Args<'_>) -> Result<bool, Failure> {
    same(a, b, args, 0)
}

fn same(a: &Value, b: &Value, args: &Args<'_>, depth: usize) -> Result<bool, Failure> {
    if depth > DEEPEST {
        return Err(print::too_deep().into());
    }
    args.budget.steps(1)?;
    Ok(match (a, b) {
        (Value::Nil, Value::Nil) => true,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Int(a, one), Value::Int(b, other)) => a == b && one == other,
        (Value::Float(a), Value::Float(b)) => a == b,
        (Value::Str(a), Value::Str(b)) => {
            args.will_read(a.len().min(b.len()))?;
            a == b
        }
        (Value::List(a), Value::List(b)) => {
            if a.of() != b.of() || a.items().len() != b.items().len() {
                return Ok(false);
            }
            for (a, b) in a.items().iter().zip(b.items()) {
                if !same(a, b, args, depth + 1)? {
                    return Ok(false);
                }
            }
            true
        }
        (Value::Map(a), Value::Map(b)) => {
            if a.of() != b.of() || a.len() != b.len() {
                return Ok(false);
            }
            args.budget.steps(a.len())?;
            for ((one, a), (other, b)) in a.entries().iter().zip(b.entries()) {
                args.will_read(one.len().min(other.len()))?;
                if *one != other || !same(a, &b, args, depth + 1)? {
                    return Ok(false);
                }
            }
            true
        }
        (Value::Version(a), Value::Version(b)) => a == b,
        _ => false,
    })
}
