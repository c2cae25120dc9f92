//! `printf`: formats with verbs, as Go's `fmt.Sprintf` has them.

use super::budget::Budget;
use super::error::TemplateError;
use super::floats;
use super::print::{DEEPEST, Printer, SourceStyle, steps, too_deep};
use super::strings;
use super::value::{IntType, Value};

/// The widest field, and the highest precision; Go refuses more as well.
const WIDEST: i64 = 1_000_000;

/// Formats values.
pub(super) fn sprintf(
    format: &str,
    args: &[Value],
    budget: &Budget,
) -> Result<String, TemplateError> {
    let mut formatter = Formatter {
        args,
        next: 0,
        reordered: false,
        good_index: true,
        budget,
        out: Printer::new(budget),
    };
    formatter.run(format)?;
    Ok(formatter.out.out)
}

/// What stands between `%` and the verb.
#[derive(Clone, Copy, Default)]
struct Spec {
    plus: bool,
    minus: bool,
    sharp: bool,
    space: bool,
    zero: bool,
    width: Option<usize>,
    precision: Option<usize>,
}

struct Formatter<'a> {
    args: &'a [Value],
    next: usize,
    reordered: bool,
    good_index: bool,
    budget: &'a Budget,
    out: Printer<'a>,
}

impl Formatter<'_> {
    fn run(&mut self, format: &str) -> Result<(), TemplateError> {
        let mut rest = format;
        while let Some(found) = rest.find('%') {
            self.out.text(&rest[..found])?;
            rest = &rest[found + 1..];
            rest = self.directive(rest)?;
        }
        self.out.text(rest)?;
        if !self.reordered && self.next < self.args.len() {
            self.extra()?;
        }
        Ok(())
    }

    fn directive<'f>(&mut self, format: &'f str) -> Result<&'f str, TemplateError> {
        let mut spec = Spec::default();
        let mut rest = format;
        self.good_index = true;
        let mut after_index = false;
        loop {
            match rest.as_bytes().first() {
                Some(b'#') => spec.sharp = true,
                Some(b'0') => spec.zero = true,
                Some(b'+') => spec.plus = true,
                Some(b'-') => spec.minus = true,
                Some(b' ') => spec.space = true,
                _ => break,
            }
            rest = &rest[1..];
        }
        rest = self.index(rest, &mut after_index)?;
        if let Some(after) = rest.strip_prefix('*') {
            rest = after;
            match self.star() {
                Some(width) if width < 0 => {
                    spec.minus = true;
                    spec.zero = false;
                    spec.width = usize::try_from(-width).ok();
                }
                Some(width) => spec.width = usize::try_from(width).ok(),
                None => self.out.text("%!(BADWIDTH)")?,
            }
            after_index = false;
        } else {
            let (width, after) = digits(rest);
            rest = after;
            spec.width = width;
            if after_index && width.is_some() {
                self.good_index = false;
            }
        }
        if let Some(after) = rest.strip_prefix('.') {
            rest = after;
            if after_index {
                self.good_index = false;
            }
            rest = self.index(rest, &mut after_index)?;
            if let Some(after) = rest.strip_prefix('*') {
                rest = after;
                spec.precision = self.star().and_then(|p| usize::try_from(p).ok());
                if spec.precision.is_none() {
                    self.out.text("%!(BADPREC)")?;
                }
                after_index = false;
            } else {
                let (precision, after) = digits(rest);
                rest = after;
                spec.precision = Some(precision.unwrap_or(0));
            }
        }
        if !after_index {
            rest = self.index(rest, &mut after_index)?;
        }
        let Some(verb) = rest.chars().next() else {
            self.out.text("%!(NOVERB)")?;
            return Ok(rest);
        };
        rest = &rest[verb.len_utf8()..];
        if verb == '%' {
            self.out.text("%")?;
        } else if !self.good_index {
            self.out.text(&format!("%!{verb}(BADINDEX)"))?;
        } else if let Some(value) = self.args.get(self.next) {
            self.next += 1;
            let value = value.clone();
            // Only structs have a form of their own for `%+v`; their kind does not occur here.
            spec.plus &= verb != 'v';
            self.verb(&value, verb, spec, 0)?;
        } else {
            self.out.text(&format!("%!{verb}(MISSING)"))?;
        }
        Ok(rest)
    }

    /// Reads `[n]`, which says which argument is next.
    fn index<'f>(&mut self, format: &'f str, found: &mut bool) -> Result<&'f str, TemplateError> {
        let Some(inside) = format.strip_prefix('[') else { return Ok(format) };
        self.reordered = true;
        // The end is looked for in all that is left.
        self.budget.reads(inside.len() / 16)?;
        let Some((index, rest)) = inside.split_once(']') else {
            self.good_index = false;
            return Ok(inside);
        };
        *found = true;
        match index.parse::<usize>() {
            Ok(index) if index >= 1 && index <= self.args.len() => self.next = index - 1,
            _ => self.good_index = false,
        }
        Ok(rest)
    }

    fn star(&mut self) -> Option<i64> {
        let value = self.args.get(self.next)?;
        self.next += 1;
        match value {
            Value::Int(value, _) if value.abs() <= WIDEST => Some(*value),
            _ => None,
        }
    }

    fn extra(&mut self) -> Result<(), TemplateError> {
        self.out.text("%!(EXTRA ")?;
        for (i, value) in self.args.iter().enumerate().skip(self.next) {
            self.out.text(if i > self.next { ", " } else { "" })?;
            if matches!(value, Value::Nil) {
                self.out.text("<nil>")?;
            } else {
                self.out.text(&value.type_name())?;
                self.out.text("=")?;
                self.out.value(value, SourceStyle::Plain, 0)?;
            }
        }
        self.out.text(")")
    }

    fn verb(
        &mut self,
        value: &Value,
        verb: char,
        spec: Spec,
        depth: usize,
    ) -> Result<(), TemplateError> {
        if depth > DEEPEST {
            return Err(too_deep());
        }
        self.budget.steps(steps(value))?;
        match (verb, value) {
            ('T', _) => return self.padded(&value.type_name(), spec),
            ('v', Value::Nil) if depth == 0 => return self.padded("<nil>", spec),
            (_, Value::Nil) if depth == 0 => return self.out.text(&format!("%!{verb}(<nil>)")),
            (_, Value::Nil) => return self.out.text("<nil>"),
            ('v', _) if spec.sharp => {
                let mut printer = Printer::new(self.budget);
                printer.value(value, SourceStyle::Source, 0)?;
                return self.padded(&printer.out, spec);
            }
            _ => {}
        }
        match value {
            Value::Bool(on) if matches!(verb, 't' | 'v') => {
                self.padded(if *on { "true" } else { "false" }, spec)
            }
            Value::Int(int, kind) => self.int(*int, *kind, verb, spec),
            Value::Float(float) => self.float(*float, verb, spec),
            Value::Str(text) => self.string(text, verb, spec),
            Value::List(list) => {
                self.out.text("[")?;
                for (i, item) in list.items().iter().enumerate() {
                    self.out.text(if i > 0 { " " } else { "" })?;
                    self.verb(item, verb, spec, depth + 1)?;
                }
                self.out.text("]")
            }
            Value::Map(map) => {
                self.out.text("map[")?;
                for (i, (key, item)) in map.entries().iter().enumerate() {
                    self.out.text(if i > 0 { " " } else { "" })?;
                    self.string(key, verb, spec)?;
                    self.out.text(":")?;
                    self.verb(item, verb, spec, depth + 1)?;
                }
                self.out.text("]")
            }
            Value::Version(version) => self.string(&version.to_string(), verb, spec),
            Value::Bool(_) | Value::Nil => self.bad(value, verb, spec),
        }
    }

    /// A verb that does not fit.
    fn bad(&mut self, value: &Value, verb: char, spec: Spec) -> Result<(), TemplateError> {
        if matches!(value, Value::Nil) {
            return self.out.text(&format!("%!{verb}(<nil>)"));
        }
        self.out.text(&format!("%!{verb}({}=", value.type_name()))?;
        self.verb(value, 'v', Spec { sharp: false, ..spec }, 0)?;
        self.out.text(")")
    }

    fn int(
        &mut self,
        value: i64,
        kind: IntType,
        verb: char,
        spec: Spec,
    ) -> Result<(), TemplateError> {
        let size = value.unsigned_abs();
        let (digits, prefix) = match verb {
            'v' | 'd' => (size.to_string(), ""),
            'b' => (format!("{size:b}"), if spec.sharp { "0b" } else { "" }),
            'o' => (format!("{size:o}"), if spec.sharp { "0" } else { "" }),
            'O' => (format!("{size:o}"), "0o"),
            'x' => (format!("{size:x}"), if spec.sharp { "0x" } else { "" }),
            'X' => (format!("{size:X}"), if spec.sharp { "0X" } else { "" }),
            'c' | 'q' | 'U' => {
                let c = u32::try_from(value).ok().and_then(char::from_u32);
                let c = c.unwrap_or(char::REPLACEMENT_CHARACTER);
                let text = match verb {
                    'c' => c.to_string(),
                    'q' if c == '\'' => "'\\''".to_owned(),
                    'q' if c == '"' => "'\"'".to_owned(),
                    'q' => {
                        let quoted = strings::quote(&c.to_string());
                        format!("'{}'", &quoted[1..quoted.len() - 1])
                    }
                    _ if spec.sharp => format!("U+{size:04X} '{c}'"),
                    _ => format!("U+{size:04X}"),
                };
                return self.padded(&text, Spec { zero: false, ..spec });
            }
            _ => return self.bad(&Value::Int(value, kind), verb, spec),
        };
        let sign = sign(value < 0, spec);
        let digits = match spec.precision {
            Some(0) if value == 0 => {
                return self.padded("", Spec { zero: false, ..spec });
            }
            Some(precision) => self.zeros(digits, precision)?,
            None if spec.zero && !spec.minus => {
                // Odd: the prefix does not count.
                let width = spec.width.unwrap_or(0).saturating_sub(sign.len());
                self.zeros(digits, width)?
            }
            None => digits,
        };
        self.padded(&format!("{sign}{prefix}{digits}"), Spec { zero: false, ..spec })
    }

    fn zeros(&self, digits: String, width: usize) -> Result<String, TemplateError> {
        let missing = width.saturating_sub(digits.len());
        self.budget.has_room(missing)?;
        Ok("0".repeat(missing) + &digits)
    }

    fn float(&mut self, value: f64, verb: char, spec: Spec) -> Result<(), TemplateError> {
        // More digits than that are zeros.
        let precision = spec.precision.map(|p| p.min(1100));
        let size = value.abs();
        let text = match verb {
            'v' | 'g' => floats::general(size, precision, 'e'),
            'G' => floats::general(size, precision, 'E'),
            'e' => floats::exponential(size, Some(precision.unwrap_or(6)), 'e'),
            'E' => floats::exponential(size, Some(precision.unwrap_or(6)), 'E'),
            'f' | 'F' => floats::fixed(size, Some(precision.unwrap_or(6))),
            'b' => floats::binary(size),
            'x' if precision.is_none() => floats::hexadecimal(size),
            'X' if precision.is_none() => floats::hexadecimal(size).to_uppercase(),
            _ => return self.bad(&Value::Float(value), verb, spec),
        };
        let finite = value.is_finite();
        let text = text.trim_start_matches('+');
        let negative = value.is_sign_negative() && !value.is_nan();
        let sign = match sign(negative, spec) {
            "" if value == f64::INFINITY => "+",
            sign => sign,
        };
        if spec.zero && !spec.minus && finite {
            let width = spec.width.unwrap_or(0).saturating_sub(sign.len());
            let digits = self.zeros(text.to_owned(), width)?;
            return self.out.text(&format!("{sign}{digits}"));
        }
        self.padded(&format!("{sign}{text}"), Spec { zero: false, ..spec })
    }

    fn string(&mut self, text: &str, verb: char, spec: Spec) -> Result<(), TemplateError> {
        // Between quotes, or as digits, it is longer, and there once more until it is padded.
        self.budget.has_room(text.len().saturating_mul(16))?;
        let cut: String;
        let text = match spec.precision {
            Some(precision) => {
                cut = text.chars().take(precision).collect();
                cut.as_str()
            }
            None => text,
        };
        match verb {
            'v' | 's' => self.padded(text, spec),
            'q' if spec.sharp && can_backquote(text) => self.padded(&format!("`{text}`"), spec),
            'q' if spec.plus => self.padded(&strings::quote_ascii(text), spec),
            'q' => self.padded(&strings::quote(text), spec),
            'x' | 'X' => {
                let prefix = if verb == 'x' { "0x" } else { "0X" };
                let digit = |four: u8| {
                    let digit = char::from_digit(u32::from(four & 15), 16).unwrap_or_default();
                    if verb == 'x' { digit } else { digit.to_ascii_uppercase() }
                };
                let mut out = String::new();
                for (i, byte) in text.bytes().enumerate() {
                    out.push_str(if spec.space && i > 0 { " " } else { "" });
                    out.push_str(if spec.sharp && (spec.space || i == 0) { prefix } else { "" });
                    out.extend([digit(byte >> 4), digit(byte)]);
                }
                self.padded(&out, spec)
            }
            _ => self.bad(&Value::str(text), verb, spec),
        }
    }

    fn padded(&mut self, text: &str, spec: Spec) -> Result<(), TemplateError> {
        let width = spec.width.unwrap_or(0);
        let missing = width.saturating_sub(text.chars().count());
        self.budget.has_room(missing)?;
        let filler = if spec.zero && !spec.minus { "0" } else { " " };
        if spec.minus {
            self.out.text(text)?;
            self.out.text(&filler.repeat(missing))
        } else {
            self.out.text(&filler.repeat(missing))?;
            self.out.text(text)
        }
    }
}

fn sign(negative: bool, spec: Spec) -> &'static str {
    if negative {
        "-"
    } else if spec.plus {
        "+"
    } else if spec.space {
        " "
    } else {
        ""
    }
}

/// Reads a number of up to seven digits.
fn digits(text: &str) -> (Option<usize>, &str) {
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    let number =
        text[..length].parse().ok().filter(|n| i64::try_from(*n).is_ok_and(|n| n <= WIDEST));
    (number, &text[length..])
}

fn can_backquote(text: &str) -> bool {
    text.chars().all(|c| c != '`' && c != '\u{7f}' && c != '\u{feff}' && (c >= ' ' || c == '\t'))
}
