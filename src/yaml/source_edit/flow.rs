//! Changes of mappings and sequences between brackets.

use super::align::{Step, align};
use super::lines;
use super::plan::{Planner, Refused, Slot};
use super::same::same;
use crate::yaml::node::{Entry, Mapping, Node};
use crate::yaml::span_tree::Span;

/// Where an entry starts and ends.
type Extent = (usize, usize);

impl<'t> Planner<'t> {
    pub(super) fn flow_seq(
        &mut self,
        span: &Span,
        items: &'t [Span],
        old: &[Node],
        new: &[Node],
    ) -> Result<(), Refused> {
        let steps = align(
            &old.iter().map(Node::pos).collect::<Vec<_>>(),
            &new.iter().map(Node::pos).collect::<Vec<_>>(),
        );
        let extents: Vec<Extent> = items.iter().map(|item| (item.first, item.end)).collect();
        for step in &steps {
            match *step {
                Step::Keep(i, j) => self.value(&items[i], &old[i], &new[j], Slot::Flow)?,
                Step::Remove(i) => self.forget(&items[i]),
                Step::Insert(_) => {}
            }
        }
        let written = |j: usize| self.habits.flow_value(&new[j]);
        let inserted: Vec<String> = inserted(&steps).map(written).collect();
        self.between_brackets(span, &extents, &steps, &inserted)
    }

    pub(super) fn flow_map(
        &mut self,
        span: &Span,
        entries: &'t [(Span, Span)],
        old: &Mapping,
        new: &Mapping,
    ) -> Result<(), Refused> {
        if !self.is_literal_map(entries, old) {
            let (old, new) = self.as_written(entries, old, new)?;
            return self.flow_map(span, entries, &old, &new);
        }
        let steps = align(
            &old.iter().map(|entry| entry.key.pos()).collect::<Vec<_>>(),
            &new.iter().map(|entry| entry.key.pos()).collect::<Vec<_>>(),
        );
        let extents: Vec<Extent> =
            entries.iter().map(|(key, value)| (key.first, value.end.max(key.end))).collect();
        let old: Vec<&Entry> = old.iter().collect();
        let new: Vec<&Entry> = new.iter().collect();
        for step in &steps {
            match *step {
                Step::Keep(i, j) => {
                    let (key, value) = &entries[i];
                    if !same(&old[i].key, &new[j].key) {
                        let written = self.habits.key(&new[j].key, true);
                        self.splice(key.first..key.end, written);
                    }
                    self.value(value, &old[i].value, &new[j].value, Slot::Flow)?;
                }
                Step::Remove(i) => self.forget(&entries[i].1),
                Step::Insert(_) => {}
            }
        }
        let written = |j: usize| self.habits.flow_entry(new[j]);
        let inserted: Vec<String> = inserted(&steps).map(written).collect();
        self.between_brackets(span, &extents, &steps, &inserted)
    }

    /// Takes entries out and puts entries in, with their commas.
    fn between_brackets(
        &mut self,
        span: &Span,
        extents: &[Extent],
        steps: &[Step],
        inserted: &[String],
    ) -> Result<(), Refused> {
        let kept: Vec<usize> = steps
            .iter()
            .filter_map(|step| match step {
                Step::Keep(i, _) => Some(*i),
                _ => None,
            })
            .collect();
        if kept.is_empty() {
            let inside = inserted.join(self.habits.comma());
            let (start, end) = (span.start + 1, span.end - 1);
            match self.text[start..end].rfind('#').filter(|_| extents.is_empty()) {
                Some(comment) => self.put_below_comments(start + comment, end, &inside),
                None => self.splice(start..end, inside),
            }
            return Ok(());
        }
        self.take_out(extents, &kept);
        let mut inserted = inserted.iter();
        let mut last = None;
        let mut waiting = Vec::new();
        for step in steps {
            match step {
                Step::Keep(i, _) => {
                    for text in waiting.drain(..) {
                        let separator = self.separator(span, extents);
                        let start = extents[*i].0;
                        self.splice(start..start, format!("{text},{separator}"));
                    }
                    last = Some(*i);
                }
                Step::Insert(_) => {
                    let Some(text) = inserted.next() else { continue };
                    match last {
                        Some(i) => self.put_behind(span, extents, i, text),
                        None => waiting.push(text),
                    }
                }
                Step::Remove(_) => {}
            }
        }
        Ok(())
    }

