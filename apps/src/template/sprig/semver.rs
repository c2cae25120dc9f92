//! `semver` and `semverCompare`: versions, and constraints on them.

use std::cmp::Ordering;
use std::fmt;
use std::rc::Rc;

use super::super::function::{Args, Function, function};
use super::super::value::{IntType, Value};
use super::{Outcome, yes};

pub(super) const FUNCTIONS: &[Function] = &[
    function("semver", "s", |args| match Version::parse(args.str(0)) {
        Some(version) => Ok(Value::Version(Rc::new(version))),
        None => Err("invalid semantic version".into()),
    }),
    function("semverCompare", "ss", |args| {
        // Each three bytes may be a constraint, which is a version with its texts.
        args.budget.steps(args.str(0).len())?;
        args.will_hold(args.str(0).len().saturating_mul(300))?;
        let Some(constraints) = Constraints::parse(args.str(0)) else {
            return Err(format!("improper constraint: {}", args.str(0)).into());
        };
        let Some(version) = Version::parse(args.str(1)) else {
            return Err("invalid semantic version".into());
        };
        yes(constraints.admit(&version))
    }),
];

/// A semantic version.
#[derive(Clone, Debug, PartialEq)]
pub struct Version {
    numbers: [u64; 3],
    pre: String,
    build: String,
    original: String,
    is_pointer: bool,
}

/// The methods that a version has.
const OF_ALL: &[Function] = &[
    function("Major", "", |args| number(args, 0)),
    function("Minor", "", |args| number(args, 1)),
    function("Patch", "", |args| number(args, 2)),
    function("Prerelease", "", |args| of(args, |version| Value::str(version.pre.as_str()))),
    function("Metadata", "", |args| of(args, |version| Value::str(version.build.as_str()))),
    function("String", "", |args| of(args, |version| Value::str(version.to_string()))),
    function("Value", "", |args| of(args, |version| Value::str(version.to_string()))),
    function("IncMajor", "", |args| of(args, |version| version.incremented(0).into())),
    function("IncMinor", "", |args| of(args, |version| version.incremented(1).into())),
    function("IncPatch", "", |args| of(args, |version| version.incremented(2).into())),
    function("SetPrerelease", "s", |args| match args.str(1) {
        pre if !is_dotted(pre) => Err("invalid prerelease string".into()),
        pre if has_leading_zero(pre) => Err("version segment starts with 0".into()),
        pre => of(args, |version| version.with(version.numbers, pre, &version.build).into()),
    }),
    function("SetMetadata", "s", |args| match args.str(1) {
        build if !is_dotted(build) => Err("invalid metadata string".into()),
        build => of(args, |version| version.with(version.numbers, &version.pre, build).into()),
    }),
];

/// Those that only a pointer to one has.
const OF_POINTERS: &[Function] = &[
    function("Original", "", |args| of(args, |version| Value::str(version.original.as_str()))),
    function("Compare", "v", |args| compared(args, |order| Value::int(order as i64))),
    function("Equal", "v", |args| compared(args, |order| Value::Bool(order.is_eq()))),
    function("GreaterThan", "v", |args| compared(args, |order| Value::Bool(order.is_gt()))),
    function("GreaterThanEqual", "v", |args| compared(args, |order| Value::Bool(order.is_ge()))),
    function("LessThan", "v", |args| compared(args, |order| Value::Bool(order.is_lt()))),
    function("LessThanEqual", "v", |args| compared(args, |order| Value::Bool(order.is_le()))),
];

/// Applies a method to the version that it is of.
fn of(args: &Args<'_>, method: impl Fn(&Version) -> Value) -> Outcome {
    match args.any(0) {
        Value::Version(version) => Ok(method(version)),
        _ => Err("invalid memory address or nil pointer dereference".into()),
    }
}

fn number(args: &Args<'_>, i: usize) -> Outcome {
    of(args, |version| {
        let number = i64::try_from(version.numbers[i]).unwrap_or(i64::MAX);
        Value::Int(number, IntType::Uint64)
    })
}

fn compared(args: &Args<'_>, said: impl Fn(Ordering) -> Value) -> Outcome {
    match args.any(1) {
        Value::Version(other) => of(args, |version| said(version.compare(other))),
        _ => Err("invalid memory address or nil pointer dereference".into()),
    }
}

impl From<Version> for Value {
    fn from(version: Version) -> Value {
        Value::Version(Rc::new(version))
    }
}

