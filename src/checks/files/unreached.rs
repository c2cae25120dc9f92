//! Files that no kustomization names, and kustomizations that nothing reaches.
//!
//! The warnings are given once for all builds of a call, since what one of them does not read another may.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use rustc_hash::{FxHashMap, FxHashSet};

use crate::checks::files::configured::Configured;
use crate::checks::files::gitops::Named;
use crate::checks::files::left_aside;
use crate::checks::files::listing::{list, peek};
use crate::checks::files::mentions::Mentions;
use crate::diagnostics::{Warning, WarningKind};
use crate::load::{FileKind, Files, KUSTOMIZATION_NAMES, PathSet, common_folder};
use crate::yaml::{Node, Pos};

/// How many files of a repository that are not listed are few.
const FEW: usize = 3;

/// How many files and folders below the target are looked at.
const MOST: usize = 10_000;

/// What all builds of a call have read.
pub(crate) struct Reached {
    /// The files.
    pub(crate) files: PathSet,
    /// The folders of kustomizations.
    pub(crate) folders: PathSet,
    /// The folders that objects of Flux and Argo CD name.
    pub(crate) named: Named,
    /// The folders of kustomizations that cannot be read: what lies below may be a part of them.
    unknown: Vec<PathBuf>,
    /// The folders that were looked at, each of which is reported once.
    told: PathSet,
    /// Whether the rest of the repository was asked what it names.
    asked: bool,
    /// What functions and plugins may read, once it was asked for.
    configured: Option<Configured>,
    /// Whether several roots are looked at: then a file that is not listed may well be there for something else.
    has_several: bool,
    /// What the folders hold that several roots entered.
    looked_at: FxHashMap<OsString, Folder>,
    /// The folder that all kustomizations lie in.
    top: PathBuf,
    /// What scripts and the like name.
    mentions: Mentions,
}

/// What a folder holds.
struct Folder {
    /// The names of its files and folders, sorted.
    names: Vec<String>,
    /// Its files that no kustomization lists and of which there is something to say.
    left_out: Vec<PathBuf>,
}

impl Reached {
    /// Returns what the builds have read.
    pub(crate) fn new(files: PathSet, folders: PathSet, named: Named) -> Reached {
        let (unknown, told) = (Vec::new(), PathSet::default());
        let top = common_folder(folders.iter()).unwrap_or_default();
        let mentions = Mentions::default();
        Reached {
            files,
            folders,
            named,
            unknown,
            told,
            asked: false,
            configured: None,
            has_several: false,
            looked_at: FxHashMap::default(),
            top,
            mentions,
        }
    }

    /// Takes in what a build that was refused would have reached: what its kustomizations list.
    pub(crate) fn add_refused(&mut self, files: &Files, target: PathBuf) {
        let mut left = vec![target];
        while let Some(folder) = left.pop() {
            let is_there = |path: &PathBuf| files.fs().kind(path).ok() == Some(FileKind::File);
            let mut names = KUSTOMIZATION_NAMES.iter().map(|name| folder.join(name));
            let Some(file) = names.find(is_there) else { continue };
            if self.folders.len() > MOST || !self.folders.insert(folder.clone()) {
                continue;
            }
            let documents = peek(files, &file);
            if documents.is_empty() {
                let text = files.text(&file).unwrap_or_default();
                left.extend(self.named.add_words(&folder, &text));
                self.unknown.push(folder);
            } else {
                for root in &documents {
                    left.extend(self.named.add_listed(&folder, root));
                }
            }
        }
    }

    fn is_unknown(&self, path: &Path) -> bool {
        self.unknown.iter().any(|folder| path.starts_with(folder))
    }

    /// Returns what there is to say of the folders that the build of `target` entered.
    pub(crate) fn check(
        &mut self,
        files: &Files,
        target: &Path,
        entered: &[PathBuf],
    ) -> Vec<Warning> {
        let (mut warnings, mut own) = (Vec::new(), None);
        for root in entered {
            if self.told.insert(root.clone()) {
                let folder = match self.looked_at.remove(root.as_os_str()) {
                    Some(folder) => folder,
                    None => {
                        let names = list(files, root);
                        Folder { left_out: self.not_listed(files, root, &names), names }
                    }
                };
                self.unused_files(files, folder.left_out, &mut warnings);
                if root == target {
                    own = Some(folder.names);
                }
            }
        }
        let own = own.unwrap_or_else(|| list(files, target));
        self.unreached(files, target, own, &mut warnings);
        warnings
    }

