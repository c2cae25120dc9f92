//! What stands behind the versions of images: comments for people, and markers for Flux.
//!
//! A comment stays, whatever becomes of the value before it, but for two kinds that would be wrong then.
//! A marker of Flux (`{"$imagepolicy": "ns:policy:tag"}`) says which part of an image the line holds, and says so
//! afterwards too. A version behind a digest says which one that is; behind another it would be a lie.

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
                if is_marker || field == "digest" && version_of(&comment).is_some() {
                    self.remarks.push(Splice { range, text: String::new() });
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
                    || field == "digest" && version_of(&comment).is_some() =>
                {
                    let said = said.filter(|_| new_field == "digest");
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
            self.remarks.push(Splice { range, text });
        }
    }

    /// Returns the comment behind the digest of an entry of `images`, if it says a version and nothing else.
    pub fn digest_comment(&self, number: usize) -> Option<String> {
        let entry = self.image_entry(number)?;
        let (_, comment) = self.remark(fields::get(entry, "digest")?)?;
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
        let rest = rest.strip_prefix(',').unwrap_or(rest);
        let line = rest.split('\n').next().unwrap_or_default();
        let line = line.strip_suffix('\r').unwrap_or(line);
        let comment = line.trim_start_matches([' ', '\t']);
        let is_comment = comment.is_empty() || comment.starts_with('#') && comment != line;
        let start = start + written.len() - rest.len();
        is_comment.then(|| (start..start + line.len(), comment.trim_end().to_owned()))
    }

    /// Returns the blanks that a range begins with.
    fn blank_at(&self, range: &Range<usize>) -> &str {
        let text = self.source.text().get(range.clone()).unwrap_or_default();
        text.find('#').and_then(|at| text.get(..at)).unwrap_or(" ")
    }
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
mod tests {
    use super::*;

    #[test]
    fn versions_are_told_from_words() {
        for (comment, version) in [
            ("# v1.2", Some("v1.2")),
            ("#1.2.3-rc.1+b", Some("1.2.3-rc.1+b")),
            ("# tag: 1.2", Some("1.2")),
            ("# tag=main-1a2b", Some("main-1a2b")),
            ("# tag: main, for now", None),
            ("# tag:", None),
            ("# tags", None),
            ("# tagged v1", None),
            ("# 20240601", None),
            ("# 2024-06-01", None),
            ("# https://example.com:8080", None),
            ("# newTag: v2", None),
            ("# shop/web:v2", Some("v2")),
            ("# by the bot", None),
            ("# INC-123", None),
            ("# v1.2 is broken", None),
            ("# {\"$imagepolicy\": \"a:b:digest\"}", None),
            ("#", None),
        ] {
            assert_eq!(version_of(comment), version, "{comment}");
        }
    }

    /// Sets an image, and returns the lines of its entry behind the name, and what there is to say.
    fn set(lines: &str, arg: &str, said: Option<&str>) -> (String, Vec<String>) {
        let mut files = crate::load::MemoryFs::new();
        let text = format!("images:\n- name: web\n{lines}");
        files.insert("/app/kustomization.yaml", text.as_str());
        let mut edit = Edit::open(files, "/app").expect("it can be read");
        let mut arg: crate::edit::ImageArg = arg.parse().expect("an image");
        arg.comment = said.map(str::to_owned);
        edit.update_image(&arg);
        let text = edit.finish().expect("it can be changed").text;
        (text.trim_start_matches("images:\n- name: web\n").to_owned(), edit.notes().to_vec())
    }

