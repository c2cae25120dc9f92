//! The parameters of one Application: what a generator found.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::template::{self, Budget, Elements, Map, TemplateError, Value, plain};

/// A set of parameters. Without goTemplate all values but those of `elementsYaml` are texts, and names
/// have dots; with it, there are maps and lists.
pub(crate) type Params = BTreeMap<Rc<str>, Value>;

/// Returns a value as a text.
pub(crate) fn text(value: &Value, budget: &Budget) -> Result<String, TemplateError> {
    budget.begin();
    plain(value, budget)
}

/// Returns parameters as the data of a template.
pub(crate) fn data(params: &Params) -> Value {
    Value::map(params.iter().map(|(key, value)| (Rc::clone(key), value.clone())))
}

/// Returns all values as texts, maps and lists taken apart: their names get the inner ones behind a
/// dot. An empty map or list has none.
pub(crate) fn flattened(
    params: &Params,
    budget: &Budget,
) -> Result<BTreeMap<String, String>, TemplateError> {
    let mut flat = BTreeMap::new();
    for (name, value) in params {
        flatten(name.to_string(), value, budget, &mut flat, 0)?;
    }
    Ok(flat)
}

fn flatten(
    name: String,
    value: &Value,
    budget: &Budget,
    flat: &mut BTreeMap<String, String>,
    depth: usize,
) -> Result<(), TemplateError> {
    budget.reads(name.len())?;
    match value {
        Value::Map(map) if depth < 100 => {
            for (key, value) in map.entries() {
                flatten(format!("{name}.{key}"), &value, budget, flat, depth + 1)?;
            }
        }
        Value::List(list) if list.of() == Elements::Any && depth < 100 => {
            for (i, value) in list.items().iter().enumerate() {
                flatten(format!("{name}.{i}"), value, budget, flat, depth + 1)?;
            }
        }
        other => {
            flat.insert(name, text(other, budget)?);
        }
    }
    Ok(())
}

/// Returns how many bytes a set takes that nothing else holds.
pub(crate) fn made(params: &Params) -> Result<usize, TemplateError> {
    let keys = params.keys().map(template::own_text);
    let values = params.values().map(Value::made);
    let mut all = keys.map(Ok).chain(values);
    all.try_fold(template::map_bytes(params.len()), |all, bytes| Ok(all.saturating_add(bytes?)))
}

/// Joins two sets; of two values of one name that of `over` wins, but maps are joined.
pub(crate) fn joined(base: &Params, over: &Params) -> Params {
    let mut all = base.clone();
    for (name, value) in over {
        let value = match (all.get(name), value) {
            (Some(base), over) => joined_value(base, over, 0),
            (None, over) => over.clone(),
        };
        all.insert(Rc::clone(name), value);
    }
    all
}

fn joined_value(base: &Value, over: &Value, depth: usize) -> Value {
    let (Value::Map(one), Value::Map(other)) = (base, over) else { return over.clone() };
    let mut members: BTreeMap<Rc<str>, Value> = one.entries().into_iter().collect();
    for (name, value) in other.entries() {
        let value = match members.get(&name) {
            Some(base) if depth < 100 => joined_value(base, &value, depth + 1),
            _ => value,
        };
        members.insert(name, value);
    }
    let of = if one.of() == other.of() { one.of() } else { Elements::Any };
    Value::Map(Map::new(members, of))
}