    /// Looks for the files that no kustomization lists, in all folders that several roots entered: one that is left out
    /// among many that are listed stands out, and among many that are not it does not.
    pub(crate) fn look_around<'p>(
        &mut self,
        files: &Files,
        entered: impl IntoIterator<Item = &'p PathBuf>,
    ) {
        let mut seen: FxHashSet<&OsStr> = FxHashSet::default();
        let mut all: Vec<(&Path, Folder)> = Vec::new();
        for path in entered.into_iter().filter(|path| seen.insert(path.as_os_str())) {
            let names = list(files, path);
            let mut left_out = self.not_listed(files, path, &names);
            left_out.retain(|path| !self.mentions.has(files, path));
            all.push((path, Folder { names, left_out }));
        }
        let count: usize = all.iter().map(|(_, folder)| folder.left_out.len()).sum();
        self.looked_at.reserve(all.len());
        for (path, mut folder) in all {
            let is_only = folder.left_out.len() == 1;
            folder.left_out.retain(|file| {
                self.mentions.is_expected(files, file)
                    || is_only && left_aside::stands_out(files, path, file, count <= FEW)
            });
            self.looked_at.insert(path.into(), folder);
        }
        self.has_several = true;
    }

    /// Returns the manifests of a folder, which holds `names`, that nothing lists or names.
    fn not_listed(&mut self, files: &Files, root: &Path, names: &[String]) -> Vec<PathBuf> {
        let mut left_out: Option<FxHashSet<String>> = None;
        let mut found = Vec::new();
        for name in names {
            let is_yaml = [".yaml", ".yml", ".json"].iter().any(|end| name.ends_with(end));
            let path = root.join(name);
            if is_yaml
                && !KUSTOMIZATION_NAMES.contains(&name.as_str())
                && !self.files.contains(&path)
                && files.fs().kind(&path).ok() == Some(FileKind::File)
                && !self.is_unknown(&path)
                && !left_out
                    .get_or_insert_with(|| words_of_comments(files, root))
                    .contains(name.as_str())
                && !is_commented_above(files, root, name)
                && !left_aside::is_sample(&self.top, &path)
                && holds_objects(files, &path)
                && !self.is_configured(files, root, &path)
                && !self.is_named(files, root, &path)
            {
                found.push(path);
            }
        }
        found
    }

    fn unused_files(&mut self, files: &Files, left_out: Vec<PathBuf>, warnings: &mut Vec<Warning>) {
        for path in left_out {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let text = format!("no kustomization of this build names `{name}`");
            let hint = match self.has_several && self.mentions.is_expected(files, &path) {
                true => {
                    "nearly all other files of this name are listed in the repository: list it in the \
                         kustomization of this folder, or remove it"
                }
                false => "list it in the kustomization of this folder, or take it away",
            };
            let warning = Warning::new(WarningKind::UnusedFile, text, Pos::NONE);
            warnings.push(warning.of_file(&path).hint(hint).alike(hint));
        }
    }

    /// Looks for kustomizations below a target, which holds `names`.
    fn unreached(
        &mut self,
        files: &Files,
        target: &Path,
        names: Vec<String>,
        warnings: &mut Vec<Warning>,
    ) {
        let (mut left, mut looked_at) = (vec![(target.to_path_buf(), Some(names))], 0);
        while let Some((folder, names)) = left.pop() {
            let names = names.unwrap_or_else(|| list(files, &folder));
            for name in names.into_iter().rev() {
                looked_at += 1;
                if looked_at > MOST {
                    return;
                }
                let path = folder.join(&name);
                if files.fs().kind(&path).ok() == Some(FileKind::Directory) {
                    left.push((path, None));
                } else if KUSTOMIZATION_NAMES.contains(&name.as_str())
                    && !self.folders.contains(&folder)
                    && !self.is_unknown(&folder)
                    && self.told.insert(path.clone())
                    && !is_component(files, &path)
                    && !self.is_named(files, &folder, &folder)
                {
                    let text = "the target does not reach this kustomization";
                    warnings.push(
                        Warning::new(WarningKind::UnreachedKustomization, text, Pos::NONE)
                            .of_file(&path)
                            .hint("list its folder under `resources`, or build it by itself"),
                    );
                }
            }
        }
    }

    /// Returns `true` if a function or plugin may read a file of a folder. The kustomizations are looked at when it is needed
    /// first.
    fn is_configured(&mut self, files: &Files, folder: &Path, path: &Path) -> bool {
        let folders = &self.folders;
        let configured =
            self.configured.get_or_insert_with(|| Configured::of(files, folders.iter()));
        configured.runs_in(folder) || configured.names(path)
    }

    /// Returns `true` if an object of Flux or Argo CD names a folder, or another kustomization of the
    /// repository lists a path in it. The repository is looked at when it is needed first.
    fn is_named(&mut self, files: &Files, folder: &Path, path: &Path) -> bool {
        if self.named.has(folder) {
            return true;
        }
        if !self.asked {
            self.asked = true;
            let above = common_folder(self.folders.iter()).unwrap_or(folder.to_path_buf());
            self.named.add_repository(files, folder, &above);
        }
        self.named.has(folder) || self.named.lists(path)
    }
}

/// Returns `true` if a file has something that a kustomization could list; values of a chart and the like
/// are no objects.
fn holds_objects(files: &Files, path: &Path) -> bool {
    peek(files, path).iter().any(|document| document.get("kind").is_some())
}

/// Returns the words in comments of the kustomization in a folder: a file that is listed there is left out on purpose.
fn words_of_comments(files: &Files, folder: &Path) -> FxHashSet<String> {
    let mut names = KUSTOMIZATION_NAMES.iter().map(|name| folder.join(name));
    let text = names.find_map(|file| files.text(&file)).unwrap_or_default();
    let comments = text.lines().filter(|line| line.trim_start().starts_with('#'));
    let ends = |c: char| c.is_whitespace() || matches!(c, '#' | '/' | '"' | '\'' | '`' | ',');
    comments
        .flat_map(|line| line.split(ends))
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Returns `true` if a comment in the kustomization of the folder above names a file of a folder.
fn is_commented_above(files: &Files, folder: &Path, name: &str) -> bool {
    let (Some(above), Some(own)) = (folder.parent(), folder.file_name().and_then(OsStr::to_str))
    else {
        return false;
    };
    let mut names = KUSTOMIZATION_NAMES.iter().map(|name| above.join(name));
    let text = names.find_map(|file| files.text(&file)).unwrap_or_default();
    let path = format!("{own}/{name}");
    let mut comments = text.lines().filter(|line| line.trim_start().starts_with('#'));
    comments.any(|line| line.contains(&path))
}

/// Returns `true` if a file is a component, which others than this target may use.
fn is_component(files: &Files, path: &Path) -> bool {
    let documents = peek(files, path);
    let kind = documents.first().and_then(|root| root.get("kind")).and_then(Node::text);
    kind == Some("Component")
}
