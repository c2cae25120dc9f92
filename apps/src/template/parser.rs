//! Tokens into a tree, with the checks that Go makes when it parses.

use std::rc::Rc;

use super::ast::{Body, Branch, Command, Node, Operand, OperandKind, Pipe, Span, Tree};
use super::error::{TemplateError, TemplateErrorKind};
use super::lexer::{self, Keyword, Token, TokenKind};
use super::number;
use super::strings;

/// How deep blocks and parentheses may be nested.
const DEEPEST: usize = 100;

/// Parses a template; `knows` says which functions there are.
pub(super) fn parse(source: &str, knows: &dyn Fn(&str) -> bool) -> Result<Tree> {
    let tokens = lexer::tokens(source)?;
    let mut parser = Parser {
        source,
        knows,
        tokens,
        at: 0,
        tree: Tree::default(),
        variables: vec!["$".into()],
        ranges: 0,
        depth: 0,
    };
    let (body, end) = parser.body(true)?;
    match end {
        End::Eof => {}
        End::Else(token) => return parser.unexpected_at(token, "{{else}}"),
        End::End(token) => return parser.unexpected_at(token, "{{end}}"),
    }
    parser.define("".into(), body, None)?;
    Ok(parser.tree)
}

/// What ended a list of nodes.
enum End {
    Eof,
    Else(Token),
    End(Token),
}

