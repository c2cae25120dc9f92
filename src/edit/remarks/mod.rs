//! What stands behind the versions of images: comments for people, and markers for Flux.
//!
//! A comment stays, whatever becomes of the value before it, but for two kinds that would be wrong then.
//! A marker of Flux (`{"$imagepolicy": "ns:policy:tag"}`) says which part of an image the line holds, and says so
//! afterwards too. A version behind a digest says which one that is; behind another it would be a lie. The digest may stand
//! behind a tag in one field, and the comment behind the brackets of an entry that is written on one line.

use std::ops::Range;

use super::{Edit, FIRST, fields};
use crate::yaml::{Kept, Mapping, Node, Splice};

/// What the markers of Flux have in common.
const MARKER: &str = "\"$imagepolicy\"";

/// A version of an entry that is there, and what its line is going to hold.
struct Line<'e> {
    field: &'static str,
    value: &'e Node,
    /// The new field and its text; nothing if the line goes.
    after: Option<(&'static str, &'e str)>,
}

impl Edit {
    /// Decides about the comments behind tag and digest of an entry, before these are set; `said` is a comment that
    /// belongs behind the new digest. Those of fields that go stay on lines of their own, but for a marker and a version.
    pub(super) fn keep_remarks(
        &mut self,
        entry: &Mapping,
        (tag, digest): (&str, &str),
        said: Option<&str>,
    ) {
        self.kept = self.kept.max(Kept::Fields);
        for Line { field, value, after } in lines(entry, tag, digest) {
            let Some((range, comment)) = self.remark(value) else { continue };
            let Some((new_field, text)) = after else {
                let is_marker = comment.contains(MARKER);
                if is_marker {
                    self.note(format_args!("{field} is gone with the marker of Flux: {comment}"));
                }
                if is_marker || is_digest(field, value) && version_of(&comment).is_some() {
                    self.remark_anew(range, String::new());
                }
                continue;
            };
            if field == new_field && value.text() == Some(text) {
                continue;
            }
            let has_other = !digest.is_empty() && fields::get(entry, "digest").is_none();
            if new_field == "newTag" && has_other && comment.contains(MARKER) {
                self.note("Flux will set newTag and not the digest beside it, which decides");
            }
            let new = match marker_for(&comment, field, new_field) {
                Some(marker) => {
                    self.note(format_args!(
                        "the marker of Flux says {new_field}'s part now: {marker}"
                    ));
                    marker
                }
                None if comment.is_empty()
                    || is_digest(field, value) && version_of(&comment).is_some() =>
                {
                    let said = said.filter(|_| new_field == "digest" || text.contains('@'));
                    said.map(|said| in_form_of(&comment, said)).unwrap_or_default()
                }
                None => continue,
            };
            let text = match (comment.is_empty(), new.is_empty()) {
                (true, true) => continue,
                (false, true) => new,
                (true, false) => format!(" {new}"),
                (false, false) => format!("{}{new}", self.blank_at(&range)),
            };
            self.remark_anew(range, text);
        }
    }

    /// Writes another comment in the place of one, behind which only one value stands.
    fn remark_anew(&mut self, range: Range<usize>, text: String) {
        if self.remarks.iter().all(|remark| remark.range != range) {
            self.remarks.push(Splice { range, text });
        }
    }

    /// Returns the comment behind the digest of an entry of `images`, if it says a version and nothing else.
    pub fn digest_comment(&self, number: usize) -> Option<String> {
        let entry = self.image_entry(number)?;
        let value = |field| fields::get(entry, field).filter(|value| is_digest(field, value));
        let (_, comment) = self.remark(value("digest").or_else(|| value("newTag"))?)?;
        version_of(&comment).is_some().then_some(comment)
    }

    /// Returns the comment behind a text as the file has it, or behind the alias that stands for it, empty if there is
    /// none, and the bytes from the end of the text to that of the line; nothing if something else stands there.
    fn remark(&self, value: &Node) -> Option<(Range<usize>, String)> {
        let (pos, text) = (value.pos(), value.text()?);
        let start = pos.is_some().then(|| pos.since(FIRST))?;
        let written = self.source.text().get(start..)?;
        let rest = match written.strip_prefix('*') {
            Some(alias) => {
                alias.trim_start_matches(|c: char| !c.is_whitespace() && !",]}".contains(c))
            }
            None => {
                let quote = written.chars().next().filter(|c| "'\"".contains(*c));
                let quote = quote.map(String::from).unwrap_or_default();
                written.strip_prefix(&*quote)?.strip_prefix(text)?.strip_prefix(&*quote)?
            }
        };
        let value_end = start + written.len() - rest.len();
        let rest = rest.strip_prefix(',').unwrap_or(rest);
        let (rest, is_behind_entry) = match comment_of(rest) {
            Some(_) => (rest, false),
            None => (behind_brackets(written.get(value_end - start..)?)?, true),
        };
        let (line, comment) = comment_of(rest)?;
        let end_of_value = start + written.len() - rest.len();
        // JSON has no comments, and what Flux makes of a marker there is not known.
        let is_json = self.source.text().trim_start().starts_with('{');
        let is_free = match comment.is_empty() {
            true => !is_json && (!is_behind_entry || self.is_item_at(start)),
            false => !is_behind_entry || !comment.contains(MARKER),
        };
        let range = end_of_value..end_of_value + line.len();
        is_free.then(|| (range, comment.to_owned()))
    }

