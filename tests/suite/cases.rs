//! `testdata/cases/FEATURE/NAME`: an input tree with its expectation beside it.

use std::fs;
use std::path::{Path, PathBuf};

use libtest_mimic::Trial;

use crate::engine::{self, Options, Order};
use crate::{diff, list, reference, relative, testdata};

/// One folder below `testdata/cases`.
struct Case {
    folder: PathBuf,
    /// The directory to build, from the folder.
    entry: String,
    options: Options,
    expected: Expected,
}

/// What a case is expected to give.
enum Expected {
    Output(String),
    /// A phrase of the message.
    Error(String),
}

/// Lists every case as a test named `FEATURE/NAME`.
pub(crate) fn trials() -> Vec<Trial> {
    let root = testdata().join("cases");
    let mut trials = Vec::new();
    for feature in list(&root).unwrap_or_default() {
        for folder in list(&feature).unwrap_or_default() {
            let name = relative(&folder, &root);
            trials.push(Trial::test(name, move || Ok(Case::read(&folder)?.run()?)));
        }
    }
    assert!(!trials.is_empty(), "no cases in {}", root.display());
    trials
}

impl Case {
    fn read(folder: &Path) -> Result<Case, String> {
        let output = folder.join("expected.yaml");
        let phrase = folder.join("expected.err");
        let expected = match (output.exists(), phrase.exists()) {
            (true, false) => Expected::Output(read(&output)?),
            (false, true) => Expected::Error(read(&phrase)?.trim_end().to_owned()),
            (true, true) => return Err("both an expected.yaml and an expected.err".to_owned()),
            (false, false) => return Err("neither an expected.yaml nor an expected.err".to_owned()),
        };
        let mut case = Case {
            folder: folder.to_owned(),
            entry: String::new(),
            options: Options::default(),
            expected,
        };
        let settings = folder.join("case.toml");
        if settings.exists() {
            for line in read(&settings)?.lines() {
                case.set(line).ok_or_else(|| format!("case.toml: cannot read {line:?}"))?;
            }
        }
        Ok(case)
    }

    /// Takes one line of `case.toml`: `key = "text"` or `key = true`.
    fn set(&mut self, line: &str) -> Option<()> {
        let (key, value) = line.split_once(" = ")?;
        let value = value.strip_prefix('"').and_then(|v| v.strip_suffix('"')).unwrap_or(value);
        match (key, value) {
            ("note", _) => {}
            ("entry", _) => value.clone_into(&mut self.entry),
            ("load_restrictor", "none") => self.options.unrestricted = true,
            ("reorder", "legacy") => self.options.reorder = Some(Order::Legacy),
            ("reorder", "none") => self.options.reorder = Some(Order::None),
            ("enable_managedby_label", "true") => self.options.managed_by_label = true,
            _ => return None,
        }
        Some(())
    }

    fn run(&self) -> Result<(), String> {
        let directory = self.folder.join(&self.entry);
        let ours = engine::build_from_disk(&directory, &self.options);
        self.expected.check("from disk", &ours)?;
        if let Some(theirs) = reference::build(&directory, &self.options)? {
            self.expected.check("by upstream", &theirs)?;
        }
        if matches!(self.expected, Expected::Output(_)) {
            self.check_from_memory()?;
        }
        Ok(())
    }

    /// Builds the same tree from memory: the output must not depend on where files are.
    fn check_from_memory(&self) -> Result<(), String> {
        let mut files = Vec::new();
        let links = collect(&self.folder, &self.folder, &mut files)?;
        if links {
            return Ok(()); // memory knows none
        }
        let directory = Path::new("/case").join(&self.entry);
        let ours = engine::build_from_memory(files, &directory, &self.options);
        self.expected.check("from memory", &ours)
    }
}

impl Expected {
    fn check(&self, how: &str, answer: &Result<String, String>) -> Result<(), String> {
        match (self, answer) {
            (Expected::Output(expected), Ok(output)) if expected == output => Ok(()),
            (Expected::Output(expected), Ok(output)) => {
                Err(format!("other output {how}:\n{}", diff::first(expected, output)))
            }
            (Expected::Output(_), Err(message)) => Err(format!("fails {how}: {message}")),
            (Expected::Error(phrase), Err(message)) if message.contains(phrase) => Ok(()),
            (Expected::Error(phrase), Err(message)) => {
                Err(format!("the message {how} lacks the phrase:\n  {phrase}\n  {message}"))
            }
            (Expected::Error(phrase), Ok(_)) => {
                Err(format!("succeeds {how}, expected was an error: {phrase}"))
            }
        }
    }
}

/// Adds all files below `folder` as paths from `/case`; returns whether there are links.
fn collect(folder: &Path, root: &Path, files: &mut Vec<(String, Vec<u8>)>) -> Result<bool, String> {
    let mut links = false;
    for path in list(folder).map_err(|e| e.to_string())? {
        let kind = fs::symlink_metadata(&path).map_err(|e| e.to_string())?;
        if kind.is_symlink() {
            links = true;
        } else if kind.is_dir() {
            links |= collect(&path, root, files)?;
        } else {
            let content = fs::read(&path).map_err(|e| e.to_string())?;
            files.push((format!("/case/{}", relative(&path, root)), content));
        }
    }
    Ok(links)
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))
}
