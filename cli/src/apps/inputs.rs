//! The files that the commands below `apps` read.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use kustom::DiskFs;
use kustom_apps::{Cluster, Preview, Problem, Repository, Severity};

use crate::paths::Shown;
use crate::report::ErrorFormat;

/// The flags that say what to read.
#[derive(Debug, Args)]
pub(crate) struct Inputs {
    /// Files with ApplicationSets and Applications; `-` is stdin
    #[arg(value_name = "FILE", required = true)]
    pub(super) files: Vec<PathBuf>,

    /// The root of the repository that generators look at; by default the folder above the first FILE
    /// that has a `.git`, else the working directory
    #[arg(long, value_name = "DIR")]
    pub(super) root: Option<PathBuf>,

    /// The clusters that Argo CD knows; without it, only the one that it runs in
    #[arg(long, value_name = "CLUSTERS")]
    pub(super) clusters: Option<PathBuf>,
}

impl Inputs {
    /// Opens the repository.
    pub(super) fn repository(&self) -> Result<Repository, String> {
        let root = match &self.root {
            Some(root) => root.clone(),
            None => self.guessed_root(),
        };
        Repository::new(DiskFs, &root).map_err(|e| format!("{}: {e}", root.display()))
    }

    fn guessed_root(&self) -> PathBuf {
        let file = self.files.first().and_then(|file| fs::canonicalize(file).ok());
        let above = file
            .as_deref()
            .and_then(|file| file.ancestors().skip(1).find(|folder| folder.join(".git").exists()));
        above.map_or_else(|| PathBuf::from("."), Path::to_path_buf)
    }

    /// Reads the clusters.
    pub(super) fn clusters(&self) -> Result<Vec<Cluster>, String> {
        let Some(path) = &self.clusters else { return Ok(Vec::new()) };
        Cluster::read_all(&read(path)?).map_err(|e| format!("{}: {e}", path.display()))
    }

    /// Makes the Applications of all files.
    pub(super) fn preview(&self, repository: &Repository) -> Result<Preview, String> {
        let clusters = self.clusters()?;
        let mut preview = Preview::default();
        for file in &self.files {
            preview.add_file(file, &read(file)?, repository, &clusters);
        }
        preview.check(repository);
        Ok(preview)
    }
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    let bytes = if path == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut std::io::stdin().lock(), &mut bytes).map(|_| bytes)
    } else {
        fs::read(path)
    };
    bytes.map_err(|e| format!("{}: {e}", path.display()))
}

/// Tells all problems; returns `true` if there was an error.
pub(super) fn tell(problems: &[Problem], format: ErrorFormat) -> bool {
    let shown = Shown::from_here();
    for problem in problems {
        format.problem(problem, &shown);
    }
    problems.iter().any(|problem| problem.severity == Severity::Error)
}
