//! Patterns of texts, as Argo CD has them in AppProjects: `*` is anything, `?` one character, `[...]` one of some,
//! `{a,b}` one of several, which may hold others.
//!
//! A pattern is compiled to states, and a text is gone through once with all states that its beginning leads to, so
//! nothing is ever tried again.

use crate::path_pattern::{Class, git_class};
use crate::pattern_work::PatternWork;

/// What a pattern is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Syntax {
    /// Names: `*` and `?` take everything.
    Names,
    /// Addresses: `*` and `?` stop at a `/`, and `**` does not.
    Addresses,
}

/// A pattern.
#[derive(Debug)]
pub(crate) struct Glob {
    /// What every text begins with.
    prefix: String,
    /// What comes after that; the last state is the end.
    states: Vec<State>,
}

#[derive(Debug)]
enum State {
    Char(char),
    /// One character; `/` only if it crosses that.
    Any {
        crosses: bool,
    },
    /// Any number of characters.
    Star {
        crosses: bool,
    },
    Class(Class),
    /// One of these goes on.
    Split(Vec<usize>),
    Jump(usize),
    End,
}

/// A brace that is open.
struct Braces {
    split: usize,
    /// The ends of its alternatives so far.
    ends: Vec<usize>,
}

impl Glob {
    /// Reads a pattern; none if it is malformed, for it matches nothing then.
    pub(crate) fn new(pattern: &str, syntax: Syntax) -> Option<Glob> {
        let special = |c: char| "*?[{\\}".contains(c);
        let (prefix, rest) = pattern.split_at(pattern.find(special).unwrap_or(pattern.len()));
        let mut states = Vec::new();
        let mut open: Vec<Braces> = Vec::new();
        let mut chars = rest.chars();
        while let Some(c) = chars.next() {
            let next = states.len();
            let state = match c {
                '*' => {
                    let is_double = syntax == Syntax::Addresses && chars.as_str().starts_with('*');
                    if is_double {
                        chars.next();
                    }
                    State::Star { crosses: is_double || syntax == Syntax::Names }
                }
                '?' => State::Any { crosses: syntax == Syntax::Names },
                '\\' => State::Char(chars.next()?),
                '[' => {
                    let (class, rest) = match syntax {
                        Syntax::Names => git_class(chars.as_str())?,
                        Syntax::Addresses => class_of_address(chars.as_str())?,
                    };
                    chars = rest.chars();
                    State::Class(class)
                }
                '{' => {
                    open.push(Braces { split: next, ends: Vec::new() });
                    State::Split(vec![next + 1])
                }
                ',' if !open.is_empty() => {
                    let braces = open.last_mut()?;
                    braces.ends.push(next);
                    if let Some(State::Split(targets)) = states.get_mut(braces.split) {
                        targets.push(next + 1);
                    }
                    State::Jump(0)
                }
                '}' if !open.is_empty() => {
                    for end in open.pop()?.ends {
                        *states.get_mut(end)? = State::Jump(next);
                    }
                    continue;
                }
                c => State::Char(c),
            };
            states.push(state);
        }
        states.push(State::End);
        open.is_empty().then(|| Glob { prefix: prefix.to_owned(), states })
    }

    /// Returns `true` if the pattern is the whole text; `false` also where there is no work left.
    pub(crate) fn takes(&self, text: &str, work: &PatternWork) -> bool {
        let Some(rest) = text.strip_prefix(&self.prefix) else { return false };
        let mut states = States { seen: vec![0; self.states.len()], ..States::default() };
        let mut now = Vec::new();
        self.enter(0, &mut states, &mut now);
        let mut next = Vec::new();
        for c in rest.chars() {
            if now.is_empty() || !work.spend(now.len()) {
                return false;
            }
            states.round += 1;
            for &at in &now {
                let (takes, to) = match self.states.get(at) {
                    Some(State::Char(own)) => (*own == c, at + 1),
                    Some(State::Any { crosses }) => (*crosses || c != '/', at + 1),
                    Some(State::Star { crosses }) => (*crosses || c != '/', at),
                    Some(State::Class(class)) => (class.has(c), at + 1),
                    _ => (false, at),
                };
                if takes {
                    self.enter(to, &mut states, &mut next);
                }
            }
            std::mem::swap(&mut now, &mut next);
            next.clear();
            if !work.spend(std::mem::take(&mut states.entered)) {
                return false;
            }
        }
        now.contains(&(self.states.len() - 1))
    }

