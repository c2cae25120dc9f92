//! The files that the commands below `apps` read.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use kustom::document::Reading;
use kustom::text::clean_path;
use kustom::{Builder, DiskFs, FileKind, FileSystem};
use kustom_apps::{Cluster, Preview, Problem, Rendered, Repository, Severity};

use crate::changes;
use crate::named_file;
use crate::path_patterns;
use crate::paths::{Shown, physical};
use crate::remembered::RememberedFs;
use crate::report::ErrorFormat;

/// Returns what to say of a folder without a kustomization.
fn of_folder(folder: &Path) -> String {
    let shown = folder.display();
    let pattern = match folder == Path::new(".") {
        true => "clusters/*/apps.yaml".to_owned(),
        false => format!("{}/**/*.yaml", shown.to_string().trim_end_matches('/')),
    };
    format!(
        "{shown}: is a directory without a kustomization; name the files with the Applications and ApplicationSets, or a \
         pattern of them, such as '{pattern}'"
    )
}

/// The flags that say what to read.
#[derive(Debug, Args)]
pub(crate) struct Inputs {
    /// Files with ApplicationSets and Applications, or patterns with *, ? and ** that match them; directories of
    /// kustomizations that build some; - is stdin
    #[arg(value_name = "FILE|DIR", required = true)]
    pub(super) files: Vec<PathBuf>,

    /// The root of the repository that generators search [default: the directory above the first FILE
    /// that has a `.git`, else the working directory]
    #[arg(long, value_name = "DIR")]
    pub(super) root: Option<PathBuf>,

    /// A file with the clusters that Argo CD knows [default: only the one it runs in]
    #[arg(long, value_name = "CLUSTERS")]
    pub(super) clusters: Option<PathBuf>,

    /// A custom kind without a namespace, such as Widget.example.com, whose CustomResourceDefinition is not in the
    /// repository; may be repeated
    #[arg(long, value_name = "KIND.GROUP")]
    pub(super) cluster_scoped: Vec<String>,
}

impl Inputs {
    /// Returns the root of the repository.
    pub(super) fn root(&self) -> PathBuf {
        if let Some(root) = &self.root {
            return root.clone();
        }
        // It may be there in another revision only.
        let file = self.files.first().filter(|file| !is_stdin(file)).map(|file| physical(file));
        let above = file
            .as_deref()
            .and_then(|file| file.ancestors().find(|folder| folder.join(".git").exists()));
        above.map_or_else(|| PathBuf::from("."), Path::to_path_buf)
    }

    /// Opens the repository on the disk: what git has of it, or would add. If git does not say that, all files count,
    /// and that is told.
    pub(super) fn repository(&self, format: ErrorFormat) -> Result<Repository, String> {
        let repository = self.repository_on_disk()?;
        Ok(match changes::added(repository.root()) {
            Ok(Some(files)) => repository.only(files),
            Ok(None) => repository,
            Err(cause) => {
                let said = format!(
                    "Warning: files that git ignores count as well, for they are not known: {cause}"
                );
                format.note("warning", &said);
                repository
            }
        })
    }

    /// Opens the repository on the disk, to be compared with a revision, which has no ignored files.
    ///
    /// # Errors
    /// Also if git does not say which files these are.
    pub(super) fn repository_beside_revision(&self) -> Result<Repository, String> {
        let repository = self.repository_on_disk()?;
        Ok(match changes::added(repository.root())? {
            Some(files) => repository.only(files),
            None => repository,
        })
    }

    fn repository_on_disk(&self) -> Result<Repository, String> {
        self.repository_in(RememberedFs::below(&[self.root()]))
    }

    /// Opens the repository in other files than those of the disk.
    pub(super) fn repository_in(
        &self,
        files: impl FileSystem + 'static,
    ) -> Result<Repository, String> {
        let root = self.root();
        let repository = Repository::new(files, &root);
        let repository = repository.map_err(|e| format!("{}: {e}", root.display()))?;
        Ok(repository.with_cluster_scoped(self.cluster_scoped.iter().map(String::as_str)))
    }

