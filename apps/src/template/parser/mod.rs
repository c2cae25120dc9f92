//! Tokens into a tree, with the checks that Go makes when it parses.

mod pipes;

use std::rc::Rc;

use super::ast::{Body, Branch, Node, Span, Tree};
use super::budget::Budget;
use super::error::{TemplateError, TemplateErrorKind};
use super::lexer::{self, Keyword, Token, TokenKind};
use super::strings;

/// How deep blocks and parentheses may be nested.
const DEEPEST: usize = 200;

/// Parses a template; `knows` says which functions there are.
pub(super) fn parse(source: &str, knows: &dyn Fn(&str) -> bool, budget: &Budget) -> Result<Tree> {
    // Each character may be a token, and an operand.
    budget.reads(source.len().saturating_mul(4))?;
    budget.has_room(source.len().saturating_mul(128))?;
    let tokens = lexer::tokens(source)?;
    let mut parser = Parser {
        source,
        knows,
        budget,
        tokens,
        at: 0,
        tree: Tree::default(),
        variables: vec!["$".into()],
        ranges: 0,
        depth: 0,
    };
    let (body, end) = parser.body(true)?;
    match end {
        Ending::Eof => {}
        Ending::Else(token) => return parser.unexpected_at(token, "{{else}}"),
        Ending::End(token) => return parser.unexpected_at(token, "{{end}}"),
    }
    parser.define("".into(), body, None)?;
    Ok(parser.tree)
}

/// What ended a list of nodes.
enum Ending {
    Eof,
    Else(Token),
    End(Token),
}

struct Parser<'s> {
    source: &'s str,
    knows: &'s dyn Fn(&str) -> bool,
    budget: &'s Budget,
    tokens: Vec<Token>,
    at: usize,
    tree: Tree,
    variables: Vec<Rc<str>>,
    /// How many ranges are around.
    ranges: usize,
    depth: usize,
}

type Result<T> = std::result::Result<T, TemplateError>;

