//! Functions on numbers.

use super::super::function::{Args, Failure, Function, function};
use super::super::number;
use super::super::value::{Elements, List, Value};
use super::decimal::Decimal;
use super::{Outcome, cast, text};

pub(super) const FUNCTIONS: &[Function] = &[
    function("atoi", "s", |args| Ok(Value::int(args.str(0).parse().unwrap_or(0)))),
    function("int", "a", |args| Ok(Value::int(cast::int(args.any(0))))),
    function("int64", "a", |args| Ok(Value::int64(cast::int(args.any(0))))),
    function("float64", "a", |args| Ok(Value::Float(cast::float(args.any(0))))),
    function("toDecimal", "a", to_decimal),
    function("add1", "a", |args| Ok(Value::int64(cast::int(args.any(0)).wrapping_add(1)))),
    function("add", "a*", |args| whole(args, 0, i64::wrapping_add)),
    function("sub", "aa", |args| {
        Ok(Value::int64(cast::int(args.any(0)).wrapping_sub(cast::int(args.any(1)))))
    }),
    function("mul", "aa*", |args| whole(args, 1, i64::wrapping_mul)),
    function("div", "aa", |args| divided(args, i64::wrapping_div)),
    function("mod", "aa", |args| divided(args, i64::wrapping_rem)),
    function("max", "aa*", |args| extreme(args, i64::max)),
    function("biggest", "aa*", |args| extreme(args, i64::max)),
    function("min", "aa*", |args| extreme(args, i64::min)),
    function("maxf", "aa*", |args| extreme_float(args, f64::max)),
    function("minf", "aa*", |args| extreme_float(args, f64::min)),
    function("add1f", "a", |args| {
        let one = Decimal::from(1.0);
        Ok(Value::Float(Decimal::from(cast::float(args.any(0))).plus(one).to_float()))
    }),
    function("addf", "a*", |args| decimals(args, Decimal::plus)),
    function("subf", "aa*", |args| decimals(args, Decimal::minus)),
    function("mulf", "aa*", |args| decimals(args, Decimal::times)),
    function("divf", "aa*", |args| {
        if args.from(1).iter().any(|by| cast::float(by) == 0.0) {
            return Err("decimal division by 0".into());
        }
        decimals(args, Decimal::by)
    }),
    function("floor", "a", |args| Ok(Value::Float(cast::float(args.any(0)).floor()))),
    function("ceil", "a", |args| Ok(Value::Float(cast::float(args.any(0)).ceil()))),
    function("round", "aif*", round),
    function("until", "i", |args| {
        let count = args.int(0);
        steps(args, 0, count, if count < 0 { -1 } else { 1 }).map(ints)
    }),
    function("untilStep", "iii", |args| {
        steps(args, args.int(0), args.int(1), args.int(2)).map(ints)
    }),
    function("seq", "i*", seq),
];

fn whole(args: &Args<'_>, start: i64, step: fn(i64, i64) -> i64) -> Outcome {
    Ok(Value::int64(args.all().iter().map(cast::int).fold(start, step)))
}

fn divided(args: &Args<'_>, operation: fn(i64, i64) -> i64) -> Outcome {
    match cast::int(args.any(1)) {
        0 => Err("runtime error: integer divide by zero".into()),
        by => Ok(Value::int64(operation(cast::int(args.any(0)), by))),
    }
}

fn extreme(args: &Args<'_>, choose: fn(i64, i64) -> i64) -> Outcome {
    let numbers = args.all().iter().map(cast::int);
    Ok(Value::int64(numbers.reduce(choose).unwrap_or(0)))
}

fn extreme_float(args: &Args<'_>, choose: fn(f64, f64) -> f64) -> Outcome {
    let numbers = args.all().iter().map(cast::float);
    Ok(Value::Float(numbers.reduce(choose).unwrap_or(0.0)))
}

fn decimals(args: &Args<'_>, operation: fn(Decimal, Decimal) -> Decimal) -> Outcome {
    // Numbers become texts on the way.
    args.budget.steps(args.all().len().saturating_mul(8))?;
    let numbers = args.all().iter().map(|value| Decimal::from(cast::float(value)));
    Ok(Value::Float(numbers.reduce(operation).map_or(0.0, Decimal::to_float)))
}

/// Reads a number as an octal one, as modes of files are written.
fn to_decimal(args: &Args<'_>) -> Outcome {
    let text = cast::text(args.any(0), args.budget)?;
    let value = match number::parse_int(&format!("0o{}", text.trim_start_matches('-'))) {
        Some(value) if text.starts_with('-') => -value,
        Some(value) => value,
        None => 0,
    };
    Ok(Value::int64(i64::try_from(value).unwrap_or(0)))
}

fn round(args: &Args<'_>) -> Outcome {
    let half = args.from(2).first().map_or(0.5, cast::float);
    let places = i32::try_from(args.int(1)).unwrap_or(0);
    let power = 10f64.powi(places);
    let digits = power * cast::float(args.any(0));
    let rounded = if digits.fract() >= half { digits.ceil() } else { digits.floor() };
    Ok(Value::Float(rounded / power))
}

fn steps(args: &Args<'_>, start: i64, stop: i64, step: i64) -> Result<Vec<i64>, Failure> {
    let distance = i128::from(stop) - i128::from(start);
    if step == 0 || distance == 0 || (distance < 0) != (step < 0) {
        return Ok(Vec::new());
    }
    let step = i128::from(step);
    let count = (distance.abs() + step.abs() - 1) / step.abs();
    args.will_list(usize::try_from(count).unwrap_or(usize::MAX))?;
    let numbers = (0..count).map(|i| i64::try_from(i128::from(start) + i * step).unwrap_or(stop));
    Ok(numbers.collect())
}

fn ints(numbers: Vec<i64>) -> Value {
    Value::List(List::new(numbers.into_iter().map(Value::int).collect(), Elements::Int))
}

/// Returns numbers with blanks between, like the program `seq`.
fn seq(args: &Args<'_>) -> Outcome {
    let (start, step, end) = match args.all() {
        [_] => (1, None, args.int(0)),
        [_, _] => (args.int(0), None, args.int(1)),
        [_, _, _] => (args.int(0), Some(args.int(1)), args.int(2)),
        _ => return text(""),
    };
    let direction = if end < start { -1 } else { 1 };
    if step.is_some_and(|step| direction < 0 && step > 0) {
        return text("");
    }
    let stop = end.saturating_add(direction);
    let numbers = steps(args, start, stop, step.unwrap_or(direction))?;
    args.will_make(numbers.len().saturating_mul(20))?;
    let mut out = String::new();
    for (i, number) in numbers.iter().enumerate() {
        out.push_str(if i > 0 { " " } else { "" });
        out.push_str(&number.to_string());
    }
    text(out)
}
