//! The functions of sprig that Argo CD lets templates call, a family a file.

// Circle: camel, defaults, dicts, encodings, json, lists, math, mod, paths, reflect, regexps, semver, texts, times, urls, words: the page is the table of all functions, and has what they share.
mod camel;
mod cast;
mod dates;
mod decimal;
mod defaults;
mod dicts;
mod encodings;
mod go_regex;
mod json;
mod lists;
mod math;
mod paths;
mod reflect;
mod refused;
mod regexps;
mod semver;
mod texts;
mod times;
mod url;
mod urls;
mod words;

pub(super) use semver::Version;

use super::function::{Failure, Function};
use super::value::Value;

type Outcome = Result<Value, Failure>;

/// All functions, family by family.
pub(super) const TABLES: &[&[Function]] = &[
    texts::FUNCTIONS,
    words::FUNCTIONS,
    camel::FUNCTIONS,
    defaults::FUNCTIONS,
    lists::FUNCTIONS,
    dicts::FUNCTIONS,
    math::FUNCTIONS,
    json::FUNCTIONS,
    encodings::FUNCTIONS,
    regexps::FUNCTIONS,
    reflect::FUNCTIONS,
    paths::FUNCTIONS,
    urls::FUNCTIONS,
    semver::FUNCTIONS,
    times::FUNCTIONS,
    refused::FUNCTIONS,
];

fn text(text: impl Into<std::rc::Rc<str>>) -> Outcome {
    Ok(Value::Str(text.into()))
}

fn yes(value: bool) -> Outcome {
    Ok(Value::Bool(value))
}
