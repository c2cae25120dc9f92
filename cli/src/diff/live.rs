//! Compares roots with what a cluster has.

use std::path::{Path, PathBuf};

use kustom::DiskFs;
use kustom::diff::Report;
use kustom::document::Reading;

use super::cluster;
use super::manifests::read;
use super::set::{Set, hide_from_each_other, refuse_too_much};
use super::side::Side;
use super::sides::{Comparison, Stopped, each};
use crate::bounds::LimitArgs;
use crate::git::WorkTree;
use crate::search;

impl Comparison<'_> {
    /// Compares roots with what a cluster has.
    pub(crate) fn with_live(&self, live: &Path, paths: &[PathBuf]) -> Result<Report, Stopped> {
        let reading = Reading::new(self.outside.bounds.limits.set());
        let live = Set::Read(read(live, &reading)?);
        let builder = self.builder.clone();
        let side = Side::new(&DiskFs, &builder, "manifest");
        let roots = search::find(&[&WorkTree::default()], paths, &self.excluded)?;
        let sets = self.render(side, &roots.iter().cloned().map(Some).collect::<Vec<_>>());
        Ok(self.live(&roots, &live, &sets))
    }

    /// Compares roots with what kubectl says that the cluster has.
    pub(crate) fn with_cluster(
        &self,
        paths: &[PathBuf],
        limits: &LimitArgs,
    ) -> Result<Report, Stopped> {
        let builder = self.builder.clone();
        let side = Side::new(&DiskFs, &builder, "manifest");
        let roots = search::find(&[&WorkTree::default()], paths, &self.excluded)?;
        let sets = self.render(side, &roots.iter().cloned().map(Some).collect::<Vec<_>>());
        let rendered = sets.iter().filter_map(|set| match set {
            Set::Built(build) => Some(build.as_yaml()),
            _ => None,
        });
        let live = Set::Read(cluster::get(rendered, limits, self.format)?);
        Ok(self.live(&roots, &live, &sets))
    }

    fn live(&self, roots: &[PathBuf], live: &Set, sets: &[Set]) -> Report {
        let work: Vec<_> = roots.iter().zip(sets).collect();
        let names = ["live", "manifest"];
        let mut report = each(&work, |(root, set)| self.root(root, [live, set], names));
        refuse_too_much(&mut report.roots, &self.options);
        hide_from_each_other(&mut report, sets.iter().map(|set| [live, set]));
        report
    }
}
