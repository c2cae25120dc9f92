//! What a build gives.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustc_hash::FxHashSet;

use crate::checks::files::gitops::Named;
use crate::diagnostics::{Error, Result, Warning};
use crate::fieldspec::SpecList;
use crate::finish::{self, comment_check};
use crate::limits::{Account, Limit};
use crate::load::{Files, PathSet, ReadStyles};
use crate::resource::Resource;
use crate::schema::Schema;
use crate::yaml::Documents;

/// What a lint knows of a build, for those who look at several.
#[derive(Clone, Debug)]
pub(crate) struct LintFacts {
    /// The folder that was built.
    pub(crate) target: PathBuf,
    /// The folders of all kustomizations that were read, with that of the target.
    pub(crate) entered: Vec<PathBuf>,
    /// The folders that objects of the build name.
    pub(crate) named: Named,
    /// Whether the target is a component.
    pub(crate) is_component: bool,
    /// The entries of components that found something: the kustomization file, and the entry.
    pub(crate) useful: FxHashSet<(Arc<Path>, String)>,
    /// The files that were read, if other builds of the call cannot know of them.
    pub(crate) read: PathSet,
}

/// A build, and what is known of it until all builds of a call were looked at together.
#[derive(Clone, Debug)]
pub(crate) struct Rendered {
    pub(crate) build: Build,
    /// What a lint knows beside the warnings, if there was one.
    pub(crate) facts: Option<LintFacts>,
}

impl Rendered {
    /// Remembers the files that were read, if there was a lint.
    pub(crate) fn note_read(&mut self, files: &Files) {
        if let Some(facts) = &mut self.facts {
            facts.read = files.read_so_far();
        }
    }
}

/// What a build gives before it is printed.
pub(super) struct Built {
    pub(super) resources: Vec<Resource>,
    pub(super) warnings: Vec<Warning>,
    pub(super) schema: Schema,
    /// What a lint knows beside its warnings, if there was one.
    pub(super) facts: Option<LintFacts>,
    /// What was taken.
    pub(super) account: Arc<Account>,
    /// The kustomization file that was built.
    pub(super) file: Arc<Path>,
    /// The folders of all kustomizations, unless some are from elsewhere.
    pub(super) folders: Option<Vec<PathBuf>>,
    /// The fields in which some step looked for images, or would have.
    pub(super) image_fields: SpecList,
}

/// The result of a build: the resources in order, and their text.
///
/// `Display` writes the bytes that `kustomize build` prints.
#[derive(Clone, Debug)]
pub struct Build {
    resources: Vec<Resource>,
    warnings: Vec<Warning>,
    schema: Schema,
    text: String,
    /// Where the text of each resource starts and ends.
    ranges: Vec<Range<usize>>,
    /// The names of the files, if they are known already: the trees may be deep then.
    file_names: Option<Vec<String>>,
    folders: Option<Vec<PathBuf>>,
    pub(super) image_fields: SpecList,
}

impl Build {
    /// Prints what was built, or leaves the text empty if it is not to be printed.
    pub(super) fn print(built: Built, files: &Files, is_printed: bool) -> Result<Rendered> {
        let Built { resources, warnings, schema, facts, account, file, folders, image_fields } =
            built;
        let mut text = files.take_buffer();
        let mut styles = ReadStyles::new(Some(files));
        let printed = if is_printed { resources.as_slice() } else { &[] };
        let ranges = print(printed, &mut text, &account, &mut |bracketed| {
            comment_check::check(bracketed, &mut styles).map_err(|e| e.through(file.to_path_buf()))
        })?;
        // All results of a call are there together.
        let held = account.spent().of(Limit::CallBytes).saturating_add(text.len() as u64);
        files.account().charge(Limit::CallBytes, held)?;
        let file_names = None;
        let build =
            Build { resources, warnings, schema, text, ranges, file_names, folders, image_fields };
        Ok(Rendered { build, facts })
    }

