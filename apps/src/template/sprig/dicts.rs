//! Functions on maps.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::super::function::{Args, Failure, Function, function};
use super::super::print::{DEEPEST, too_deep};
use super::super::value::{Elements, List, Map, Value};
use super::{Outcome, cast, yes};

pub(super) const FUNCTIONS: &[Function] = &[
    function("dict", "a*", dict),
    function("get", "ms", |args| Ok(args.map(0).get(args.str(1)).unwrap_or(Value::str("")))),
    function("set", "msa", |args| {
        let map = args.map(0);
        refuse_circle(&map, args.any(2), args)?;
        args.will_map(1)?;
        map.set(args.rc(1), args.any(2).clone());
        Ok(Value::Map(map))
    }),
    function("unset", "ms", |args| {
        args.map(0).remove(args.str(1));
        Ok(args.any(0).clone())
    }),
    function("hasKey", "ms", |args| yes(args.map(0).has(args.str(1)))),
    function("pluck", "sm*", |args| {
        let maps = (1..args.all().len()).map(|i| args.map(i));
        Ok(Value::list(maps.filter_map(|map| map.get(args.str(0))).collect()))
    }),
    function("keys", "m*", |args| {
        // Odd: in Go the order is random; here it is that of the names.
        let mut keys = Vec::new();
        for i in 0..args.all().len() {
            args.will_list(args.map(i).len())?;
            keys.extend(args.map(i).entries().into_iter().map(|(key, _)| key));
        }
        Ok(Value::strings(keys))
    }),
    function("values", "m", |args| {
        args.will_list(args.map(0).len())?;
        Ok(Value::list(args.map(0).entries().into_iter().map(|(_, value)| value).collect()))
    }),
    function("pick", "ms*", |args| kept(args, true)),
    function("omit", "ms*", |args| kept(args, false)),
    function("merge", "mm*", |args| merge(args, false)),
    function("mustMerge", "mm*", |args| merge(args, false)),
    function("mergeOverwrite", "mm*", |args| merge(args, true)),
    function("mustMergeOverwrite", "mm*", |args| merge(args, true)),
    function("dig", "a*", dig),
    function("deepCopy", "a", deep_copy),
    function("mustDeepCopy", "a", deep_copy),
];

fn dict(args: &Args<'_>) -> Outcome {
    let mut members = BTreeMap::new();
    for pair in args.all().chunks(2) {
        let [key, value @ ..] = pair else { continue };
        let value = value.first().cloned().unwrap_or(Value::str(""));
        members.insert(cast::text(key, args.budget)?, value);
    }
    args.will_map(members.len())?;
    Ok(Value::Map(Map::new(members, Elements::Any)))
}

/// Refuses to put a map into itself.
fn refuse_circle(map: &Map, value: &Value, args: &Args<'_>) -> Result<(), Failure> {
    let mut left = vec![value.clone()];
    while let Some(value) = left.pop() {
        match value {
            Value::Map(other) if other.is(map) => {
                return Err("a map cannot be a part of itself".into());
            }
            Value::Map(other) => {
                args.budget.steps(1 + other.len())?;
                left.extend(other.entries().into_iter().map(|(_, value)| value));
            }
            Value::List(list) => {
                args.budget.steps(1 + list.items().len())?;
                left.extend_from_slice(list.items());
            }
            _ => {}
        }
    }
    Ok(())
}

fn kept(args: &Args<'_>, listed: bool) -> Outcome {
    let map = args.map(0);
    args.will_map(map.len())?;
    let names =
        args.from(1).iter().map(Value::length).fold(args.all().len(), usize::saturating_add);
    args.will_read(names.saturating_mul(map.len()))?;
    map.each(|key, _| args.will_read(key.len().saturating_mul(2)))?;
    let is_listed = |key: &Rc<str>| {
        args.from(1).iter().any(|name| matches!(name, Value::Str(name) if name == key))
    };
    let entries = map.entries().into_iter().filter(|(key, _)| is_listed(key) == listed);
    Ok(Value::map(entries))
}

/// Merges maps into the first, which changes; it wins, or the later ones do.
fn merge(args: &Args<'_>, overwrite: bool) -> Outcome {
    let into = args.map(0);
    for i in 1..args.all().len() {
        refuse_circle(&into, args.any(i), args)?;
        merge_map(&into, &args.map(i), overwrite, args, 0)?;
    }
    Ok(Value::Map(into))
}

fn merge_map(
    into: &Map,
    from: &Map,
    overwrite: bool,
    args: &Args<'_>,
    depth: usize,
) -> Result<(), Failure> {
    if depth > DEEPEST {
        return Err(too_deep().into());
    }
    args.will_map(from.len())?;
    for (key, value) in from.entries() {
        args.will_read(key.len().saturating_mul(8))?;
        let old = into.get(&key);
        match (&old, &value) {
            (Some(Value::Map(old)), Value::Map(new)) if old.len() > 0 => {
                refuse_circle(old, &value, args)?;
                merge_map(old, new, overwrite, args, depth + 1)?;
            }
            (_, Value::Nil) if !overwrite => {
                if old.is_none() {
                    into.set(key, value);
                }
            }
            (Some(old), _) if old.is_true() && !overwrite => {}
            _ => into.set(key, value),
        }
    }
    Ok(())
}

/// `dig "a" "b" DEFAULT MAP`
fn dig(args: &Args<'_>) -> Outcome {
    let [keys @ .., default, map] = args.all() else {
        return Err("dig needs at least three arguments".into());
    };
    if keys.is_empty() {
        return Err("dig needs at least three arguments".into());
    }
    let mut value = map.clone();
    for key in keys {
        let map = match &value {
            Value::Map(map) if map.of() == Elements::Any => map,
            other => {
                let of = if matches!(other, Value::Nil) { "nil".into() } else { other.type_name() };
                let wanted = "map[string]interface {}";
                return Err(
                    format!("interface conversion: interface {{}} is {of}, not {wanted}").into()
                );
            }
        };
        let Value::Str(key) = key else {
            let of = key.type_name();
            return Err(format!("interface conversion: interface {{}} is {of}, not string").into());
        };
        match map.get(key) {
            Some(inner) => value = inner,
            None => return Ok(default.clone()),
        }
    }
    Ok(value)
}

fn deep_copy(args: &Args<'_>) -> Outcome {
    match args.any(0) {
        Value::Nil => Err("there is nothing to copy".into()),
        value => copy(value, args, 0),
    }
}

fn copy(value: &Value, args: &Args<'_>, depth: usize) -> Result<Value, Failure> {
    if depth > DEEPEST {
        return Err(too_deep().into());
    }
    match value {
        Value::List(list) => {
            args.will_list(list.items().len() + 2)?;
            let items: Result<_, _> =
                list.items().iter().map(|item| copy(item, args, depth + 1)).collect();
            Ok(Value::List(List::new(items?, list.of())))
        }
        Value::Map(map) => {
            args.will_map(map.len())?;
            let mut members = BTreeMap::new();
            for (key, value) in map.entries() {
                args.will_read(key.len().saturating_mul(8))?;
                members.insert(key, copy(&value, args, depth + 1)?);
            }
            Ok(Value::Map(Map::new(members, map.of())))
        }
        other => Ok(other.clone()),
    }
}
