//! Where the bytes go: stdout, a file, or a directory.

use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

use kustom::Build;

/// Writes to stdout. A reader that has gone away is no failure.
pub(crate) fn print(text: &str) -> ExitCode {
    print_stream([text])
}

/// Writes texts to stdout as one stream of YAML documents.
pub(crate) fn print_stream<'a>(texts: impl IntoIterator<Item = &'a str>) -> ExitCode {
    let mut out = io::stdout().lock();
    let mut separator = "";
    let mut write = |text: &str| {
        out.write_all(separator.as_bytes())?;
        separator = "---\n";
        out.write_all(text.as_bytes())
    };
    let mut texts = texts.into_iter().filter(|text| !text.is_empty());
    let written = texts.try_for_each(&mut write);
    match written.and_then(|()| out.flush()) {
        Err(e) if e.kind() != io::ErrorKind::BrokenPipe => fail(&format!("writing to stdout: {e}")),
        _ => ExitCode::SUCCESS,
    }
}

/// Says on stderr why nothing was done.
pub(crate) fn fail(message: &str) -> ExitCode {
    let colours = wants_colours(io::stderr().is_terminal(), std::env::var_os("NO_COLOR"));
    let label = if colours { "\x1b[1;31mError\x1b[0m" } else { "Error" };
    note(&format!("{label}: {message}"));
    ExitCode::FAILURE
}

/// Tells whether to colour: only on a terminal, and not where `NO_COLOR` says anything.
fn wants_colours(terminal: bool, no_color: Option<OsString>) -> bool {
    terminal && no_color.is_none_or(|value| value.is_empty())
}

/// Says on stderr how the command was misused.
pub(crate) fn misused(message: &str) -> ExitCode {
    fail(message);
    ExitCode::from(2)
}

/// Writes a line to stderr; if that is closed, nobody wanted to know.
pub(crate) fn note(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// Writes a build to a file, or into an existing directory one file per resource.
///
/// Nothing is written before the build has succeeded.
pub(crate) fn write(build: &Build, path: &Path) -> ExitCode {
    let written = if path.is_dir() {
        build
            .file_names()
            .iter()
            .zip(build.documents())
            .try_for_each(|(name, (_, text))| write_file(&path.join(name), text))
    } else {
        write_file(path, build.as_yaml())
    };
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => fail(&message),
    }
}

/// Writes a build to a file, and makes the directories that lead there.
pub(crate) fn write_below(build: &Build, path: &Path) -> ExitCode {
    let directory = path.parent().unwrap_or(path);
    let made = std::fs::create_dir_all(directory)
        .map_err(|e| format!("mkdir {}: {e}", directory.display()));
    match made.and_then(|()| write_file(path, build.as_yaml())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => fail(&message),
    }
}

fn write_file(path: &Path, text: &str) -> Result<(), String> {
    std::fs::write(path, text).map_err(|e| match e.kind() {
        io::ErrorKind::NotFound => format!("open {}: no such file or directory", path.display()),
        _ => format!("open {}: {e}", path.display()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_for_terminals() {
        assert!(wants_colours(true, None));
        assert!(wants_colours(true, Some("".into())));
        assert!(!wants_colours(true, Some("1".into())));
        assert!(!wants_colours(false, None));
    }
}
