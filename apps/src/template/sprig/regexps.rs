//! Functions with regular expressions.

use regex::{Match, Regex};

use super::super::function::{Args, Failure, Function, function};
use super::super::value::{Elements, List, Value};
use super::super::weight::text_bytes;
use super::go_regex::{self, Work};
use super::{Outcome, text, yes};

pub(super) const FUNCTIONS: &[Function] = &[
    // Odd: what is no pattern matches nothing.
    function("regexMatch", "ss", |args| match matches(args) {
        Err(Failure::Message(_)) => yes(false),
        outcome => outcome,
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

/// A pattern, and the text that it is looked for in.
struct Search<'a> {
    args: &'a Args<'a>,
    regex: Regex,
    work: Work,
    source: &'a str,
}

impl<'a> Search<'a> {
    fn new(args: &'a Args<'a>) -> Result<Search<'a>, Failure> {
        let (pattern, source) = (args.str(0), args.str(1));
        let work = Work::of(pattern);
        args.budget.steps(work.compile)?;
        let regex = go_regex::compile(pattern)?;
        args.budget.steps(work.pass(source.len()))?;
        Ok(Search { args, regex, work, source })
    }

    /// Looks at the matches one after the other, as long as `wants` says so. Each is looked for up to the end of the text,
    /// at worst.
    fn each(
        &self,
        mut wants: impl FnMut(Match<'a>) -> Result<bool, Failure>,
    ) -> Result<(), Failure> {
        let mut matches = self.regex.find_iter(self.source);
        let mut left = self.source.len();
        loop {
            self.args.budget.steps(self.work.search(left))?;
            let Some(found) = matches.next() else { return Ok(()) };
            left = self.source.len() - found.end();
            if !wants(found)? {
                return Ok(());
            }
        }
    }

    /// Puts something else in the place of each match: `put` appends it, and says before how long it may be.
    fn replaced(
        &self,
        mut put: impl FnMut(Match<'a>, &mut String) -> Result<(), Failure>,
    ) -> Outcome {
        let (mut out, mut end) = (String::new(), 0);
        self.each(|found| {
            self.args.will_hold(out.len().saturating_mul(2))?;
            out.push_str(&self.source[end..found.start()]);
            end = found.end();
            put(found, &mut out)?;
            Ok(true)
        })?;
        out.push_str(&self.source[end..]);
        self.args.will_make(out.len())?;
        text(out)
    }
}

fn matches(args: &Args<'_>) -> Outcome {
    let search = Search::new(args)?;
    yes(search.regex.is_match(search.source))
}

fn find(args: &Args<'_>) -> Outcome {
    let search = Search::new(args)?;
    text(search.regex.find(search.source).map_or("", |found| found.as_str()))
}

/// Returns the number of results that are wanted at most.
fn most(args: &Args<'_>) -> usize {
    usize::try_from(args.int(2)).unwrap_or(usize::MAX)
}

/// Returns texts as a list that is `nil` if there are none.
fn texts(parts: Vec<&str>) -> Value {
    match parts.is_empty() {
        true => Value::List(List::nil(Elements::Str)),
        false => Value::strings(parts),
    }
}

/// Says that one more text is kept.
fn will_keep(args: &Args<'_>, part: &str) -> Result<(), Failure> {
    args.will_list(1)?;
    Ok(args.will_make(text_bytes(part.len()))?)
}

fn find_all(args: &Args<'_>) -> Outcome {
    let (search, most) = (Search::new(args)?, most(args));
    let mut parts = Vec::new();
    search.each(|found| {
        if parts.len() < most {
            will_keep(args, found.as_str())?;
            parts.push(found.as_str());
        }
        Ok(parts.len() < most)
    })?;
    Ok(texts(parts))
}

fn replace(args: &Args<'_>) -> Outcome {
    let by = args.str(2);
    // A group may be named many times over.
    let groups = by.matches('$').count();
    if groups == 0 {
        return replace_literal(args);
    }
    let search = Search::new(args)?;
    search.replaced(|found, out| {
        let longest = found.len().saturating_mul(groups).saturating_add(by.len());
        args.will_hold(longest.saturating_mul(2).saturating_add(out.len()))?;
        args.will_read(longest)?;
        let groups = search.work.pass(found.len() + 1);
        args.budget.steps(groups.saturating_mul(search.regex.captures_len()))?;
        if let Some(groups) = search.regex.captures_at(search.source, found.start()) {
            groups.expand(by, out);
        }
        Ok(())
    })
}

fn replace_literal(args: &Args<'_>) -> Outcome {
    let by = args.str(2);
    Search::new(args)?.replaced(|_, out| {
        args.will_hold(by.len().saturating_add(out.len()).saturating_mul(2))?;
        out.push_str(by);
        Ok(())
    })
}

/// Splits as Go does: no empty text at the end of what an empty match cuts.
fn split(args: &Args<'_>) -> Outcome {
    let (search, most) = (Search::new(args)?, most(args));
    let source = search.source;
    if most == 0 {
        return Ok(Value::List(List::nil(Elements::Str)));
    }
    if !args.str(0).is_empty() && source.is_empty() {
        return Ok(Value::strings([""]));
    }
    let (mut parts, mut start, mut end) = (Vec::new(), 0, 0);
    if most > 1 {
        search.each(|found| {
            end = found.start();
            if found.end() != 0 {
                will_keep(args, &source[start..end])?;
                parts.push(&source[start..end]);
            }
            start = found.end();
            Ok(parts.len() + 1 < most)
        })?;
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
