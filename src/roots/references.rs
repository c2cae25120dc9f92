//! What kustomizations refer to, as far as their files tell; so which roots a change cannot touch: what they
//! refer to is the same on both sides.
//!
//! A root is what lies in its folder and in the folders and files that its kustomization refers to, and
//! so on. Where each of these is the same object on both sides, the output is the same too, and nothing is
//! rendered. Whatever is not certain (links, charts, remote trees, files that cannot be read) counts as
//! touched.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::charts;
use super::configs::Config;
use super::texts::Texts;
use crate::document::{NodeKind, NodeView, RepositoryReader};
use crate::kustomization;
use crate::limits::Account;
use crate::load::{FileKind, FileSystem, KUSTOMIZATION_NAMES, Loader, clean};
use crate::yaml::Pos;

/// What knows which files are the same on both sides.
pub trait Sameness {
    /// Returns `true` if a path, and all that lies below it, is certainly the same on both sides, and no
    /// link is among it; what is on neither side is the same.
    fn is_same(&self, path: &Path) -> bool;
}

/// The fields whose entries are kustomizations, or files with the configuration of a step.
const CONFIGS: [&str; 3] = ["generators", "transformers", "validators"];
/// Fields that bring in what the tree does not hold.
const OUTSIDE: [&str; 3] = ["helmCharts", "helmChartInflationGenerator", "helmGlobals"];
/// The fields whose names matter here.
const FIELDS: [&str; 18] = [
    "resources",
    "bases",
    "components",
    "configurations",
    "crds",
    "patches",
    "patchesStrategicMerge",
    "patchesJson6902",
    "replacements",
    "openapi",
    "configMapGenerator",
    "secretGenerator",
    CONFIGS[0],
    CONFIGS[1],
    CONFIGS[2],
    OUTSIDE[0],
    OUTSIDE[1],
    OUTSIDE[2],
];
/// A root that refers to more folders than these is looked at anew.
const MOST: usize = 10_000;

/// What a kustomization refers to.
#[derive(Debug, Default)]
struct Refers {
    /// Folders and files outside of its own folder.
    outside: Vec<PathBuf>,
    /// Folders of kustomizations, wherever they are.
    kustomizations: Vec<PathBuf>,
    /// What is no path here: URLs, and charts.
    remote: Vec<String>,
    /// Whether that may not be all.
    uncertain: bool,
}

/// What the kustomizations of some files refer to, each read once.
///
/// It knows what a kustomization file and the configurations of its steps say, and builds nothing.
pub struct References<'f> {
    pub(super) files: &'f dyn FileSystem,
    known: FxHashMap<OsString, Rc<Refers>>,
    /// The kustomization files that were read; overlays often have the same text.
    parsed: FxHashMap<Vec<u8>, Option<(NodeView, bool)>>,
    /// The files with configurations of steps that were read.
    configs: FxHashMap<OsString, Rc<Config>>,
    /// The real paths of what was asked for; `None` of links that lead nowhere.
    reals: FxHashMap<OsString, Option<PathBuf>>,
    reader: RepositoryReader,
}

