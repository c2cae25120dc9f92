//! A template as tokens: the text between the actions, and what the actions are made of.

use super::error::{TemplateError, TemplateErrorKind};

const LEFT: &str = "{{";
const RIGHT: &str = "}}";
const LEFT_COMMENT: &str = "/*";
const RIGHT_COMMENT: &str = "*/";
/// What `{{-` and `-}}` trim.
const SPACES: [char; 4] = [' ', '\t', '\r', '\n'];

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// Text outside of actions.
    Text,
    Left,
    Right,
    Space,
    LeftParen,
    RightParen,
    Pipe,
    /// `:=`
    Declare,
    /// `=`
    Assign,
    Comma,
    Dot,
    /// `.name`
    Field,
    /// `$name`, or `$`
    Variable,
    /// A name of a function.
    Identifier,
    Keyword(Keyword),
    Bool(bool),
    Nil,
    Number,
    Char,
    String,
    RawString,
    End,
}

/// The words that have a meaning of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keyword {
    Block,
    Break,
    Continue,
    Define,
    Else,
    End,
    If,
    Range,
    Template,
    With,
}

/// A piece of the source.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) start: usize,
    pub(super) end: usize,
}

pub(super) fn tokens(source: &str) -> Result<Vec<Token>, TemplateError> {
    let mut lexer = Lexer { source, at: 0, tokens: Vec::new(), parens: 0 };
    lexer.run()?;
    Ok(lexer.tokens)
}

