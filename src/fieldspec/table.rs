//! Field specs that the compiler has read.

use super::SpecRef;
use crate::resource::GvkRef;

/// A list of field specs.
#[derive(Debug)]
pub(crate) struct Table {
    rows: &'static [SpecRef<'static>],
    /// The [`mark`] of the kind of each row.
    marks: &'static [u8],
}

/// A table of rows (group, version, kind, path, whether to create). A path with an escaped slash has its
/// names beside it.
macro_rules! table {
    ($(($group:literal, $version:literal, $kind:literal, $path:tt, $create:expr)),* $(,)?) => {
        $crate::fieldspec::table::Table::new(
            &[$($crate::fieldspec::SpecRef {
                gvk: $crate::fieldspec::table::gvk!($group, $version, $kind),
                path: $crate::fieldspec::table::const_path!($path),
                create: $create,
            }),*],
            &[$($crate::fieldspec::table::mark($kind)),*],
        )
    };
}

/// The name references of the defaults.
#[derive(Debug)]
pub(crate) struct ReferenceTable {
    rows: &'static [(GvkRef<'static>, SpecRef<'static>)],
    /// The [`mark`] of the kind that holds the reference, of each row.
    marks: &'static [u8],
}

/// A table of references: the kind referred to (group, version, kind), and rows as in a [`table`].
macro_rules! references {
    ($($to:tt [$(($group:literal, $version:literal, $kind:literal, $path:tt, $create:expr)),* $(,)?]),* $(,)?) => {
        $crate::fieldspec::table::ReferenceTable::new(
            &[$($(($crate::fieldspec::table::gvk!$to, $crate::fieldspec::SpecRef {
                gvk: $crate::fieldspec::table::gvk!($group, $version, $kind),
                path: $crate::fieldspec::table::const_path!($path),
                create: $create,
            })),*),*],
            &[$($($crate::fieldspec::table::mark($kind)),*),*],
        )
    };
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

pub(super) use {const_path, gvk, references, table};

impl Table {
    pub(super) const fn new(rows: &'static [SpecRef<'static>], marks: &'static [u8]) -> Table {
        Table { rows, marks }
    }

    /// Returns all rows, in order.
    pub(super) fn rows(&self) -> &'static [SpecRef<'static>] {
        self.rows
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
        rows: &'static [(GvkRef<'static>, SpecRef<'static>)],
        marks: &'static [u8],
    ) -> ReferenceTable {
        ReferenceTable { rows, marks }
    }

    /// Returns the kinds referred to and the fields that do, in order.
    pub(super) fn rows(&self) -> &'static [(GvkRef<'static>, SpecRef<'static>)] {
        self.rows
    }

    /// Returns the rows whose field is one of a kind, in order; the others are not looked at.
    pub(super) fn of_kind<'a>(
        &'a self,
        gvk: GvkRef<'_>,
    ) -> impl Iterator<Item = (GvkRef<'a>, SpecRef<'a>)> {
        let rows: &'a [(GvkRef<'a>, SpecRef<'a>)] = self.rows;
        let applies = move |(_, spec): &(GvkRef<'_>, SpecRef<'_>)| gvk.is_selected_by(spec.gvk);
        marked(self.marks, gvk.kind).filter_map(|i| rows.get(i).copied()).filter(applies)
    }
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
