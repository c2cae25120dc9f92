//! Escapes and classes of RE2 patterns.

use super::re2::{Translator, fault};
use super::re2_height::Kind;
use super::re2_names;
use crate::diagnostics::Result;

impl Translator<'_> {
    /// Handles a backslash outside of a class.
    pub(super) fn escape(&mut self) -> Result<()> {
        let start = self.at;
        let mut after = self.rest()[1..].chars();
        match after.next() {
            None => return Err(fault("trailing backslash at end of expression", "")),
            Some('A') => self.write(Kind::Other, "(?:\\A)"),
            Some('z') => self.write(Kind::Other, "(?:\\z)"),
            Some('b') => self.write(Kind::Other, "(?-u:\\b)"),
            Some('B') => self.write(Kind::Other, "(?-u:\\B)"),
            Some('Q') => {
                let quoted = &self.rest()[2..];
                let (text, len) = match quoted.find("\\E") {
                    Some(end) => (&quoted[..end], end + 2),
                    None => (quoted, quoted.len()),
                };
                self.at += 2 + len;
                for c in text.chars() {
                    self.literal(c);
                }
                return Ok(());
            }
            _ => {
                let Some(class) = self.class_escape()? else {
                    let c = self.char_escape(start)?;
                    self.literal(c);
                    return Ok(());
                };
                self.write(Kind::Class, &class);
                return Ok(());
            }
        }
        self.at += 2;
        Ok(())
    }

    /// Takes `\d`, `\pL` and the like and returns them as a class.
    fn class_escape(&mut self) -> Result<Option<String>> {
        let rest = self.rest();
        let class = match rest.as_bytes().get(1) {
            Some(b'd') => "[0-9]",
            Some(b'D') => "[^0-9]",
            Some(b's') => "[\\t\\n\\x0C\\r ]",
            Some(b'S') => "[^\\t\\n\\x0C\\r ]",
            Some(b'w') => "[0-9A-Za-z_]",
            Some(b'W') => "[^0-9A-Za-z_]",
            Some(b'p' | b'P') => return self.property().map(Some),
            _ => return Ok(None),
        };
        self.at += 2;
        Ok(Some(class.to_owned()))
    }

    /// Takes `\pL`, `\p{Greek}`, `\p{^Greek}` or one of these with `\P`.
    fn property(&mut self) -> Result<String> {
        let start = self.at;
        let mut negated = self.rest().starts_with("\\P");
        self.at += 2;
        let name = if self.eat("{") {
            let Some(len) = self.rest().find('}') else {
                return Err(fault("invalid character class range", &self.pattern[start..]));
            };
            let name = &self.rest()[..len];
            self.at += len + 1;
            name
        } else {
            let from = self.at;
            self.next();
            &self.pattern[from..self.at]
        };
        let bad = || fault("invalid character class range", &self.pattern[start..self.at]);
        let positive = name.strip_prefix('^');
        negated ^= positive.is_some();
        let name = positive.unwrap_or(name);
        re2_names::class(name, negated).ok_or_else(bad)
    }

    /// Takes an escaped character; `start` is where the backslash is.
    fn char_escape(&mut self, start: usize) -> Result<char> {
        self.at = start + 1;
        let Some(c) = self.next() else {
            return Err(fault("trailing backslash at end of expression", ""));
        };
        let found = match c {
            '0'..='7' => {
                let octal = |c: Option<char>| c.and_then(|c| c.to_digit(8));
                if c != '0' && octal(self.peek()).is_none() {
                    None
                } else {
                    let mut code = c as u32 - '0' as u32;
                    for _ in 0..2 {
                        let Some(digit) = octal(self.peek()) else {
                            break;
                        };
                        code = code * 8 + digit;
                        self.next();
                    }
                    char::from_u32(code)
                }
            }
            'x' => self.hex(),
            'a' => Some('\x07'),
            'f' => Some('\x0C'),
            'n' => Some('\n'),
            'r' => Some('\r'),
            't' => Some('\t'),
            'v' => Some('\x0B'),
            c if c.is_ascii() && !c.is_ascii_alphanumeric() => Some(c),
            _ => None,
        };
        found.ok_or_else(|| fault("invalid escape sequence", &self.pattern[start..self.at]))
    }

    /// Takes what follows `\x`.
    fn hex(&mut self) -> Option<char> {
        let mut code = 0;
        if self.eat("{") {
            let from = self.at;
            loop {
                let c = self.next()?;
                if c == '}' {
                    return if self.at - from > 1 { char::from_u32(code) } else { None };
                }
                code = code * 16 + c.to_digit(16)?;
                if code > char::MAX as u32 {
                    return None;
                }
            }
        }
        for _ in 0..2 {
            code = code * 16 + self.next()?.to_digit(16)?;
        }
        char::from_u32(code)
    }

    /// Handles a class in brackets.
    pub(super) fn class(&mut self) -> Result<()> {
        let start = self.at;
        self.next();
        self.out.push('[');
        if self.eat("^") {
            self.out.push('^');
        }
        let mut first = true;
        loop {
            let unclosed = || fault("missing closing ]", &self.pattern[start..]);
            let c = self.peek().ok_or_else(unclosed)?;
            if c == ']' && !first {
                break;
            }
            first = false;
            if self.rest().starts_with("[:")
                && let Some(len) = self.rest().find(":]")
            {
                let name = &self.rest()[..len + 2];
                if !is_named_class(name) {
                    return Err(fault("invalid character class range", name));
                }
                self.out.push_str(name);
                self.at += name.len();
                continue;
            }
            if c == '\\'
                && let Some(class) = self.class_escape()?
            {
                self.out.push_str(&class);
                continue;
            }
            let from = self.at;
            let low = self.class_char(start)?;
            let rest = self.rest();
            let high = if rest.len() > 1 && rest.starts_with('-') && !rest.starts_with("-]") {
                self.next();
                self.class_char(start)?
            } else {
                low
            };
            if high < low {
                return Err(fault("invalid character class range", &self.pattern[from..self.at]));
            }
            self.code_point(low);
            self.out.push('-');
            self.code_point(high);
        }
        self.copy(Kind::Class, "]");
        Ok(())
    }

    fn class_char(&mut self, class: usize) -> Result<char> {
        let from = self.at;
        match self.next() {
            Some('\\') if !self.rest().is_empty() => self.char_escape(from),
            Some(c) if c != '\\' => Ok(c),
            _ => Err(fault("missing closing ]", &self.pattern[class..])),
        }
    }
}

fn is_named_class(name: &str) -> bool {
    let name = name.trim_start_matches("[:").trim_end_matches(":]");
    matches!(
        name.strip_prefix('^').unwrap_or(name),
        "alnum"
            | "alpha"
            | "ascii"
            | "blank"
            | "cntrl"
            | "digit"
            | "graph"
            | "lower"
            | "print"
            | "punct"
            | "space"
            | "upper"
            | "word"
            | "xdigit"
    )
}