    /// Adds a state, and those that it leads to without a character.
    fn enter(&self, state: usize, states: &mut States, into: &mut Vec<usize>) {
        states.waiting.push(state);
        while let Some(at) = states.waiting.pop() {
            let (Some(seen), Some(state)) = (states.seen.get_mut(at), self.states.get(at)) else {
                continue;
            };
            if *seen > states.round {
                continue;
            }
            *seen = states.round + 1;
            states.entered += 1;
            match state {
                State::Split(targets) => states.waiting.extend(targets),
                State::Jump(target) => states.waiting.push(*target),
                State::Star { .. } => {
                    states.waiting.push(at + 1);
                    into.push(at);
                }
                _ => into.push(at),
            }
        }
    }
}

/// Which states were entered with the last character.
#[derive(Default)]
struct States {
    /// The round in which each was entered last, from 1.
    seen: Vec<usize>,
    round: usize,
    waiting: Vec<usize>,
    /// How many were entered, to be paid for.
    entered: usize,
}

/// Reads a class behind its `[`: up to the next `]`, with `!` in front for all others.
fn class_of_address(pattern: &str) -> Option<(Class, &str)> {
    let (inside, rest) = pattern.split_once(']')?;
    let (negated, inside) = match inside.strip_prefix('!') {
        Some(inside) => (true, inside),
        None => (false, inside),
    };
    let mut ranges = Vec::new();
    let mut chars = inside.chars();
    while let Some(low) = chars.next() {
        let mut after = chars.clone();
        let high = match (after.next(), after.next()) {
            (Some('-'), Some(high)) => {
                chars = after;
                high
            }
            _ => low,
        };
        if high < low {
            return None;
        }
        ranges.push((low, high));
    }
    (!ranges.is_empty()).then_some((Class { negated, ranges }, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn takes(pattern: &str, text: &str) -> bool {
        let work = PatternWork::default();
        let glob = Glob::new(pattern, Syntax::Names);
        glob.is_some_and(|glob| glob.takes(text, &work)) && !work.is_spent()
    }

    #[test]
    fn globs_have_alternatives() {
        for (pattern, text, wanted) in [
            ("*.{yml,yaml}", "a/b.yaml", true),
            ("{a,b{", "b{", false),
            ("*", "", true),
            ("web-?", "web-1", true),
            ("{}", "", true),
            ("{a,{b,c}d}e", "cde", true),
            ("{a,{b,c}d}e", "ce", false),
            ("{,*}x", "yx", true),
            ("a,b}", "a,b}", true),
            ("[!a-c]*", "dog", true),
            ("*a*b", "xaxb", true),
            ("*a*b", "xaxbc", false),
        ] {
            assert_eq!(takes(pattern, text), wanted, "{pattern} {text}");
        }
    }

    #[test]
    fn work_grows_with_pattern_and_text() {
        let spent = |pattern: &str, text: &str| {
            let work = PatternWork::default();
            assert!(!Glob::new(pattern, Syntax::Names).is_some_and(|it| it.takes(text, &work)));
            work.spent()
        };
        let a = "a".repeat(1000);
        assert!(spent(&("*a".repeat(20) + "b"), &a) < 1000 * 100);
        assert!(spent(&("{a,aa}".repeat(20) + "b"), &a) < 1000 * 500);
        let deep = "{a,".repeat(9000) + "b" + &"}".repeat(9000);
        assert!(spent(&deep, &a) < 1000 * 100);
    }
}
