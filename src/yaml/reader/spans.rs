//! Reads a document into the tree of where its values stand.

use rustc_hash::FxHashMap;

use super::error::{Fault, LineRule, Scan, SyntaxError};
use super::event::{Event, EventKind};
use super::parser::Parser;
use super::scanner::Dialect;
use crate::yaml::Style;
use crate::yaml::span_tree::{Form, Span};

/// Reads the first document of a text without a byte order mark; there is none if it has only comments.
pub(in crate::yaml) fn read_spans(
    text: &str,
    max_depth: usize,
) -> Result<Option<Span>, SyntaxError> {
    let mut parser = Parser::new(text, Dialect::NoComments, max_depth);
    compose(text, &mut parser).map_err(|fault| fault.into_error(LineRule::ProblemFirst))
}

fn compose<'t>(text: &'t str, parser: &mut Parser<'t>) -> Scan<Option<Span>> {
    let mut composer =
        Composer { text, anchors: FxHashMap::default(), open: Vec::new(), root: None };
    if parser.has_document()? {
        loop {
            let event = parser.next()?;
            if matches!(event.kind, EventKind::DocumentEnd) {
                break;
            }
            composer.accept(event)?;
        }
    }
    Ok(composer.root)
}

struct Composer<'t> {
    text: &'t str,
    /// Where the value with this anchor starts.
    anchors: FxHashMap<&'t str, usize>,
    open: Vec<Frame>,
    root: Option<Span>,
}

/// A collection that is not complete.
struct Frame {
    span: Span,
    key: Option<Span>,
}

impl<'t> Composer<'t> {
    fn accept(&mut self, event: Event<'t>) -> Scan<()> {
        let Event { kind, anchor, start, first, indicator, end, .. } = event;
        let mut end = end.offset;
        let form = match kind {
            EventKind::DocumentEnd => return Ok(()),
            EventKind::SequenceEnd | EventKind::MappingEnd => {
                self.close(end);
                return Ok(());
            }
            EventKind::Alias(name) => match self.anchors.get(name) {
                Some(target) => Form::Alias(*target),
                None => {
                    let message = format!("unknown anchor '{name}' referenced");
                    return Err(Fault::compose(start, message));
                }
            },
            EventKind::Scalar { style, .. } => {
                if matches!(style, Style::Literal | Style::Folded) {
                    end = self.block_end(start.offset);
                }
                Form::Scalar
            }
            EventKind::SequenceStart { flow } => Form::Seq { flow, items: Vec::new() },
            EventKind::MappingStart { flow } => Form::Map { flow, entries: Vec::new() },
        };
        if let Some(name) = anchor {
            self.anchors.insert(name, first.offset);
        }
        let is_item = matches!(
            self.open.last(),
            Some(Frame { span: Span { form: Form::Seq { flow: false, .. }, .. }, .. })
        );
        let span = Span {
            first: first.offset,
            start: start.offset,
            end,
            // An empty item is where its dash ends.
            dash: indicator.map(|mark| mark.offset).filter(|_| is_item),
            anchored: anchor.is_some(),
            form,
        };
        match span.form {
            Form::Alias(_) | Form::Scalar => self.attach(span),
            _ => self.open.push(Frame { span, key: None }),
        }
        Ok(())
    }

    /// Returns where the last line of the block scalar at `at` ends, without its line break.
    ///
    /// The empty lines behind it are part of the scalar only if its header has a `+`. The scanner's mark
    /// is of no use here: it may be that of the header.
    fn block_end(&self, at: usize) -> usize {
        let parent = self.open.last().map_or(-1, |frame| self.column(frame.span.start));
        let mut lines = self.text[at..].split_inclusive('\n');
        let header = lines.next().unwrap_or_default();
        let indicators = header.split('#').next().unwrap_or_default();
        let given = indicators.chars().find_map(|c| c.to_digit(10));
        let mut indent = given.map(|n| parent.max(0) + i64::from(n));
        let keeps = indicators.contains('+');
        let mut at = at;
        let mut end = at + without_break(header).len();
        at += header.len();
        for line in lines {
            let text = without_break(line);
            let column = text.len() - text.trim_start_matches(' ').len();
            let is_empty = column == text.len();
            if !is_empty {
                let column = i64::try_from(column).unwrap_or(i64::MAX);
                if column < *indent.get_or_insert(column.max(parent + 1)) {
                    break;
                }
            }
            if !is_empty || (keeps && line.len() > text.len()) {
                end = at + text.len();
            }
            at += line.len();
        }
        end
    }

    /// Returns the column of a place that only indentation and indicators stand before.
    fn column(&self, at: usize) -> i64 {
        let line = self.text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        i64::try_from(at - line).unwrap_or(i64::MAX)
    }

    fn close(&mut self, end: usize) {
        let Some(Frame { mut span, .. }) = self.open.pop() else { return };
        let last = match &span.form {
            Form::Seq { flow: false, items } => items.last(),
            Form::Map { flow: false, entries } => entries.last().map(|(_, value)| value),
            _ => None,
        };
        let is_bare_pair = matches!(&span.form, Form::Map { flow: true, .. })
            && !self.text[span.start..].starts_with('{');
        span.end = match (last, &span.form) {
            (Some(last), _) => last.end,
            (None, Form::Map { entries, .. }) if is_bare_pair => {
                entries.last().map_or(span.start, |(_, value)| value.end)
            }
            _ => end,
        };
        self.attach(span);
    }

    /// Puts a complete value into the innermost open collection.
    fn attach(&mut self, mut span: Span) {
        let Some(frame) = self.open.last_mut() else {
            self.root = Some(span);
            return;
        };
        match &mut frame.span.form {
            Form::Seq { items, .. } => items.push(span),
            Form::Map { entries, .. } => match frame.key.take() {
                None => frame.key = Some(span),
                Some(key) => {
                    // A value that is not written at all may be marked behind what follows.
                    if span.is_absent() {
                        let place = behind_colon(self.text, key.end).unwrap_or(key.end);
                        (span.first, span.end) = (place, place);
                    }
                    entries.push((key, span));
                }
            },
            Form::Alias(_) | Form::Scalar => {}
        }
    }
}

fn without_break(line: &str) -> &str {
    let line = line.strip_suffix('\n').unwrap_or(line);
    line.strip_suffix('\r').unwrap_or(line)
}

/// Returns the place behind the `:` that follows a key; there may be blanks and, behind a key with `?`,
/// lines and comments in between.
fn behind_colon(text: &str, key_end: usize) -> Option<usize> {
    let mut rest = text.get(key_end..)?;
    loop {
        rest = rest.trim_start();
        match rest.strip_prefix('#') {
            Some(comment) => rest = comment.split_once('\n')?.1,
            None => break,
        }
    }
    rest.starts_with(':').then(|| text.len() - rest.len() + 1)
}
