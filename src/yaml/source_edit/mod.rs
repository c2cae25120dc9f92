//! Changing a text by the bytes that have to change, and no others.
//!
//! A [`Source`] is a text and the tree that it says. Its owner changes a copy of the tree, as a value,
//! and [`Source::rewrite`] finds the bytes: nodes remember where they were read, so what still has its
//! position stays as it is written, comments, order, quotes, brackets and indentation included; what has
//! none is written anew, in the habits of the file. Before anything is handed out the new text is read
//! again: if it does not say exactly what was asked for, there is no new text.
//!
//! ```text
//! same     what it means that two trees say the same
//! align    which entries stay, go, and come
//! plan     what has to change                     (block, flow, merged, aliases)
//! habits   how the file is written
//! write    text for new values                    (scalar, moved, around)
//! splice   the changes, applied
//! comments those that stay of what goes, and where   (about)
//! ```
//!
//! Where each value stands in the bytes is read by `reader/spans`. This is for files that people keep; its
//! sister `yaml::edit` reads a text with its comments and writes
//! all of it anew in upstream's layout, as upstream does to an embedded document.

mod about;
#[cfg(test)]
mod alias_tests;
mod aliases;
mod align;
mod around;
mod block;
mod comments;
mod flow;
mod habits;
mod items;
mod lines;
mod merged;
mod moved;
mod plan;
#[cfg(test)]
mod room_tests;
mod same;
mod scalar;
mod splice;
#[cfg(test)]
mod tests;
mod write;

use std::ops::Range;
use std::sync::OnceLock;

use rustc_hash::{FxHashMap, FxHashSet};

pub use self::comments::{Keeping, Kept};
pub(crate) use self::same::same;
pub use self::splice::Splice;

use self::aliases::Changed;
use self::around::Around;
use self::comments::Plan;
use self::habits::Habits;
use self::items::{AT, Items, entry_at};
use self::plan::{Planner, Slot};
use super::node::Node;
use super::pos::Pos;
use super::reader::{self, Limits, Merges, SyntaxError};
use super::span_tree::{Form, Span};

/// How deep a text may nest.
const MAX_DEPTH: usize = 500;

/// A text, and what it says.
///
/// ```ignore
/// use crate::yaml::{Node, Source};
///
/// let source = Source::read(b"images:\n- name: web # ours\n  newTag: v1\n")?;
/// let mut wanted = source.root().clone();
/// let images = wanted.get_mut("images").and_then(Node::as_seq_mut).expect("a list");
/// let image = images.make_mut()[0].as_map_mut().expect("a mapping");
/// image.set("newTag", Node::str("1.10"));
/// let changed = source.rewrite(&wanted)?;
/// assert_eq!(changed.text, "images:\n- name: web # ours\n  newTag: \"1.10\"\n");
/// ```
#[derive(Debug)]
pub struct Source {
    /// The text without the byte order mark.
    text: String,
    /// The bytes of the byte order mark.
    mark: &'static str,
    spans: Option<Span>,
    root: Node,
    /// Where lines end, once somebody asks.
    line_feeds: OnceLock<Vec<usize>>,
}

/// A text that was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rewritten {
    /// The whole text, byte order mark included.
    pub text: String,
    /// What was changed, in the order of the text.
    pub splices: Vec<Splice>,
}

