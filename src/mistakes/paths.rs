//! Paths that lead nowhere, or somewhere else.

use std::path::{Path, PathBuf};

use super::Mistake;
use super::scene::{Finding, Scene, between};
use crate::diagnostics::hints::{CHART_WITHOUT_VALUES, OUTSIDE_OF_FETCHED};
use crate::diagnostics::{ErrorKind, Hint, Location};
use crate::load::RepoUrl;
use crate::load::{FileKind, KUSTOMIZATION_NAMES};
use crate::yaml::{Node, nearest};

/// How many folders are looked into for a file that is elsewhere.
const MOST: usize = 500;

/// Longer paths, in bytes, are not looked into.
const LONGEST: usize = 4096;

pub(super) static MISTAKES: &[Mistake] = &[
    Mistake {
        hint: Hint {
            id: "manifest-in-list",
            looks_at: "An entry of a list of paths is a manifest itself.",
            example: "resources:\n- '{\"apiVersion\": \"v1\", \"kind\": \"Pod\"}'",
            remedy: "Put the manifest into a file of its own, and list the file.",
        },
        find: |scene| {
            let entry = missing(scene)?.trim_start();
            let is_manifest = entry.starts_with('{')
                || entry.starts_with("apiVersion:")
                || entry.starts_with("kind:")
                || entry.contains('\n');
            let is_patch = scene.field().starts_with("patches[") && entry.contains(':');
            if is_patch && (is_manifest || entry.starts_with("- op")) {
                return Some(Finding::new(
                    "`path` is the name of a file; the patch itself stands under `patch`: write `patch: |-`",
                ));
            }
            is_manifest.then(|| {
                Finding::new(
                    "an entry is a path, not a manifest inline: put the manifest into a file of its own and list \
                     the file",
                )
            })
        },
    },
    Mistake {
        hint: Hint {
            id: "glob-in-path",
            looks_at: "A path has a pattern such as `*.yaml`.",
            example: "resources:\n- rbac/*.yaml",
            remedy: "List every file: patterns are not expanded. `kustomize edit add resource rbac/*.yaml` does that.",
        },
        find: |scene| {
            let entry = missing(scene)?;
            entry.contains(['*', '?', '[']).then(|| {
                Finding::new(format!(
                    "patterns (globs) such as `*` are not expanded: list every file, as `kustomize edit add \
                     resource {entry}` does"
                ))
            })
        },
    },
    Mistake {
        hint: Hint {
            id: "backslash-in-path",
            looks_at: "A path is written with backslashes.",
            example: "resources:\n- sub\\service.yaml",
            remedy: "Write `/` between folders, on Windows too.",
        },
        find: |scene| {
            let entry = missing(scene)?;
            entry.contains('\\').then(|| {
                let fixed = entry.replace('\\', "/");
                Finding::new(format!(
                    "a path has `/` between folders, not a backslash, on Windows too: `{fixed}`"
                ))
            })
        },
    },
    Mistake {
        hint: Hint {
            id: "home-or-variable-in-path",
            looks_at: "A path starts with `~` or has a variable of a shell.",
            example: "resources:\n- $HOME/base",
            remedy: "Write a path relative to the kustomization: nothing is expanded.",
        },
        find: |scene| {
            let entry = missing(scene)?;
            (entry.starts_with('~') || entry.contains('$')).then(|| {
                Finding::new("`~` and variables are not expanded: write a path relative to this kustomization")
            })
        },
    },
    Mistake {
        hint: Hint {
            id: "absolute-path",
            looks_at: "A path is absolute.",
            example: "resources:\n- /srv/base",
            remedy: "Write a path relative to the folder of the kustomization.",
        },
        find: |scene| {
            let entry = missing(scene)?;
            let is_windows = entry.as_bytes().get(1) == Some(&b':');
            (entry.starts_with('/') || is_windows).then(|| {
                Finding::new("the path is absolute: write one relative to the folder of this kustomization, such as `../base`")
            })
        },
    },
    Mistake {
        hint: Hint {
            id: "missing-dash",
            looks_at: "Two entries of a list are one text, for the second has no dash.",
            example: "resources:\n- ../base\n  ingress.yaml",
            remedy: "Start each entry with `- `.",
        },
        find: |scene| {
            let entry = missing(scene)?;
            let mut parts = entry.split_whitespace();
            let (first, second) = (parts.next()?, parts.next()?);
            if second == "-" {
                return Some(Finding::new(format!(
                    "the next line is indented deeper, so that both are one entry: indent `- {}` like `- {first}`",
                    parts.next().unwrap_or_default()
                )));
            }
            // A name with a blank in it is possible, but then nothing of it is there.
            let is_path = |part: &str| part.contains(['/', '.']) || exists(scene, part);
            (is_path(first) || is_path(second)).then(|| {
                Finding::new(format!(
                    "these are {} entries in one: start each with `- ` on a line of its own, as in `- {second}`",
                    entry.split_whitespace().count()
                ))
            })
        },
    },
    Mistake {
        hint: Hint {
            id: "link-to-outside",
            looks_at: "A file is a link to one outside of the folder of the kustomization.",
            example: "configMapGenerator:\n- {name: a, files: [conf.yaml]} # -> ../shared/conf.yaml",
            remedy: "Copy the file into the folder, make a base or component of what is shared, or build with --load-restrictor LoadRestrictionsNone.",
        },
        find: |scene| {
            // Where a link of what comes from elsewhere would lead is none of its business.
            let is_fetched = scene.error.hint_id() == Some(OUTSIDE_OF_FETCHED.id);
            if !scene.is(ErrorKind::Restricted) || is_fetched {
                return None;
            }
            let path =
                PathBuf::from(between(scene.error.message(), "security; file '", "' is not in")?);
            let (target, _) = scene.files.resolve(&path).ok()?;
            (*target != *path && path.starts_with(scene.folder()?)).then(|| Finding {
                also: Some(("it is a link to", Location { file: target.to_path_buf(), line: 0, column: 0 })),
                ..Finding::new(format!(
                    "the file is a link that leads to {}, outside of this folder: copy it, share it through a base \
                     or component, or allow it with --load-restrictor LoadRestrictionsNone",
                    target.display()
                ))
            })
        },
    },
    Mistake {
        hint: Hint {
            id: "other-level",
            looks_at: "A path has one `../` too few or too many.",
            example: "resources:\n- ../base # ../../base is there",
            remedy: "Count from the folder of the kustomization that names the path.",
        },
        find: |scene| {
            let entry = missing(scene)?;
            if exists(scene, entry) {
                return None;
            }
            let rest = entry.trim_start_matches("./").trim_start_matches("../");
            let mut ups = String::new();
            for _ in 0..6 {
                let candidate = format!("{ups}{rest}");
                if !rest.is_empty() && candidate != entry && exists(scene, &candidate) {
                    return Some(Finding::new(format!("did you mean `{candidate}`? It is there")));
                }
                ups.push_str("../");
            }
            None
        },
    },
    Mistake {
        hint: Hint {
            id: "near-path",
            looks_at: "A file or folder is misspelled.",
            example: "resources:\n- deploymnet.yaml",
            remedy: "Use the name that is there.",
        },
        find: |scene| {
            let entry = missing(scene)?;
            let folder = scene.folder()?;
            // The first part that is not there is the one that is misspelled.
            let parts: Vec<&str> = entry.split('/').collect();
            for i in 0..parts.len() {
                let here = parts.get(..=i)?.join("/");
                if exists(scene, &here) {
                    continue;
                }
                let before = parts.get(..i)?.join("/");
                let names = scene.files.fs().list(&crate::load::join(folder, &before)).ok()?;
                let part = parts.get(i)?;
                if names.iter().any(|name| name == part) {
                    return Some(Finding::new(format!("`{here}` is a link that leads nowhere")));
                }
                let near = nearest(names.iter().map(String::as_str), part)
                    .or_else(|| other_ending(&names, part))
                    .or_else(|| other_order(&names, part))?;
                let mut fixed: Vec<&str> = parts.clone();
                *fixed.get_mut(i)? = near;
                let whole = fixed.join("/");
                let whole = if exists(scene, &whole) { whole } else { fixed.get(..=i)?.join("/") };
                return Some(Finding::new(format!("did you mean `{whole}`?")));
            }
            None
        },
    },
    Mistake {
        hint: Hint {
            id: "path-elsewhere",
            looks_at: "A file of that name is in another folder.",
            example: "resources:\n- service.yaml # it is web/service.yaml",
            remedy: "Name the folder too: a path counts from the folder of the file that names it.",
        },
        find: |scene| {
            let entry = missing(scene).filter(|entry| !exists(scene, entry))?;
            let name = entry.trim_end_matches('/').rsplit('/').next()?;
            let folder = scene.folder()?;
            let found = find_below(scene, folder, name)?;
            Some(Finding::new(format!(
                "did you mean `{}`? A path counts from the folder of this file",
                found.display()
            )))
        },
    },
    Mistake {
        hint: Hint {
            id: "near-target",
            looks_at: "The folder to build is misspelled.",
            example: "kustom build overlays/prd",
            remedy: "Use the name that is there.",
        },
        find: |scene| {
            let message = scene.error.message();
            let typed = between(message, "evalsymlink failure on '", "'")?;
            if typed.len() > LONGEST {
                return None;
            }
            let (_, missing) = message.rsplit_once("lstat ")?;
            let missing = Path::new(missing.split_once(": ")?.0);
            if !message.starts_with("must build at directory") {
                return None;
            }
            let names = scene.files.fs().list(missing.parent()?).ok()?;
            let near = nearest(names.iter().map(String::as_str), missing.file_name()?.to_str()?)?;
            let mut parts: Vec<&str> = typed.split('/').collect();
            let at = (0..parts.len()).find(|i| {
                parts.get(..=*i).is_some_and(|start| missing.ends_with(start.join("/")))
            })?;
            *parts.get_mut(at)? = near;
            Some(Finding::new(format!("did you mean `{}`?", parts.join("/"))))
        },
    },
    Mistake {
        hint: Hint {
            id: "no-such-path",
            looks_at: "A file or folder is not there, and nothing is nearly named so.",
            example: "patches:\n- path: patches/replicas.yaml # no such file",
            remedy: "Use a name that is there, or make the file.",
        },
        find: |scene| {
            let entry = missing(scene).filter(|entry| entry.len() <= LONGEST)?;
            if exists(scene, entry) {
                return None;
            }
            let is_known =
                scene.error.hint_text().is_some_and(|hint| hint.contains("did you mean"));
            if is_known {
                return None;
            }
            let mut above = crate::load::join(scene.folder()?, entry);
            let mut gone = PathBuf::new();
            while scene.files.fs().kind(&above).is_err() {
                gone = PathBuf::from(above.file_name()?);
                above.pop();
            }
            let mut names = scene.files.fs().list(&above).ok()?;
            names.retain(|name| {
                !name.starts_with('.') && !KUSTOMIZATION_NAMES.contains(&name.as_str())
            });
            names.sort();
            let is_last =
                gone.components().count() == 1 && entry.ends_with(&*gone.to_string_lossy());
            if let Some(only) = unlisted(scene, &above, &names, entry).filter(|_| is_last) {
                let before =
                    entry.rsplit_once('/').map_or(String::new(), |(way, _)| format!("{way}/"));
                return Some(Finding::new(format!(
                    "did you mean `{before}{only}`? It is the only such file there that no entry names"
                )));
            }
            let there: Vec<String> = names.iter().take(5).map(|name| format!("`{name}`")).collect();
            let more = if names.len() > there.len() { " and others" } else { "" };
            // The folder of a fetched tree has a name that nobody knows.
            let folder = match scene.files.remotes().mounts().shown(&above) {
                Some(shown) => shown.display().to_string(),
                None => above.file_name()?.to_string_lossy().into_owned(),
            };
            (!there.is_empty()).then(|| {
                Finding::new(format!(
                    "there is no `{}` in the folder `{folder}`, only {}{more}; a path counts from the folder of this \
                     file{}",
                    gone.display(),
                    there.join(", "),
                    if is_last && may_be_ignored(&gone) {
                        ". Perhaps git ignores the file, as it does many with secrets: make it, or decrypt it, before the build"
                    } else {
                        ""
                    }
                ))
            })
        },
    },
];

