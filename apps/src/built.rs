//! The Applications that a kustomization builds.

use std::path::Path;
use std::sync::Arc;

use kustom::text::clean_path;
use kustom::{Build, Builder, FileKind, FileSystem, Location, Resource, WarningKind};

use crate::application::Spot;
use crate::clusters::Cluster;
use crate::document::{self, Document};
use crate::preview::{KUSTOMIZATIONS, Preview};
use crate::problem::Problem;
use crate::repository::Repository;

/// The groups of what is looked at; the empty one is that of ConfigMaps and Secrets.
const GROUPS: [&str; 4] =
    ["", "argoproj.io", "kustomize.toolkit.fluxcd.io", "source.extensions.fluxcd.io"];

impl Preview {
    /// Adds the Applications of what the kustomization in a directory builds, as [`add_file`](Self::add_file) does
    /// those of a file. What is said of them names the file that the build has each from.
    ///
    /// `builder` says how it is built; its file system is replaced by that of `repository`, with what git ignores only
    /// if the kustomization itself is ignored. If it cannot be built, that is one of the problems.
    pub fn add_kustomization(
        &mut self,
        directory: &Path,
        builder: &Builder,
        repository: &Repository,
        clusters: &[Cluster],
    ) {
        self.know(clusters);
        let listed = repository.file_system();
        let is_listed = kustom::roots::is_kustomization(&**listed, directory);
        let files = if is_listed { listed } else { repository.whole_file_system() };
        let file = clean_path(&directory.join(name_in(&**files, directory)));
        let builder = builder.clone().file_system(Arc::clone(files));
        let most = builder.get_limits().output_bytes;
        let built = objects(directory, &builder).map_err(|e| Box::new(refused(&e, repository)));
        let built =
            built.and_then(|(build, spots)| self.read_objects(&build, spots, (&file, most)));
        match built {
            Ok(documents) => {
                let count = self.problems.len();
                self.add_documents(&file, documents, false, (repository, clusters));
                for problem in self.problems.iter_mut().skip(count) {
                    if problem.code == "nothing-found" {
                        "it builds no ApplicationSet, Application or Kustomization"
                            .clone_into(&mut problem.message);
                    }
                }
            }
            Err(problem) => self.add_unmade(&file, problem.at(&file, None)),
        }
    }

    /// Reads the objects of a build that are looked at, and tells its warnings. Of all builds there may be so many bytes: a
    /// few files can build any number of objects.
    fn read_objects(
        &mut self,
        build: &Build,
        mut spots: Vec<Option<Spot>>,
        (file, most): (&Path, u64),
    ) -> Result<Vec<(Document, Option<Spot>)>, Box<Problem>> {
        let mut documents = Vec::new();
        spots.resize(build.resources().len(), None);
        for ((resource, text), spot) in build.documents().zip(spots) {
            if !is_wanted(resource) {
                continue;
            }
            self.built_bytes = self.built_bytes.saturating_add(text.len() as u64);
            if self.built_bytes > most {
                let message = format!(
                    "the Applications and values that all kustomizations build take more bytes than {most} (limit \
                     `output_bytes`)"
                );
                let problem = Problem::error("build", message);
                return Err(Box::new(problem.hint("name fewer of them per call")));
            }
            let read = document::documents_within(text.as_bytes(), self.reading());
            let told = |e| format!("{} {}: {e}", resource.kind(), resource.name());
            let read = read.map_err(|e| Box::new(Problem::error("build", told(e))))?;
            let spot = spot.unwrap_or_else(|| (file.to_path_buf(), None));
            documents.extend(read.into_iter().map(|document| (document, Some(spot.clone()))));
        }
        let warning = |told: String| Problem::warning("build", told).at(file, None);
        // As where an Application is rendered: `build` and `lint` tell of old fields.
        let told = build.warnings().iter().filter(|it| it.kind() != WarningKind::DeprecatedField);
        self.problems.extend(told.map(|it| warning(it.to_string())));
        Ok(documents)
    }
}

/// Says why a kustomization cannot be built, and where.
fn refused(error: &kustom::Error, repository: &Repository) -> Problem {
    let place = error.location();
    let said = error.to_string();
    // What is said apart from the message is left out of it.
    let start = place.map(|place| format!("{place}: ")).unwrap_or_default();
    let end = error.hint_text().map(|hint| format!("\n  hint: {hint}")).unwrap_or_default();
    let message = said.strip_prefix(&start).unwrap_or(&said);
    let mut problem = Problem::error("build", message.strip_suffix(&end).unwrap_or(message));
    problem.hint = repository.advice(error).or(error.hint_text().map(str::to_owned));
    match place {
        Some(place) => problem.at(&place.file, line_of(place)),
        None => problem,
    }
}

/// Returns the line of a place, from 1.
fn line_of(place: &Location) -> Option<usize> {
    usize::try_from(place.line).ok().filter(|line| *line > 0)
}

/// Returns the name of the kustomization in a directory.
fn name_in(files: &dyn FileSystem, directory: &Path) -> &'static str {
    let directory = files.absolute(directory).unwrap_or_else(|_| directory.to_path_buf());
    let is_there = |name: &&str| {
        matches!(files.kind(&directory.join(name)), Ok(FileKind::File | FileKind::Link))
    };
    KUSTOMIZATIONS.into_iter().find(is_there).unwrap_or(KUSTOMIZATIONS[0])
}

fn is_wanted(resource: &Resource) -> bool {
    let gvk = resource.gvk();
    let is_value = || ["ConfigMap", "Secret"].contains(&gvk.kind());
    GROUPS.contains(&gvk.group()) && (!gvk.group().is_empty() || is_value())
}

/// Builds a kustomization, and finds where each of its objects that are looked at comes from.
fn objects(directory: &Path, builder: &Builder) -> kustom::Result<(Build, Vec<Option<Spot>>)> {
    let trace = match builder.explain(directory) {
        Ok(trace) => trace,
        // To note where all comes from takes more than the build does.
        Err(e) if e.limit().is_some() => return Ok((builder.build(directory)?, Vec::new())),
        Err(e) => return Err(e),
    };
    let spots = trace.objects().filter_map(|object| {
        let resource = object.resource()?;
        let history = if is_wanted(resource) { object.history() } else { Vec::new() };
        let location = history.into_iter().next().and_then(|event| event.location);
        Some(location.map(|place| (place.file.clone(), line_of(&place))))
    });
    let spots: Vec<_> = spots.collect();
    let is_of_each = spots.len() == trace.build().resources().len();
    Ok((trace.build().clone(), if is_of_each { spots } else { Vec::new() }))
}
