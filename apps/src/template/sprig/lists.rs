//! Functions on lists.

use std::rc::Rc;

use super::super::builtins::deep_equal;
use super::super::function::{Args, Failure, Function, function};
use super::super::value::{Elements, List, Value};
use super::{Outcome, cast, yes};

pub(super) const FUNCTIONS: &[Function] = &[
    function("list", "a*", |args| Ok(Value::list(args.all().to_vec()))),
    function("tuple", "a*", |args| Ok(Value::list(args.all().to_vec()))),
    function("append", "aa", |args| push(args, "push", false)),
    function("mustAppend", "aa", |args| push(args, "push", false)),
    function("push", "aa", |args| push(args, "push", false)),
    function("mustPush", "aa", |args| push(args, "push", false)),
    function("prepend", "aa", |args| push(args, "prepend", true)),
    function("mustPrepend", "aa", |args| push(args, "prepend", true)),
    function("first", "a", |args| edge(args, "first", <[Value]>::first)),
    function("mustFirst", "a", |args| edge(args, "first", <[Value]>::first)),
    function("last", "a", |args| edge(args, "last", <[Value]>::last)),
    function("mustLast", "a", |args| edge(args, "last", <[Value]>::last)),
    function("rest", "a", |args| part(args, "rest", |items| items.get(1..))),
    function("mustRest", "a", |args| part(args, "rest", |items| items.get(1..))),
    function("initial", "a", |args| part(args, "initial", without_last)),
    function("mustInitial", "a", |args| part(args, "initial", without_last)),
    function("reverse", "a", reverse),
    function("mustReverse", "a", reverse),
    function("compact", "a", compact),
    function("mustCompact", "a", compact),
    function("uniq", "a", uniq),
    function("mustUniq", "a", uniq),
    function("without", "aa*", without),
    function("mustWithout", "aa*", without),
    function("has", "aa", has),
    function("mustHas", "aa", has),
    function("slice", "aa*", slice),
    function("mustSlice", "aa*", slice),
    function("concat", "a*", concat),
    function("chunk", "ia", chunk),
    function("mustChunk", "ia", chunk),
    function("sortAlpha", "a", |args| {
        let mut texts: Vec<Rc<str>> = match args.any(0) {
            Value::List(_) => cast::texts(args.any(0), args.budget)?,
            other => vec![cast::text(other, args.budget)?],
        };
        args.will_list(texts.len())?;
        // Each is compared with as many as the number of texts can be halved.
        let length: usize = texts.iter().map(|text| text.len()).sum();
        args.will_read(length.saturating_mul(texts.len().max(2).ilog2() as usize))?;
        texts.sort();
        Ok(Value::strings(texts))
    }),
];

/// Returns the list that an argument is.
fn list(args: &Args<'_>, index: usize, what: &str) -> Result<List, Failure> {
    match args.any(index) {
        Value::List(list) => Ok(list.clone()),
        other => {
            let of = match other {
                Value::Nil => "nil".to_owned(),
                Value::Map(_) => "map".to_owned(),
                other => other.kind_name().to_owned(),
            };
            Err(format!("Cannot {what} on type {of}").into())
        }
    }
}

fn push(args: &Args<'_>, what: &str, front: bool) -> Outcome {
    let list = list(args, 0, what)?;
    args.will_list(list.items().len() + 1)?;
    let mut items = Vec::with_capacity(list.items().len() + 1);
    if front {
        items.push(args.any(1).clone());
    }
    items.extend_from_slice(list.items());
    if !front {
        items.push(args.any(1).clone());
    }
    Ok(Value::list(items))
}

fn edge(args: &Args<'_>, what: &str, get: fn(&[Value]) -> Option<&Value>) -> Outcome {
    let list = list(args, 0, &format!("find {what}"))?;
    Ok(get(list.items()).cloned().unwrap_or(Value::Nil))
}

fn without_last(items: &[Value]) -> Option<&[Value]> {
    items.split_last().map(|(_, rest)| rest)
}

