//! Field specs that the compiler has read.

use super::{SpecRef, SpecTree};
use crate::resource::GvkRef;

/// A list of field specs.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    rows: &'static [SpecRef<'static>],
    /// The [`mark`] of the kind of each row.
    marks: &'static [u8],
    tree: SpecTree<'static>,
}

/// A table of rows (group, version, kind, path, whether to create). A path with an escaped slash has its
/// names beside it.
macro_rules! table {
    ($(($group:literal, $version:literal, $kind:literal, $path:tt, $create:expr)),* $(,)?) => {{
        const ROWS: &[$crate::fieldspec::SpecRef<'static>] = &[$($crate::fieldspec::SpecRef {
            gvk: $crate::fieldspec::table::gvk!($group, $version, $kind),
            path: $crate::fieldspec::table::const_path!($path),
            create: $create,
        }),*];
        const MARKS: &[u8] = &[$($crate::fieldspec::table::mark($kind)),*];
        $crate::fieldspec::table::Table::new(ROWS, MARKS, $crate::fieldspec::table::tree!(ROWS))
    }};
}

/// The name references of the defaults.
#[derive(Clone, Debug)]
pub(crate) struct ReferenceTable {
    targets: &'static [GvkRef<'static>],
    fields: &'static [SpecRef<'static>],
    tree: SpecTree<'static>,
}

/// A table of references: the kind referred to (group, version, kind), and rows as in a [`table`].
macro_rules! references {
    ($($to:tt [$(($group:literal, $version:literal, $kind:literal, $path:tt, $create:expr)),* $(,)?]),* $(,)?) => {{
        const ROWS: &[($crate::resource::GvkRef<'static>, $crate::fieldspec::SpecRef<'static>)] =
            &[$($(($crate::fieldspec::table::gvk!$to, $crate::fieldspec::SpecRef {
                gvk: $crate::fieldspec::table::gvk!($group, $version, $kind),
                path: $crate::fieldspec::table::const_path!($path),
                create: $create,
            })),*),*];
        const TARGETS: &[$crate::resource::GvkRef<'static>] =
            &$crate::fieldspec::table::targets::<{ ROWS.len() }>(ROWS);
        const FIELDS: &[$crate::fieldspec::SpecRef<'static>] =
            &$crate::fieldspec::table::fields::<{ ROWS.len() }>(ROWS);
        $crate::fieldspec::table::ReferenceTable::new(
            TARGETS,
            FIELDS,
            $crate::fieldspec::table::tree!(FIELDS),
        )
    }};
}

/// The tree of the specs in a constant.
macro_rules! tree {
    ($specs:ident) => {{
        use $crate::fieldspec::tree::{Branch, Grown, Link, SpecTree, most_branches};
        const GROWN: Grown<{ most_branches($specs) }, { $specs.len() }> = Grown::of($specs);
        static BRANCHES: [Branch<'static>; GROWN.used] = GROWN.branches();
        static BEFORE: [Link; $specs.len()] = GROWN.before;
        SpecTree::grown(&BRANCHES, &BEFORE)
    }};
}

macro_rules! gvk {
    ($group:literal, $version:literal, $kind:literal) => {
        $crate::resource::GvkRef { group: $group, version: $version, kind: $kind }
    };
}

macro_rules! const_path {
    ({ $text:literal: $names:literal }) => {
        $crate::fieldspec::table::const_path!($text, $names, b':')
    };
    ($text:literal) => {
        $crate::fieldspec::table::const_path!($text, $text, b'/')
    };
    ($text:literal, $names:literal, $separator:literal) => {
        $crate::fieldspec::PathRef {
            text: $text,
            names: $names,
            parts: const {
                use $crate::fieldspec::path::{count, keys};
                &keys::<{ count($names, $separator) }>($names, $separator)
            },
        }
    };
}

pub(super) use {const_path, gvk, references, table, tree};

impl Table {
    pub(super) const fn new(
        rows: &'static [SpecRef<'static>],
        marks: &'static [u8],
        tree: SpecTree<'static>,
    ) -> Table {
        Table { rows, marks, tree }
    }

    /// Returns all rows, in order.
    pub(super) fn rows(&self) -> &'static [SpecRef<'static>] {
        self.rows
    }

    /// Returns the rows put together.
    pub(super) fn tree(&self) -> &SpecTree<'static> {
        &self.tree
    }

    /// Returns the rows that apply to a kind, in order; the others are not looked at.
    pub(super) fn of_kind<'a>(&'a self, gvk: GvkRef<'_>) -> impl Iterator<Item = SpecRef<'a>> {
        let rows: &'a [SpecRef<'a>] = self.rows;
        let applies = move |spec: &SpecRef<'_>| gvk.is_selected_by(spec.gvk);
        marked(self.marks, gvk.kind).filter_map(|i| rows.get(i).copied()).filter(applies)
    }
}

impl ReferenceTable {
    pub(super) const fn new(
        targets: &'static [GvkRef<'static>],
        fields: &'static [SpecRef<'static>],
        tree: SpecTree<'static>,
    ) -> ReferenceTable {
        ReferenceTable { targets, fields, tree }
    }

    /// Returns the kinds referred to.
    pub(super) fn targets(&self) -> &'static [GvkRef<'static>] {
        self.targets
    }

    /// Returns the field that refers to each of them.
    pub(super) fn fields(&self) -> &'static [SpecRef<'static>] {
        self.fields
    }

    /// Returns the fields put together.
    pub(super) fn tree(&self) -> &SpecTree<'static> {
        &self.tree
    }
}

/// A row of a [`ReferenceTable`].
type Reference = (GvkRef<'static>, SpecRef<'static>);

/// Returns the kinds referred to.
pub(super) const fn targets<const N: usize>(rows: &[Reference]) -> [GvkRef<'static>; N] {
    let mut targets = [GvkRef { group: "", version: "", kind: "" }; N];
    let mut i = 0;
    while i < N {
        targets[i] = rows[i].0;
        i += 1;
    }
    targets
}

/// Returns the fields that refer.
pub(super) const fn fields<const N: usize>(rows: &[Reference]) -> [SpecRef<'static>; N] {
    let mut fields = [rows[0].1; N];
    let mut i = 0;
    while i < N {
        fields[i] = rows[i].1;
        i += 1;
    }
    fields
}

/// Returns the places of the marks of a kind, and of those that stand for any.
pub(super) fn marked(marks: &[u8], kind: &str) -> impl Iterator<Item = usize> {
    memchr::memchr2_iter(mark(kind), mark(""), marks)
}

/// Returns a number that hardly any two kinds share.
pub(super) const fn mark(kind: &str) -> u8 {
    match kind.as_bytes() {
        [first, .., last] => (kind.len() as u8).wrapping_mul(37) ^ first.wrapping_mul(5) ^ *last,
        _ => 0,
    }
}
