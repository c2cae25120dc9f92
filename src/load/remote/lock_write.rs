//! `kustom.lock` as it is written.

use std::fmt::{self, Write};

use super::digest::slashed;
use super::lock::{Kept, Lock, VERSION};

impl fmt::Display for Lock {
    /// Writes the text of the file.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "# Written by `kustom vendor`: what is used from elsewhere, and where its copy is.\n",
        )?;
        writeln!(f, "version: {VERSION}")?;
        writeln!(f, "copies: {}", Scalar(&slashed(&self.copies)))?;
        for (i, (key, tree)) in self.trees.iter().enumerate() {
            if i == 0 {
                f.write_str("trees:\n")?;
            }
            writeln!(f, "- repository: {}", Scalar(&key.repository))?;
            if let Some(reference) = &key.reference {
                writeln!(f, "  ref: {}", Scalar(reference))?;
            }
            if !key.submodules {
                f.write_str("  submodules: false\n")?;
            }
            writeln!(f, "  commit: {}", Scalar(&tree.commit))?;
            writeln!(f, "  hash: {}", Scalar(&tree.hash))?;
            writeln!(f, "  path: {}", Scalar(&slashed(&tree.path)))?;
            match &tree.kept {
                Kept::Whole(programs) => {
                    f.write_str("  whole: true\n")?;
                    list(f, "programs", programs.iter().map(|path| slashed(path)))?;
                }
                Kept::Files(files) => list(f, "files", files.iter().map(|path| slashed(path)))?,
            }
            list(f, "urls", tree.urls.iter().cloned())?;
        }
        for (i, (url, file)) in self.files.iter().enumerate() {
            if i == 0 {
                f.write_str("files:\n")?;
            }
            writeln!(f, "- url: {}", Scalar(url))?;
            writeln!(f, "  hash: {}", Scalar(&file.hash))?;
            writeln!(f, "  path: {}", Scalar(&slashed(&file.path)))?;
        }
        for (i, (key, chart)) in self.charts.iter().enumerate() {
            if i == 0 {
                f.write_str("charts:\n")?;
            }
            writeln!(f, "- name: {}", Scalar(&key.name))?;
            writeln!(f, "  repo: {}", Scalar(&key.repo))?;
            if !key.version.is_empty() {
                writeln!(f, "  version: {}", Scalar(&key.version))?;
            }
            if key.devel {
                f.write_str("  devel: true\n")?;
            }
            writeln!(f, "  resolved: {}", Scalar(&chart.resolved))?;
            writeln!(f, "  hash: {}", Scalar(&chart.hash))?;
            writeln!(f, "  path: {}", Scalar(&slashed(&chart.path)))?;
        }
        Ok(())
    }
}

/// Writes a list that an entry has, if there is anything in it.
fn list(
    f: &mut fmt::Formatter<'_>,
    key: &str,
    texts: impl IntoIterator<Item = String>,
) -> fmt::Result {
    for (i, text) in texts.into_iter().enumerate() {
        if i == 0 {
            writeln!(f, "  {key}:")?;
        }
        writeln!(f, "  - {}", Scalar(&text))?;
    }
    Ok(())
}

/// A text as a scalar: plain if nobody could take it for anything else.
struct Scalar<'a>(&'a str);

impl fmt::Display for Scalar<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_safe = |c: char| c.is_ascii_alphanumeric() || "./_-:@+%?=&,~".contains(c);
        let is_word = |word: &&str| self.0.eq_ignore_ascii_case(word);
        let is_plain = self.0.starts_with(|c: char| c.is_ascii_alphabetic() || c == '.')
            && self.0.chars().all(is_safe)
            && !self.0.ends_with(':')
            && self.0.len() > 1
            && !["true", "false", "null", "yes", "no", "on", "off", ".inf", ".nan"]
                .iter()
                .any(is_word);
        if is_plain {
            return f.write_str(self.0);
        }
        f.write_char('"')?;
        for c in self.0.chars() {
            match c {
                '"' | '\\' => write!(f, "\\{c}")?,
                c if c.is_control() => write!(f, "\\u{:04x}", u32::from(c))?,
                c => f.write_char(c)?,
            }
        }
        f.write_char('"')
    }
}