struct Parser<'s> {
    source: &'s str,
    knows: &'s dyn Fn(&str) -> bool,
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

    fn body(&mut self, top: bool) -> Result<(Body, End)> {
        let mut body = Body::new();
        loop {
            let token = self.next();
            match token.kind {
                TokenKind::Text => body.push(Node::Text(span(token, token))),
                TokenKind::End => return Ok((body, End::Eof)),
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
                        return Ok((body, End::End(first)));
                    }
                    Keyword::Else => return Ok((body, End::Else(first))),
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
            End::Eof => return self.unclosed(token, context),
            End::End(_) => None,
            End::Else(token) => Some(self.otherwise(context, token)?),
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
            (body, End::End(_)) => Ok(body),
            (_, End::Else(token)) => self.fail(token, "expected end; found {{else}}"),
            (_, End::Eof) => self.unclosed(opening, "else"),
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
            End::End(_) => {}
            End::Else(token) => return self.unexpected_at(token, "{{else}}"),
            End::Eof => return self.unclosed(token, context),
        }
        (self.variables, self.ranges) = (variables, ranges);
        self.define(name, body, Some(token))
    }

    fn define(&mut self, name: Rc<str>, body: Body, token: Option<Token>) -> Result<()> {
        let is_empty = |body: &Body| {
            let mut nodes = body.iter();
            nodes.all(|n| matches!(n, Node::Text(s) if self.source[s.start..s.end].trim().is_empty()))
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

    // Pipelines

    fn pipe(&mut self, context: &str, end: TokenKind, opening: Token) -> Result<Pipe> {
        let start = self.peek_non_space().start;
        let mut pipe =
            Pipe { variables: vec![], assigns: false, commands: vec![], span: Span { start, end: start } };
        let mut declared = Vec::new();
        self.declarations(context, &mut pipe, &mut declared)?;
        loop {
            let token = self.next_non_space();
            match token.kind {
                kind if kind == end => {
                    pipe.span.end = token.start;
                    break;
                }
                kind if starts_operand(kind) => {
                    self.at -= 1;
                    pipe.commands.push(self.command()?);
                }
                TokenKind::End => return self.fail(opening, "unclosed action"),
                _ => return self.unexpected(token, context),
            }
        }
        if pipe.commands.is_empty() {
            return self.fail(opening, format!("missing value for {context}"));
        }
        for (stage, command) in pipe.commands.iter().enumerate().skip(1) {
            let Some(first) = command.operands.first() else { continue };
            if matches!(
                first.kind,
                OperandKind::Bool(_)
                    | OperandKind::Dot
                    | OperandKind::Nil
                    | OperandKind::Number(_)
                    | OperandKind::Str(_)
            ) {
                let message = format!("non executable command in pipeline stage {}", stage + 1);
                return self.fail(opening, message);
            }
        }
        if !pipe.assigns {
            // Known from here on only: a variable cannot be part of its own value.
            self.variables.append(&mut declared);
        }
        Ok(pipe)
    }

    fn declarations(
        &mut self,
        context: &str,
        pipe: &mut Pipe,
        declared: &mut Vec<Rc<str>>,
    ) -> Result<()> {
        loop {
            let token = self.peek_non_space();
            if token.kind != TokenKind::Variable {
                return Ok(());
            }
            let back = self.at;
            self.at += 1;
            let name: Rc<str> = self.text(token).into();
            let next = self.peek_non_space();
            match next.kind {
                TokenKind::Assign | TokenKind::Declare => {
                    self.at += 1;
                    pipe.assigns = next.kind == TokenKind::Assign;
                    pipe.variables.push(Rc::clone(&name));
                    declared.push(name);
                    if pipe.assigns {
                        for name in &pipe.variables {
                            self.check_variable(name, token)?;
                        }
                    }
                    return Ok(());
                }
                TokenKind::Comma if context == "range" && pipe.variables.is_empty() => {
                    self.at += 1;
                    pipe.variables.push(Rc::clone(&name));
                    declared.push(name);
                    match self.peek_non_space().kind {
                        TokenKind::Variable => {}
                        _ => return self.fail(next, "range can only initialize variables"),
                    }
                }
                TokenKind::Comma => {
                    return self.fail(next, format!("too many declarations in {context}"));
                }
                _ => {
                    self.at = back;
                    return Ok(());
                }
            }
        }
    }

    fn command(&mut self) -> Result<Command> {
        let mut operands = Vec::new();
        loop {
            let token = self.peek_non_space();
            if let Some(operand) = self.operand()? {
                operands.push(operand);
            }
            let next = self.next();
            match next.kind {
                TokenKind::Space => continue,
                TokenKind::Right | TokenKind::RightParen => self.at -= 1,
                TokenKind::Pipe => {
                    let after = self.peek_non_space();
                    if matches!(after.kind, TokenKind::Right | TokenKind::RightParen) {
                        return self.fail(next, "missing value for command");
                    }
                }
                _ => return self.unexpected(next, "operand"),
            }
            if operands.is_empty() {
                return self.fail(token, "empty command");
            }
            return Ok(Command { operands });
        }
    }

    fn operand(&mut self) -> Result<Option<Operand>> {
        let Some(mut operand) = self.term()? else { return Ok(None) };
        let mut fields = Vec::new();
        let mut last = operand.span.end;
        while self.peek().kind == TokenKind::Field {
            let token = self.next();
            last = token.end;
            fields.push(self.text(token)[1..].into());
        }
        if fields.is_empty() {
            return Ok(Some(operand));
        }
        let span = Span { start: operand.span.start, end: last };
        operand.kind = match operand.kind {
            OperandKind::Field(mut own) => {
                own.append(&mut fields);
                OperandKind::Field(own)
            }
            OperandKind::Variable(name, mut own) => {
                own.append(&mut fields);
                OperandKind::Variable(name, own)
            }
            OperandKind::Pipe(_) | OperandKind::Function(_) => {
                let inner = Operand { kind: operand.kind, span: operand.span };
                OperandKind::Chain(Box::new(inner), fields)
            }
            _ => {
                let token =
                    Token { kind: TokenKind::Dot, start: operand.span.start, end: operand.span.end };
                let shown = strings::quote(self.text(token));
                return self.fail(token, format!("unexpected . after term {shown}"));
            }
        };
        operand.span = span;
        Ok(Some(operand))
    }

    fn term(&mut self) -> Result<Option<Operand>> {
        let token = self.next_non_space();
        let text = self.text(token);
        let kind = match token.kind {
            TokenKind::Identifier => {
                if !(self.knows)(text) {
                    let name = strings::quote(text);
                    return self.fail(token, format!("function {name} not defined"));
                }
                OperandKind::Function(text.into())
            }
            TokenKind::Dot => OperandKind::Dot,
            TokenKind::Nil => OperandKind::Nil,
            TokenKind::Variable => {
                let name: Rc<str> = text.into();
                self.check_variable(&name, token)?;
                OperandKind::Variable(name, Vec::new())
            }
            TokenKind::Field => OperandKind::Field(vec![text[1..].into()]),
            TokenKind::Bool(value) => OperandKind::Bool(value),
            TokenKind::Number => match number::parse(text) {
                Some(number) => OperandKind::Number(number),
                None => return self.fail(token, format!("illegal number syntax: {text:?}")),
            },
            TokenKind::Char => match strings::unquote_char(text) {
                Some(c) => OperandKind::Number(number::character(c)),
                None => return self.fail(token, format!("malformed character constant: {text}")),
            },
            TokenKind::String | TokenKind::RawString => OperandKind::Str(self.string(token)?),
            TokenKind::LeftParen => {
                self.deeper(token)?;
                let pipe = self.pipe("parenthesized pipeline", TokenKind::RightParen, token)?;
                self.depth -= 1;
                let end = self.tokens.get(self.at - 1).map_or(token.end, |last| last.end);
                let span = Span { start: token.start, end };
                return Ok(Some(Operand { kind: OperandKind::Pipe(Box::new(pipe)), span }));
            }
            _ => {
                self.at -= 1;
                return Ok(None);
            }
        };
        Ok(Some(Operand { kind, span: span(token, token) }))
    }

    fn check_variable(&self, name: &Rc<str>, token: Token) -> Result<()> {
        if self.variables.contains(name) {
            return Ok(());
        }
        self.fail(token, format!("undefined variable {}", strings::quote(name)))
    }

    fn string(&self, token: Token) -> Result<Rc<str>> {
        let text = self.text(token);
        if token.kind == TokenKind::RawString {
            return Ok(text[1..text.len() - 1].replace('\r', "").into());
        }
        match strings::unquote(text) {
            Some(text) => Ok(text.into()),
            None => self.fail(token, format!("invalid syntax in the string {text}")),
        }
    }
}

fn span(first: Token, last: Token) -> Span {
    Span { start: first.start, end: last.end }
}

fn starts_operand(kind: TokenKind) -> bool {
    matches!(
        kind,
        TokenKind::Bool(_)
            | TokenKind::Char
            | TokenKind::Dot
            | TokenKind::Field
            | TokenKind::Identifier
            | TokenKind::Number
            | TokenKind::Nil
            | TokenKind::RawString
            | TokenKind::String
            | TokenKind::Variable
            | TokenKind::LeftParen
    )
}
