//! Field specs that the compiler has read.

use super::FieldSpec;
use super::path::{ConstPath, FieldPath};
use crate::resource::Gvk;
use crate::yaml::Pos;

/// A list of field specs.
#[derive(Debug)]
pub(crate) struct Table {
    rows: &'static [Row],
    /// The [`mark`] of the kind of each row.
    marks: &'static [u8],
}

/// One field spec of a table.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) group: &'static str,
    pub(super) version: &'static str,
    pub(super) kind: &'static str,
    pub(super) path: ConstPath,
    pub(super) create: bool,
}

/// A table of rows (group, version, kind, path, whether to create). A path with an escaped slash has its
/// names beside it.
macro_rules! table {
    ($(($group:literal, $version:literal, $kind:literal, $path:tt, $create:expr)),* $(,)?) => {
        $crate::fieldspec::table::Table::new(
            &[$($crate::fieldspec::table::Row {
                group: $group,
                version: $version,
                kind: $kind,
                path: $crate::fieldspec::table::const_path!($path),
                create: $create,
            }),*],
            &[$($crate::fieldspec::table::mark($kind)),*],
        )
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
        $crate::fieldspec::path::ConstPath {
            text: $text,
            names: $names,
            parts: const {
                use $crate::fieldspec::path::{count, keys};
                &keys::<{ count($names, $separator) }>($names, $separator)
            },
        }
    };
}

pub(super) use {const_path, table};

impl Table {
    pub(super) const fn new(rows: &'static [Row], marks: &'static [u8]) -> Table {
        Table { rows, marks }
    }

    /// Returns all rows, in order.
    pub(super) fn rows(&self) -> &'static [Row] {
        self.rows
    }

    /// Returns the rows that apply to a kind, in order; the others are not looked at.
    pub(super) fn of_kind(&self, gvk: &Gvk) -> impl Iterator<Item = &'static Row> {
        let rows = self.rows;
        memchr::memchr2_iter(mark(&gvk.kind), mark(""), self.marks)
            .filter_map(move |i| rows.get(i).filter(|row| row.applies_to(gvk)))
    }
}

impl Row {
    fn applies_to(&self, gvk: &Gvk) -> bool {
        (self.kind.is_empty() || gvk.kind == self.kind)
            && (self.version.is_empty() || gvk.version == self.version)
            && (self.group.is_empty() || gvk.group == self.group)
    }
}

impl From<&Row> for FieldSpec {
    fn from(&Row { group, version, kind, path, create }: &Row) -> Self {
        let gvk = Gvk::of(group, version, kind);
        FieldSpec { gvk, path: FieldPath::from(path), create, pos: Pos::NONE }
    }
}

/// Returns a number that hardly any two kinds share.
pub(super) const fn mark(kind: &str) -> u8 {
    match kind.as_bytes() {
        [first, .., last] => (kind.len() as u8).wrapping_mul(37) ^ first.wrapping_mul(5) ^ *last,
        _ => 0,
    }
}
