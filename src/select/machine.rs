//! Matches a pattern in time that is counted.
//!
//! As in RE2, a program works on characters: `\pL` is one instruction, and `\pL{1000}` are a thousand
//! small ones. (The `regex` crate works on bytes, takes 30 MB and a second for that, and cannot be told
//! to stop while it matches.) A text is read once, from left to right. The sets of places in the
//! program that a text can lead to are kept, and so are the ways between them, so that most texts only
//! follow known ways.

use std::sync::{Mutex, PoisonError};

use regex_syntax::hir::{Class, Hir, HirKind, Look};
use rustc_hash::FxHashMap;

use crate::limits::{Account, Limit};

/// The most instructions of a program: RE2's limit, which is told in bytes there.
const MOST_OPS: usize = 3_355_443;
/// How many places all kept sets together may hold before they are forgotten.
const MOST_KEPT: usize = 1 << 18;

/// One instruction. All but jumps go on with the one behind.
#[derive(Clone, Copy, Debug)]
enum Op {
    /// Reads this character.
    Char(char),
    /// Reads a character of the class of this number.
    Class(u32),
    /// Goes on only where this holds.
    Look(Look),
    /// Goes on behind, and there.
    Fork(u32),
    /// Goes on there.
    Jump(u32),
    /// The pattern has matched.
    Match,
}

/// A compiled pattern.
#[derive(Debug)]
pub(super) struct Machine {
    ops: Vec<Op>,
    /// The ranges of each class.
    classes: Vec<Box<[(char, char)]>>,
    /// Where intervals of characters start that no instruction tells apart; the first is NUL.
    bounds: Vec<char>,
    /// The interval of each ASCII character.
    ascii: Vec<u32>,
    /// Whether only the start of a text can match.
    is_anchored: bool,
    known: Mutex<Known>,
}

/// A program that would be larger than is allowed.
#[derive(Debug)]
pub(super) struct TooLarge;

impl Machine {
    /// Compiles a pattern by recursion as deep as it is high; each instruction is work.
    pub(super) fn new(hir: &Hir, account: &Account) -> Result<Machine, TooLarge> {
        let mut compiler = Compiler { account, ops: Vec::new(), classes: FxHashMap::default() };
        compiler.add(hir)?;
        compiler.push(Op::Match)?;
        let mut classes: Vec<_> = compiler.classes.into_iter().collect();
        classes.sort_unstable_by_key(|(_, number)| *number);
        let classes: Vec<_> = classes.into_iter().map(|(ranges, _)| ranges).collect();
        let bounds = bounds(&compiler.ops, &classes);
        let ascii = (0..128).map(|byte: u8| interval(&bounds, char::from(byte))).collect();
        let is_anchored = hir.properties().look_set_prefix().contains(Look::Start);
        let known = Mutex::default();
        Ok(Machine { ops: compiler.ops, classes, bounds, ascii, is_anchored, known })
    }

    /// Returns `true` if a part of the text matches. Once the account has no more work to give the
    /// answer is `false`, and the account says so to the next that asks it.
    pub(super) fn is_match(&self, text: &str, account: &Account) -> bool {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let mut set = self.first(&mut known);
        if !account.spend(Limit::PatternWork, text.len() as u64 + 1) {
            return false;
        }
        for c in text.chars() {
            let next = match self.ascii.get(c as usize) {
                Some(interval) => *interval,
                None => interval(&self.bounds, c),
            };
            match self.step(&mut known, set, next, account) {
                Some(Next::Set(next)) => set = next,
                Some(Next::Matched) => return true,
                Some(Next::Nothing) | None => return false,
            }
        }
        matches!(self.step(&mut known, set, END, account), Some(Next::Matched))
    }
}

// ---- compiling

struct Compiler<'a> {
    account: &'a Account,
    ops: Vec<Op>,
    classes: FxHashMap<Box<[(char, char)]>, u32>,
}