    /// Reads the clusters.
    fn clusters(&self, reading: &Reading) -> Result<Vec<Cluster>, String> {
        let Some(path) = &self.clusters else { return Ok(Vec::new()) };
        let bytes = named_file::read(path).map_err(|e| format!("{}: {e}", path.display()))?;
        Cluster::read_all_within(&bytes, reading).map_err(|e| format!("{}: {e}", path.display()))
    }

    /// Makes the Applications of all files on the disk, which may be as large as the limits of a builder allow, and of
    /// what it builds.
    pub(super) fn preview(
        &self,
        repository: &Repository,
        builder: &Builder,
    ) -> Result<Preview, String> {
        let limits = builder.get_limits();
        let reading = Arc::new(Reading::new(*limits));
        let clusters = self.clusters(&reading)?;
        let mut preview = Preview::within(&reading).limits(limits);
        let mut seen = BTreeSet::new();
        for argument in &self.files {
            if !is_stdin(argument) && argument.is_dir() {
                if !kustom::roots::is_kustomization(&DiskFs, argument) {
                    return Err(of_folder(argument));
                }
                if seen.insert(meant(&DiskFs, argument)) {
                    preview.add_kustomization(argument, builder, repository, &clusters);
                }
                continue;
            }
            let mut found: Vec<PathBuf> =
                path_patterns::files(&DiskFs, argument).into_iter().collect();
            if found.is_empty() {
                if path_patterns::is_pattern(&argument.to_string_lossy()) {
                    return Err(format!("{} matches no file", argument.display()));
                }
                // Stdin, or what reading says of it.
                found.push(argument.clone());
            }
            for file in found {
                if seen.insert(meant(&DiskFs, &file)) {
                    let bytes = read(&file)?;
                    if bytes.len() as u64 > limits.file_bytes {
                        let (file, most) = (file.display(), limits.file_bytes);
                        return Err(format!("{file}: more than {most} bytes (--limits)"));
                    }
                    preview.add_file(&file, &bytes, repository, &clusters);
                }
                if path_patterns::is_pattern(&argument.to_string_lossy()) {
                    forgive_empty(&mut preview, &file);
                }
            }
        }
        preview.check(repository);
        Ok(preview)
    }

    /// Returns the files that each argument stands for among some files, of a revision or of the work tree.
    pub(super) fn files_in(&self, files: &dyn FileSystem) -> Vec<BTreeSet<PathBuf>> {
        self.files.iter().map(|argument| path_patterns::files(files, argument)).collect()
    }

    /// Makes the Applications of files that a revision, or the work tree, has, read together with those of the other
    /// side, and of what is built of it.
    pub(super) fn preview_of(
        &self,
        found: &[BTreeSet<PathBuf>],
        repository: &Repository,
        builder: &Builder,
        reading: &Arc<Reading>,
    ) -> Result<Preview, String> {
        let clusters = self.clusters(reading)?;
        // Who names a file means it, whatever git says of it.
        let files = repository.whole_file_system();
        let mut preview = Preview::within(reading).limits(builder.get_limits());
        let is_named = |file: &PathBuf| self.files.iter().any(|named| named == file);
        let mut seen = BTreeSet::new();
        for file in found.iter().flatten().collect::<BTreeSet<_>>() {
            if !seen.insert(meant(files, file)) {
                continue;
            }
            if is_directory(files, file) {
                if kustom::roots::is_kustomization(files, file) {
                    preview.add_kustomization(file, builder, repository, &clusters);
                } else if !path_patterns::entries(repository.file_system(), file).is_empty() {
                    return Err(of_folder(file));
                }
                // Else it is what git leaves of one that is gone.
                continue;
            }
            let bytes = files.absolute(file).and_then(|path| files.read(&path));
            let bytes = bytes.map_err(|e| format!("{}: {e}", file.display()))?;
            preview.add_file(file, &bytes, repository, &clusters);
            if !is_named(file) {
                forgive_empty(&mut preview, file);
            }
        }
        // What a build warns of is no matter of a change.
        preview.problems.retain(|it| it.code != "build" || it.severity == Severity::Error);
        preview.finish();
        Ok(preview)
    }
}

