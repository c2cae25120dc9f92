//! Draws which kustomizations refer to which.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use kustom::DiskFs;

use crate::paths::Shown;
use crate::references::Graph;
use crate::search::{field, is_kustomization};

/// What is drawn.
#[derive(Default)]
struct Drawing {
    /// The boxes: name and shape.
    nodes: BTreeMap<String, Shape>,
    /// The arrows, from who refers to what is referred to.
    edges: Vec<(String, String)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Kustomization,
    Component,
    Remote,
}

/// Returns the graph of some kustomizations and all that they refer to, for graphviz or Mermaid.
pub(crate) fn draw(dirs: &[PathBuf], dot: bool) -> String {
    let (mut graph, shown) = (Graph::new(&DiskFs), Shown::from_here());
    let mut drawing = Drawing::default();
    let mut waiting: Vec<PathBuf> =
        dirs.iter().map(|dir| dir.canonicalize().unwrap_or_else(|_| dir.clone())).collect();
    while let Some(folder) = waiting.pop() {
        let name = shown.line(&folder);
        if drawing.nodes.contains_key(&name) {
            continue;
        }
        drawing.nodes.insert(name.clone(), shape(&folder));
        for remote in graph.remote(&folder) {
            let remote = kustom::visible_line(&remote).into_owned();
            drawing.edges.push((name.clone(), remote.clone()));
            drawing.nodes.insert(remote, Shape::Remote);
        }
        for next in graph.direct(&folder) {
            if is_kustomization(&DiskFs, &next) {
                drawing.edges.push((name.clone(), shown.line(&next)));
                waiting.push(next);
            }
        }
    }
    drawing.edges.sort();
    drawing.edges.dedup();
    if dot { drawing.dot() } else { drawing.mermaid() }
}

fn shape(folder: &Path) -> Shape {
    match field(&DiskFs, folder, "kind").as_deref() {
        Some("Component") => Shape::Component,
        _ => Shape::Kustomization,
    }
}

impl Drawing {
    fn dot(&self) -> String {
        let quoted = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
        let mut out =
            String::from("digraph kustomizations {\n  rankdir=LR;\n  node [shape=box];\n");
        for (name, shape) in &self.nodes {
            let shape = match shape {
                Shape::Kustomization => "",
                Shape::Component => " [shape=component]",
                Shape::Remote => " [shape=box, style=dashed]",
            };
            let _ = writeln!(out, "  \"{}\"{shape};", quoted(name));
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
        let escaped = |text: &str| text.replace('&', "#amp;").replace('"', "#quot;");
        let mut out = String::from("graph LR\n");
        for (name, shape) in &self.nodes {
            let (i, name) = (places.get(name.as_str()).copied().unwrap_or_default(), escaped(name));
            let _ = match shape {
                Shape::Kustomization => writeln!(out, "  n{i}[\"{name}\"]"),
                Shape::Component => writeln!(out, "  n{i}{{{{\"{name}\"}}}}"),
                Shape::Remote => writeln!(out, "  n{i}([\"{name}\"])"),
            };
        }
        for (from, to) in &self.edges {
            if let (Some(from), Some(to)) = (places.get(from.as_str()), places.get(to.as_str())) {
                let _ = writeln!(out, "  n{from} --> n{to}");
            }
        }
        out
    }
}
