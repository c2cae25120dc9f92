//! Where the bytes go: stdout, a file, or a directory.

use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::path::Path;

use kustom::Build;

/// Writes to stdout. A reader that has gone away is no failure.
pub(crate) fn print(text: &str) -> Result<(), String> {
    print_stream([text])
}

/// Writes texts to stdout as one stream of YAML documents.
pub(crate) fn print_stream<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<(), String> {
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
        Err(e) if e.kind() != io::ErrorKind::BrokenPipe => Err(format!("writing to stdout: {e}")),
        _ => Ok(()),
    }
}

/// Tells whether to colour what goes to a stream: on a terminal, unless `NO_COLOR` says anything, or
/// wherever `CLICOLOR_FORCE` says so.
pub(crate) fn has_colours(stream: &impl IsTerminal) -> bool {
    let [no_color, force] = ["NO_COLOR", "CLICOLOR_FORCE"].map(std::env::var_os);
    wants_colours(stream.is_terminal(), no_color, force)
}

fn wants_colours(terminal: bool, no_color: Option<OsString>, force: Option<OsString>) -> bool {
    let says = |value: Option<OsString>| value.is_some_and(|value| !value.is_empty());
    !says(no_color) && (terminal || says(force.filter(|value| value != "0")))
}

/// Writes a line to stderr; if that is closed, nobody wanted to know.
pub(crate) fn note(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// Writes a build to a file, or into an existing directory one file per resource.
///
/// Nothing is written before the build has succeeded.
pub(crate) fn write(build: &Build, path: &Path) -> Result<(), String> {
    if path.is_dir() {
        build
            .file_names()
            .iter()
            .zip(build.documents())
            .try_for_each(|(name, (_, text))| write_file(&path.join(name), text))
    } else {
        write_file(path, build.as_yaml())
    }
}

/// Writes a build to a file, and makes the directories that lead there.
pub(crate) fn write_below(build: &Build, path: &Path) -> Result<(), String> {
    let directory = path.parent().unwrap_or(path);
    std::fs::create_dir_all(directory)
        .map_err(|e| format!("mkdir {}: {e}", directory.display()))?;
    write_file(path, build.as_yaml())
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
    fn colours_are_for_terminals_unless_somebody_says_otherwise() {
        let wants = |terminal, no_color: Option<&str>, force: Option<&str>| {
            wants_colours(terminal, no_color.map(OsString::from), force.map(OsString::from))
        };
        assert!(wants(true, None, None) && wants(true, Some(""), Some("0")));
        assert!(wants(false, None, Some("1")));
        assert!(!wants(true, Some("1"), None) && !wants(true, Some("1"), Some("1")));
        assert!(!wants(false, None, None) && !wants(false, None, Some("0")));
    }
}
