//! The values of templates, with the types that Go would give them.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

use serde_json::Value as Json;

use super::function::{Args, Failure};
use super::print;
use super::weight::map_bytes;

/// A value of a template.
#[derive(Clone)]
pub enum Value {
    /// No value: what a missing key yields.
    Nil,
    /// `bool`
    Bool(bool),
    /// A whole number.
    Int(i64, IntType),
    /// `float64`: every number of YAML and JSON.
    Float(f64),
    /// `string`
    Str(Rc<str>),
    /// A slice.
    List(List),
    /// A map with string keys.
    Map(Map),
    /// A parsed version of `semver`.
    Version(Rc<super::sprig::Version>),
}

/// Which of Go's types a whole number has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IntType {
    /// `int`
    Int,
    /// `int64`
    Int64,
    /// `uint8`, which is what an element of a string is.
    Uint8,
    /// `uint64`, which a part of a version is.
    Uint64,
}

/// The type of the elements of a list or a map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Elements {
    /// `interface {}`
    Any,
    /// `string`
    Str,
    /// `int`
    Int,
    /// `[]interface {}`
    Lists,
}

impl Elements {
    fn name(self) -> &'static str {
        match self {
            Elements::Any => "interface {}",
            Elements::Str => "string",
            Elements::Int => "int",
            Elements::Lists => "[]interface {}",
        }
    }
}

/// A slice; copies share their elements.
#[derive(Clone)]
pub struct List(Rc<ListBody>);

struct ListBody {
    items: Vec<Value>,
    of: Elements,
    /// Whether there is no array behind it; as JSON it is null then.
    is_nil: bool,
}

/// A map with string keys. Copies are the same map, as in Go: what one of them sets, all have.
#[derive(Clone)]
pub struct Map(Rc<MapBody>);

struct MapBody {
    members: RefCell<BTreeMap<Rc<str>, Value>>,
    of: Elements,
}

impl List {
    pub(crate) fn new(items: Vec<Value>, of: Elements) -> List {
        List(Rc::new(ListBody { items, of, is_nil: false }))
    }

    /// Returns a slice that is `nil`, which is an empty one but as JSON.
    pub(crate) fn nil(of: Elements) -> List {
        List(Rc::new(ListBody { items: Vec::new(), of, is_nil: true }))
    }

    pub(super) fn is_nil(&self) -> bool {
        self.0.is_nil
    }

    pub(crate) fn items(&self) -> &[Value] {
        &self.0.items
    }

    pub(crate) fn of(&self) -> Elements {
        self.0.of
    }

    /// Returns `true` if there are copies.
    pub(super) fn is_shared(&self) -> bool {
        Rc::strong_count(&self.0) > 1
    }
}

impl Map {
    pub(crate) fn new(members: BTreeMap<Rc<str>, Value>, of: Elements) -> Map {
        Map(Rc::new(MapBody { members: RefCell::new(members), of }))
    }

    pub(crate) fn of(&self) -> Elements {
        self.0.of
    }

    pub(super) fn len(&self) -> usize {
        self.0.members.borrow().len()
    }

    pub(crate) fn get(&self, key: &str) -> Option<Value> {
        self.0.members.borrow().get(key).cloned()
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.0.members.borrow().contains_key(key)
    }

    pub(super) fn set(&self, key: Rc<str>, value: Value) {
        self.0.members.borrow_mut().insert(key, value);
    }

    pub(super) fn remove(&self, key: &str) {
        self.0.members.borrow_mut().remove(key);
    }

    /// Returns the members as they are now, sorted by key.
    pub(crate) fn entries(&self) -> Vec<(Rc<str>, Value)> {
        self.0.members.borrow().iter().map(|(k, v)| (Rc::clone(k), v.clone())).collect()
    }

    /// Goes through the members as they are now, sorted by key; `each` must not change them.
    pub(super) fn each<E>(
        &self,
        mut each: impl FnMut(&Rc<str>, &Value) -> Result<(), E>,
    ) -> Result<(), E> {
        self.0.members.borrow().iter().try_for_each(|(key, value)| each(key, value))
    }

    pub(super) fn is(&self, other: &Map) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }

    /// Returns `true` if there are copies.
    pub(super) fn is_shared(&self) -> bool {
        Rc::strong_count(&self.0) > 1
    }
}

/// Takes a tree apart without recursion, however deep it is.
fn dismantle(mut left: Vec<Value>) {
    while let Some(value) = left.pop() {
        match value {
            Value::List(List(mut body)) => {
                if let Some(body) = Rc::get_mut(&mut body) {
                    left.append(&mut body.items);
                }
            }
            Value::Map(Map(mut body)) => {
                if let Some(body) = Rc::get_mut(&mut body) {
                    left.extend(std::mem::take(body.members.get_mut()).into_values());
                }
            }
            _ => {}
        }
    }
}

impl Drop for ListBody {
    fn drop(&mut self) {
        dismantle(std::mem::take(&mut self.items));
    }
}

impl Drop for MapBody {
    fn drop(&mut self) {
        dismantle(std::mem::take(self.members.get_mut()).into_values().collect());
    }
}

impl Value {
    /// Returns a text.
    pub fn str(text: impl Into<Rc<str>>) -> Value {
        Value::Str(text.into())
    }

    /// Returns an `int`.
    pub fn int(value: i64) -> Value {
        Value::Int(value, IntType::Int)
    }

    /// Returns an `int64`.
    pub fn int64(value: i64) -> Value {
        Value::Int(value, IntType::Int64)
    }

    /// Returns a `[]interface {}`.
    pub fn list(items: Vec<Value>) -> Value {
        Value::List(List::new(items, Elements::Any))
    }

