//! `fix --vars`: variables become replacements.

use std::collections::BTreeMap;
use std::path::PathBuf;

use ecow::EcoVec;

use super::{Edit, fields, find_file, invalid};
use crate::diagnostics::hints::FIX_VAR;
use crate::diagnostics::{Error, Result};
use crate::load::{FileKind, clean};
use crate::yaml::{Kept, Mapping, Node, Pos, Source};

/// How deep directories may refer to each other.
const MAX_DEPTH: usize = 100;

/// Places of variables: by the number of the variable.
type Targets = Vec<Vec<Node>>;

impl Edit {
    /// Turns `vars` into `replacements`, and returns the other files that change for it, with their new
    /// texts: where they have `$(NAME)`, they have `NAME_PLACEHOLDER` afterwards.
    ///
    /// Those are the files of resources and patches of this kustomization and of the directories that it
    /// refers to; patches that stand in this kustomization itself change with it. Whether the build stays the same is for the caller to see before it writes anything.
    ///
    /// # Errors
    /// If a value holds more than the variable, and no character divides it from the rest; or if there is a
    /// `NAME_PLACEHOLDER` already, which no replacement would be about.
    pub fn fix_vars(&mut self) -> Result<BTreeMap<PathBuf, String>> {
        self.kept = Kept::All;
        let items = self.items("vars").iter();
        let vars: Vec<(Pos, Mapping)> =
            items.filter_map(|item| Some((item.pos(), item.as_map().cloned()?))).collect();
        let names: Vec<String> =
            vars.iter().map(|(_, var)| fields::text(var, "name").to_owned()).collect();
        let mut targets: Targets = vec![Vec::new(); vars.len()];
        let mut files = Vec::new();
        let mut seen = Vec::new();
        self.collect_files(&self.dir.clone(), &self.wanted.clone(), &mut seen, &mut files)?;
        let mut changed = BTreeMap::new();
        for file in files {
            let text = match self.fs.read(&file).map(String::from_utf8) {
                Ok(Ok(text)) => text,
                // What cannot be read is for the build to refuse.
                _ => continue,
            };
            let shown = self.shown_path(&file);
            refuse_placeholder(&text, &names)
                .map_err(|error| error.context(format_args!("error with {shown}")))?;
            if !text.contains("$(") {
                continue;
            }
            let new = rewrite_file(&text, &names, &mut targets)
                .map_err(|error| error.context(format_args!("error with {shown}")))?;
            if new != text {
                changed.insert(file, new);
            }
        }
        self.fix_vars_of_patches(&names, &mut targets)?;
        let used = vars.iter().zip(targets).filter(|(_, targets)| !targets.is_empty());
        // Where a variable stood, so that its comments go along.
        let replacements = used.map(|((pos, var), targets)| replacement(var, targets).at(*pos));
        let replacements: EcoVec<Node> = replacements.collect();
        let map = self.fields();
        if fields::items(map, "replacements").is_empty() && !replacements.is_empty() {
            fields::remove(map, "replacements");
            fields::rename(map, "vars", "replacements");
            fields::set(map, "replacements", Node::seq(replacements));
            return Ok(changed);
        }
        self.replace_field("vars", "replacements");
        if !replacements.is_empty() {
            self.append("replacements", replacements);
        }
        Ok(changed)
    }

    /// Replaces variables in the patches that the kustomization itself holds.
    fn fix_vars_of_patches(&mut self, names: &[String], targets: &mut Targets) -> Result<()> {
        let count = self.items("patches").len();
        for i in 0..count {
            let item = self.items("patches").get(i).and_then(Node::as_map).cloned();
            let Some(item) = item else { continue };
            let text = fields::text(&item, "patch").to_owned();
            refuse_placeholder(&text, names)
                .map_err(|error| error.context(format_args!("error with patches[{i}]")))?;
            if !text.contains("$(") {
                continue;
            }
            let target = fields::get(&item, "target").and_then(Node::as_map);
            let new = rewrite_patch(&text, target, names, targets)
                .map_err(|error| error.context(format_args!("error with patches[{i}]")))?;
            let list = fields::get_mut(self.fields(), "patches").and_then(Node::as_seq_mut);
            if let Some(item) = list.and_then(|list| list.make_mut().get_mut(i)?.as_map_mut()) {
                item.set("patch", Node::str(new));
            }
        }
        Ok(())
    }