impl Compiler<'_> {
    fn push(&mut self, op: Op) -> Result<usize, TooLarge> {
        if self.ops.len() >= MOST_OPS || !self.account.spend(Limit::PatternWork, 1) {
            return Err(TooLarge);
        }
        self.ops.push(op);
        Ok(self.ops.len() - 1)
    }

    /// Lets a jump or fork lead behind the last instruction.
    fn land(&mut self, from: usize) {
        let here = self.ops.len() as u32;
        if let Some(Op::Fork(to) | Op::Jump(to)) = self.ops.get_mut(from) {
            *to = here;
        }
    }

    fn add(&mut self, hir: &Hir) -> Result<(), TooLarge> {
        match hir.kind() {
            HirKind::Empty => {}
            HirKind::Literal(literal) => {
                // Patterns are made of characters, so this is text.
                for c in String::from_utf8_lossy(&literal.0).chars() {
                    self.push(Op::Char(c))?;
                }
            }
            HirKind::Class(class) => {
                let ranges: Box<[(char, char)]> = match class {
                    Class::Unicode(class) => {
                        class.iter().map(|range| (range.start(), range.end())).collect()
                    }
                    Class::Bytes(class) => class
                        .iter()
                        .map(|range| (range.start().into(), range.end().into()))
                        .collect(),
                };
                let number = self.classes.len() as u32;
                let number = *self.classes.entry(ranges).or_insert(number);
                self.push(Op::Class(number))?;
            }
            HirKind::Look(look) => _ = self.push(Op::Look(*look))?,
            HirKind::Capture(capture) => self.add(&capture.sub)?,
            HirKind::Concat(parts) => parts.iter().try_for_each(|part| self.add(part))?,
            HirKind::Alternation(parts) => {
                let Some((last, parts)) = parts.split_last() else { return Ok(()) };
                let mut ends = Vec::with_capacity(parts.len());
                for part in parts {
                    let fork = self.push(Op::Fork(0))?;
                    self.add(part)?;
                    ends.push(self.push(Op::Jump(0))?);
                    self.land(fork);
                }
                self.add(last)?;
                ends.into_iter().for_each(|end| self.land(end));
            }
            HirKind::Repetition(repetition) => {
                for _ in 0..repetition.min {
                    self.add(&repetition.sub)?;
                }
                match repetition.max {
                    None => {
                        let fork = self.push(Op::Fork(0))?;
                        self.add(&repetition.sub)?;
                        self.push(Op::Jump(fork as u32))?;
                        self.land(fork);
                    }
                    Some(max) => {
                        let mut forks = Vec::new();
                        for _ in repetition.min..max {
                            forks.push(self.push(Op::Fork(0))?);
                            self.add(&repetition.sub)?;
                        }
                        forks.into_iter().for_each(|fork| self.land(fork));
                    }
                }
            }
        }
        Ok(())
    }
}

/// Returns where intervals of characters start that no instruction tells apart.
fn bounds(ops: &[Op], classes: &[Box<[(char, char)]>]) -> Vec<char> {
    let mut bounds = vec!['\0'];
    let mut range = |start: char, end: char| {
        bounds.push(start);
        // Behind the last one before the surrogates comes the first one after them.
        bounds.extend((end..=char::MAX).nth(1));
    };
    for op in ops {
        match op {
            Op::Char(c) => range(*c, *c),
            Op::Look(_) => {
                for (start, end) in [('\n', '\n'), ('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')] {
                    range(start, end);
                }
            }
            Op::Class(_) | Op::Fork(_) | Op::Jump(_) | Op::Match => {}
        }
    }
    classes.iter().flatten().for_each(|&(start, end)| range(start, end));
    bounds.sort_unstable();
    bounds.dedup();
    bounds
}

fn interval(bounds: &[char], c: char) -> u32 {
    bounds.partition_point(|&bound| bound <= c).saturating_sub(1) as u32
}

// ---- matching

/// What has been found out about sets of places.
#[derive(Debug, Default)]
struct Known {
    /// The number of each set.
    numbers: FxHashMap<Set, u32>,
    sets: Vec<Set>,
    /// Where a set leads when the next character is of an interval.
    ways: FxHashMap<(u32, u32), Next>,
    /// How many places the sets hold.
    kept: usize,
    /// Which places a walk has seen, by the number of the walk.
    seen: Vec<u32>,
    walk: u32,
}

/// Places where a text may have led, with what was before: assertions depend on it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Set {
    before: Side,
    places: Box<[u32]>,
}

/// What stands on one side of a place in the text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
enum Side {
    /// The text ends here.
    #[default]
    Edge,
    /// A line feed.
    Line,
    /// A letter, digit or underscore of ASCII.
    Word,
    /// Any other.
    Other,
}

#[derive(Clone, Copy, Debug)]
enum Next {
    Set(u32),
    Matched,
    Nothing,
}

/// Stands for the end of the text instead of an interval.
const END: u32 = u32::MAX;

impl Machine {
    fn first(&self, known: &mut Known) -> u32 {
        if known.sets.is_empty() {
            known.number(Set { before: Side::Edge, places: Box::from([0]) });
        }
        0
    }

    /// Returns where a set leads, or `None` if there is no more work to give.
    fn step(&self, known: &mut Known, set: u32, next: u32, account: &Account) -> Option<Next> {
        if let Some(next) = known.ways.get(&(set, next)) {
            return Some(*next);
        }
        let from = known.sets.get(set as usize)?.clone();
        let c = self.bounds.get(next as usize).copied();
        let (found, work) = self.find(known, &from, c);
        if !account.spend(Limit::PatternWork, work) {
            return None;
        }
        let found = match found {
            Found::Matched => Next::Matched,
            Found::Places(places) if places.is_empty() => Next::Nothing,
            Found::Places(places) => {
                let to = Set { before: c.map_or(Side::Edge, Side::of), places };
                let kept = known.kept;
                let number = known.number(to);
                if known.kept < kept {
                    // Everything else was forgotten, the set that the way starts from as well.
                    return Some(Next::Set(number));
                }
                Next::Set(number)
            }
        };
        known.ways.insert((set, next), found);
        Some(found)
    }

