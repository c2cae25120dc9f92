//! Emulates `kustomize`: under that name, or with `--kustomize-compat` as the first argument.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::error::ErrorKind;

use crate::advice;
use crate::report::ErrorFormat;

/// What asks for it whatever the name of the program is.
const FLAG: &str = "--kustomize-compat";

/// The name of the program that is stood in for.
pub(crate) const NAME: &str = "kustomize";

/// The words of the command line, and whether they are meant for `kustomize`.
pub(crate) struct Words {
    pub(crate) words: Vec<OsString>,
    pub(crate) stands_in: bool,
}

impl Words {
    /// Returns the words that the program was started with.
    pub(crate) fn given() -> Words {
        Words::of(std::env::args_os().collect())
    }

    fn of(mut words: Vec<OsString>) -> Words {
        let mut stands_in = words.first().is_some_and(|word| is_name(Path::new(word)));
        if words.get(1).is_some_and(|word| word == FLAG) {
            words.remove(1);
            stands_in = true;
        }
        Words { words, stands_in }
    }

    /// Refuses a command that is missing here.
    pub(crate) fn refuse_missing(&self, format: ErrorFormat) -> Option<ExitCode> {
        let command = self.words.get(1).filter(|_| self.stands_in)?.to_str()?;
        advice::is_missing(command).then(|| format.fail(&advice::missing(command)))
    }

    /// Refuses several directories for `build`, of which upstream takes one.
    pub(crate) fn refuse_several(&self, dirs: &[PathBuf], format: ErrorFormat) -> Option<ExitCode> {
        let message = "specify one path to kustomization.yaml; \
                       `kustom build` renders several directories, `kustomize build` does not";
        (self.stands_in && dirs.len() > 1).then(|| format.fail(message))
    }

    /// Returns the code that the program ends with: upstream has one for all faults.
    pub(crate) fn code(&self, code: ExitCode) -> ExitCode {
        match self.stands_in && code != ExitCode::SUCCESS {
            true => ExitCode::FAILURE,
            false => code,
        }
    }

    /// Ends the program after words that are not understood, or that ask for help.
    pub(crate) fn misused(&self, error: &clap::Error) -> ExitCode {
        // Upstream takes a command that lacks the next word for a question.
        if self.stands_in && error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
            return ErrorFormat::Human.print(&error.to_string());
        }
        match (error.print(), error.use_stderr()) {
            (_, true) => ExitCode::from(2),
            // A reader that has gone away is no failure.
            (Err(e), false) if e.kind() != io::ErrorKind::BrokenPipe => ExitCode::FAILURE,
            (_, false) => ExitCode::SUCCESS,
        }
    }
}

/// Returns `true` for a path to a program that is called `kustomize`, perhaps with a version behind, as Makefiles keep
/// several: `kustomize-v5.8.2`.
fn is_name(path: &Path) -> bool {
    let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
    let name = name.strip_suffix(".exe").unwrap_or(name);
    name.strip_prefix(NAME).is_some_and(|rest| {
        let version = rest.strip_prefix(['-', '_', '@', '.']).unwrap_or_default();
        let version = version.strip_prefix('v').unwrap_or(version);
        rest.is_empty() || version.starts_with(|c: char| c.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_decides_or_the_flag() {
        let words = |words: &[&str]| Words::of(words.iter().map(OsString::from).collect());
        assert!(words(&["/usr/local/bin/kustomize", "build"]).stands_in);
        for name in [
            "kustomize.exe",
            "kustomize-5.8",
            "bin/kustomize_v5.8.2",
            "kustomize-v5.8.2.exe",
            "kustomize@5",
        ] {
            assert!(words(&[name]).stands_in, "{name}");
        }
        for name in ["kustom", "kustomize-controller", "kustomizer", "my-kustomize", "kustomize5"] {
            assert!(!words(&[name]).stands_in, "{name}");
        }
        assert!(!words(&["kustom", "build", FLAG]).stands_in);
        let flagged = words(&["kustom", FLAG, "version"]);
        assert!(flagged.stands_in);
        assert_eq!(flagged.words, ["kustom", "version"]);
    }
}