/// Returns `true` for a file of a kind that is often kept out of git.
fn may_be_ignored(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let is_env = name == ".env" || name.starts_with(".env.") || name.ends_with(".env");
    is_env || name.contains("secret") || name.ends_with(".key") || name.ends_with(".pem")
}

/// Returns a name with the same stem and another ending.
fn other_ending<'n>(names: &'n [String], part: &str) -> Option<&'n str> {
    let stem =
        |name: &str| name.rsplit_once('.').map_or(name.to_owned(), |(stem, _)| stem.to_owned());
    names.iter().map(String::as_str).find(|name| *name != part && stem(name) == stem(part))
}

/// Returns a name with the same words in another order.
fn other_order<'n>(names: &'n [String], part: &str) -> Option<&'n str> {
    let words = |name: &str| {
        let mut words: Vec<String> =
            name.split(['-', '_', '.']).map(str::to_ascii_lowercase).collect();
        words.sort();
        words
    };
    let wanted = words(part);
    names.iter().map(String::as_str).find(|name| words(name) == wanted)
}

/// Returns the one file of a folder with the ending of an entry that no entry of the kustomization names.
fn unlisted<'n>(
    scene: &Scene<'_>,
    folder: &Path,
    names: &'n [String],
    entry: &str,
) -> Option<&'n str> {
    let ending =
        |name: &str| name.rsplit_once('.').map(|(_, ending)| ending.replace("yml", "yaml"));
    let wanted = ending(entry)?;
    let listed = scene.paths();
    let is_free = |name: &&String| {
        let path = folder.join(name.as_str());
        ending(name).as_ref() == Some(&wanted)
            && !listed.contains(&path)
            && scene.files.fs().kind(&path).ok() == Some(FileKind::File)
    };
    let mut free = names.iter().filter(is_free);
    free.next().filter(|_| free.next().is_none()).map(String::as_str)
}

