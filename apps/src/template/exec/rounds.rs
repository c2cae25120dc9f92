//! What a range goes through, one round after the other: none is there before its time.

use std::ops::Range;
use std::rc::Rc;

use super::super::value::{IntType, List, Value};

/// The index and the element of each round that is left.
pub(super) enum Rounds {
    /// A list, and which element is next.
    List(List, usize),
    /// The members of a map as they were.
    Map(std::vec::IntoIter<(Rc<str>, Value)>),
    Numbers(Range<i64>, IntType),
}

impl Rounds {
    pub(super) fn is_over(&self) -> bool {
        match self {
            Rounds::List(list, next) => list.items().len() <= *next,
            Rounds::Map(members) => members.as_slice().is_empty(),
            Rounds::Numbers(numbers, _) => numbers.is_empty(),
        }
    }
}

impl Iterator for Rounds {
    type Item = (Value, Value);

    fn next(&mut self) -> Option<(Value, Value)> {
        match self {
            Rounds::List(list, next) => {
                let element = list.items().get(*next)?.clone();
                let index = Value::int(i64::try_from(*next).ok()?);
                *next += 1;
                Some((index, element))
            }
            Rounds::Map(members) => members.next().map(|(key, value)| (Value::Str(key), value)),
            Rounds::Numbers(numbers, kind) => {
                numbers.next().map(|number| (Value::Nil, Value::Int(number, *kind)))
            }
        }
    }
}
