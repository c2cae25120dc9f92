//! Which module needs which.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::source;

/// A module as its path in the crate; the root is empty.
pub(crate) type Module = Vec<String>;

/// The modules of a crate and what they import of each other.
pub(crate) struct Crate {
    root: String,
    files: BTreeMap<Module, (String, String)>,
    edges: BTreeSet<(Module, Module)>,
}

impl Crate {
    /// Reads a crate; the helpers of tests and the tests themselves may reach up and are left out.
    pub(crate) fn read(root: &str) -> Crate {
        let mut files = BTreeMap::new();
        for (path, text) in source::files(Path::new(root)) {
            let inner = path.strip_prefix(root).unwrap().with_extension("");
            let mut module: Module =
                inner.iter().map(|part| part.to_string_lossy().into_owned()).collect();
            if module.last().is_some_and(|n| ["mod", "lib", "main"].contains(&n.as_str())) {
                module.pop();
            }
            let is_test = |name: &String| name.ends_with("tests") || name == "test_support";
            if !module.last().is_some_and(is_test) {
                files.insert(module, (path.to_string_lossy().into_owned(), text));
            }
        }
        let mut edges = BTreeSet::new();
        for (module, (_, text)) in &files {
            for path in source::paths(text) {
                if let Some(imported) = resolve(&files, module, &path)
                    && imported != *module
                {
                    edges.insert((module.clone(), imported));
                }
            }
        }
        Crate { root: root.to_owned(), files, edges }
    }

    /// Returns the modules right below the root, but for binaries.
    pub(crate) fn rooms(&self) -> BTreeSet<String> {
        self.files.keys().filter_map(|module| module.first().cloned()).collect()
    }

    /// Returns which module imports which; what only the root of the crate imports is left out.
    pub(crate) fn edges(&self) -> impl Iterator<Item = (Module, Module)> {
        self.edges.iter().filter(|(from, to)| !from.is_empty() && !to.is_empty()).cloned()
    }

    /// Returns the path of the file of a module.
    pub(crate) fn path(&self, module: &Module) -> &str {
        self.files.get(module).map_or(&self.root, |(path, _)| path)
    }

    /// Returns the text of a module's file.
    pub(crate) fn text(&self, module: &Module) -> &str {
        self.files.get(module).map_or("", |(_, text)| text)
    }

    /// Returns the modules that are folders.
    pub(crate) fn folders(&self) -> BTreeSet<Module> {
        self.files
            .keys()
            .filter_map(|module| module.split_last().map(|(_, f)| f.to_vec()))
            .collect()
    }

    /// Returns what the files and folders right in a folder need of each other; its own page is `mod`.
    pub(crate) fn units(&self, folder: &Module) -> BTreeMap<String, BTreeSet<String>> {
        let unit = |module: &Module| {
            let inner = module.strip_prefix(folder.as_slice())?;
            Some(inner.first().map_or("mod", String::as_str).to_owned())
        };
        let mut units: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (from, to) in &self.edges {
            if let (Some(from), Some(to)) = (unit(from), unit(to))
                && from != to
                // The page of a crate names all its modules.
                && !(folder.is_empty() && (from == "mod" || to == "mod"))
            {
                units.entry(from).or_default().insert(to);
            }
        }
        units
    }
}

/// Returns the module that a path leads to.
fn resolve(
    files: &BTreeMap<Module, (String, String)>,
    module: &Module,
    path: &[String],
) -> Option<Module> {
    let mut here = module.clone();
    let mut rest = path.iter().peekable();
    match rest.next()?.as_str() {
        "crate" => here.clear(),
        "self" => {}
        "super" => {
            here.pop();
            while rest.next_if(|part| *part == "super").is_some() {
                here.pop();
            }
        }
        _ => return None,
    }
    for part in rest {
        here.push(part.clone());
        if !files.contains_key(&here) {
            here.pop();
            break;
        }
    }
    Some(here)
}

/// Returns all that a unit leads to.
fn reached<'a>(
    units: &'a BTreeMap<String, BTreeSet<String>>,
    from: &'a String,
) -> BTreeSet<&'a String> {
    let mut seen = BTreeSet::new();
    let mut left = vec![from];
    while let Some(next) = left.pop() {
        left.extend(units.get(next).into_iter().flatten().filter(|to| seen.insert(*to)));
    }
    seen
}

/// Returns the largest sets of units that all lead to each other, each sorted.
pub(crate) fn circles(units: &BTreeMap<String, BTreeSet<String>>) -> Vec<Vec<String>> {
    let reach: BTreeMap<&String, BTreeSet<&String>> =
        units.keys().map(|unit| (unit, reached(units, unit))).collect();
    let leads = |from: &String, to: &String| reach.get(from).is_some_and(|r| r.contains(to));
    let mut circles: Vec<Vec<String>> = Vec::new();
    for unit in units.keys().filter(|unit| leads(unit, unit)) {
        if !circles.iter().flatten().any(|known| known == unit) {
            let others = units.keys().filter(|other| leads(unit, other) && leads(other, unit));
            circles.push(others.cloned().collect());
        }
    }
    circles
}

/// Returns the circles that a folder's page says it has, each sorted.
pub(crate) fn declared_circles(page: &str) -> Vec<Vec<String>> {
    let lines = page.lines().filter_map(|line| line.trim().strip_prefix("// Circle: "));
    let names = |line: &str| {
        let (names, reason) = line.split_once(": ").expect("a reason");
        assert!(!reason.is_empty(), "a circle without a reason: {line}");
        let mut names: Vec<String> = names.split(", ").map(str::to_owned).collect();
        names.sort();
        names
    };
    lines.map(names).collect()
}
