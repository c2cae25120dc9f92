//! What a text that is not YAML is refused with.

use std::borrow::Cow;

use super::token::Mark;
use crate::limits::Limit;

/// Why a text is not YAML, in upstream's words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SyntaxError {
    /// The message, for example `yaml: line 3: did not find expected key`.
    pub message: String,
    /// Where in the text the reading stopped, in bytes.
    pub offset: usize,
    /// The limit that was reached, if the text is too deep or too large rather than wrong.
    pub limit: Option<Limit>,
}

impl SyntaxError {
    pub(super) fn new(message: impl Into<String>, offset: usize) -> Self {
        SyntaxError { message: message.into(), offset, limit: None }
    }
}

/// The result of a step of scanning or parsing.
pub(super) type Scan<T> = Result<T, Box<Fault>>;

/// An error before its line is worked out.
#[derive(Debug)]
pub(super) struct Fault {
    stage: Stage,
    message: Cow<'static, str>,
    context: Mark,
    problem: Mark,
    limit: Option<Limit>,
}

#[derive(Debug, PartialEq)]
enum Stage {
    /// Characters that make no token.
    Scanner,
    /// Tokens that make no document.
    Parser,
    /// Nodes that make no tree; without a line.
    Composer,
    /// Merge keys of resources; without a line and prefix.
    Merge,
}

/// How the line of an error is counted.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum LineRule {
    /// The construct's own start comes first.
    ContextFirst,
    /// The place of the problem comes first.
    ProblemFirst,
}

impl Fault {
    /// Returns an error of the scanner inside the construct that starts at `context`.
    pub(super) fn scan(
        context: Mark,
        problem: Mark,
        message: impl Into<Cow<'static, str>>,
    ) -> Box<Fault> {
        let message = message.into();
        Box::new(Fault { stage: Stage::Scanner, message, context, problem, limit: None })
    }

    /// Returns an error of the parser; `context` is the default mark where there is none.
    pub(super) fn parse(context: Mark, problem: Mark, message: &'static str) -> Box<Fault> {
        let message = message.into();
        Box::new(Fault { stage: Stage::Parser, message, context, problem, limit: None })
    }

    /// Returns an error of the composer.
    pub(super) fn compose(problem: Mark, message: impl Into<Cow<'static, str>>) -> Box<Fault> {
        let (message, context) = (message.into(), Mark::default());
        Box::new(Fault { stage: Stage::Composer, message, context, problem, limit: None })
    }

    /// Returns an error of a merge key of a resource, in the mapping at `problem`.
    pub(super) fn merge(problem: Mark, message: &'static str) -> Box<Fault> {
        let (message, context) = (message.into(), Mark::default());
        Box::new(Fault { stage: Stage::Merge, message, context, problem, limit: None })
    }

    /// Marks this as the breach of a limit.
    pub(super) fn of_limit(mut self: Box<Self>, limit: Limit) -> Box<Self> {
        self.limit = Some(limit);
        self
    }

    /// Works out the line and the message.
    pub(super) fn into_error(self, rule: LineRule) -> SyntaxError {
        let context = match (rule, self.context.line) {
            (LineRule::ContextFirst, 1..) => Some(self.context.line),
            _ => None,
        };
        let problem = match self.problem.line {
            0 => None,
            line => Some(line),
        };
        let line = match rule {
            LineRule::ContextFirst => context.or(problem),
            LineRule::ProblemFirst => problem.or(context),
        };
        // Odd: lines count from 0 here, and only the scanner's are corrected
        // (case yaml/parse-error-names-line-and-file).
        let line = match self.stage {
            Stage::Scanner => line.map(|n| n + 1),
            Stage::Parser => line,
            Stage::Composer | Stage::Merge => None,
        };
        let message = match line {
            Some(n) => format!("yaml: line {n}: {}", self.message),
            None if self.stage == Stage::Merge => self.message.into_owned(),
            None => format!("yaml: {}", self.message),
        };
        SyntaxError { message, offset: self.problem.offset, limit: self.limit }
    }
}
