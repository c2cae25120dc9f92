//! No function of templates is free: each pays for what it goes through and makes, so a loop around any of them ends soon.

use std::time::{Duration, Instant};

use crate::functions;
use crate::template::{Budget, Failure, Function, Functions, TemplateErrorKind, Value};

/// What a loop around a function may take.
const STEPS: usize = 20_000;
const BYTES: u64 = 4 << 20;

/// Calls a function until the budget is gone; returns how often that was.
fn calls(function: &Function, values: &[Value]) -> usize {
    let budget = Budget::new(STEPS as u64, BYTES);
    let is_limit = |failure: Failure| match failure {
        Failure::Error(error) => error.kind() == TemplateErrorKind::Limit,
        Failure::Message(_) => false,
    };
    let is_over = |_: &usize| function.call(values, &budget).is_err_and(is_limit);
    (1..).find(is_over).unwrap_or_default()
}

/// Returns arguments of the types that a function takes: `any` where it takes anything.
fn arguments(function: &Function, text: &Value, any: &Value, number: i64) -> Vec<Value> {
    let functions = Functions::with(&[]);
    let semver = functions.all().find(|function| function.name == "semver").unwrap();
    let version = semver.call(&[Value::str("1.2.3")], &Budget::default()).unwrap();
    let argument = |letter| match (letter, any) {
        ('s', _) => text.clone(),
        ('i', _) => Value::int(number),
        ('I', _) => Value::int64(number),
        ('f', _) => Value::Float(0.5),
        ('b', _) => Value::Bool(true),
        ('m', Value::Map(_)) | ('l', Value::List(_)) | ('a', _) => any.clone(),
        ('m', _) => Value::map([("a", any.clone()), ("path", text.clone())]),
        ('M', _) => Value::string_map([("a", text.clone())]),
        ('l', _) => Value::list(vec![any.clone()]),
        ('L', _) => Value::strings::<&str>([]),
        _ => version.clone(),
    };
    function.parameters.trim_end_matches('*').chars().map(argument).collect()
}

/// Returns texts of a length, each of another nature.
fn texts(length: usize) -> impl Iterator<Item = Value> {
    let units = [
        "a", "aA1-", "Ab ", "é", "ß", "\u{1}", "/", "./a/../", "1", "1.", "1.2.3||", "[1,",
        "- a\n", "&a [*a]", "%41", "<&\"", "\n", "January2", "=", "MFRGG", "$1", "%[", "(", "[^a]",
        "1h", " - ", "\\",
    ];
    units.into_iter().map(move |unit| Value::str(unit.repeat(length / unit.len())))
}

#[test]
fn every_function_pays_for_its_texts() {
    const LONG: usize = 16 << 10;
    let functions = Functions::with(functions::FUNCTIONS);
    for function in functions.all().filter(|function| function.parameters.contains('s')) {
        for text in texts(LONG) {
            let calls = calls(function, &arguments(function, &text, &text, 3));
            // A step for each eight bytes, at the very least.
            let most = STEPS / (LONG / 8);
            assert!(calls <= most, "{} was called {calls} times", function.name);
        }
    }
}

/// What is in lists and maps cannot be paid for before somebody looks at it, and what takes longer than once around must
/// be said by the function: both would take far longer here than the steps that are left.
#[test]
#[expect(clippy::disallowed_methods, reason = "time is what this is about")]
fn a_loop_around_any_function_ends_soon() {
    const SOON: Duration = Duration::from_secs(1);
    let text = |last: usize| Value::str(format!("{}{last}", "a".repeat(1 << 22)));
    let key = |i: usize| (format!("{}{i}", "a".repeat(1 << 18)), Value::int(1));
    let nested =
        || (0..100).fold(Value::str("a"), |value, _| Value::list(vec![value.clone(), value]));
    // Equal in nearly all of their bytes, and none the same as another.
    let anys = || {
        let two = [text(0), text(1)];
        [
            Value::list(two.iter().cycle().take(1000).cloned().collect()),
            Value::map((0..1000).map(|i: usize| (i.to_string(), two[i % 2].clone()))),
            Value::map((0..64).map(key)),
            Value::list((0..50_000).map(Value::int).collect()),
            Value::map((0..10_000).map(|i| (i.to_string(), Value::int(i)))),
            Value::list(vec![nested(); 10_000]),
            nested(),
            Value::int(-1),
        ]
    };
    let of_anys = anys().into_iter().zip(anys()).map(|(any, other)| (Value::str("a"), any, other));
    let long = texts(1 << 16).map(|text| (text.clone(), text.clone(), text));
    let all: Vec<(Value, Value, Value)> = of_anys.chain(long).collect();
    let functions = Functions::with(functions::FUNCTIONS);
    for function in functions.all() {
        let takes_number = function.parameters.contains(['i', 'I']);
        for (text, any, other) in &all {
            for number in [3, 1000, -1].into_iter().take(if takes_number { 3 } else { 1 }) {
                let mut values = arguments(function, text, any, number);
                if let Some(last @ (Value::List(_) | Value::Map(_))) = values.last_mut() {
                    last.clone_from(other);
                }
                let took = || {
                    let start = Instant::now();
                    calls(function, &values);
                    start.elapsed()
                };
                // Something else may have had the processor.
                let is_soon = (0..5).any(|_| took() < SOON);
                assert!(is_soon, "{} {number} takes {:?}", function.name, took());
            }
        }
    }
}