/// Returns the path that could not be loaded, of any list of paths or field with one.
fn missing<'s>(scene: &'s Scene<'_>) -> Option<&'s str> {
    let is_path = |entry: &&str| !entry.contains("://") && RepoUrl::parse(entry).is_none();
    missing_entry(scene).filter(is_path).filter(|entry| is_within(scene, entry))
}

/// Returns `true` if advice may name what a path leads to.
fn is_within(scene: &Scene<'_>, path: &str) -> bool {
    scene.folder().is_none_or(|folder| scene.may_name(&crate::load::join(folder, path)))
}

/// Returns `true` if a fetched tree refers to something outside itself.
pub(super) fn leads_out(scene: &Scene<'_>) -> bool {
    missing_entry(scene).is_some_and(|entry| !is_within(scene, entry))
}

/// Returns the entry that could not be loaded, which may be an address.
pub(super) fn missing_entry<'s>(scene: &'s Scene<'_>) -> Option<&'s str> {
    let is_known = scene.error.hint_id() == Some(CHART_WITHOUT_VALUES.id);
    // What git knows of and does not have here says itself how to get it.
    let is_told = scene.error.message().contains("`git ");
    if is_known || is_told || !matches!(scene.error.kind(), ErrorKind::Load | ErrorKind::Restricted)
    {
        return None;
    }
    if let Some(entry) = scene.entry() {
        return Some(entry);
    }
    let field = scene.field();
    if let Some(path) = scene.get(&format!("{field}.path")).and_then(Node::text) {
        return Some(path);
    }
    // A file of a generator: the message has the path, as it was looked for.
    let folder = scene.folder()?;
    let quoted = between(scene.error.message(), "evalsymlink failure on '", "'")
        .or_else(|| between(scene.error.message(), "security; file '", "'"))?;
    let written = scene.get(field).and_then(|entry| named_in(entry, folder, Path::new(quoted), 0));
    written.or_else(|| Some(quoted.strip_prefix(folder.to_str()?)?.trim_start_matches('/')))
}

