//! Hints of errors: each has an entry in the table.

use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;

use crate::source::regex;

static HINT: LazyLock<Regex> =
    LazyLock::new(|| regex(r#"\.(?:maybe_)?hint\(\s*(?:"|format!|match |if |Some\()"#));

/// Folders and files whose hints belong to something else: a warning has its kind, a failure is one of a
/// host.
const OTHERS: [&str; 3] = ["src/checks", "src/diagnostics/failure.rs", "src/load/remote/source.rs"];

/// Returns the places of a source where an error gets a hint that is written out there.
pub(crate) fn without_entry(path: &Path, text: &str) -> Vec<String> {
    let shown = path.to_string_lossy().replace('\\', "/");
    if OTHERS.iter().any(|folder| shown.starts_with(folder)) {
        return Vec::new();
    }
    let found = HINT.find_iter(text).filter(|hint| !is_of_warning(&text[..hint.start()]));
    found.map(|hint| format!("{shown}:{}", text[..hint.start()].lines().count())).collect()
}

/// Returns `true` if what stands before a hint makes a warning, and no error.
fn is_of_warning(before: &str) -> bool {
    let last = |words: &[&str]| words.iter().filter_map(|word| before.rfind(word)).max();
    last(&["Warning::new", "warning"]) > last(&["Error::new", "Err(", "error", "refuse"])
}