fn part(args: &Args<'_>, what: &str, get: fn(&[Value]) -> Option<&[Value]>) -> Outcome {
    let list = list(args, 0, &format!("find {what}"))?;
    args.will_list(list.items().len())?;
    Ok(match get(list.items()) {
        Some(items) if !list.items().is_empty() => Value::list(items.to_vec()),
        _ => Value::List(List::nil(Elements::Any)),
    })
}

fn reverse(args: &Args<'_>) -> Outcome {
    let list = list(args, 0, "find reverse")?;
    args.will_list(list.items().len())?;
    Ok(Value::list(list.items().iter().rev().cloned().collect()))
}

fn compact(args: &Args<'_>) -> Outcome {
    let list = list(args, 0, "compact")?;
    args.will_list(list.items().len())?;
    Ok(Value::list(list.items().iter().filter(|item| item.is_true()).cloned().collect()))
}

/// Returns `true` if `items` has an element that is `wanted`.
fn holds(items: &[Value], wanted: &Value, args: &Args<'_>) -> Result<bool, Failure> {
    for item in items {
        if deep_equal(item, wanted, args)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn uniq(args: &Args<'_>) -> Outcome {
    let list = list(args, 0, "find uniq")?;
    let mut kept = Vec::new();
    for item in list.items() {
        if !holds(&kept, item, args)? {
            args.will_list(1)?;
            kept.push(item.clone());
        }
    }
    Ok(Value::list(kept))
}

fn without(args: &Args<'_>) -> Outcome {
    let list = list(args, 0, "find without")?;
    let mut kept = Vec::new();
    for item in list.items() {
        if !holds(args.from(1), item, args)? {
            args.will_list(1)?;
            kept.push(item.clone());
        }
    }
    Ok(Value::list(kept))
}

fn has(args: &Args<'_>) -> Outcome {
    if matches!(args.any(1), Value::Nil) {
        return yes(false);
    }
    let list = list(args, 1, "find has")?;
    yes(holds(list.items(), args.any(0), args)?)
}

fn slice(args: &Args<'_>) -> Outcome {
    let Value::List(list) = args.any(0) else {
        let kind = args.any(0).kind_name();
        return Err(format!("list should be type of slice or array but {kind}").into());
    };
    let length = list.items().len();
    if length == 0 {
        return Ok(Value::Nil);
    }
    let bound = |value: Option<&Value>, otherwise: usize| match value {
        Some(value) => usize::try_from(cast::int(value)).ok(),
        None => Some(otherwise),
    };
    let (start, end) = (bound(args.from(1).first(), 0), bound(args.from(1).get(1), length));
    let items = match (start, end) {
        (Some(start), Some(end)) => list.items().get(start..end),
        _ => None,
    };
    let Some(items) = items else {
        return Err("reflect.Value.Slice: slice index out of bounds".into());
    };
    args.will_list(items.len())?;
    Ok(Value::List(List::new(items.to_vec(), list.of())))
}

fn concat(args: &Args<'_>) -> Outcome {
    let mut items = Vec::new();
    for index in 0..args.all().len() {
        let list = list(args, index, "concat type")?;
        args.will_list(list.items().len())?;
        items.extend_from_slice(list.items());
    }
    if items.is_empty() {
        return Ok(Value::List(List::nil(Elements::Any)));
    }
    Ok(Value::list(items))
}

fn chunk(args: &Args<'_>) -> Outcome {
    let list = list(args, 1, "chunk")?;
    args.will_list(list.items().len())?;
    let Some(size) = usize::try_from(args.int(0)).ok().filter(|size| *size > 0) else {
        return Err("runtime error: integer divide by zero".into());
    };
    // Each is a list of its own.
    args.will_make(list.items().len().div_ceil(size).saturating_mul(160))?;
    let chunks = list.items().chunks(size).map(|chunk| Value::list(chunk.to_vec())).collect();
    Ok(Value::List(List::new(chunks, Elements::Lists)))
}
