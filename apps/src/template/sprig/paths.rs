//! Functions on paths.

use super::super::function::{Function, function};
use super::{text, yes};

pub(super) const FUNCTIONS: &[Function] = &[
    function("base", "s", |args| text(base(args.str(0)))),
    function("osBase", "s", |args| text(base(args.str(0)))),
    function("dir", "s", |args| text(dir(args.str(0)))),
    function("osDir", "s", |args| text(dir(args.str(0)))),
    function("clean", "s", |args| text(clean(args.str(0)))),
    function("osClean", "s", |args| text(clean(args.str(0)))),
    function("ext", "s", |args| text(ext(args.str(0)))),
    function("osExt", "s", |args| text(ext(args.str(0)))),
    function("isAbs", "s", |args| yes(args.str(0).starts_with('/'))),
    function("osIsAbs", "s", |args| yes(args.str(0).starts_with('/'))),
];

/// Returns the last component.
fn base(path: &str) -> &str {
    if path.is_empty() {
        return ".";
    }
    let trimmed = path.trim_end_matches('/');
    match trimmed.rsplit('/').next() {
        Some("") | None => "/",
        Some(name) => name,
    }
}

fn dir(path: &str) -> String {
    clean(path.rfind('/').map_or("", |slash| &path[..=slash]))
}

fn ext(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rfind('.').map_or("", |dot| &name[dot..])
}

/// Returns the shortest path that means the same.
fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if rooted => {}
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match (rooted, joined.as_str()) {
        (true, _) => format!("/{joined}"),
        (false, "") => ".".to_owned(),
        (false, _) => joined,
    }
}
