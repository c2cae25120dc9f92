//! JSON, as Go's `encoding/json` writes and reads it.

use super::super::floats;
use super::super::function::{Args, Failure, Function, function};
use super::super::print::{DEEPEST, steps, too_deep};
use super::super::value::Value;
use super::{Outcome, text};

pub(super) const FUNCTIONS: &[Function] = &[
    function("fromJson", "s", |args| Ok(read(args).unwrap_or(Value::Nil))),
    function("mustFromJson", "s", read),
    function("toJson", "a", |args| written(args, true, false)),
    function("mustToJson", "a", |args| written(args, true, false)),
    function("toRawJson", "a", |args| written(args, false, false)),
    function("mustToRawJson", "a", |args| written(args, false, false)),
    function("toPrettyJson", "a", |args| written(args, true, true)),
    function("mustToPrettyJson", "a", |args| written(args, true, true)),
];

fn read(args: &Args<'_>) -> Outcome {
    // Each two bytes may be a value, each eight a map; all is there twice.
    let length = args.str(0).len();
    args.will_hold(length.saturating_mul(160))?;
    args.will_read(length.saturating_mul(8))?;
    // The reader has a limit of 128 levels.
    match serde_json::from_str::<serde_json::Value>(args.str(0)) {
        Ok(json) => Ok(Value::from(&json)),
        Err(e) => Err(e.to_string().into()),
    }
}

fn written(args: &Args<'_>, escape: bool, pretty: bool) -> Outcome {
    let mut writer = Writer { out: String::new(), escape, pretty, args };
    writer.value(args.any(0), 0)?;
    text(writer.out)
}

struct Writer<'a> {
    out: String,
    /// Whether what means something in HTML is escaped.
    escape: bool,
    pretty: bool,
    args: &'a Args<'a>,
}

impl Writer<'_> {
    fn push(&mut self, text: &str) -> Result<(), Failure> {
        self.args.will_make(text.len())?;
        self.out.push_str(text);
        Ok(())
    }

    fn line(&mut self, depth: usize) -> Result<(), Failure> {
        if self.pretty {
            self.push("\n")?;
            self.push(&"  ".repeat(depth))?;
        }
        Ok(())
    }

    fn value(&mut self, value: &Value, depth: usize) -> Result<(), Failure> {
        if depth > DEEPEST {
            return Err(too_deep().into());
        }
        self.args.budget.steps(steps(value))?;
        match value {
            Value::Nil => self.push("null"),
            Value::Bool(value) => self.push(if *value { "true" } else { "false" }),
            Value::Int(value, _) => self.push(&value.to_string()),
            Value::Float(value) => self.push(&number(*value)?),
            Value::Str(text) => self.string(text),
            Value::Version(version) => self.string(&version.to_string()),
            Value::List(list) if list.is_nil() => self.push("null"),
            Value::List(list) if list.items().is_empty() => self.push("[]"),
            Value::List(list) => {
                self.push("[")?;
                for (i, item) in list.items().iter().enumerate() {
                    self.push(if i > 0 { "," } else { "" })?;
                    self.line(depth + 1)?;
                    self.value(item, depth + 1)?;
                }
                self.line(depth)?;
                self.push("]")
            }
            Value::Map(map) if map.len() == 0 => self.push("{}"),
            Value::Map(map) => {
                self.push("{")?;
                for (i, (key, item)) in map.entries().iter().enumerate() {
                    self.push(if i > 0 { "," } else { "" })?;
                    self.line(depth + 1)?;
                    self.string(key)?;
                    self.push(if self.pretty { ": " } else { ":" })?;
                    self.value(item, depth + 1)?;
                }
                self.line(depth)?;
                self.push("}")
            }
        }
    }

    fn string(&mut self, text: &str) -> Result<(), Failure> {
        // It is looked at twice.
        self.args.will_read(text.len().saturating_mul(2))?;
        let escaped = text.chars().filter(|c| self.is_escaped(*c)).count();
        self.args.will_make(text.len() + 2 + 5 * escaped)?;
        self.out.push('"');
        for c in text.chars() {
            match c {
                '"' => self.out.push_str("\\\""),
                '\\' => self.out.push_str("\\\\"),
                '\n' => self.out.push_str("\\n"),
                '\r' => self.out.push_str("\\r"),
                '\t' => self.out.push_str("\\t"),
                '\u{8}' => self.out.push_str("\\b"),
                '\u{c}' => self.out.push_str("\\f"),
                c if self.is_escaped(c) => self.code(c),
                c => self.out.push(c),
            }
        }
        self.out.push('"');
        Ok(())
    }

    /// Returns `true` for what a text has as an escape, in up to six bytes.
    fn is_escaped(&self, c: char) -> bool {
        matches!(c, '\0'..='\u{1f}' | '\u{2028}' | '\u{2029}' | '"' | '\\')
            || self.escape && matches!(c, '<' | '>' | '&')
    }

    fn code(&mut self, c: char) {
        self.out.push_str(&format!("\\u{:04x}", u32::from(c)));
    }
}

/// Spells a number as JSON has it in Go: with an exponent only if it is very small or large.
fn number(value: f64) -> Result<String, Failure> {
    if !value.is_finite() {
        let shown = floats::shortest(value);
        return Err(format!("json: unsupported value: {shown}").into());
    }
    let size = value.abs();
    if size != 0.0 && !(1e-6..1e21).contains(&size) {
        let text = floats::exponential(value, None, 'e');
        return Ok(text.replace("e-0", "e-"));
    }
    Ok(floats::fixed(value, None))
}