/// Returns the text below an entry of a list that names a file, as it is written there.
fn named_in<'n>(node: &'n Node, folder: &Path, file: &Path, depth: usize) -> Option<&'n str> {
    // Deeper than the files of a generator are no paths.
    if depth > 3 {
        return None;
    }
    let below = |node: &'n Node| named_in(node, folder, file, depth + 1);
    match node {
        Node::Map { map, .. } => map.iter().find_map(|entry| below(&entry.value)),
        Node::Seq { items, .. } => items.iter().find_map(below),
        _ => {
            let text = node.text()?;
            let paths = [Some(text), text.split_once('=').map(|(_, path)| path)];
            paths.into_iter().flatten().find(|path| crate::load::join(folder, path) == file)
        }
    }
}

fn exists(scene: &Scene<'_>, path: &str) -> bool {
    let Some(folder) = scene.folder() else { return false };
    !path.is_empty()
        && is_within(scene, path)
        && scene.files.resolve(&crate::load::join(folder, path)).is_ok()
}

/// Returns the path of a file or folder of a name below a folder, relative to it.
fn find_below(scene: &Scene<'_>, folder: &Path, name: &str) -> Option<PathBuf> {
    let mut found = None;
    search(scene, folder, &mut |path, other| {
        if other == name {
            found = path.strip_prefix(folder).ok().map(Path::to_path_buf);
        }
        found.is_some()
    });
    found
}

/// Hands all files and folders below a folder to `done`, until it says so; the nearest come first.
pub(super) fn search(scene: &Scene<'_>, folder: &Path, done: &mut dyn FnMut(&Path, &str) -> bool) {
    let mut left = std::collections::VecDeque::from([folder.to_path_buf()]);
    let mut looked_at = 0;
    while let Some(folder) = left.pop_front() {
        looked_at += 1;
        let mut names = scene.files.fs().list(&folder).unwrap_or_default();
        names.retain(|name| !name.starts_with('.') && name != "node_modules");
        names.sort();
        for name in names {
            let path = folder.join(&name);
            if done(&path, &name) || looked_at > MOST {
                return;
            }
            if scene.files.fs().kind(&path).ok() == Some(FileKind::Directory) {
                left.push_back(path);
            }
        }
    }
}
