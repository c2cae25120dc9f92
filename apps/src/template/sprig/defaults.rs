//! Functions that choose between values.

use super::super::function::{Function, function};
use super::super::value::Value;
use super::yes;

pub(super) const FUNCTIONS: &[Function] = &[
    function("default", "aa*", |args| {
        let given = args.any(1);
        Ok(if given.is_true() { given.clone() } else { args.any(0).clone() })
    }),
    function("empty", "a", |args| yes(!args.any(0).is_true())),
    function("coalesce", "a*", |args| {
        let mut values = args.all().iter();
        Ok(values.find(|value| value.is_true()).cloned().unwrap_or(Value::Nil))
    }),
    function("all", "a*", |args| yes(args.all().iter().all(Value::is_true))),
    function("any", "a*", |args| yes(args.all().iter().any(Value::is_true))),
    function("ternary", "aab", |args| Ok(args.any(if args.bool(2) { 0 } else { 1 }).clone())),
    function("fail", "s", |args| Err(args.str(0).into())),
];
