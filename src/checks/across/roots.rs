//! The roots of a call, and what looks wrong in them.

use std::path::{Component, Path, PathBuf};

use crate::checks::files::deployed::Home;
use crate::checks::files::stages;
use crate::checks::objects::is_custom;
use crate::diagnostics::Warning;
use crate::load::Files;
use crate::resource::Resource;
use crate::yaml::Pos;

/// A root that was built.
pub(crate) struct Root<'a> {
    /// Its number in the call.
    pub(crate) number: usize,
    /// Its folder.
    pub(crate) folder: PathBuf,
    /// Its folder as it was given.
    pub(crate) typed: &'a Path,
    pub(crate) resources: &'a [Resource],
    /// Where what has no namespace is deployed to.
    pub(crate) home: Home,
    /// The resources of each kind and version, as far as they stand together.
    kinds: Vec<(&'a str, &'a [Resource])>,
}

impl<'a> Root<'a> {
    /// Returns a root of a call, with its folder as it is and as it was given.
    pub(crate) fn new(
        number: usize,
        (folder, typed): (PathBuf, &'a Path),
        home: Home,
        resources: &'a [Resource],
    ) -> Root<'a> {
        let are_alike = |one: &Resource, other: &Resource| {
            one.kind() == other.kind() && one.api_version() == other.api_version()
        };
        let alike = resources.chunk_by(are_alike);
        let kinds = alike.filter_map(|alike| Some((alike.first()?.kind(), alike))).collect();
        Root { number, folder, typed, resources, home, kinds }
    }

    /// Returns the resources of the kinds that `is_one` holds of, in order.
    pub(super) fn of_kinds(
        &self,
        is_one: impl Fn(&str) -> bool,
    ) -> impl Iterator<Item = &'a Resource> {
        let kinds = self.kinds.iter().filter(move |(kind, _)| is_one(kind));
        kinds.flat_map(|(_, resources)| *resources)
    }

    /// Returns the custom resources, in order.
    pub(super) fn custom(&self) -> impl Iterator<Item = &'a Resource> {
        let all = self.kinds.iter().map(|(_, alike)| *alike);
        all.filter(|alike| alike.first().is_some_and(is_custom)).flatten()
    }
}

/// Something that looks wrong, unless the repository has more than the roots show.
pub(super) struct Suspect<'a> {
    pub(super) root: usize,
    pub(super) warning: Warning,
    /// The kind and name that must be nowhere else.
    pub(super) missing: Option<(&'a str, &'a str)>,
}

/// Returns the last part of the way to a root that says what stage it is for.
pub(super) fn last_stage<'r>(root: &'r Root<'_>, common: &Path) -> Option<&'r str> {
    let below = root.folder.strip_prefix(common).unwrap_or(&root.folder);
    let parts = below.components().rev().filter_map(|part| match part {
        Component::Normal(name) => name.to_str(),
        _ => None,
    });
    parts.into_iter().find(|name| stages::is_known(name))
}

/// Returns a place as file, line and column: roots that share a base may each have read it.
pub(super) fn place_in(files: &Files, pos: Pos) -> Option<(PathBuf, u32, u32)> {
    let place = files.locate(pos)?;
    Some((place.file, place.line, place.column))
}

/// Returns `true` if two values were read from the same place.
pub(super) fn is_same_place(files: &Files, one: Pos, other: Pos) -> bool {
    one == other || place_in(files, one).is_some_and(|place| place_in(files, other) == Some(place))
}
