//! The documents of the repository: their links, and the tables of ARCHITECTURE.md.

use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;

use crate::source;

/// Returns the modules of a crate in the order in which ARCHITECTURE.md lists them: in tables below
/// the heading that names the folder of the crate.
pub(crate) fn layers(root: &str) -> Vec<String> {
    let text = fs::read_to_string("ARCHITECTURE.md").unwrap();
    let name = Regex::new(r"`(\w+)/?`").unwrap();
    let heading = format!("(`{root}`)");
    let section = text.lines().skip_while(|line| !line.ends_with(&heading)).skip(1);
    let section = section.take_while(|line| !line.starts_with('#'));
    let cells = section.filter_map(|line| line.strip_prefix("| ")?.split(" |").next());
    cells.flat_map(|cell| name.captures_iter(cell).map(|found| found[1].to_owned())).collect()
}

/// A document.
pub(crate) struct Document {
    path: PathBuf,
    text: String,
}

/// Returns all documents.
pub(crate) fn all() -> Vec<Document> {
    let mut found = Vec::new();
    source::collect(Path::new("."), "md", &mut found);
    found.into_iter().map(|(path, text)| Document { path, text }).collect()
}

impl Document {
    /// Returns the links to files and headings that are not there.
    pub(crate) fn dead_links(&self) -> Vec<String> {
        let link = Regex::new(r"\]\(([^)\s]+)\)").unwrap();
        let prose = without_code(&self.text);
        let prose = Regex::new("`[^`\n]*`").unwrap().replace_all(&prose, "");
        let mut dead = Vec::new();
        for found in link.captures_iter(&prose) {
            let target = &found[1];
            if target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            let (file, heading) = target.split_once('#').unwrap_or((target, ""));
            let path = match file {
                "" => self.path.clone(),
                file => self.path.parent().unwrap_or(Path::new("")).join(file),
            };
            let is_there = match fs::read_to_string(&path) {
                Ok(text) => heading.is_empty() || anchors(&text).iter().any(|a| a == heading),
                Err(_) => path.exists(),
            };
            if !is_there {
                dead.push(format!("{}: {target}", self.path.display()));
            }
        }
        dead
    }
}

/// Returns a text without its blocks of code.
fn without_code(text: &str) -> String {
    text.split("\n```").step_by(2).collect::<Vec<_>>().join("\n")
}

/// Returns the anchors of the headings of a document.
fn anchors(text: &str) -> Vec<String> {
    let headings = without_code(text);
    let headings = headings.lines().filter(|line| line.starts_with('#'));
    let anchor = |line: &str| {
        let words = line.trim_start_matches('#').trim().to_lowercase();
        let kept = words.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect()
    };
    headings.map(anchor).collect()
}
