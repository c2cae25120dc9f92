//! Values as Go's `fmt` prints them.

use super::budget::Budget;
use super::error::{TemplateError, TemplateErrorKind};
use super::floats;
use super::strings;
use super::value::Value;

/// How deep a value may be that is printed, compared or converted.
pub(super) const DEEPEST: usize = 200;

/// Returns how many steps it takes to print a value, without what is in it: a number makes little text for its time.
pub(super) fn steps(value: &Value) -> usize {
    match value {
        Value::Int(..) | Value::Float(_) | Value::Version(_) => 6,
        Value::Map(map) => 1 + map.len(),
        _ => 1,
    }
}

/// Returns the error for a value that is nested too deep.
pub(super) fn too_deep() -> TemplateError {
    let message = format!("the value is nested deeper than {DEEPEST} levels");
    TemplateError::new(TemplateErrorKind::Limit, message)
}

/// How a value is printed as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SourceStyle {
    /// `%v`
    Plain,
    /// `%#v`
    Source,
}

/// A writer that knows how much may be written.
pub(super) struct Printer<'b> {
    pub(super) out: String,
    budget: &'b Budget,
}

impl<'b> Printer<'b> {
    pub(super) fn new(budget: &'b Budget) -> Printer<'b> {
        Printer { out: String::new(), budget }
    }

    /// Appends a text.
    pub(super) fn text(&mut self, text: &str) -> Result<(), TemplateError> {
        self.budget.makes(text.len())?;
        self.out.push_str(text);
        Ok(())
    }

    /// Appends a text between quotes.
    fn quoted(&mut self, text: &str) -> Result<(), TemplateError> {
        self.budget.has_room(text.len().saturating_mul(8))?;
        self.text(&strings::quote(text))
    }

    /// Appends a value as `%v` or `%#v` prints it.
    pub(super) fn value(
        &mut self,
        value: &Value,
        look: SourceStyle,
        depth: usize,
    ) -> Result<(), TemplateError> {
        if depth > DEEPEST {
            return Err(too_deep());
        }
        self.budget.steps(steps(value))?;
        let source = look == SourceStyle::Source;
        match value {
            Value::Nil if source => self.text("interface {}(nil)"),
            Value::Nil => self.text("<nil>"),
            Value::Bool(value) => self.text(if *value { "true" } else { "false" }),
            Value::Int(value, _) => self.text(&value.to_string()),
            Value::Float(value) if source && value.fract() == 0.0 && value.abs() < 1e21 => {
                // `%#v` is `%g` with the limit where whole numbers need an exponent.
                self.text(&format!("{value}"))
            }
            Value::Float(value) => self.text(&floats::shortest(*value)),
            Value::Str(text) if source => self.quoted(text),
            Value::Str(text) => self.text(text),
            Value::List(list) => {
                let (open, separator, close) =
                    if source { ("{", ", ", "}") } else { ("[", " ", "]") };
                if source {
                    self.text(&value.type_name())?;
                }
                self.text(open)?;
                for (i, item) in list.items().iter().enumerate() {
                    self.text(if i > 0 { separator } else { "" })?;
                    self.value(item, look, depth + 1)?;
                }
                self.text(close)
            }
            Value::Map(map) => {
                let (open, separator, close) =
                    if source { ("{", ", ", "}") } else { ("map[", " ", "]") };
                if source {
                    self.text(&value.type_name())?;
                }
                self.text(open)?;
                for (i, (key, item)) in map.entries().iter().enumerate() {
                    self.text(if i > 0 { separator } else { "" })?;
                    if source {
                        self.quoted(key)?;
                    } else {
                        self.text(key)?;
                    }
                    self.text(":")?;
                    self.value(item, look, depth + 1)?;
                }
                self.text(close)
            }
            Value::Version(version) => self.text(&version.to_string()),
        }
    }
}

/// Prints a value as `%v` does.
pub(crate) fn plain(value: &Value, budget: &Budget) -> Result<String, TemplateError> {
    let mut printer = Printer::new(budget);
    printer.value(value, SourceStyle::Plain, 0)?;
    Ok(printer.out)
}

/// Prints values as `fmt.Sprint` does: a blank between two of which neither is a text.
pub(super) fn sprint(values: &[Value], budget: &Budget) -> Result<String, TemplateError> {
    let mut printer = Printer::new(budget);
    let mut after_text = true;
    for (i, value) in values.iter().enumerate() {
        let is_text = matches!(value, Value::Str(_));
        if i > 0 && !after_text && !is_text {
            printer.text(" ")?;
        }
        printer.value(value, SourceStyle::Plain, 0)?;
        after_text = is_text;
    }
    Ok(printer.out)
}

/// Prints values as `fmt.Sprintln` does.
pub(super) fn sprintln(values: &[Value], budget: &Budget) -> Result<String, TemplateError> {
    let mut printer = Printer::new(budget);
    for (i, value) in values.iter().enumerate() {
        printer.text(if i > 0 { " " } else { "" })?;
        printer.value(value, SourceStyle::Plain, 0)?;
    }
    printer.text("\n")?;
    Ok(printer.out)
}