    /// Returns a `[]string`.
    pub fn strings<S: Into<Rc<str>>>(items: impl IntoIterator<Item = S>) -> Value {
        Value::List(List::new(items.into_iter().map(Value::str).collect(), Elements::Str))
    }

    /// Returns a `map[string]interface {}`.
    pub fn map<K: Into<Rc<str>>>(members: impl IntoIterator<Item = (K, Value)>) -> Value {
        let members = members.into_iter().map(|(k, v)| (k.into(), v)).collect();
        Value::Map(Map::new(members, Elements::Any))
    }

    /// Returns a `map[string]string`.
    pub fn string_map<K: Into<Rc<str>>>(members: impl IntoIterator<Item = (K, Value)>) -> Value {
        let members = members.into_iter().map(|(k, v)| (k.into(), v)).collect();
        Value::Map(Map::new(members, Elements::Str))
    }

    /// Returns the value as JSON; whole numbers without a point.
    ///
    /// # Errors
    /// If it is nested too deep, or has a number that JSON does not have.
    pub fn to_json(&self, args: &Args<'_>) -> Result<Json, Failure> {
        self.json_at(args, 0, &mut 0)
    }

    /// `held` is what all values so far take.
    fn json_at(&self, args: &Args<'_>, depth: usize, held: &mut usize) -> Result<Json, Failure> {
        /// What a value takes, as JSON and in the tree that is printed of it.
        const NODE: usize = 256;
        if depth > print::DEEPEST {
            return Err(print::too_deep().into());
        }
        let (length, own) = match self {
            Value::Map(map) => (0, map_bytes(map.len()).saturating_mul(2)),
            Value::List(_) => (0, 0),
            other => (other.length(), other.length().saturating_mul(4)),
        };
        args.will_read(40 + length.saturating_mul(2))?;
        *held = held.saturating_add(NODE + own);
        args.will_hold(*held)?;
        Ok(match self {
            Value::Nil => Json::Null,
            Value::Bool(value) => Json::Bool(*value),
            Value::Int(value, _) => (*value).into(),
            Value::Float(value) => json_number(*value)?,
            Value::Str(text) => Json::String(text.to_string()),
            Value::Version(version) => Json::String(version.to_string()),
            Value::List(list) if list.is_nil() => Json::Null,
            Value::List(list) => {
                let items = list.items().iter().map(|item| item.json_at(args, depth + 1, held));
                Json::Array(items.collect::<Result<_, _>>()?)
            }
            Value::Map(map) => {
                let mut members = serde_json::Map::new();
                for (key, value) in map.entries() {
                    args.will_read(key.len())?;
                    *held = held.saturating_add(key.len().saturating_mul(4));
                    members.insert(key.to_string(), value.json_at(args, depth + 1, held)?);
                }
                Json::Object(members)
            }
        })
    }

    /// Returns the name that Go has for the type.
    pub(crate) fn type_name(&self) -> String {
        match self {
            Value::Nil => "<nil>".to_owned(),
            Value::Bool(_) => "bool".to_owned(),
            Value::Int(_, kind) => kind.name().to_owned(),
            Value::Float(_) => "float64".to_owned(),
            Value::Str(_) => "string".to_owned(),
            Value::List(list) => format!("[]{}", list.of().name()),
            Value::Map(map) => format!("map[string]{}", map.of().name()),
            Value::Version(version) if version.is_pointer() => "*semver.Version".to_owned(),
            Value::Version(_) => "semver.Version".to_owned(),
        }
    }

    /// Returns the name that Go has for the kind of the type.
    pub(super) fn kind_name(&self) -> &'static str {
        match self {
            Value::Nil => "invalid",
            Value::Bool(_) => "bool",
            Value::Int(_, kind) => kind.name(),
            Value::Float(_) => "float64",
            Value::Str(_) => "string",
            Value::List(_) => "slice",
            Value::Map(_) => "map",
            Value::Version(version) if version.is_pointer() => "ptr",
            Value::Version(_) => "struct",
        }
    }

    /// Returns `true` if conditions take the value for true: it is not empty, not zero.
    pub(super) fn is_true(&self) -> bool {
        match self {
            Value::Nil => false,
            Value::Bool(value) => *value,
            Value::Int(value, _) => *value != 0,
            Value::Float(value) => *value != 0.0,
            Value::Str(text) => !text.is_empty(),
            Value::List(list) => !list.items().is_empty(),
            Value::Map(map) => map.len() > 0,
            Value::Version(_) => true,
        }
    }
}

impl IntType {
    fn name(self) -> &'static str {
        match self {
            IntType::Int => "int",
            IntType::Int64 => "int64",
            IntType::Uint8 => "uint8",
            IntType::Uint64 => "uint64",
        }
    }
}

/// Returns a number; one without a fraction is a whole one, as far as it is exact.
#[expect(clippy::cast_possible_truncation, reason = "checked")]
fn json_number(value: f64) -> Result<Json, Failure> {
    if value.fract() == 0.0 && value.abs() < 9e15 {
        return Ok((value as i64).into());
    }
    let number = serde_json::Number::from_f64(value);
    number.map(Json::Number).ok_or_else(|| format!("json: unsupported value: {value}").into())
}

/// All numbers become `float64`, as they do when Go reads JSON without a type.
impl From<&Json> for Value {
    fn from(json: &Json) -> Value {
        match json {
            Json::Null => Value::Nil,
            Json::Bool(value) => Value::Bool(*value),
            Json::Number(value) => Value::Float(value.as_f64().unwrap_or_default()),
            Json::String(text) => Value::str(text.as_str()),
            Json::Array(items) => Value::list(items.iter().map(Value::from).collect()),
            Json::Object(members) => {
                Value::map(members.iter().map(|(key, value)| (key.as_str(), Value::from(value))))
            }
        }
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.type_name())
    }
}