    /// Puts entries between the last comment in brackets that hold comments alone, and the line of the closing bracket.
    fn put_below_comments(&mut self, comment: usize, bracket: usize, entries: &str) {
        let blanks = |at: usize| at - lines::start(self.text, at);
        let line = lines::start(self.text, bracket);
        let column = match lines::is_first(self.text, comment) {
            true => blanks(comment),
            false => blanks(bracket) + self.habits.indent,
        };
        self.splice(line..line, format!("{:column$}{entries}\n", ""));
    }

    /// Removes all but the kept entries.
    fn take_out(&mut self, extents: &[Extent], kept: &[usize]) {
        let is_kept = |i: usize| kept.binary_search(&i).is_ok();
        let last_kept = kept.last().copied().unwrap_or_default();
        let mut comma_stays = false;
        for (i, (start, end)) in extents.iter().copied().enumerate() {
            if is_kept(i) {
                continue;
            }
            let behind = self.comma_behind(end).map_or(end, |comma| comma + 1);
            let line_end = lines::end(self.text, behind);
            let rest = self.text[behind..line_end].trim_start();
            let has_lines =
                lines::is_first(self.text, start) && (rest.is_empty() || rest.starts_with('#'));
            if has_lines {
                let from = lines::start(self.text, start);
                self.splice(from..lines::next(self.text, behind), String::new());
                comma_stays |= i > last_kept && behind == end;
            } else if i < last_kept {
                // Up to its successor, which takes its place.
                self.splice(start..extents[i + 1].0, String::new());
            } else {
                self.splice(extents[i - 1].1..end, String::new());
            }
        }
        // The comma before the last one is too many if that had none of its own.
        if comma_stays && let Some(comma) = self.comma_behind(extents[last_kept].1) {
            self.splice(comma..comma + 1, String::new());
        }
    }

    /// Puts an entry behind the entry `i`.
    fn put_behind(&mut self, span: &Span, extents: &[Extent], i: usize, text: &str) {
        let separator = self.separator(span, extents);
        let end = extents[i].1;
        let comma = self.comma_behind(end);
        // Without lines of its own, or where another entry follows on the line.
        let place = comma.map_or(end, |comma| comma + 1);
        let line_end = lines::end(self.text, place);
        let rest = self.text[place..line_end].trim_start();
        if separator.contains('\n') && (rest.is_empty() || rest.starts_with('#')) {
            // A comment on the line stays there.
            let trailing = if comma.is_some() { "," } else { "" };
            if comma.is_none() {
                self.splice(end..end, ",".to_owned());
            }
            self.splice(line_end..line_end, format!("{separator}{text}{trailing}"));
        } else {
            self.splice(end..end, format!(",{separator}{text}"));
        }
    }

    /// Returns what stands between two entries besides the comma.
    fn separator(&self, span: &Span, extents: &[Extent]) -> String {
        let before = match extents {
            [first, second, ..] => {
                let comma = self.comma_behind(first.1).map_or(first.1, |comma| comma + 1);
                &self.text[comma..second.0]
            }
            // With one entry, the bracket says whether entries have lines of their own.
            [only] if self.text[span.start + 1..only.0].contains('\n') => {
                &self.text[span.start + 1..only.0]
            }
            _ => &self.habits.comma()[1..],
        };
        // Comments belong to the entries that are there.
        match before.rfind('\n') {
            Some(newline) => {
                let blanks = before[newline + 1..].chars().take_while(|c| *c == ' ').count();
                format!("\n{}", lines::blanks(blanks))
            }
            None if before.trim().is_empty() => before.to_owned(),
            None => self.habits.comma()[1..].to_owned(),
        }
    }

    /// Returns the place of the comma that follows `at`.
    fn comma_behind(&self, at: usize) -> Option<usize> {
        let next = lines::skip_blank(self.text, at);
        self.text[next..].starts_with(',').then_some(next)
    }
}

fn inserted(steps: &[Step]) -> impl Iterator<Item = usize> + '_ {
    steps.iter().filter_map(|step| match step {
        Step::Insert(j) => Some(*j),
        _ => None,
    })
}