impl<'f> References<'f> {
    /// Returns the references in some files.
    pub fn new(files: &'f dyn FileSystem) -> References<'f> {
        let (known, parsed, configs, reals) = Default::default();
        References { files, known, parsed, configs, reals, reader: RepositoryReader::new() }
    }

    /// Returns the folders of the kustomizations that the one in `folder` refers to itself.
    pub fn direct(&mut self, folder: &Path) -> Vec<PathBuf> {
        let folder = self.files.absolute(folder);
        folder.map(|folder| self.node(&folder).kustomizations.clone()).unwrap_or_default()
    }

    /// Returns `true` if a path is one of a kustomization itself: it lies in its folder, and no other
    /// kustomization lies between, or it refers to it.
    pub fn has(&mut self, folder: &Path, path: &Path) -> bool {
        let own = path.starts_with(folder)
            && !path.ancestors().skip(1).take_while(|above| *above != folder).any(|above| {
                KUSTOMIZATION_NAMES.iter().any(|name| self.files.kind(&above.join(name)).is_ok())
            });
        let node = self.node(folder);
        own || node
            .outside
            .iter()
            .any(|outside| !node.kustomizations.contains(outside) && path.starts_with(outside))
    }

    /// Returns what a kustomization brings in from elsewhere: URLs, and charts with repository and version.
    pub fn remote(&mut self, folder: &Path) -> Vec<String> {
        let folder = self.files.absolute(folder);
        folder.map(|folder| self.node(&folder).remote.clone()).unwrap_or_default()
    }

    /// Returns the folders and files that a kustomization is made of, as far as its files tell, and
    /// whether that is all for certain.
    pub fn closure(&mut self, root: &Path) -> (BTreeSet<PathBuf>, bool) {
        let mut all = BTreeSet::from([root.to_path_buf()]);
        let mut entered = BTreeSet::from([root.to_path_buf()]);
        let mut certain = true;
        let mut waiting = vec![root.to_path_buf()];
        while let Some(folder) = waiting.pop() {
            let node = self.node(&folder);
            certain &= !node.uncertain && all.len() <= MOST;
            all.extend(node.outside.iter().chain(&node.kustomizations).cloned());
            for next in &node.kustomizations {
                if entered.len() <= MOST && entered.insert(next.clone()) {
                    waiting.push(next.clone());
                }
            }
        }
        (all, certain)
    }

    /// Returns `true` if nothing that a root is made of differs between the sides.
    pub fn is_untouched(&mut self, root: &Path, same: &dyn Sameness) -> bool {
        let Ok(root) = self.files.absolute(root) else { return false };
        let mut seen = BTreeSet::from([root.clone()]);
        let mut waiting = vec![root];
        while let Some(folder) = waiting.pop() {
            if seen.len() > MOST || !same.is_same(&folder) {
                return false;
            }
            let node = self.node(&folder);
            if node.uncertain {
                return false;
            }
            if !node.outside.iter().all(|path| same.is_same(path)) {
                return false;
            }
            for next in &node.kustomizations {
                if seen.insert(next.clone()) {
                    waiting.push(next.clone());
                }
            }
        }
        true
    }

    fn node(&mut self, folder: &Path) -> Rc<Refers> {
        if let Some(known) = self.known.get(folder.as_os_str()) {
            return Rc::clone(known);
        }
        let node = Rc::new(self.read(folder));
        self.known.insert(folder.into(), Rc::clone(&node));
        node
    }

    /// Reads what a kustomization refers to.
    fn read(&mut self, folder: &Path) -> Refers {
        let mut node = Refers::default();
        let mut names = KUSTOMIZATION_NAMES.iter().map(|name| folder.join(name));
        let document = names.find_map(|path| Some((self.document(&path)?, path)));
        let Some(((map, is_sound), path)) =
            document.filter(|((root, _), _)| root.kind() == NodeKind::Mapping)
        else {
            node.uncertain = true;
            return node;
        };
        // What a build refuses is left to it, so that it is told.
        node.uncertain = !is_sound;
        if matches!(self.files.kind(&path), Ok(FileKind::Link)) {
            self.behind(&path, false, &mut node);
        }
        for (key, value) in map.entries() {
            let field = field(key.text().unwrap_or_default());
            if OUTSIDE.contains(&field) {
                node.uncertain = true;
                node.remote.extend(charts::in_field(&value));
            }
            let is_list = ["resources", "bases", "components"].contains(&field);
            let texts = Texts::of(field, &value);
            for (key, text) in &texts.all {
                let is_there = self.text(text, folder, &mut node).is_some();
                // A URL, or nothing at all: rendering will tell.
                node.uncertain |= !is_there && names_file(field, key, text);
                if is_list && !is_there && Loader::is_remote(text) {
                    node.remote.push(text.clone());
                }
                if CONFIGS.contains(&field) {
                    node.uncertain |= self.config(text, folder, &mut node).is_none();
                }
            }
        }
        node
    }

    /// Returns the tree of a kustomization file, and whether a build accepts it.
    fn document(&mut self, path: &Path) -> Option<(NodeView, bool)> {
        let bytes = self.files.read(path).ok()?;
        if let Some(known) = self.parsed.get(&bytes) {
            return known.clone();
        }
        let root = self.reader.read(&bytes).ok().map(|root| {
            let (folder, account) = (path.parent().unwrap_or(path), Account::default());
            let read = kustomization::parse(&bytes, Pos::NONE, folder, &account, &mut Vec::new());
            (root, read.is_ok())
        });
        self.parsed.insert(bytes, root.clone());
        root
    }

    /// Looks into a file with the configuration of a step, or at one that is written in place.
    fn config(&mut self, text: &str, folder: &Path, node: &mut Refers) -> Option<()> {
        let config = if text.contains('\n') {
            Rc::new(Config::read(text.as_bytes(), &self.reader)?)
        } else {
            let path = clean(&folder.join(text));
            match self.configs.get(path.as_os_str()) {
                Some(known) => Rc::clone(known),
                None => match self.kind_behind(&path) {
                    Ok(FileKind::File) => {
                        let read = Config::read(&self.files.read(&path).ok()?, &self.reader)?;
                        let read = Rc::new(read);
                        self.configs.insert(path.into(), Rc::clone(&read));
                        read
                    }
                    // A kustomization of configurations, which may name functions.
                    Ok(_) => return None,
                    Err(_) => return Some(()),
                },
            }
        };
        for word in &config.words {
            self.text(word, folder, node);
        }
        for name in &config.names {
            self.name(name, folder, node);
        }
        node.remote.extend(config.charts.iter().cloned());
        config.is_known.then_some(())
    }

    /// Returns what is at a path, or where the link there leads to.
    fn kind_behind(&mut self, path: &Path) -> io::Result<FileKind> {
        match self.files.kind(path)? {
            FileKind::Link => {
                let real = self.real(path, false).ok_or(io::ErrorKind::NotFound)?;
                self.files.kind(&real)
            }
            kind => Ok(kind),
        }
    }

    /// Notes what may be the path of a file in the configuration of a step, if it leads elsewhere.
    fn name(&mut self, name: &str, folder: &Path, node: &mut Refers) {
        let path = clean(&folder.join(name));
        if let Ok(below) = path.strip_prefix(folder) {
            let mut above = folder.to_path_buf();
            for part in below.components() {
                above.push(part);
                match self.files.kind(&above) {
                    Ok(FileKind::Directory) => {}
                    Ok(FileKind::Link) => return self.behind(&path, false, node),
                    _ => return,
                }
            }
            return;
        }
        let kind = self.files.kind(&path);
        // Most that look like an absolute path are none.
        let may_be_file = match kind {
            Ok(FileKind::Directory) => false,
            Ok(_) => true,
            Err(_) => path
                .parent()
                .is_some_and(|folder| folder.parent().is_some() && self.files.kind(folder).is_ok()),
        };
        if may_be_file || !name.starts_with('/') {
            self.behind(&path, matches!(kind, Ok(FileKind::File)), node);
            node.outside.push(path);
        }
    }

    /// Notes where a path leads by its links; its own name is none if it is plain.
    fn behind(&mut self, path: &Path, is_plain: bool, node: &mut Refers) {
        let real = self.real(path, is_plain);
        if real.as_deref() != Some(path) {
            node.uncertain = true;
            node.outside.extend(real);
        }
    }

    /// Notes what a text refers to, if it is a path; returns what is there.
    fn text(&mut self, text: &str, folder: &Path, node: &mut Refers) -> Option<FileKind> {
        if text.is_empty() || text.contains('\n') {
            return None;
        }
        // As in `files: [key=path]`.
        let in_key = text.split_once('=').and_then(|(_, path)| self.text(path, folder, node));
        let path = match is_straight(text) {
            true => folder.join(text),
            false => clean(&folder.join(text)),
        };
        if !is_straight(text) && !path.starts_with(folder) {
            node.outside.push(path.clone());
        }
        let Ok(kind) = self.files.kind(&path) else { return in_key };
        // Behind a link lies something else than the path says.
        let real = self.real(&path, kind == FileKind::File && is_straight(text));
        let real = real.unwrap_or_else(|| {
            // A link leads nowhere on this side: what it names may have been there on the other.
            node.uncertain = true;
            path.clone()
        });
        let mut what = kind;
        if real != path {
            node.uncertain = true;
            node.outside.push(real.clone());
            what = self.files.kind(&real).unwrap_or(kind);
        }
        if what == FileKind::Directory {
            node.kustomizations.push(real);
        }
        Some(kind)
    }

    /// Returns the real path of something that is there, with its own name if that is no link.
    fn real(&mut self, path: &Path, is_plain: bool) -> Option<PathBuf> {
        if let (true, Some(folder), Some(name)) = (is_plain, path.parent(), path.file_name()) {
            return Some(self.real(folder, false)?.join(name));
        }
        if let Some(known) = self.reals.get(path.as_os_str()) {
            return known.clone();
        }
        let real = self.files.canonicalize(path).ok();
        self.reals.insert(path.into(), real.clone());
        if let Some(real) = &real {
            self.reals.insert(real.into(), Some(real.clone()));
        }
        real
    }
}

/// Returns `true` if a path leads downwards, part by part.
fn is_straight(text: &str) -> bool {
    text.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

/// Returns the name of a field, which may be written in any case, as far as it matters here.
fn field(name: &str) -> &str {
    FIELDS.into_iter().find(|known| known.eq_ignore_ascii_case(name)).unwrap_or(name)
}

/// Returns `true` if a text in a kustomization cannot be anything but the name of a file or folder.
fn names_file(field: &str, key: &str, text: &str) -> bool {
    match field {
        "resources" | "bases" | "components" => true,
        "configurations" | "crds" => true,
        "generators" | "transformers" | "validators" | "patchesStrategicMerge" => {
            !text.contains('\n')
        }
        "patches" | "patchesJson6902" | "replacements" | "openapi" => key == "path",
        "configMapGenerator" | "secretGenerator" => matches!(key, "files" | "envs" | "env"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MemoryFs;

    /// Returns what a kustomization with one step is made of besides itself.
    fn closure(config: &str) -> (Vec<String>, bool) {
        let mut files = MemoryFs::new();
        files.insert("/app/kustomization.yaml", "transformers: [config.yaml]\n");
        files.insert("/app/config.yaml", config);
        files.insert("/p.yaml", "");
        let (all, certain) = References::new(&files).closure(Path::new("/app"));
        let all = all.iter().map(|path| path.display().to_string());
        (all.filter(|path| path != "/app").collect(), certain)
    }

    #[test]
    fn configurations_are_told_by_their_version_and_kind() {
        let built_in = "apiVersion: builtin\nkind: PatchTransformer\nmetadata: {name: a}\n";
        for (config, certain) in [
            (built_in.to_owned(), true),
            // Neither a comment nor a patch says what the configuration is.
            (format!("# no HelmChart\n{built_in}patch: |\n  apiVersion: apps/v1\n"), true),
            ("\"apiVersion\" : 'builtin'\nkind: A\n".to_owned(), true),
            ("? apiVersion\n: builtin\nkind: A\n".to_owned(), true),
            (built_in.replace("builtin", "example.com/v1"), false),
            (built_in.replace("builtin", "builtin.example.com/v1"), false),
            (built_in.replace("apiVersion", "version"), false),
            (built_in.replace("PatchTransformer", "HelmChartInflationGenerator"), false),
            (format!("{built_in}---\napiVersion: example.com/v1\nkind: A\n"), false),
            (format!("{built_in}a: [\n"), false),
        ] {
            assert_eq!(closure(&config), (Vec::new(), certain), "{config}");
        }
    }

    #[test]
    fn what_stands_for_far_more_than_it_says_is_left_to_a_build() {
        let literals = format!("literals: &l [{}]", vec!["a=b"; 300].join(","));
        let generators = |count: usize| {
            let others = "- {name: a, literals: *l}\n".repeat(count);
            format!("configMapGenerator:\n- name: b\n  {literals}\n{others}")
        };
        let lists = |count: usize| {
            let others = "- *l\n".repeat(count);
            format!("apiVersion: builtin\nkind: A\n{literals}\nb:\n{others}")
        };
        let certain = |text: &dyn Fn(usize) -> String, count: usize, name: &str| {
            let mut files = MemoryFs::new();
            let places: Vec<PathBuf> = (0..20).map(|i| format!("/{i}").into()).collect();
            for (i, place) in places.iter().enumerate() {
                files.insert(place.join("kustomization.yaml"), "transformers: [c.yaml, c.yaml]\n");
                files.insert(place.join(name), format!("# {i}\n{}", text(count)));
            }
            let mut references = References::new(&files);
            places.iter().filter(|place| references.closure(place).1).count()
        };
        for (text, name) in
            [(&generators as &dyn Fn(usize) -> String, "kustomization.yaml"), (&lists, "c.yaml")]
        {
            assert_eq!(certain(text, 2, name), 20, "ordinary ones");
            assert_eq!(certain(text, 200, name), 0, "each has too much");
            assert!((2..10).contains(&certain(text, 120, name)), "all have too much together");
        }
    }

    #[test]
    fn paths_of_configurations_are_told_even_of_those_that_are_no_yaml() {
        let built_in = "apiVersion: builtin\nkind: PatchTransformer\npath: ../p.yaml # ../q.yaml\n";
        assert_eq!(closure(built_in), (vec!["/p.yaml".to_owned()], true));
        let (all, certain) = closure(&format!("{built_in}a: [\n"));
        assert_eq!((all, certain), (vec!["/p.yaml".to_owned(), "/q.yaml".to_owned()], false));
    }
}