/// Returns `true` for nothing, and for words of letters, digits and `-` with dots between them.
fn is_dotted(text: &str) -> bool {
    let is_word = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    text.is_empty() || text.split('.').all(is_word)
}

/// Returns `true` if a number among the words begins with a zero.
fn has_leading_zero(text: &str) -> bool {
    text.split('.').any(|part| {
        part.len() > 1 && part.starts_with('0') && part.bytes().all(|b| b.is_ascii_digit())
    })
}

impl Version {
    /// Reads a version; `v` in front and missing numbers are allowed.
    fn parse(text: &str) -> Option<Version> {
        let body = text.strip_prefix('v').unwrap_or(text);
        let (body, build) = body.split_once('+').map_or((body, None), |(b, m)| (b, Some(m)));
        let (body, pre) = body.split_once('-').map_or((body, None), |(b, p)| (b, Some(p)));
        let parts: Vec<&str> = body.splitn(4, '.').collect();
        if parts.len() > 3 {
            return None;
        }
        let mut numbers = [0; 3];
        for (number, part) in numbers.iter_mut().zip(&parts) {
            if part.is_empty() || !part.bytes().all(|b| b.is_ascii_digit()) {
                return None;
            }
            *number = part.parse().ok()?;
        }
        let valid =
            |text: Option<&str>| text.is_none_or(|text| !text.is_empty() && is_dotted(text));
        if !valid(pre) || !valid(build) || pre.is_some_and(has_leading_zero) {
            return None;
        }
        let owned = |text: Option<&str>| text.unwrap_or_default().to_owned();
        Some(Version {
            numbers,
            pre: owned(pre),
            build: owned(build),
            original: text.to_owned(),
            is_pointer: true,
        })
    }

    /// Returns all methods.
    #[cfg(test)]
    pub(in super::super) fn methods() -> impl Iterator<Item = &'static Function> {
        OF_ALL.iter().chain(OF_POINTERS)
    }

    /// Returns how long its texts are.
    pub(in super::super) fn length(&self) -> usize {
        self.pre.len() + self.build.len() + self.original.len()
    }

    /// Returns a method of Go's type, which takes the version before its own arguments; none if there is no such.
    pub(in super::super) fn method(&self, name: &str) -> Option<&'static Function> {
        let pointer = OF_POINTERS.iter().filter(|_| self.is_pointer);
        OF_ALL.iter().chain(pointer).find(|method| method.name == name)
    }

    /// Returns `true` for one that `semver` made; methods make values that are none.
    pub(in super::super) fn is_pointer(&self) -> bool {
        self.is_pointer
    }

    /// Returns a version with other parts.
    fn with(&self, numbers: [u64; 3], pre: &str, build: &str) -> Version {
        let (pre, build) = (pre.to_owned(), build.to_owned());
        let mut made = Version { numbers, pre, build, original: String::new(), is_pointer: false };
        let v = if self.original.starts_with('v') { "v" } else { "" };
        made.original = format!("{v}{made}");
        made
    }

    fn incremented(&self, i: usize) -> Version {
        let mut numbers = self.numbers;
        // What leads to a release is before it.
        if i < 2 || self.pre.is_empty() {
            numbers[i] = numbers[i].wrapping_add(1);
        }
        numbers[i + 1..].fill(0);
        self.with(numbers, "", "")
    }

    fn compare(&self, other: &Version) -> Ordering {
        self.numbers.cmp(&other.numbers).then_with(|| compare_pre(&self.pre, &other.pre))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, patch] = self.numbers;
        write!(f, "{major}.{minor}.{patch}")?;
        if !self.pre.is_empty() {
            write!(f, "-{}", self.pre)?;
        }
        if !self.build.is_empty() {
            write!(f, "+{}", self.build)?;
        }
        Ok(())
    }
}

