//! What the sources say: their files, and what each imports.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use regex::Regex;

static COMMENT: LazyLock<Regex> = LazyLock::new(|| regex("//[^\n]*"));
static USE: LazyLock<Regex> = LazyLock::new(|| regex(r"(?m)^\s*(pub(?:\([^)]*\))? )?use ([^;]+);"));
static MODULE: LazyLock<Regex> =
    LazyLock::new(|| regex(r"(?m)^\s*(?:pub(?:\([^)]*\))? )?mod (\w+);"));
static PATH: LazyLock<Regex> =
    LazyLock::new(|| regex(r"(?:\$?\bcrate|\bsuper|\bself)(?:::[a-z_][A-Za-z0-9_]*)+"));

/// Returns a regular expression.
pub(crate) fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a regular expression")
}

/// Returns all Rust files below a folder with their texts, sorted.
pub(crate) fn files(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    collect(folder, "rs", &mut found);
    found.sort();
    found
}

/// Adds the files below a folder that have this extension; what is built or hidden is left out.
pub(crate) fn collect(folder: &Path, extension: &str, found: &mut Vec<(PathBuf, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            if name != "target" && (!name.starts_with('.') || name == ".github") {
                collect(&path, extension, found);
            }
        } else if path.extension().is_some_and(|e| e == extension) {
            let text = fs::read_to_string(&path).unwrap();
            found.push((path.strip_prefix(".").unwrap_or(&path).to_path_buf(), text));
        }
    }
}

/// Returns what a source imports or names by a path, each as its parts; tests may do as they like.
///
/// A path that goes through a module of the file itself begins with `self`.
pub(crate) fn paths(text: &str) -> Vec<Vec<String>> {
    let tests = text.find("#[cfg(test)]\nmod tests {").unwrap_or(text.len());
    let text = COMMENT.replace_all(&text[..tests], "");
    let children = children(&text);
    let mut paths = Vec::new();
    for found in USE.captures_iter(&text) {
        let mut tree = Vec::new();
        flatten(&found[2], &[], &mut tree);
        // What a folder hands out of its own files is not what its own page needs.
        let is_handed_out = |path: &Vec<String>| found.get(1).is_some() && path[0] == "self";
        let relative = tree.into_iter().map(|path| from_child(path, &children));
        paths.extend(relative.filter(|path| !is_handed_out(path)));
    }
    let rest = USE.replace_all(&text, "");
    for found in PATH.find_iter(&rest) {
        let parts = found.as_str().trim_start_matches('$').split("::").map(str::to_owned);
        paths.push(parts.collect());
    }
    for child in &children {
        let is_path = |(at, _): (usize, &str)| {
            !rest[..at].ends_with(|c: char| c == ':' || c == '_' || c.is_alphanumeric())
        };
        if rest.match_indices(&format!("{child}::")).any(is_path) {
            paths.push(vec!["self".to_owned(), child.clone()]);
        }
    }
    paths
}

/// Returns the modules that a file declares.
fn children(text: &str) -> Vec<String> {
    MODULE.captures_iter(text).map(|found| found[1].to_owned()).collect()
}

fn from_child(mut path: Vec<String>, children: &[String]) -> Vec<String> {
    if children.contains(&path[0]) {
        path.insert(0, "self".to_owned());
    }
    path
}

/// Opens the braces of what stands behind `use`.
fn flatten(tree: &str, before: &[String], paths: &mut Vec<Vec<String>>) {
    let tree = tree.trim();
    let (names, group) = match tree.find('{') {
        Some(brace) => (&tree[..brace], Some(tree[brace + 1..].trim_end().trim_end_matches('}'))),
        None => (tree, None),
    };
    let names = names.split(" as ").next().unwrap_or_default();
    let parts = names.split("::").map(str::trim).filter(|part| !part.is_empty());
    let path: Vec<String> = before.iter().cloned().chain(parts.map(str::to_owned)).collect();
    let Some(group) = group else {
        paths.push(path);
        return;
    };
    let (mut depth, mut start) = (0, 0);
    for (i, c) in group.char_indices().chain([(group.len(), ',')]) {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                if !group[start..i].trim().is_empty() {
                    flatten(&group[start..i], &path, paths);
                }
                start = i + 1;
            }
            _ => {}
        }
    }
}
