//! How a file is written: what new text has to look like to be at home in it.

use super::around::Around;
use super::lines;
use crate::yaml::span_tree::{Form, Span};

/// The habits of a file. Where it has none, they are those of upstream.
#[derive(Clone, Copy, Debug)]
pub(super) struct Habits<'t> {
    /// What stands around the values of the text, for what moves to another place.
    pub(super) around: &'t Around<'t>,
    /// How lines end.
    pub(super) line_end: &'static str,
    /// By how much a mapping is indented below its key.
    pub(super) indent: usize,
    /// By how much a sequence is indented below its key.
    pub(super) seq_indent: usize,
    /// Whether texts and keys between brackets are quoted as in JSON.
    pub(super) json: bool,
    /// Whether a blank follows a comma and a colon between brackets.
    pub(super) airy: bool,
}

impl<'t> Habits<'t> {
    pub(super) fn of(text: &'t str, root: Option<&Span>, around: &'t Around<'t>) -> Habits<'t> {
        let line_end = match text.find('\n') {
            Some(at) if text[..at].ends_with('\r') => "\r\n",
            _ => "\n",
        };
        let mut found = Found::default();
        if let Some(root) = root {
            root.walk(&mut |span| found.look_at(text, span));
        }
        Habits {
            around,
            line_end,
            indent: found.indent.filter(|n| *n > 0).unwrap_or(2),
            seq_indent: found.seq_indent.unwrap_or(0),
            json: found.json.unwrap_or(false),
            airy: found.airy.unwrap_or(true),
        }
    }
}

/// The first example of each habit.
#[derive(Default)]
struct Found {
    indent: Option<usize>,
    seq_indent: Option<usize>,
    json: Option<bool>,
    airy: Option<bool>,
}

impl Found {
    fn look_at(&mut self, text: &str, span: &Span) {
        match &span.form {
            Form::Map { flow: false, entries } => {
                for (key, value) in entries {
                    self.look_at_value(text, lines::column(text, key.first), value);
                }
            }
            Form::Map { flow: true, entries } => {
                if let Some((key, value)) = entries.first() {
                    self.json.get_or_insert(text[key.start..].starts_with('"'));
                    if !value.is_absent() {
                        let blank = text[key.end..value.first].ends_with([' ', '\n']);
                        self.airy.get_or_insert(blank);
                    }
                }
            }
            _ => {}
        }
    }

    fn look_at_value(&mut self, text: &str, column: usize, value: &Span) {
        match &value.form {
            Form::Seq { flow: false, items } => {
                if let Some(dash) = items.first().and_then(|item| item.dash) {
                    let deeper = lines::column(text, dash).saturating_sub(column);
                    self.seq_indent.get_or_insert(deeper);
                }
            }
            Form::Map { flow: false, entries } => {
                if let Some((key, _)) = entries.first() {
                    let deeper = lines::column(text, key.first).saturating_sub(column);
                    self.indent.get_or_insert(deeper);
                }
            }
            _ => {}
        }
    }
}