fn compare_pre(a: &str, b: &str) -> Ordering {
    match (a.is_empty(), b.is_empty()) {
        (true, true) => return Ordering::Equal,
        (true, false) => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        (false, false) => {}
    }
    let (mut a, mut b) = (a.split('.'), b.split('.'));
    loop {
        let order = match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(a), Some(b)) => match (a.parse::<u64>(), b.parse::<u64>()) {
                (Ok(a), Ok(b)) => a.cmp(&b),
                (Ok(_), Err(_)) => Ordering::Less,
                (Err(_), Ok(_)) => Ordering::Greater,
                (Err(_), Err(_)) => a.cmp(b),
            },
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

/// What a version has to be: one of several sets of conditions that all hold.
struct Constraints(Vec<Vec<Constraint>>);

struct Constraint {
    operator: &'static str,
    version: Version,
    /// How many of the three numbers are given; the rest is open.
    given: usize,
}

/// The longest first, where one starts as another does.
const OPERATORS: [&str; 12] = ["!=", "==", ">=", "=>", "<=", "=<", "~>", "=", ">", "<", "~", "^"];

impl Constraints {
    fn parse(text: &str) -> Option<Constraints> {
        let mut sets = Vec::new();
        for alternative in text.split("||") {
            sets.push(conditions(&ranges_as_bounds(alternative))?);
        }
        Some(Constraints(sets))
    }

    fn admit(&self, version: &Version) -> bool {
        self.0.iter().any(|set| set.iter().all(|constraint| constraint.admits(version)))
    }
}

/// Writes `1.2 - 1.4` as `>=1.2 <=1.4`.
fn ranges_as_bounds(text: &str) -> String {
    match text.split_once(" - ") {
        Some((low, high)) => format!(">={} <={}", low.trim(), high.trim()),
        None => text.to_owned(),
    }
}

fn conditions(text: &str) -> Option<Vec<Constraint>> {
    let mut set = Vec::new();
    let mut rest = text.trim_matches([' ', ',']);
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let operator = OPERATORS.iter().find(|operator| rest.starts_with(**operator));
        rest = rest[operator.map_or(0, |operator| operator.len())..].trim_start();
        let ends = |c: char| c == ' ' || c == ',' || "=<>~^!".contains(c);
        let end = rest.find(ends).unwrap_or(rest.len());
        let operator = match operator.copied().unwrap_or("") {
            "==" => "=",
            "=>" => ">=",
            "=<" => "<=",
            "~>" => "~",
            other => other,
        };
        set.push(constraint(operator, &rest[..end])?);
        rest = rest[end..].trim_start_matches([' ', ',']);
    }
    Some(set)
}

fn constraint(operator: &'static str, text: &str) -> Option<Constraint> {
    let body = text.strip_prefix('v').unwrap_or(text);
    let core = body.split(['-', '+']).next().unwrap_or(body);
    let is_open = |part: &&str| matches!(*part, "x" | "X" | "*");
    let given = core.split('.').take_while(|part| !is_open(part)).count();
    let version = if core.split('.').any(|part| is_open(&part)) {
        let numbers: Vec<&str> = core.split('.').take(given).collect();
        if given == 0 { Version::parse("0") } else { Version::parse(&numbers.join(".")) }
    } else {
        Version::parse(body)
    }?;
    Some(Constraint { operator, version, given })
}

impl Constraint {
    fn admits(&self, version: &Version) -> bool {
        // A version that is not released yet is only meant where one is named.
        if !version.pre.is_empty() && self.version.pre.is_empty() && self.operator != "!=" {
            return false;
        }
        let [major, minor, patch] = self.version.numbers;
        let [own_major, own_minor, own_patch] = version.numbers;
        let order = version.compare(&self.version);
        let same = |count: usize| version.numbers[..count] == self.version.numbers[..count];
        let open = self.given < 3;
        match self.operator {
            "" | "=" if open => same(self.given),
            "" | "=" => order == Ordering::Equal,
            "!=" if open => !same(self.given),
            "!=" => order != Ordering::Equal,
            ">" if open => version.numbers[..self.given] > self.version.numbers[..self.given],
            ">" => order == Ordering::Greater,
            ">=" => order != Ordering::Less,
            "<" => order == Ordering::Less,
            "<=" if open => version.numbers[..self.given] <= self.version.numbers[..self.given],
            "<=" => order != Ordering::Greater,
            "~" if self.given == 0 => true,
            "~" => order != Ordering::Less && same(self.given.min(2)),
            _ => {
                // `^`: what may change is behind the first number that is not 0.
                if order == Ordering::Less {
                    return false;
                }
                if major > 0 || self.given < 2 {
                    return own_major == major || self.given == 0;
                }
                if own_major > 0 {
                    return false;
                }
                if minor > 0 || self.given < 3 {
                    return own_minor == minor;
                }
                own_minor == 0 && own_patch == patch
            }
        }
    }
}