    /// Collects the files of resources and patches that a kustomization names.
    fn collect_files(
        &self,
        dir: &std::path::Path,
        root: &Node,
        seen: &mut Vec<PathBuf>,
        files: &mut Vec<PathBuf>,
    ) -> Result<()> {
        if seen.len() > MAX_DEPTH || seen.iter().any(|known| known == dir) {
            return Ok(());
        }
        seen.push(dir.to_path_buf());
        let Some(map) = root.as_map() else { return Ok(()) };
        let texts = |field| fields::items(map, field).iter().filter_map(Node::text);
        let paths = fields::items(map, "patches")
            .iter()
            .chain(fields::items(map, "patchesJson6902"))
            .filter_map(|item| item.as_map().map(|map| fields::text(map, "path")))
            .filter(|path| !path.is_empty());
        let entries = texts("resources").chain(texts("bases")).chain(texts("components"));
        for entry in entries.chain(texts("patchesStrategicMerge")).chain(paths) {
            if entry.contains('\n') {
                continue;
            }
            let path = clean(&dir.join(entry));
            match self.fs.canonicalize(&path).and_then(|path| self.fs.kind(&path)) {
                Ok(FileKind::Directory) => {
                    let Ok(name) = find_file(&*self.fs, &path, &path) else { continue };
                    let Ok(bytes) = self.fs.read(&path.join(name)) else { continue };
                    let Ok(source) = Source::read(&bytes) else { continue };
                    self.collect_files(&path, source.root(), seen, files)?;
                }
                Ok(FileKind::File) if !files.contains(&path) => files.push(path),
                _ => {}
            }
        }
        Ok(())
    }

    fn shown_path(&self, file: &std::path::Path) -> String {
        file.strip_prefix(&self.dir).unwrap_or(file).display().to_string()
    }
}

/// Replaces variables in all documents of a file, and notes where they were.
fn rewrite_file(text: &str, names: &[String], targets: &mut Targets) -> Result<String> {
    let mut out = String::with_capacity(text.len() + 64);
    for document in documents(text) {
        let source =
            Source::read(document.as_bytes()).map_err(|error| invalid(error.to_string()))?;
        let mut wanted = source.root().clone();
        let select = select(&wanted);
        let mut path = Vec::new();
        replace_in(&mut wanted, &mut path, names, &select, targets)?;
        let new = source.rewrite(&wanted).map_err(|error| invalid(error.to_string()))?;
        out.push_str(&new.text);
    }
    Ok(out)
}

/// As [`rewrite_file`], for a patch of a kustomization, which may be one of JSON.
fn rewrite_patch(
    text: &str,
    target: Option<&Mapping>,
    names: &[String],
    targets: &mut Targets,
) -> Result<String> {
    let source = Source::read(text.as_bytes()).map_err(|error| invalid(error.to_string()))?;
    let mut wanted = source.root().clone();
    let select = match target {
        Some(target) => target.clone(),
        None => select(&wanted),
    };
    match wanted.as_seq_mut() {
        None => replace_in(&mut wanted, &mut Vec::new(), names, &select, targets)?,
        Some(operations) => {
            for operation in operations.make_mut() {
                let pointer = operation.get("path").and_then(Node::text).unwrap_or_default();
                let unescaped = |part: &str| {
                    let part = part.replace("~1", "/").replace("~0", "~");
                    part.replace('\\', "\\\\").replace('.', "\\.")
                };
                let mut path: Vec<String> = pointer.split('/').skip(1).map(unescaped).collect();
                if let Some(value) = operation.as_map_mut().and_then(|map| map.get_mut("value")) {
                    replace_in(value, &mut path, names, &select, targets)?;
                }
            }
        }
    }
    let new = source.rewrite(&wanted).map_err(|error| invalid(error.to_string()))?;
    Ok(new.text)
}

/// Returns the documents of a text, each with the line that divides it from the one before.
fn documents(text: &str) -> Vec<&str> {
    let mut starts = vec![0];
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let rest = line.strip_prefix("---");
        if at > 0
            && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n']))
        {
            starts.push(at);
        }
        at += line.len();
    }
    starts.push(text.len());
    starts.windows(2).map(|pair| &text[pair[0]..pair[1]]).collect()
}

/// Returns what selects an object: group, kind, name, namespace and version.
fn select(object: &Node) -> Mapping {
    let text = |path: &[&str]| object.get_path(path).and_then(Node::text).unwrap_or_default();
    let (group, version) = split_version(text(&["apiVersion"]));
    fields::mapping([
        ("group", group),
        ("kind", text(&["kind"])),
        ("name", text(&["metadata", "name"])),
        ("namespace", text(&["metadata", "namespace"])),
        ("version", version),
    ])
}

fn split_version(api_version: &str) -> (&str, &str) {
    api_version.split_once('/').unwrap_or(("", api_version))
}