/// Why a text cannot be read or changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// It is not YAML, or nested too deeply.
    #[error(transparent)]
    Syntax(#[from] SyntaxError),
    /// It is not UTF-8.
    #[error("the file is UTF-16; only UTF-8 can be edited")]
    Encoding,
    /// The change would have to write more anew than it concerns.
    #[error("this cannot be changed without rewriting more of the file: {0}")]
    Refused(&'static str),
    /// What was written does not say what was asked for; nothing is lost but the wish.
    #[error("the changed text would not say exactly what was asked for, so nothing is changed")]
    NotProven,
}

impl Source {
    /// Reads the first document of a text; what follows it is kept but cannot be changed.
    ///
    /// # Errors
    /// If it is not YAML in UTF-8, or nested more than 500 levels deep.
    pub fn read(bytes: &[u8]) -> Result<Source, SourceError> {
        if matches!(bytes, [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..]) {
            return Err(SourceError::Encoding);
        }
        let mark = if bytes.starts_with("\u{FEFF}".as_bytes()) { "\u{FEFF}" } else { "" };
        let text = reader::decode(bytes)?.into_owned();
        let spans = reader::read_spans(&text, MAX_DEPTH)?;
        let mut root = read_tree(&text)?;
        if let Some(spans) = &spans {
            aliases::give_places(&text, spans, &mut root);
        }
        Ok(Source { text, mark, spans, root, line_feeds: OnceLock::new() })
    }

    /// Returns what the text says; a null if there is nothing but comments.
    ///
    /// Positions count from 1 in bytes, without the byte order mark. What an alias stands for has the position of the
    /// alias, and what is inside of it has none.
    pub fn root(&self) -> &Node {
        &self.root
    }

    /// Returns the text without its byte order mark.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the line, from 1, of a position in [`root`](Self::root).
    pub fn line_of(&self, pos: Pos) -> usize {
        let all = || memchr::memchr_iter(b'\n', self.text.as_bytes()).collect();
        let line_feeds = self.line_feeds.get_or_init(all);
        line_feeds.partition_point(|at| *at < pos.since(AT)) + 1
    }

    /// Returns the text changed so that it says `wanted`, a changed copy of [`root`](Self::root).
    ///
    /// A node of the copy that still has its position stays where it is, changed or not; a new one has
    /// none. To rename a key or replace a text in its place, keep the position.
    ///
    /// # Errors
    /// If that takes more than local changes, or the changed text does not say `wanted`.
    pub fn rewrite(&self, wanted: &Node) -> Result<Rewritten, SourceError> {
        let Plan { splices, line_end, .. } = self.plan(wanted, &[])?;
        self.assemble(wanted, splices, line_end)
    }

    /// As [`rewrite`](Self::rewrite), with changes of comments, by the bytes of [`text`](Self::text). Of the comments of
    /// what goes, some stay: beside what has moved, or each on a line of its own. A change of a comment that goes
    /// decides that it does not stay.
    ///
    /// # Errors
    /// As [`rewrite`](Self::rewrite), and if these are no changes of comments.
    pub fn rewrite_keeping(
        &self,
        wanted: &Node,
        changes: &[Splice],
        keeping: Keeping<'_>,
    ) -> Result<Rewritten, SourceError> {
        let plan = self.plan(wanted, keeping.heirs)?;
        let goes = |change: &Splice| {
            let Range { start, end } = change.range;
            // What is inserted right before or behind it does not go.
            plan.splices
                .iter()
                .map(|it| &it.range)
                .any(|it| it.start <= start && end <= it.end && it.start < end && start < it.end)
        };
        let stays = |change: &&Splice| !goes(change);
        let mut before: Vec<Splice> = changes.iter().filter(stays).cloned().collect();
        let splices = [&before[..], &plan.splices].concat();
        let rewritten = self.assemble(wanted, splices, plan.line_end)?;
        let read = |text: &str| reader::read_spans(text, MAX_DEPTH).ok();
        let lines = plan.comment_lines(&self.text, self.spans.as_ref(), changes, keeping, read);
        let Some(lines) = lines.filter(|it| !it.of_splices.is_empty() || !it.others.is_empty())
        else {
            return Ok(rewritten);
        };
        let mut planned = plan.splices.clone();
        for (number, own) in lines.of_splices {
            if let Some(splice) = planned.get_mut(number) {
                comments::put_in_front(splice, &own);
            }
        }
        // What is new in front of everything stays there.
        let front = self.spans.as_ref().map(|all| lines::start(&self.text, all.first));
        let (behind, others): (Vec<Splice>, Vec<Splice>) =
            lines.others.into_iter().partition(|comment| Some(comment.range.start) == front);
        before.splice(0..0, others);
        // A comment is not worth a refusal.
        let splices = [before, planned, behind].concat();
        self.assemble(wanted, splices, plan.line_end).or(Ok(rewritten))
    }

    /// Applies changes, and proves what comes of them.
    fn assemble(
        &self,
        wanted: &Node,
        mut splices: Vec<Splice>,
        line_end: &str,
    ) -> Result<Rewritten, SourceError> {
        if self.has_lone_returns() && splices.iter().any(|splice| self.is_about_lines(splice)) {
            return Err(SourceError::Refused("lines end with a carriage return alone"));
        }
        self.end_lines(&mut splices, line_end);
        let text = splice::apply(&self.text, &mut splices).ok_or(SourceError::NotProven)?;
        if !read_tree(&text).is_ok_and(|again| same(&again, wanted)) {
            return Err(SourceError::NotProven);
        }
        for splice in &mut splices {
            splice.range.start += self.mark.len();
            splice.range.end += self.mark.len();
        }
        Ok(Rewritten { text: format!("{}{text}", self.mark), splices })
    }

    /// Returns the changes, with line feeds; what has heirs takes the lines above it along.
    fn plan(&self, wanted: &Node, heirs: &[(Pos, Pos)]) -> Result<Plan, SourceError> {
        let around = Around::of(&self.text, self.spans.as_ref());
        let mut anchored = FxHashMap::default();
        if let Some(spans) = &self.spans {
            collect_anchored(spans, &self.root, &mut anchored);
        }
        // Aliases of what says something else afterwards have to be written out, unless all of them are to say that.
        // What is written out changes no other anchored value, so nothing more is found then.
        let (mut followed, mut expanded) = (None, FxHashSet::default());
        let none = FxHashSet::default();
        loop {
            let mut planner = Planner {
                text: &self.text,
                habits: Habits::of(&self.text, self.spans.as_ref(), &around),
                touched: FxHashSet::default(),
                expanded: &expanded,
                anchored: &anchored,
                followed: followed.as_ref().unwrap_or(&none),
                changed: Changed::default(),
                heirs: heirs.iter().map(|(from, _)| *from).collect(),
                items: Items::of(self.spans.as_ref().map(|spans| (spans, &self.root))),
                splices: Vec::new(),
                moves: Vec::new(),
                fields: Vec::new(),
            };
            self.plan_root(&mut planner, wanted).map_err(SourceError::Refused)?;
            let line_end = planner.habits.line_end;
            let Planner { touched, changed, mut splices, mut moves, mut fields, .. } = planner;
            if followed.is_none() {
                let found = changed.followed(self.spans.as_ref());
                let is_new = !found.is_empty();
                followed = Some(found);
                if is_new {
                    continue;
                }
            }
            if touched.is_subset(&expanded) {
                splice::make_room(&self.text, &mut splices);
                moves.sort_by_key(|it| it.from);
                fields.sort_unstable();
                return Ok(Plan { splices, moves, fields, line_end });
            }
            expanded.extend(touched);
        }
    }

    fn plan_root<'t>(
        &'t self,
        planner: &mut Planner<'t>,
        wanted: &Node,
    ) -> Result<(), &'static str> {
        let spans = match &self.spans {
            Some(spans) if !self.root.is_null() => spans,
            spans => {
                // There are only comments.
                if same(&self.root, wanted) {
                    return Ok(());
                }
                if let Some(null) = spans.as_ref().filter(|span| !span.is_absent()) {
                    let written = planner.habits.block_lines(wanted, 0);
                    // Behind `---` there is no place for lines.
                    let written = match lines::is_first(&self.text, null.first) {
                        true => written.trim_start_matches('\n'),
                        false => &written,
                    };
                    planner.splice(null.first..null.end, written.to_owned());
                    return Ok(());
                }
                let absent = spans.as_ref().map_or(self.text.len(), |span| span.start);
                let at = if absent == self.text.len() {
                    absent
                } else {
                    lines::start(&self.text, absent)
                };
                let written = planner.habits.block_lines(wanted, 0);
                let written = written.trim_start_matches('\n');
                let before = &self.text[..at];
                let lines = match before.is_empty() || before.ends_with('\n') {
                    true => format!("{written}\n"),
                    false => format!("\n{written}"),
                };
                planner.splice(at..at, lines);
                return Ok(());
            }
        };
        planner.value(spans, &self.root, wanted, Slot::Root)
    }

    /// Gives new lines the line ends of the file, or of the line that they come behind, and lines that come behind its last
    /// one an end, as the next tool to append a line expects.
    fn end_lines(&self, splices: &mut Vec<Splice>, line_end: &str) {
        let end = self.text.len();
        let open = !self.text.is_empty() && !self.text.ends_with('\n');
        let at_end = |splice: &Splice| splice.range == (end..end) && splice.text.starts_with('\n');
        if open && splices.iter().any(at_end) {
            splices.push(Splice { range: end..end, text: "\n".to_owned() });
        }
        if !self.text.contains("\r\n") {
            return;
        }
        // Where lines go, the one before them is that in front of these.
        let gone = splices.iter().filter(|it| it.text.is_empty() && !it.range.is_empty());
        let gone: FxHashMap<usize, usize> = gone.map(|it| (it.range.end, it.range.start)).collect();
        for splice in splices {
            let mut at = splice.range.start;
            while let Some(start) = gone.get(&at).filter(|_| splice.range.is_empty()) {
                at = *start;
            }
            let rest = self.text.get(at..).unwrap_or_default();
            let line_end = match splice.text.starts_with('\n') {
                true if rest.starts_with("\r\n") => "\r\n",
                true if rest.starts_with('\n') => "\n",
                _ => line_end,
            };
            splice.text = splice.text.replace('\n', line_end);
        }
    }

    /// Returns `true` if the text has line breaks that are a carriage return alone.
    fn has_lone_returns(&self) -> bool {
        let bytes = self.text.as_bytes();
        memchr::memchr_iter(b'\r', bytes).any(|at| bytes.get(at + 1) != Some(&b'\n'))
    }

    /// Returns `true` if a change adds or removes lines.
    fn is_about_lines(&self, splice: &Splice) -> bool {
        let removed = &self.text[splice.range.clone()];
        splice.text.contains('\n') || removed.contains(['\n', '\r'])
    }
}

impl Rewritten {
    /// Returns `true` if nothing had to change.
    pub fn is_unchanged(&self) -> bool {
        self.splices.is_empty()
    }
}

/// Reads the first document as kustomization files are read.
fn read_tree(text: &str) -> Result<Node, SyntaxError> {
    let limits = Limits { depth: MAX_DEPTH, ..Limits::default() };
    Ok(reader::read_document(text, AT, Merges::Plain, &limits)?.unwrap_or_default())
}

/// Collects what anchored values say.
fn collect_anchored(span: &Span, node: &Node, found: &mut FxHashMap<usize, Node>) {
    if span.anchored {
        found.insert(span.first, node.clone());
    }
    match (&span.form, node) {
        (Form::Seq { items, .. }, Node::Seq { items: nodes, .. }) => {
            items.iter().zip(nodes).for_each(|(span, node)| collect_anchored(span, node, found));
        }
        (Form::Map { entries, .. }, Node::Map { map, .. }) => {
            for (i, (key, value)) in entries.iter().enumerate() {
                if let Some(entry) = entry_at(map, i, key) {
                    collect_anchored(value, &entry.value, found);
                }
            }
        }
        _ => {}
    }
}