    /// Returns `true` if an item in brackets begins with a dash on the line of this byte.
    fn is_item_at(&self, at: usize) -> bool {
        let before = self.source.text().get(..at).unwrap_or_default();
        let line = before.rsplit('\n').next().unwrap_or_default().trim_start();
        line.strip_prefix('-')
            .is_some_and(|rest| rest.starts_with([' ', '\t']) && rest.trim_start().starts_with('{'))
    }

    /// Returns the blanks that a range begins with.
    fn blank_at(&self, range: &Range<usize>) -> &str {
        let text = self.source.text().get(range.clone()).unwrap_or_default();
        text.find('#').and_then(|at| text.get(..at)).unwrap_or(" ")
    }
}

/// Returns `true` if a field of an entry holds a digest, be it behind a tag.
fn is_digest(field: &str, value: &Node) -> bool {
    field == "digest" || field == "newTag" && value.text().is_some_and(|text| text.contains('@'))
}

/// Returns the rest of a line, and the comment if that is all there is in it.
fn comment_of(rest: &str) -> Option<(&str, &str)> {
    let line = rest.split('\n').next().unwrap_or_default();
    let line = line.strip_suffix('\r').unwrap_or(line);
    let comment = line.trim_start_matches([' ', '\t']);
    let is_comment = comment.is_empty() || comment.starts_with('#') && comment != line;
    is_comment.then(|| (line, comment.trim_end()))
}

/// Returns what comes behind the bracket that closes an entry on the line of a value in it.
fn behind_brackets(rest: &str) -> Option<&str> {
    let mut quote = None;
    let mut before = ' ';
    for (i, c) in rest.char_indices() {
        match (c, quote) {
            ('\n' | '\\', _) => return None,
            (_, Some(open)) if c == open => quote = None,
            (_, Some(_)) => {}
            // A value may have one in it, but not as its first letter.
            ('\'' | '"', None) if " \t:,".contains(before) => quote = Some(c),
            ('#', None) if " \t".contains(before) => return None,
            ('{' | '[' | ']', None) => return None,
            ('}', None) => {
                let rest = &rest[i + 1..];
                return Some(rest.strip_prefix(',').unwrap_or(rest));
            }
            _ => {}
        }
        before = c;
    }
    None
}

/// Returns the lines of the versions of an entry, and what becomes of each.
fn lines<'e>(entry: &'e Mapping, tag: &'e str, digest: &'e str) -> Vec<Line<'e>> {
    let value = |field| fields::get(entry, field);
    let after = |field, text: &'e str| Some((field, text)).filter(|(_, text)| !text.is_empty());
    let (new_tag, new_digest) = (after("newTag", tag), after("digest", digest));
    let ends = match (value("newTag"), value("digest")) {
        // One takes the line of the other.
        (Some(old), None) => vec![("newTag", old, new_tag.or(new_digest))],
        (None, Some(old)) => vec![("digest", old, new_digest.or(new_tag))],
        (old_tag, old_digest) => {
            let old_tag = old_tag.map(|old| ("newTag", old, new_tag));
            let old_digest = old_digest.map(|old| ("digest", old, new_digest));
            old_tag.into_iter().chain(old_digest).collect()
        }
    };
    ends.into_iter().map(|(field, value, after)| Line { field, value, after }).collect()
}

/// Returns a marker of Flux for one part of an image as one for another part.
fn marker_for(comment: &str, field: &str, new_field: &str) -> Option<String> {
    let part = |field: &str| if field == "digest" { ":digest\"" } else { ":tag\"" };
    let is_marker = field != new_field && comment.contains(MARKER);
    (is_marker && comment.contains(part(field)))
        .then(|| comment.replace(part(field), part(new_field)))
}

/// Returns a comment about a new digest in the form of the one about the old digest, if there is one.
fn in_form_of(old: &str, new: &str) -> String {
    match (version_of(old), version_of(new)) {
        (Some(before), Some(after)) => {
            format!("{}{after}", old.strip_suffix(before).unwrap_or("# "))
        }
        _ => new.to_owned(),
    }
}

/// Returns the version that a comment says and nothing else, as in `# v1.2`, `# tag: main-1a2b3c` or `# web:1.2`; it
/// ends the comment. A number or a date may be anything, unless the comment calls it a tag.
fn version_of(comment: &str) -> Option<&str> {
    let said = comment.strip_prefix('#')?.trim();
    let named = said.strip_prefix("tag").filter(|rest| rest.starts_with([':', '=']));
    let version = match named {
        Some(rest) => rest[1..].trim_start(),
        None => said.rsplit(':').next().unwrap_or(said),
    };
    let number = version.strip_prefix('v');
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_version = match number {
        _ if named.is_some() => !version.is_empty(),
        Some(number) => number.starts_with(|c: char| c.is_ascii_digit()),
        None => version.split_once('.').is_some_and(|(major, rest)| {
            is_number(major) && rest.starts_with(|c: char| c.is_ascii_digit())
        }),
    };
    let is_tag = version.chars().all(|c| c.is_ascii_alphanumeric() || "._+-".contains(c));
    let is_one_word = named.is_some() || !said.contains(char::is_whitespace);
    (is_version && is_tag && is_one_word).then_some(version)
}

#[cfg(test)]
mod tests;
