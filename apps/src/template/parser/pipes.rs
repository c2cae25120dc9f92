//! Pipelines, commands and operands.

use std::rc::Rc;

use super::super::ast::{Command, Operand, OperandKind, Pipe, Span};
use super::super::lexer::{Token, TokenKind};
use super::super::{number, strings};
use super::{Parser, Result, span};

impl Parser<'_> {
    pub(super) fn pipe(&mut self, context: &str, end: TokenKind, opening: Token) -> Result<Pipe> {
        let start = self.peek_non_space().start;
        let mut pipe = Pipe {
            variables: vec![],
            assigns: false,
            commands: vec![],
            span: Span { start, end: start },
        };
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
                TokenKind::Pipe => {}
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
                let token = Token {
                    kind: TokenKind::Dot,
                    start: operand.span.start,
                    end: operand.span.end,
                };
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
        // They are looked for one by one.
        self.budget.steps(self.variables.len() / 16)?;
        if self.variables.contains(name) {
            return Ok(());
        }
        self.fail(token, format!("undefined variable {}", strings::quote(name)))
    }

    pub(super) fn string(&self, token: Token) -> Result<Rc<str>> {
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