struct Lexer<'s> {
    source: &'s str,
    at: usize,
    tokens: Vec<Token>,
    parens: usize,
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        &self.source[self.at..]
    }

    fn push(&mut self, kind: TokenKind, start: usize) {
        self.tokens.push(Token { kind, start, end: self.at });
    }

    fn fail<T>(&self, start: usize, message: impl Into<String>) -> Result<T, TemplateError> {
        let error = TemplateError::new(TemplateErrorKind::Parse, message);
        Err(error.at(self.source, start, self.at))
    }

    fn run(&mut self) -> Result<(), TemplateError> {
        let mut trim = false;
        while let Some(found) = self.rest().find(LEFT) {
            let (start, open) = (self.at, self.at + found);
            let after = &self.source[open + LEFT.len()..];
            let trims = opens_with_trim(after);
            self.text(start, open, trim, trims);
            self.at = open + LEFT.len() + if trims { 1 } else { 0 };
            let inside = self.rest();
            let comment = inside.trim_start_matches(|c| trims && SPACES.contains(&c));
            if comment.starts_with(LEFT_COMMENT) {
                self.at += inside.len() - comment.len();
                trim = self.comment(open)?;
            } else {
                self.tokens.push(Token { kind: TokenKind::Left, start: open, end: self.at });
                trim = self.action(open)?;
            }
        }
        let start = self.at;
        self.at = self.source.len();
        self.text(start, self.at, trim, false);
        self.push(TokenKind::End, self.at);
        Ok(())
    }

    fn text(&mut self, start: usize, end: usize, trim_start: bool, trim_end: bool) {
        let mut text = &self.source[start..end];
        let mut start = start;
        if trim_start {
            let trimmed = text.trim_start_matches(SPACES);
            start += text.len() - trimmed.len();
            text = trimmed;
        }
        if trim_end {
            text = text.trim_end_matches(SPACES);
        }
        if !text.is_empty() {
            let end = start + text.len();
            self.tokens.push(Token { kind: TokenKind::Text, start, end });
        }
    }

    /// Skips a comment; returns whether the text after it is trimmed.
    fn comment(&mut self, open: usize) -> Result<bool, TemplateError> {
        let Some(length) = self.rest().find(RIGHT_COMMENT) else {
            return self.fail(open, "unclosed comment");
        };
        self.at += length + RIGHT_COMMENT.len();
        match closing(self.rest()) {
            Some((length, trims)) => {
                self.at += length;
                Ok(trims)
            }
            None => self.fail(open, "comment ends before closing delimiter"),
        }
    }

    /// Reads what is inside of an action; returns whether the text after it is trimmed.
    fn action(&mut self, open: usize) -> Result<bool, TemplateError> {
        self.parens = 0;
        loop {
            if let Some((length, trims)) = closing(self.rest()) {
                if self.parens > 0 {
                    return self.fail(open, "unclosed left paren");
                }
                let start = self.at;
                self.at += length;
                self.push(TokenKind::Right, start);
                return Ok(trims);
            }
            self.token(open)?;
        }
    }

    fn token(&mut self, open: usize) -> Result<(), TemplateError> {
        let start = self.at;
        let Some(c) = self.rest().chars().next() else {
            return self.fail(open, "unclosed action: `}}` is missing");
        };
        if SPACES.contains(&c) {
            // The blank of a closing ` -}}` belongs to that.
            let spaces = self.rest().len() - self.rest().trim_start_matches(SPACES).len();
            let trims = closing(&self.source[start + spaces - 1..]).is_some_and(|(_, trims)| trims);
            self.at += spaces - usize::from(trims);
            if self.at > start {
                self.push(TokenKind::Space, start);
            }
            return Ok(());
        }
        self.at += c.len_utf8();
        let kind = match c {
            '=' => TokenKind::Assign,
            ':' if self.rest().starts_with('=') => {
                self.at += 1;
                TokenKind::Declare
            }
            ':' => return self.fail(start, "expected :="),
            '|' => TokenKind::Pipe,
            ',' => TokenKind::Comma,
            '(' => {
                self.parens += 1;
                TokenKind::LeftParen
            }
            ')' => {
                let Some(parens) = self.parens.checked_sub(1) else {
                    return self.fail(start, "unexpected right paren");
                };
                self.parens = parens;
                TokenKind::RightParen
            }
            '"' => self.quoted(start, '"', "unterminated quoted string")?,
            '\'' => self.quoted(start, '\'', "unterminated character constant")?,
            '`' => match self.rest().find('`') {
                Some(length) => {
                    self.at += length + 1;
                    TokenKind::RawString
                }
                None => return self.fail(start, "unterminated raw quoted string"),
            },
            '$' => self.name(start, TokenKind::Variable)?,
            '.' if !self.rest().starts_with(|c: char| c.is_ascii_digit()) => {
                let name = self.name(start, TokenKind::Field)?;
                if self.at == start + 1 { TokenKind::Dot } else { name }
            }
            '+' | '-' | '.' | '0'..='9' => self.number(start)?,
            c if is_word(c) => self.word(start)?,
            c => {
                let message = format!("unrecognized character in action: {}", unicode(c));
                return self.fail(start, message);
            }
        };
        self.push(kind, start);
        Ok(())
    }

    fn quoted(
        &mut self,
        start: usize,
        quote: char,
        unclosed: &str,
    ) -> Result<TokenKind, TemplateError> {
        let mut escaped = false;
        for (i, c) in self.rest().char_indices() {
            match c {
                '\n' => break,
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                c if c == quote => {
                    self.at += i + 1;
                    return Ok(if quote == '"' { TokenKind::String } else { TokenKind::Char });
                }
                _ => {}
            }
        }
        self.fail(start, unclosed)
    }

    fn skip_word(&mut self) {
        let rest = self.rest();
        let length = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
        self.at += length;
    }

    fn name(&mut self, start: usize, kind: TokenKind) -> Result<TokenKind, TemplateError> {
        self.skip_word();
        self.terminated(start)?;
        Ok(kind)
    }

    fn word(&mut self, start: usize) -> Result<TokenKind, TemplateError> {
        self.skip_word();
        self.terminated(start)?;
        Ok(match &self.source[start..self.at] {
            "true" => TokenKind::Bool(true),
            "false" => TokenKind::Bool(false),
            "nil" => TokenKind::Nil,
            "block" => TokenKind::Keyword(Keyword::Block),
            "break" => TokenKind::Keyword(Keyword::Break),
            "continue" => TokenKind::Keyword(Keyword::Continue),
            "define" => TokenKind::Keyword(Keyword::Define),
            "else" => TokenKind::Keyword(Keyword::Else),
            "end" => TokenKind::Keyword(Keyword::End),
            "if" => TokenKind::Keyword(Keyword::If),
            "range" => TokenKind::Keyword(Keyword::Range),
            "template" => TokenKind::Keyword(Keyword::Template),
            "with" => TokenKind::Keyword(Keyword::With),
            _ => TokenKind::Identifier,
        })
    }

    /// Checks that a name ends where it may: not before `-`, say.
    fn terminated(&self, start: usize) -> Result<(), TemplateError> {
        let rest = self.rest();
        match rest.chars().next() {
            None | Some(' ' | '\t' | '\r' | '\n' | '.' | ',' | '|' | ':' | ')' | '(') => Ok(()),
            _ if rest.starts_with(RIGHT) => Ok(()),
            Some(c) => self.fail(start, format!("bad character {}", unicode(c))),
        }
    }

    fn number(&mut self, start: usize) -> Result<TokenKind, TemplateError> {
        let length = super::number::scan(&self.source[start..]);
        self.at = start + length.max(1);
        if length == 0 || self.rest().starts_with(is_word) {
            self.skip_word();
            let text = &self.source[start..self.at];
            let is_imaginary = text.len() == length + 1 && text.ends_with('i');
            return self.fail(
                start,
                match length > 0 && is_imaginary {
                    true => format!("{text:?} is a complex number, which a preview does not know"),
                    false => format!("bad number syntax: {text:?}"),
                },
            );
        }
        Ok(TokenKind::Number)
    }
}

/// Returns `true` for the inside of an action that trims what is before: `-` and a blank.
fn opens_with_trim(inside: &str) -> bool {
    inside.strip_prefix('-').is_some_and(|rest| rest.starts_with(SPACES))
}

/// Returns the length of the end of an action, and whether it trims what is after.
fn closing(rest: &str) -> Option<(usize, bool)> {
    if rest.starts_with(RIGHT) {
        return Some((RIGHT.len(), false));
    }
    let mut chars = rest.chars();
    let trims = chars.next().is_some_and(|c| SPACES.contains(&c))
        && chars.next() == Some('-')
        && chars.as_str().starts_with(RIGHT);
    trims.then_some((2 + RIGHT.len(), true))
}

pub(super) fn is_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

fn unicode(c: char) -> String {
    format!("U+{:04X} {c:?}", u32::from(c))
}
