//! Entries that are not paths: addresses, and texts with invisible characters.

use std::path::Path;

use super::Mistake;
use super::paths::missing_entry;
use super::scene::Finding;
use super::text::blank_name;
use crate::diagnostics::Hint;
use crate::load::RepoUrl;
use crate::load::remote::LOCK_FILE;

pub(super) static MISTAKES: &[Mistake] = &[
    Mistake {
        hint: Hint {
            id: "web-page-as-path",
            looks_at: "A path is the address of a page of GitHub or GitLab that shows a file or folder.",
            example: "resources:\n- https://github.com/acme/infra/blob/main/web.yaml",
            remedy: "Name the raw file, `https://raw.githubusercontent.com/acme/infra/main/web.yaml`, or the folder, `https://github.com/acme/infra//web?ref=main`.",
        },
        find: |scene| {
            let entry = scene.entry()?;
            let meant = shown_by_page(entry)?;
            let folder = scene.folder().unwrap_or(Path::new(""));
            let is_locked = folder
                .ancestors()
                .any(|above| scene.files.fs().kind(&above.join(LOCK_FILE)).is_ok());
            let fetch = match is_locked {
                true => "then run `kustom vendor`, which copies it and adds it to kustom.lock",
                false => "and let it be fetched with --allow-remote",
            };
            Some(Finding::new(format!("this is the address of a page: name `{meant}`, {fetch}")))
        },
    },
    Mistake {
        hint: Hint {
            id: "path-out-of-repository",
            looks_at: "What follows `//` in the address of a repository leads out of it.",
            example: "resources:\n- github.com/acme/infra//../other?ref=v1",
            remedy: "Count the path from the top of the repository; another repository has an address of its own.",
        },
        find: |scene| {
            let entry = scene.entry()?;
            let (repository, path) = repository_and_path(entry)?;
            let mut depth = 0_i32;
            let leaves = path.split('/').any(|part| {
                depth += match part {
                    "" | "." => 0,
                    ".." => -1,
                    _ => 1,
                };
                depth < 0
            });
            (leaves && RepoUrl::parse(repository).is_some()).then(|| {
                Finding::new(format!(
                    "`{path}` counts from the top of `{repository}`, and leads out of it: name a folder below it"
                ))
            })
        },
    },
    Mistake {
        hint: Hint {
            id: "invisible-in-path",
            looks_at: "A path has a character that cannot be seen, or a blank at an end.",
            example: "resources:\n- 'service.yaml '",
            remedy: "Type the path anew.",
        },
        find: |scene| {
            let entry = missing_entry(scene).filter(|entry| !entry.contains(['\n', '{']))?;
            if entry != entry.trim() {
                return Some(Finding::new(format!(
                    "the path has a blank at an end: write `{}`",
                    entry.trim()
                )));
            }
            if entry.starts_with(['\u{201c}', '\u{201d}', '\u{2018}', '\u{2019}', '\u{201e}']) {
                return Some(Finding::new(
                    "these quotes were copied from a web page and are a part of the path: type them anew, as `\"`",
                ));
            }
            let (name, code) = entry.chars().find_map(|c| Some((blank_name(c)?, u32::from(c))))?;
            Some(Finding::new(format!(
                "the path has a {name} (U+{code:04X}) in it, which cannot be seen: type it anew"
            )))
        },
    },
    Mistake {
        hint: Hint {
            id: "other-scheme",
            looks_at: "A path is an address that nobody fetches, such as `oci://`.",
            example: "resources:\n- oci://ghcr.io/acme/manifests:1.0",
            remedy: "Pull it first, and list the folder; git and https are what is fetched.",
        },
        find: |scene| {
            let entry = missing_entry(scene)?;
            let (scheme, _) = entry.split_once("://")?;
            let is_known = matches!(scheme, "http" | "https" | "ssh" | "git" | "file");
            (!is_known && scheme.chars().all(|c| c.is_ascii_alphanumeric())).then(|| {
                Finding::new(format!(
                    "`{scheme}://` is not fetched, only git and https: pull it first, and list the folder"
                ))
            })
        },
    },
];

/// Returns the two sides of the `//` in the address of a repository, without a query.
fn repository_and_path(entry: &str) -> Option<(&str, &str)> {
    let entry = entry.split('?').next().unwrap_or_default();
    let start = entry.find("://").map_or(0, |at| at + 3);
    let at = start + entry.get(start..)?.find("//")?;
    Some((entry.get(..at)?, entry.get(at + 2..)?))
}

/// Returns the address of what a page of GitHub or GitLab shows.
fn shown_by_page(page: &str) -> Option<String> {
    let is_file = page.contains("/blob/");
    let (repository, way) = page.split_once(if is_file { "/blob/" } else { "/tree/" })?;
    let (reference, path) = way.split_once('/').unwrap_or((way, ""));
    let path = path.split(['?', '#']).next().unwrap_or_default();
    if let Some(name) = repository.strip_prefix("https://github.com/") {
        return Some(match is_file {
            true => format!("https://raw.githubusercontent.com/{name}/{reference}/{path}"),
            false => format!("{repository}//{path}?ref={reference}"),
        });
    }
    let repository = repository.strip_suffix("/-").filter(|it| it.starts_with("https://"))?;
    Some(match is_file {
        true => format!("{repository}/-/raw/{reference}/{path}"),
        false => format!("{repository}.git//{path}?ref={reference}"),
    })
}