fn replace_in(
    node: &mut Node,
    path: &mut Vec<String>,
    names: &[String],
    select: &Mapping,
    targets: &mut Targets,
) -> Result<()> {
    match node {
        Node::Scalar { text, .. } => {
            let old = text.to_string();
            let mut new = old.clone();
            for (n, name) in names.iter().enumerate() {
                let variable = format!("$({name})");
                for (at, _) in old.match_indices(&variable) {
                    let options = options(&old[..at], &old[at + variable.len()..])
                        .ok_or_else(|| not_delimited(name))?;
                    targets[n].push(target(path, select, options));
                }
                new = new.replace(&variable, &placeholder(name));
            }
            if new != old {
                *node = Node::str(new).at(node.pos());
            }
        }
        Node::Seq { items, .. } => {
            for (i, item) in items.make_mut().iter_mut().enumerate() {
                path.push(i.to_string());
                replace_in(item, path, names, select, targets)?;
                path.pop();
            }
        }
        Node::Map { map, .. } => {
            for entry in map.entries_mut() {
                let key = entry.key.text().unwrap_or_default();
                path.push(key.replace('\\', "\\\\").replace('.', "\\."));
                replace_in(&mut entry.value, path, names, select, targets)?;
                path.pop();
            }
        }
    }
    Ok(())
}

/// Refuses what a variable would become where that is there already, as an interrupted change has left it.
fn refuse_placeholder(text: &str, names: &[String]) -> Result<()> {
    for name in names {
        let placeholder = placeholder(name);
        if has_word(text, &placeholder) && is_in_value(text, &placeholder) {
            return Err(invalid(format!(
                "{placeholder} is there already, and nothing would fill it in; if it was left by a change that was \
                 interrupted, write $({name}) in its place"
            )));
        }
    }
    Ok(())
}

fn has_word(text: &str, wanted: &str) -> bool {
    let is_of_word = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(wanted).any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + wanted.len()..]);
        !before.ends_with(is_of_word) && !after.starts_with(is_of_word)
    })
}

/// Returns `true` if a word that is there is part of a value, or may be, and not of comments alone.
fn is_in_value(text: &str, wanted: &str) -> bool {
    fn holds(node: &Node, wanted: &str) -> bool {
        match node {
            Node::Seq { items, .. } => items.iter().any(|item| holds(item, wanted)),
            Node::Map { map, .. } => map.iter().any(|entry| {
                entry.key.text().is_some_and(|key| has_word(key, wanted))
                    || holds(&entry.value, wanted)
            }),
            node => node.text().is_some_and(|text| has_word(text, wanted)),
        }
    }
    documents(text).into_iter().any(|document| {
        Source::read(document.as_bytes()).map_or(true, |source| holds(source.root(), wanted))
    })
}

/// Returns what stands in the place of a variable afterwards.
fn placeholder(name: &str) -> String {
    format!("{name}_PLACEHOLDER")
}

fn not_delimited(name: &str) -> Error {
    invalid(format!("cannot convert all vars to replacements; $({name}) is not delimited"))
        .hint(&FIX_VAR)
}

/// Returns delimiter and index for a variable between two texts; nothing inside if it is the whole value.
fn options(before: &str, after: &str) -> Option<Mapping> {
    let mut options = Mapping::new();
    let delimiter = match (before.chars().last(), after.chars().next()) {
        (None, None) => return Some(options),
        (None, Some(c)) | (Some(c), None) => c,
        (Some(a), Some(b)) if a == b => a,
        _ => return None,
    };
    options.set("delimiter", Node::str(delimiter.to_string()));
    let index = before.matches(delimiter).count();
    if index > 0 {
        options.set("index", Node::int(i64::try_from(index).ok()?));
    }
    Some(options)
}

fn target(path: &[String], select: &Mapping, options: Mapping) -> Node {
    let mut target = Mapping::new();
    target.set("fieldPaths", Node::seq([Node::str(path.join("."))].into_iter().collect()));
    if !options.is_empty() {
        target.set("options", Node::map(options));
    }
    target.set("select", Node::map(select.clone()));
    Node::map(target)
}

/// Returns the replacement that a variable becomes.
fn replacement(var: &Mapping, targets: Vec<Node>) -> Node {
    let part = |field, inner: &str| {
        let map = fields::get(var, field).and_then(Node::as_map);
        map.map_or("", |map| fields::text(map, inner)).to_owned()
    };
    let path = part("fieldref", "fieldpath");
    let path = if path.is_empty() { "metadata.name".to_owned() } else { with_points(&path) };
    let api_version = part("objref", "apiVersion");
    let (group, version) = match split_version(&api_version) {
        ("", "") => (part("objref", "group"), part("objref", "version")),
        (group, version) => (group.to_owned(), version.to_owned()),
    };
    let source = fields::mapping([
        ("fieldPath", path.as_str()),
        ("group", group.as_str()),
        ("kind", &part("objref", "kind")),
        ("name", &part("objref", "name")),
        ("namespace", &part("objref", "namespace")),
        ("version", version.as_str()),
    ]);
    let mut replacement = Mapping::new();
    replacement.set("source", Node::map(source));
    replacement.set("targets", Node::seq(targets.into_iter().collect()));
    Node::map(replacement)
}

/// Writes `ports[0].port` as replacements have it: `ports.0.port`.
fn with_points(path: &str) -> String {
    path.replace('[', ".").replace(']', "")
}