    #[test]
    fn comments_stay_unless_they_would_be_wrong() {
        let marker = "# {\"$imagepolicy\": \"ns:web:PART\"}";
        for (lines, arg, said, after, notes) in [
            (
                "  newTag: v1 # by the bot\n",
                "web@sha256:b",
                None,
                "  digest: sha256:b # by the bot\n",
                0,
            ),
            ("  digest: sha256:a # v1.2\n", "web:v2", None, "  newTag: v2\n", 0),
            (
                "  digest: 'sha256:a'\t# v1.2\r\n",
                "web@sha256:b",
                None,
                "  digest: 'sha256:b'\r\n",
                0,
            ),
            (
                "  digest: sha256:a # v1.2\n",
                "web@sha256:a",
                Some("# v2"),
                "  digest: sha256:a # v1.2\n",
                0,
            ),
            (
                "  digest: sha256:a  # v1.2",
                "web@sha256:b",
                Some("# v2"),
                "  digest: sha256:b  # v2",
                0,
            ),
            ("  digest: sha256:a \n", "web@sha256:b", Some("# v2"), "  digest: sha256:b # v2\n", 0),
            ("  digest: sha256:a \n", "web@sha256:b", None, "  digest: sha256:b \n", 0),
            (
                "  digest: sha256:a # ours\n",
                "web@sha256:b",
                Some("# v2"),
                "  digest: sha256:b # ours\n",
                0,
            ),
            ("  newTag: v1\n  digest: sha256:a # v1\n", "web:v2", None, "  newTag: v2\n", 0),
            (
                "  digest: sha256:a # tag: v1\n",
                "web@sha256:b",
                Some("# v2"),
                "  digest: sha256:b # tag: v2\n",
                0,
            ),
            (
                "  digest: sha256:a\n",
                "web@sha256:b",
                Some("#  tag: v2"),
                "  digest: sha256:b #  tag: v2\n",
                0,
            ),
            (
                "  digest: sha256:a # 2024-06-01\n",
                "web@sha256:b",
                Some("# v2"),
                "  digest: sha256:b # 2024-06-01\n",
                0,
            ),
            (
                "  newTag: v1\n  digest: sha256:a # ours\n",
                "web:v2",
                None,
                "  newTag: v2\n  # ours\n",
                0,
            ),
            (
                "  newTag: v1 \t# v1\n  # x\n  digest: sha256:a\n",
                "web@sha256:b",
                None,
                "  # v1\n  # x\n  digest: sha256:b\n",
                0,
            ),
            ("  newTag: v1\n  digest: sha256:a #digest\n", "web:v2", None, "  newTag: v2\n", 1),
            ("  newTag: v1 #tag\n", "web@sha256:b", None, "  digest: sha256:b #digest\n", 1),
            ("  digest: sha256:a #digest\n", "web:v2", None, "  newTag: v2 #tag\n", 1),
            ("  newTag: v1 #tag\n", "web:v2", None, "  newTag: v2 #tag\n", 0),
            (
                "  newTag: v1 #tag\n",
                "web:v2@sha256:b",
                None,
                "  newTag: v2 #tag\n  digest: sha256:b\n",
                1,
            ),
        ] {
            let with_markers = |text: &str| {
                let tag = text.replace("#tag", &marker.replace("PART", "tag"));
                tag.replace("#digest", &marker.replace("PART", "digest"))
            };
            let (text, said) = set(&with_markers(lines), arg, said);
            assert_eq!(text, with_markers(after), "{lines} {arg}");
            assert_eq!(said.len(), notes, "{lines} {arg}: {said:?}");
        }
    }

    #[test]
    fn nothing_is_put_between_brackets() {
        for lines in
            ["  newTag: v1\n- {name: web, digest: sha256:a} # v1\n", "  ? digest\n  : sha256:a\n"]
        {
            let (text, _) = set(lines, "web@sha256:b", Some("# v2"));
            assert!(!text.contains("v2}") && !text.contains("# v2}"), "{text}");
        }
    }

    #[test]
    fn markers_say_what_the_line_holds() {
        let tag = "# {\"$imagepolicy\": \"ns:web:tag\"}";
        let digest = "# {\"$imagepolicy\": \"ns:web:digest\"}";
        assert_eq!(marker_for(tag, "newTag", "digest").as_deref(), Some(digest));
        assert_eq!(marker_for(digest, "digest", "newTag").as_deref(), Some(tag));
        assert_eq!(marker_for(tag, "newTag", "newTag"), None);
        assert_eq!(marker_for("# {\"$imagepolicy\": \"ns:web\"}", "newTag", "digest"), None);
    }
}