    /// Makes the build safe to drop on any stack, however deep its trees and its schema are.
    pub(crate) fn flatten(&mut self) {
        self.file_names = Some(self.file_names());
        self.schema = Schema::builtin();
        self.resources.iter_mut().for_each(Resource::note_depth);
    }

    /// Returns the resources, in the order of the output.
    pub fn resources(&self) -> &[Resource] {
        &self.resources
    }

    /// Returns the folders of the kustomizations that were built, absolute and with links resolved: the target,
    /// then bases and components, some of them perhaps several times; `None` if one came from elsewhere.
    ///
    /// ```
    /// let build = kustom::build("testdata/infra-config/apps/payments-api/overlays/prod")?;
    /// let folders = build.folders().unwrap_or_default();
    /// assert!(folders.iter().any(|folder| folder.ends_with("payments-api/base")));
    /// # Ok::<(), kustom::Error>(())
    /// ```
    pub fn folders(&self) -> Option<&[PathBuf]> {
        self.folders.as_deref()
    }

    /// Returns what deserves attention but is no error, such as deprecated fields.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// Drops warnings that `keep` does not return `true` for, such as those about folders that do not matter.
    pub fn retain_warnings(&mut self, keep: impl FnMut(&Warning) -> bool) {
        self.warnings.retain(keep);
    }

    /// Returns the whole output: YAML documents separated by `---`.
    pub fn as_yaml(&self) -> &str {
        &self.text
    }

    /// Returns the whole output as a text of its own, as [`as_yaml`](Self::as_yaml) shows it.
    pub fn to_yaml(&self) -> String {
        self.text.clone()
    }

    /// Returns the whole output and drops the rest.
    pub fn into_yaml(mut self) -> String {
        std::mem::take(&mut self.text)
    }

    /// Returns the warnings, to be changed.
    pub(crate) fn warnings_mut(&mut self) -> &mut Vec<Warning> {
        &mut self.warnings
    }

    /// Returns what was known of kinds at the end.
    pub(crate) fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Returns the names of the files that `kustomize build -o DIR` writes, one per resource, in
    /// order.
    ///
    /// Each is one component of a path, whatever the objects are named: it has no separators and no
    /// control characters, at most 255 bytes, and no two are the same. Names that do no harm are
    /// upstream's.
    pub fn file_names(&self) -> Vec<String> {
        match &self.file_names {
            Some(names) => names.clone(),
            None => finish::file_names(&self.schema, &self.resources),
        }
    }

    /// Returns each resource with its own YAML document, in order.
    pub fn documents(&self) -> impl Iterator<Item = (&Resource, &str)> {
        self.resources.iter().zip(self.ranges.iter().map(|range| &self.text[range.clone()]))
    }
}

/// Goes through the [`resources`](Build::resources).
impl<'a> IntoIterator for &'a Build {
    type Item = &'a Resource;
    type IntoIter = std::slice::Iter<'a, Resource>;

    fn into_iter(self) -> Self::IntoIter {
        self.resources.iter()
    }
}

impl fmt::Display for Build {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Prints resources into an empty text; returns where the document of each starts and ends.
///
/// `check` is handed the resources that have a collection between brackets.
fn print(
    resources: &[Resource],
    text: &mut String,
    account: &Account,
    check: &mut dyn FnMut(&Resource) -> Result<()>,
) -> Result<Vec<Range<usize>>> {
    let mut ranges = Vec::with_capacity(resources.len());
    let most = usize::try_from(account.limits().output_bytes).unwrap_or(usize::MAX);
    let mut documents = Documents::new(text, most);
    for resource in resources {
        account.check()?;
        if !ranges.is_empty() {
            documents.separate();
        }
        ranges.push(documents.print(&resource.node).map_err(|e| {
            let (kind, name) = (resource.kind(), resource.name());
            Error::from(e).context(format_args!("{kind} {name}"))
        })?);
        if documents.take_bracketed() {
            check(resource)?;
        }
    }
    // What stays empty is given back.
    if text.len() < text.capacity() / 2 {
        text.shrink_to_fit();
    }
    Ok(ranges)
}
