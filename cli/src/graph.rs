//! Draws which kustomizations refer to which.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};

use kustom::roots::{References, is_kustomization};
use kustom::{DiskFs, FileSystem};

use crate::changes::Change;
use crate::path_patterns::real;
use crate::paths::Shown;
use crate::search::field;

/// What is drawn.
#[derive(Default)]
struct Drawing {
    /// The boxes: name and shape.
    nodes: BTreeMap<String, Shape>,
    /// The arrows, from who refers to what is referred to.
    edges: Vec<(String, String)>,
    /// The boxes that a change touches.
    touched: BTreeSet<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Kustomization,
    Component,
    Remote,
}

/// Returns the graph of some kustomizations and all that they refer to, for graphviz or Mermaid, with what a change
/// touches marked; those after the change are drawn.
pub(crate) fn draw(dirs: &[PathBuf], change: Option<&Change>, dot: bool) -> String {
    let files = change.map_or(&DiskFs as &dyn FileSystem, Change::after);
    let (mut graph, shown) = (References::new(files), Shown::from_here());
    let mut drawing = Drawing::default();
    let mut waiting: Vec<PathBuf> =
        dirs.iter().map(|dir| real(files, dir).unwrap_or_else(|_| dir.clone())).collect();
    while let Some(folder) = waiting.pop() {
        let name = shown.line(&folder);
        if drawing.nodes.contains_key(&name) {
            continue;
        }
        drawing.nodes.insert(name.clone(), shape(files, &folder));
        let mut changed = change.iter().flat_map(|change| &change.paths);
        if changed.any(|path| graph.has(&folder, path)) {
            drawing.touched.insert(name.clone());
        }
        for remote in graph.remote(&folder) {
            let remote = kustom::text::visible_line(&kustom::text::masked(&remote)).into_owned();
            drawing.edges.push((name.clone(), remote.clone()));
            drawing.nodes.insert(remote, Shape::Remote);
        }
        for next in graph.direct(&folder) {
            if is_kustomization(files, &next) {
                drawing.edges.push((name.clone(), shown.line(&next)));
                waiting.push(next);
            }
        }
    }
    drawing.edges.sort();
    drawing.edges.dedup();
    drawing.spread();
    if dot { drawing.dot() } else { drawing.mermaid() }
}

fn shape(files: &dyn FileSystem, folder: &Path) -> Shape {
    match field(files, folder, "kind").as_deref() {
        Some("Component") => Shape::Component,
        _ => Shape::Kustomization,
    }
}

impl Drawing {
    /// Marks what refers to what is touched.
    fn spread(&mut self) {
        let mut users: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (from, to) in &self.edges {
            users.entry(to).or_default().push(from);
        }
        let mut waiting: Vec<&str> = self.touched.iter().map(String::as_str).collect();
        let mut all: BTreeSet<&str> = waiting.iter().copied().collect();
        while let Some(name) = waiting.pop() {
            for user in users.get(name).into_iter().flatten() {
                if all.insert(user) {
                    waiting.push(user);
                }
            }
        }
        self.touched = all.into_iter().map(str::to_owned).collect();
    }

    fn dot(&self) -> String {
        let quoted = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
        let mut out =
            String::from("digraph kustomizations {\n  rankdir=LR;\n  node [shape=box];\n");
        for (name, shape) in &self.nodes {
            let mut attributes = match shape {
                Shape::Kustomization => vec![],
                Shape::Component => vec!["shape=component"],
                Shape::Remote => vec!["shape=box", "style=dashed"],
            };
            if self.touched.contains(name) {
                attributes.extend(["style=filled", "fillcolor=gold"]);
            }
            let attributes = match attributes.is_empty() {
                true => String::new(),
                false => format!(" [{}]", attributes.join(", ")),
            };
            let _ = writeln!(out, "  \"{}\"{attributes};", quoted(name));
        }
        for (from, to) in &self.edges {
            let _ = writeln!(out, "  \"{}\" -> \"{}\";", quoted(from), quoted(to));
        }
        out.push_str("}\n");
        out
    }

    fn mermaid(&self) -> String {
        let places: BTreeMap<&str, usize> =
            self.nodes.keys().enumerate().map(|(i, name)| (name.as_str(), i)).collect();
        let mut out = String::from("graph LR\n");
        for (raw, shape) in &self.nodes {
            let (i, name) = (places.get(raw.as_str()).copied().unwrap_or_default(), label(raw));
            let _ = match shape {
                Shape::Kustomization => writeln!(out, "  n{i}[\"{name}\"]"),
                Shape::Component => writeln!(out, "  n{i}{{{{\"{name}\"}}}}"),
                Shape::Remote => writeln!(out, "  n{i}([\"{name}\"])"),
            };
            if self.touched.contains(raw) {
                let _ = writeln!(out, "  class n{i} touched");
            }
        }
        for (from, to) in &self.edges {
            if let (Some(from), Some(to)) = (places.get(from.as_str()), places.get(to.as_str())) {
                let _ = writeln!(out, "  n{from} --> n{to}");
            }
        }
        if !self.touched.is_empty() {
            out.push_str("  classDef touched fill:#ffd700,color:#000\n");
        }
        out
    }
}

/// Returns a text as a label of Mermaid, which would read HTML and its own names of characters in it.
fn label(text: &str) -> String {
    let mut label = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '#' => label.push_str("#35;"),
            '&' => label.push_str("#amp;"),
            '"' => label.push_str("#quot;"),
            '<' => label.push_str("#lt;"),
            '>' => label.push_str("#gt;"),
            '`' => label.push_str("#96;"),
            _ => label.push(c),
        }
    }
    label
}