/// Forgets that a file has no Applications: one that a pattern matches may have something else.
fn forgive_empty(preview: &mut Preview, file: &Path) {
    let is_it = |p: &Problem| p.code == "nothing-found" && p.file.as_deref() == Some(file);
    preview.problems.retain(|problem| !is_it(problem));
}

/// Returns what a path names, however it is written: a directory is the same behind a link, and a file that lies in two
/// places is there twice, as for two clusters.
fn meant(files: &dyn FileSystem, path: &Path) -> PathBuf {
    let meant = match is_directory(files, path) {
        true => path_patterns::real(files, path),
        false => path_patterns::absolute(files, path),
    };
    clean_path(&meant.unwrap_or_else(|_| path.to_path_buf()))
}

/// Returns `true` for a directory, links followed.
fn is_directory(files: &dyn FileSystem, path: &Path) -> bool {
    let kind = path_patterns::real(files, path).and_then(|real| files.kind(&real));
    matches!(kind, Ok(FileKind::Directory))
}

/// Returns `true` for the argument that stands for stdin.
pub(super) fn is_stdin(file: &Path) -> bool {
    file == Path::new("-")
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    named_file::read(path).map_err(|e| format!("{}: {e}", path.display()))
}

/// Tells all problems; returns `true` if there was an error. People are told once what is said of several
/// Applications of one place.
pub(super) fn tell<'p>(
    problems: impl IntoIterator<Item = &'p Problem>,
    format: ErrorFormat,
) -> bool {
    let problems: Vec<&Problem> = problems.into_iter().collect();
    let shown = Shown::from_here();
    match format {
        ErrorFormat::Json => problems.iter().for_each(|problem| format.problem(problem, &shown)),
        ErrorFormat::Human => {
            for (problem, names) in grouped(&problems) {
                if names.len() < 2 {
                    format.problem(problem, &shown);
                    continue;
                }
                let mut problem = problem.clone();
                problem.about = Some(format!("Applications {}", names.join(", ")));
                format.problem(&problem, &shown);
            }
        }
    }
    problems.iter().any(|problem| problem.severity == Severity::Error)
}

/// Returns what is to say of what was rendered, beyond what is said of the Applications themselves.
pub(super) fn of_rendered<'p>(
    rendered: &'p [Rendered],
    preview: &'p Preview,
) -> impl Iterator<Item = &'p Problem> {
    let known: HashSet<&Problem> = preview.problems.iter().collect();
    let all = rendered.iter().flat_map(|rendered| &rendered.problems);
    all.filter(move |problem| !known.contains(problem))
}

/// Puts problems that differ only in what they are about in the place of the first of them, with the names of the
/// Applications.
fn grouped<'p>(problems: &[&'p Problem]) -> Vec<(&'p Problem, Vec<&'p str>)> {
    let mut groups: Vec<(&Problem, Vec<&str>)> = Vec::new();
    let mut places: BTreeMap<_, usize> = BTreeMap::new();
    let mut named = BTreeSet::new();
    for &problem in problems {
        let key = (&problem.file, problem.line, problem.code, &problem.message, &problem.hint);
        let about = problem.about.as_deref();
        let name = about.and_then(|about| about.strip_prefix("Application "));
        let place = name.map(|_| *places.entry(key).or_insert(groups.len()));
        match (name, place.and_then(|i| Some((i, groups.get_mut(i)?)))) {
            (Some(name), Some((i, (_, names)))) => {
                if named.insert((i, name)) {
                    names.push(name);
                }
            }
            (name, _) => {
                named.extend(name.map(|name| (groups.len(), name)));
                groups.push((problem, name.into_iter().collect()));
            }
        }
    }
    groups
}