    /// Reads one character, or nothing at the end of the text; answers also what that cost.
    fn find(&self, known: &mut Known, from: &Set, c: Option<char>) -> (Found, u64) {
        let sides = (from.before, c.map_or(Side::Edge, Side::of));
        known.seen.resize(self.ops.len(), 0);
        known.walk = match known.walk.checked_add(1) {
            Some(walk) => walk,
            None => {
                known.seen.fill(0);
                1
            }
        };
        let mut waiting = from.places.to_vec();
        let mut places = Vec::new();
        let mut work = 0;
        while let Some(place) = waiting.pop() {
            let (Some(op), Some(seen)) =
                (self.ops.get(place as usize), known.seen.get_mut(place as usize))
            else {
                continue;
            };
            if std::mem::replace(seen, known.walk) == known.walk {
                continue;
            }
            work += 1;
            match *op {
                Op::Match => return (Found::Matched, work),
                Op::Jump(to) => waiting.push(to),
                Op::Fork(to) => waiting.extend([to, place + 1]),
                Op::Look(look) => {
                    if holds(look, sides) {
                        waiting.push(place + 1);
                    }
                }
                Op::Char(wanted) => {
                    if c == Some(wanted) {
                        places.push(place + 1);
                    }
                }
                Op::Class(class) => {
                    let ranges = self.classes.get(class as usize);
                    if c.zip(ranges).is_some_and(|(c, ranges)| is_in(ranges, c)) {
                        places.push(place + 1);
                    }
                }
            }
        }
        if !self.is_anchored && c.is_some() {
            // A match may start behind the character as well.
            places.push(0);
        }
        places.sort_unstable();
        places.dedup();
        (Found::Places(places.into()), work)
    }
}

enum Found {
    Matched,
    Places(Box<[u32]>),
}

impl Known {
    /// Returns the number of a set.
    fn number(&mut self, set: Set) -> u32 {
        if let Some(number) = self.numbers.get(&set) {
            return *number;
        }
        self.kept += set.places.len();
        if self.kept > MOST_KEPT {
            let first = self.sets.first().cloned();
            self.numbers.clear();
            self.sets.clear();
            self.ways.clear();
            self.kept = set.places.len();
            // The first set keeps its number.
            self.sets.extend(first);
        }
        let number = self.sets.len() as u32;
        self.sets.push(set.clone());
        self.numbers.insert(set, number);
        number
    }
}

impl Side {
    fn of(c: char) -> Side {
        match c {
            '\n' => Side::Line,
            '0'..='9' | 'A'..='Z' | '_' | 'a'..='z' => Side::Word,
            _ => Side::Other,
        }
    }
}

fn holds(look: Look, (before, after): (Side, Side)) -> bool {
    let is_start = before == Side::Edge;
    let is_end = after == Side::Edge;
    let is_bound = (before == Side::Word) != (after == Side::Word);
    match look {
        Look::Start => is_start,
        Look::End => is_end,
        Look::StartLF => is_start || before == Side::Line,
        Look::EndLF => is_end || after == Side::Line,
        Look::WordAscii => is_bound,
        Look::WordAsciiNegate => !is_bound,
        // Patterns of RE2 have no others.
        _ => false,
    }
}

fn is_in(ranges: &[(char, char)], c: char) -> bool {
    let behind = ranges.partition_point(|&(start, _)| start <= c);
    behind.checked_sub(1).and_then(|i| ranges.get(i)).is_some_and(|&(_, end)| c <= end)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::limits::{Cancel, Limits};

    fn machine(pattern: &str) -> Machine {
        let hir = regex_syntax::Parser::new().parse(pattern).unwrap();
        Machine::new(&hir, &Account::default()).unwrap()
    }

    proptest! {
        #[test]
        fn matches_as_the_crate_does(
            pattern in r"(\^|\$|\(\?-u:\\b\)|\(\?-u:\\B\)|\(\?m:\^\)|\(\?m:\$\)|[ab.é]|\[a-c\]|\[\^b\]|\(a\|b\*\)|\(a?b\)\{2,3\}|\(\|a\)\+|x\{0,2\}){0,5}",
            text in "[abcxé_\n -]{0,8}",
        ) {
            let wanted = regex::Regex::new(&pattern).unwrap().is_match(&text);
            prop_assert_eq!(machine(&pattern).is_match(&text, &Account::default()), wanted);
        }
    }

    #[test]
    fn work_is_limited() {
        let limits = Limits { pattern_work: 100_000, ..Limits::default() };
        let account = Account::new(limits, Cancel::default());
        let pattern = machine("^(a?){300}a{300}$");
        assert!(!pattern.is_match(&"a".repeat(100_000), &account));
        assert!(account.check().is_err());
    }

    #[test]
    fn what_is_kept_is_limited() {
        let pattern = machine("^(a|b)*a(a|b){12}c$");
        let account = Account::default();
        let mut text: String = (0..200_000_u32)
            .map(|i| if i.wrapping_mul(2_654_435_761) >> 31 == 0 { 'a' } else { 'b' })
            .collect();
        text.push_str("aaaaaaaaaaaaaac");
        assert!(pattern.is_match(&text, &account));
        assert!(pattern.known.lock().unwrap().kept <= MOST_KEPT);
    }
}
