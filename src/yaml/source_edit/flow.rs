//! Changes of mappings and sequences between brackets.

use std::ops::Range;

use super::align::{Step, align};
use super::comments::Place;
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
                Step::Insert(j) => self.note_moves(&new[j], Place::Above(span.first), None),
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
                Step::Remove(i) => {
                    self.fields.push(entries[i].0.first);
                    self.forget(&entries[i].1);
                }
                Step::Insert(j) => self.note_moves(&new[j].value, Place::Above(span.first), None),
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
        // What stands between those that stay: before the first of them, and behind each.
        let mut inserted = inserted.iter();
        let mut first: Vec<&String> = Vec::new();
        let mut behind: Vec<(usize, Vec<&String>)> = Vec::new();
        for step in steps {
            match step {
                Step::Keep(i, _) => behind.push((*i, Vec::new())),
                Step::Insert(_) => {
                    let group = behind.last_mut().map_or(&mut first, |(_, group)| group);
                    group.extend(inserted.next());
                }
                Step::Remove(_) => {}
            }
        }
        let has_own_line = |(i, group): &(usize, Vec<&String>)| {
            !group.is_empty() && self.may_follow_on_a_line(span, extents, *i)
        };
        let needs_comma = behind.last().is_some_and(has_own_line);
        self.take_out(extents, &kept, needs_comma);
        if let Some((i, _)) = behind.first().filter(|_| !first.is_empty()) {
            let start = extents[*i].0;
            let separator = self.separator(span, extents);
            for text in first {
                self.splice(start..start, format!("{text},{separator}"));
            }
        }
        let ends_with_comma =
            extents.last().is_some_and(|(_, end)| self.comma_behind(*end).is_some());
        let last_kept = kept.last().copied();
        for (i, group) in behind.into_iter().filter(|(_, group)| !group.is_empty()) {
            self.put_behind(span, extents, i, &group, ends_with_comma || Some(i) != last_kept);
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

    /// Removes all but the kept entries, and the comma behind the last of these if nothing needs it.
    fn take_out(&mut self, extents: &[Extent], kept: &[usize], needs_comma: bool) {
        let is_kept = |i: usize| kept.binary_search(&i).is_ok();
        let last_kept = kept.last().copied().unwrap_or_default();
        let Some(&(_, last_end)) = extents.last() else { return };
        let kept_end = extents[last_kept].1;
        let ends_with_comma = self.comma_behind(last_end).is_some();
        let own_lines = |(start, end): Extent| {
            let behind = self.comma_behind(end).map_or(end, |comma| comma + 1);
            let rest = self.text[behind..lines::end(self.text, behind)].trim_start();
            let is_alone = rest.is_empty() || rest.starts_with('#');
            (is_alone && lines::is_first(self.text, start))
                .then(|| lines::start(self.text, start)..lines::next(self.text, behind))
        };
        // Without comments in between, the bracket takes the place of all that were last.
        let is_short = !needs_comma
            && !self.text[kept_end..last_end].contains('#')
            && extents.last().is_some_and(|last| own_lines(*last).is_none());
        let mut removed: Vec<Range<usize>> = Vec::new();
        for (i, (start, end)) in extents.iter().copied().enumerate().filter(|(i, _)| !is_kept(*i)) {
            removed.push(match own_lines((start, end)) {
                _ if i > last_kept && is_short => kept_end..last_end,
                Some(lines) => lines,
                None => self.on_shared_line(extents, i, i < last_kept),
            });
        }
        let mut whole: Vec<Range<usize>> = Vec::new();
        for range in removed {
            match whole.last_mut().filter(|last| range.start <= last.end) {
                Some(last) => last.end = last.end.max(range.end),
                None => whole.push(range),
            }
        }
        for Range { start, mut end } in whole {
            if start > lines::start(self.text, start) && end == lines::start(self.text, end) {
                // The line goes on with another.
                end += self.text[end..].len() - self.text[end..].trim_start_matches(' ').len();
            }
            self.splice(start..end, String::new());
        }
        if last_kept + 1 < extents.len()
            && !(ends_with_comma || needs_comma || is_short)
            && let Some(comma) = self.comma_behind(kept_end)
        {
            self.splice(comma..comma + 1, String::new());
        }
    }

    /// Returns the bytes of an entry that shares its line with others, or with a bracket.
    fn on_shared_line(&self, extents: &[Extent], i: usize, is_followed: bool) -> Range<usize> {
        let (start, end) = extents[i];
        let behind = self.comma_behind(end).map_or(end, |comma| comma + 1);
        let line_end = lines::end(self.text, behind);
        let next = extents.get(i + 1).map_or(line_end, |(next, _)| *next);
        if is_followed && next < line_end {
            // Its successor takes its place.
            return start..next;
        }
        let behind = match self.text[behind..line_end].trim_start().starts_with('#') {
            true => line_end,
            false => behind,
        };
        match lines::is_first(self.text, start) {
            true => start..behind,
            false => self.text[..start].trim_end_matches([' ', '\t']).len()..behind,
        }
    }

    /// Returns `true` if entries behind the entry `i` get lines of their own: where others have such, and none follows
    /// on its line.
    fn may_follow_on_a_line(&self, span: &Span, extents: &[Extent], i: usize) -> bool {
        let end = extents[i].1;
        let place = self.comma_behind(end).map_or(end, |comma| comma + 1);
        let rest = self.text[place..lines::end(self.text, place)].trim_start();
        self.separator(span, extents).contains('\n') && (rest.is_empty() || rest.starts_with('#'))
    }

    /// Puts entries behind the entry `i`, with a comma behind them if there is one `after` it and may be then.
    fn put_behind(
        &mut self,
        span: &Span,
        extents: &[Extent],
        i: usize,
        texts: &[&String],
        after: bool,
    ) {
        let separator = self.separator(span, extents);
        let end = extents[i].1;
        let texts: Vec<&str> = texts.iter().map(|text| text.as_str()).collect();
        let texts = texts.join(&format!(",{separator}"));
        if !self.may_follow_on_a_line(span, extents, i) {
            self.splice(end..end, format!(",{separator}{texts}"));
            return;
        }
        // A comment on the line stays there.
        let comma = self.comma_behind(end);
        if comma.is_none() {
            self.splice(end..end, ",".to_owned());
        }
        let trailing = if comma.is_some() && after { "," } else { "" };
        let line_end = lines::end(self.text, comma.map_or(end, |comma| comma + 1));
        self.splice(line_end..line_end, format!("{separator}{texts}{trailing}"));
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