impl Parser<'_> {
    // Tokens

    fn peek(&self) -> Token {
        // The last token is the end, which is never passed.
        let last = Token { kind: TokenKind::End, start: self.source.len(), end: self.source.len() };
        self.tokens.get(self.at).copied().unwrap_or(last)
    }

    fn next(&mut self) -> Token {
        let token = self.peek();
        self.at += 1;
        token
    }

    fn peek_non_space(&mut self) -> Token {
        while self.peek().kind == TokenKind::Space {
            self.at += 1;
        }
        self.peek()
    }

    fn next_non_space(&mut self) -> Token {
        self.peek_non_space();
        self.next()
    }

    fn text(&self, token: Token) -> &str {
        &self.source[token.start..token.end]
    }

    fn fail<T>(&self, token: Token, message: impl Into<String>) -> Result<T> {
        let kind = TemplateErrorKind::Parse;
        Err(TemplateError::new(kind, message).at(self.source, token.start, token.end))
    }

    fn unexpected<T>(&self, token: Token, context: &str) -> Result<T> {
        match token.kind {
            TokenKind::End => self.fail(token, format!("unexpected EOF in {context}")),
            _ => {
                let shown = strings::quote(self.text(token));
                self.fail(token, format!("unexpected {shown} in {context}"))
            }
        }
    }

    fn unexpected_at<T>(&self, token: Token, what: &str) -> Result<T> {
        self.fail(token, format!("unexpected {what}"))
    }

    fn deeper(&mut self, token: Token) -> Result<()> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return self.fail(token, format!("nested deeper than {DEEPEST} levels"));
        }
        Ok(())
    }

    // Blocks

    fn body(&mut self, top: bool) -> Result<(Body, Ending)> {
        let mut body = Body::new();
        loop {
            let token = self.next();
            match token.kind {
                TokenKind::Text => body.push(Node::Text(span(token, token))),
                TokenKind::End => return Ok((body, Ending::Eof)),
                _ => {}
            }
            if token.kind != TokenKind::Left {
                continue;
            }
            let first = self.peek_non_space();
            if let TokenKind::Keyword(keyword) = first.kind {
                self.at += 1;
                match keyword {
                    Keyword::End => {
                        self.expect_right("end")?;
                        return Ok((body, Ending::End(first)));
                    }
                    Keyword::Else => return Ok((body, Ending::Else(first))),
                    Keyword::Define if top => self.definition(first)?,
                    Keyword::Define => return self.unexpected(first, "command"),
                    _ => body.push(self.control(keyword, first)?),
                }
            } else {
                let pipe = self.pipe("command", TokenKind::Right, first)?;
                body.push(Node::Action(pipe));
            }
        }
    }

    fn control(&mut self, keyword: Keyword, token: Token) -> Result<Node> {
        self.deeper(token)?;
        let node = match keyword {
            Keyword::If => Node::If(self.branch("if", token)?),
            Keyword::With => Node::With(self.branch("with", token)?),
            Keyword::Range => Node::Range(self.branch("range", token)?),
            Keyword::Template => self.call(token)?,
            Keyword::Block => self.block(token)?,
            Keyword::Break | Keyword::Continue => {
                let name = if keyword == Keyword::Break { "break" } else { "continue" };
                let next = self.next_non_space();
                if next.kind != TokenKind::Right {
                    return self.unexpected(next, &format!("{{{{{name}}}}}"));
                }
                if self.ranges == 0 {
                    return self.fail(token, format!("{{{{{name}}}}} outside {{{{range}}}}"));
                }
                if keyword == Keyword::Break { Node::Break } else { Node::Continue }
            }
            Keyword::Define | Keyword::Else | Keyword::End => {
                return self.unexpected(token, "command");
            }
        };
        self.depth -= 1;
        Ok(node)
    }

    fn branch(&mut self, context: &str, token: Token) -> Result<Branch> {
        let variables = self.variables.len();
        let pipe = self.pipe(context, TokenKind::Right, token)?;
        let in_range = usize::from(context == "range");
        self.ranges += in_range;
        let (body, end) = self.body(false)?;
        self.ranges -= in_range;
        let otherwise = match end {
            Ending::Eof => return self.unclosed(token, context),
            Ending::End(_) => None,
            Ending::Else(token) => Some(self.otherwise(context, token)?),
        };
        self.variables.truncate(variables);
        Ok(Branch { pipe, body, otherwise })
    }

    fn unclosed<T>(&self, token: Token, context: &str) -> Result<T> {
        let message = format!("unexpected EOF: {{{{{context}}}}} has no {{{{end}}}}");
        self.fail(token, message)
    }

    /// Parses what comes after `{{else`.
    fn otherwise(&mut self, context: &str, opening: Token) -> Result<Body> {
        let next = self.next_non_space();
        match next.kind {
            TokenKind::Right => {}
            TokenKind::Keyword(keyword @ (Keyword::If | Keyword::With))
                if context == if keyword == Keyword::If { "if" } else { "with" } =>
            {
                // The one {{end}} closes both.
                return Ok(vec![self.control(keyword, next)?]);
            }
            _ => return self.unexpected(next, "{{else}}"),
        }
        match self.body(false)? {
            (body, Ending::End(_)) => Ok(body),
            (_, Ending::Else(token)) => self.fail(token, "expected end; found {{else}}"),
            (_, Ending::Eof) => self.unclosed(opening, "else"),
        }
    }

    /// Parses what comes after `{{template`.
    fn call(&mut self, token: Token) -> Result<Node> {
        let name = self.template_name("template clause")?;
        let argument = match self.peek_non_space().kind {
            TokenKind::Right => {
                self.at += 1;
                None
            }
            _ => Some(self.pipe("template clause", TokenKind::Right, token)?),
        };
        let end = self.tokens.get(self.at - 1).map_or(token.end, |last| last.start);
        Ok(Node::Template { name, argument, span: Span { start: token.start, end } })
    }

    /// Parses a block, which is a definition and its call.
    fn block(&mut self, token: Token) -> Result<Node> {
        let name = self.template_name("block clause")?;
        let argument = self.pipe("block clause", TokenKind::Right, token)?;
        self.template_body(Rc::clone(&name), token, "block")?;
        let span = Span { start: token.start, end: argument.span.end };
        Ok(Node::Template { name, argument: Some(argument), span })
    }

    fn definition(&mut self, token: Token) -> Result<()> {
        let name = self.template_name("define clause")?;
        self.expect_right("define clause")?;
        self.template_body(name, token, "define")
    }

    fn template_body(&mut self, name: Rc<str>, token: Token, context: &str) -> Result<()> {
        let variables = std::mem::replace(&mut self.variables, vec!["$".into()]);
        let ranges = std::mem::take(&mut self.ranges);
        let (body, end) = self.body(false)?;
        match end {
            Ending::End(_) => {}
            Ending::Else(token) => return self.unexpected_at(token, "{{else}}"),
            Ending::Eof => return self.unclosed(token, context),
        }
        (self.variables, self.ranges) = (variables, ranges);
        self.define(name, body, Some(token))
    }

    fn define(&mut self, name: Rc<str>, body: Body, token: Option<Token>) -> Result<()> {
        let is_empty = |body: &Body| {
            let mut nodes = body.iter();
            nodes.all(
                |n| matches!(n, Node::Text(s) if self.source[s.start..s.end].trim().is_empty()),
            )
        };
        match (self.tree.templates.get(&name), token) {
            (Some(_), _) if is_empty(&body) => return Ok(()),
            (Some(old), Some(token)) if !is_empty(old) => {
                let name = strings::quote(&name);
                return self.fail(token, format!("multiple definition of template {name}"));
            }
            _ => {}
        }
        self.tree.templates.insert(name, body);
        Ok(())
    }

    fn template_name(&mut self, context: &str) -> Result<Rc<str>> {
        let token = self.next_non_space();
        match token.kind {
            TokenKind::String | TokenKind::RawString => self.string(token),
            _ => self.unexpected(token, context),
        }
    }

    fn expect_right(&mut self, context: &str) -> Result<()> {
        let token = self.next_non_space();
        match token.kind {
            TokenKind::Right => Ok(()),
            _ => self.unexpected(token, context),
        }
    }
}

fn span(first: Token, last: Token) -> Span {
    Span { start: first.start, end: last.end }
}
