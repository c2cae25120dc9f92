//! Functions with regular expressions.

use regex::{NoExpand, Regex};

use super::super::function::{Args, Failure, Function, function};
use super::super::value::{Elements, List, Value};
use super::{Outcome, go_regex, text, yes};

pub(super) const FUNCTIONS: &[Function] = &[
    // Odd: what is no pattern matches nothing.
    function("regexMatch", "ss", |args| {
        args.budget.steps(go_regex::work(args.str(0)) + args.str(1).len() / 16)?;
        yes(go_regex::compile(args.str(0)).is_ok_and(|regex| regex.is_match(args.str(1))))
    }),
    function("mustRegexMatch", "ss", matches),
    function("regexFind", "ss", find),
    function("mustRegexFind", "ss", find),
    function("regexFindAll", "ssi", find_all),
    function("mustRegexFindAll", "ssi", find_all),
    function("regexReplaceAll", "sss", replace),
    function("mustRegexReplaceAll", "sss", replace),
    function("regexReplaceAllLiteral", "sss", replace_literal),
    function("mustRegexReplaceAllLiteral", "sss", replace_literal),
    function("regexSplit", "ssi", split),
    function("mustRegexSplit", "ssi", split),
    function("regexQuoteMeta", "s", |args| text(quoted(args.str(0)))),
];

fn compiled(args: &Args<'_>) -> Result<Regex, Failure> {
    args.budget.steps(go_regex::work(args.str(0)))?;
    Ok(go_regex::compile(args.str(0))?)
}

/// Takes away what it costs to look for all matches: each is looked for up to the end of the text, at worst.
fn will_find_all(args: &Args<'_>, regex: &Regex) -> Result<(), Failure> {
    let text = args.str(1);
    for found in regex.find_iter(text) {
        args.budget.steps(1 + (text.len() - found.end()) / 64)?;
    }
    Ok(())
}

fn matches(args: &Args<'_>) -> Outcome {
    args.budget.steps(args.str(1).len() / 16)?;
    yes(compiled(args)?.is_match(args.str(1)))
}

fn find(args: &Args<'_>) -> Outcome {
    args.budget.steps(args.str(1).len() / 16)?;
    text(compiled(args)?.find(args.str(1)).map_or("", |found| found.as_str()))
}

/// Returns the number of results that are wanted at most.
fn most(args: &Args<'_>) -> usize {
    usize::try_from(args.int(2)).unwrap_or(usize::MAX)
}

fn find_all(args: &Args<'_>) -> Outcome {
    args.will_list(args.str(1).len() + 1)?;
    let regex = compiled(args)?;
    will_find_all(args, &regex)?;
    let mut found = regex.find_iter(args.str(1)).take(most(args)).peekable();
    if found.peek().is_none() {
        return Ok(Value::List(List::nil(Elements::Str)));
    }
    Ok(Value::strings(found.map(|found| found.as_str())))
}

fn room(args: &Args<'_>) -> Result<(), Failure> {
    let (source, by) = (args.str(1).len(), args.str(2).len());
    Ok(args.will_make(source.saturating_add((source + 1).saturating_mul(by)))?)
}

fn replace(args: &Args<'_>) -> Outcome {
    let regex = compiled(args)?;
    will_find_all(args, &regex)?;
    room(args)?;
    // A group may be named many times over.
    let groups = args.str(2).matches('$').count();
    args.will_make(groups.saturating_mul(args.str(1).len()))?;
    text(regex.replace_all(args.str(1), args.str(2)).as_ref())
}

fn replace_literal(args: &Args<'_>) -> Outcome {
    let regex = compiled(args)?;
    will_find_all(args, &regex)?;
    room(args)?;
    text(regex.replace_all(args.str(1), NoExpand(args.str(2))).as_ref())
}

/// Splits as Go does: no empty text at the end of what an empty match cuts.
fn split(args: &Args<'_>) -> Outcome {
    let (source, most) = (args.str(1), most(args));
    args.will_list(source.len() + 1)?;
    let regex = compiled(args)?;
    will_find_all(args, &regex)?;
    if most == 0 {
        return Ok(Value::List(List::nil(Elements::Str)));
    }
    if !args.str(0).is_empty() && source.is_empty() {
        return Ok(Value::strings([""]));
    }
    let (mut parts, mut start, mut end) = (Vec::new(), 0, 0);
    for found in regex.find_iter(source) {
        if parts.len() + 1 == most {
            break;
        }
        end = found.start();
        if found.end() != 0 {
            parts.push(&source[start..end]);
        }
        start = found.end();
    }
    if end != source.len() {
        parts.push(&source[start..]);
    }
    Ok(Value::strings(parts))
}

fn quoted(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    for c in source.chars() {
        if r"\.+*?()|[]{}^$".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
