//! Runs functions on the files of a revision: programs read the disk, which only has the work tree.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use kustom::Builder;
use kustom::outside::{
    Failure, FailureKind, FunctionCall, FunctionOutput, FunctionRunner, PluginKind,
};
use kustom_host::functions::Functions;
use kustom_host::scratch::{Folder, Scratch};

use crate::bounds;
use crate::git::{Beside, Revision};
use crate::outside::OutsideArgs;

/// Returns the builder for the files of a revision, in which functions see these too.
///
/// # Errors
/// If the flags for functions are wrong.
pub(crate) fn builder(
    builder: Builder,
    outside: &OutsideArgs,
    revision: &Revision,
) -> Result<Builder, String> {
    let builder = builder.file_system(revision.clone());
    with_functions(builder, outside, revision, None)
}

/// As [`builder`], for a revision that the work tree is compared with: what git ignores counts for it too.
///
/// # Errors
/// If the flags for functions are wrong.
pub(crate) fn builder_beside(
    builder: Builder,
    outside: &OutsideArgs,
    revision: &Revision,
) -> Result<Builder, String> {
    let beside = Beside::new(revision);
    let builder = builder.file_system(beside.clone());
    with_functions(builder, outside, revision, Some(beside))
}

fn with_functions(
    builder: Builder,
    outside: &OutsideArgs,
    revision: &Revision,
    beside: Option<Beside>,
) -> Result<Builder, String> {
    Ok(match outside.functions()? {
        Some(functions) => builder.functions(Arc::new(CheckedOut {
            functions,
            revision: revision.clone(),
            beside,
            scratch: bounds::scratch().clone(),
            folder: OnceLock::new(),
        })),
        None => builder,
    })
}

/// Runs functions in a copy of a revision's files, which is made for the first of them.
#[derive(Debug)]
struct CheckedOut {
    functions: Functions,
    revision: Revision,
    /// The revision with what git ignores beside it, if that counts.
    beside: Option<Beside>,
    scratch: Scratch,
    folder: OnceLock<Result<(Folder, PathBuf), Failure>>,
}

impl CheckedOut {
    fn check_out(&self) -> Result<(Folder, PathBuf), Failure> {
        let folder = self.scratch.folder("revision-")?;
        let written = match &self.beside {
            Some(beside) => beside.write_to(folder.path()),
            None => self.revision.write_to(folder.path()),
        };
        let path = written.and_then(|()| folder.path().canonicalize()).map_err(|e| {
            let message = format!("the files of the revision, which the function may read: {e}");
            Failure::new(FailureKind::Failed, message)
        })?;
        Ok((folder, path))
    }
}

impl FunctionRunner for CheckedOut {
    fn run(&self, call: &FunctionCall<'_>) -> Result<FunctionOutput, Failure> {
        // What was fetched or lies elsewhere is the same for all revisions.
        let below = call.root.strip_prefix(self.revision.top().0);
        let Some(below) = below.ok().filter(|_| call.tree_files.is_none()) else {
            return self.functions.run(call);
        };
        let folder = self.folder.get_or_init(|| self.check_out()).as_ref();
        let top = &folder.map_err(Clone::clone)?.1;
        let kept = call.tree.and_then(|tree| tree.strip_prefix(self.revision.top().0).ok());
        let (root, kept) = (top.join(below), kept.map(|tree| top.join(tree)));
        let mut moved = *call;
        (moved.root, moved.tree) = (&root, kept.as_deref());
        self.functions.run(&moved)
    }

    fn runs_programs(&self) -> bool {
        self.functions.runs_programs()
    }

    fn plugin(&self, plugin: &PluginKind) -> Result<PathBuf, Failure> {
        self.functions.plugin(plugin)
    }
}
