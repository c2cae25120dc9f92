//! Names of the files that several kustomizations are written to.

use std::ffi::{OsStr, OsString};
use std::path::{Component, Path, PathBuf};

use kustom::outside::TreeRequest;
use kustom::text::{masked, visible_line};

/// The longest name of a folder or file without its ending.
const LONGEST: usize = 200;

/// Returns the names of what is built of several kustomizations, in order.
///
/// # Errors
/// If two cannot lie beside each other in `directory`.
pub(crate) fn of_all(dirs: &[PathBuf], directory: &Path) -> Result<Vec<PathBuf>, String> {
    let names: Vec<PathBuf> = dirs.iter().map(|dir| of(dir)).collect();
    let mut sorted: Vec<(PathBuf, &PathBuf, &PathBuf)> =
        dirs.iter().zip(&names).map(|(dir, name)| (folded(name), dir, name)).collect();
    sorted.sort_by(|one, other| one.0.cmp(&other.0));
    // What lies in a folder of this name follows it.
    let in_the_way = sorted.windows(2).find(|pair| match pair {
        [(one, ..), (other, ..)] => other.starts_with(one),
        _ => false,
    });
    if let Some([(one, first, name), (other, second, below)]) = in_the_way {
        let path = directory.join(name);
        let (path, first, second) = (path.display(), shown(first), shown(second));
        return Err(if first == second {
            format!("{first} is given twice, and both would be written to {path}")
        } else if one == other {
            format!(
                "{first} and {second} would both be written to {path}: build them in two calls, with another --output \
                 each"
            )
        } else {
            let below = directory.join(below);
            format!(
                "{first} would be written to {path}, and {second} to {}, which needs a folder of that name: build them \
                 in two calls, with another --output each",
                below.display()
            )
        });
    }
    Ok(names)
}

/// Returns what is the same for two names that mean one file where files are written: on some systems, case does not
/// tell them apart.
fn folded(name: &Path) -> PathBuf {
    match cfg!(any(windows, target_os = "macos")) {
        true => name.to_string_lossy().to_lowercase().into(),
        false => name.to_path_buf(),
    }
}

/// Returns a directory or address as messages name it.
fn shown(dir: &Path) -> String {
    visible_line(&masked(&dir.to_string_lossy())).into_owned()
}

/// Returns `a/b.yaml` for `../a/./b/` and `a/c/../b`; what is given without a name, as `.` is, has that of its folder. An address
/// has the name that [`of_address`] makes of it.
pub(crate) fn of(dir: &Path) -> PathBuf {
    if let Some(name) = of_address(dir) {
        return name;
    }
    let mut path = PathBuf::new();
    for part in dir.components() {
        match part {
            Component::Normal(name) => path.push(name),
            Component::ParentDir => _ = path.pop(),
            _ => {}
        }
    }
    if path.as_os_str().is_empty()
        && let Some(name) = dir.canonicalize().ok().as_deref().and_then(Path::file_name)
    {
        path.push(name);
    }
    let last = path.file_name().map_or_else(|| "rendered".into(), OsStr::to_os_string);
    with_ending(path, last)
}

/// Returns `github.com/acme/infra/base@v1.yaml` for `https://github.com/acme/infra.git//base?ref=v1`, or nothing for
/// a directory: host, repository, folder and ref, without what an address has besides, such as a password.
pub(crate) fn of_address(dir: &Path) -> Option<PathBuf> {
    let text = dir.to_str()?;
    // One that is refused is an address all the same.
    let reference = match TreeRequest::parse(text) {
        Ok(request) => request?.reference().map(str::to_owned),
        Err(_) => None,
    };
    let address = text.split('?').next().unwrap_or_default();
    let address = match address.split_once("://") {
        Some((_, rest)) => rest,
        None => address.rsplit_once("::").map_or(address, |(_, rest)| rest),
    };
    let authority = address.split('/').next().unwrap_or_default();
    let user = authority.rfind('@').map_or(0, |at| at + 1);
    let rest = address.get(user..).unwrap_or_default();
    let without_git = |part: &str| part.strip_suffix(".git").unwrap_or(part).to_owned();
    let parts = rest.split(['/', ':']).map(without_git).filter(|part| !part.is_empty());
    let mut names = Vec::new();
    for part in parts.filter(|part| part != ".") {
        if part != ".." {
            names.push(safe(&part));
        } else if names.len() > 1 {
            // No path leads away from the host.
            names.pop();
        }
    }
    let mut path: PathBuf = names.iter().collect();
    if path.as_os_str().is_empty() {
        path.push("rendered");
    }
    let last = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let last = match reference {
        Some(reference) => safe(&format!("{last}@{}", reference.replace('/', "-"))),
        None => last,
    };
    Some(with_ending(path, last.into()))
}

fn with_ending(mut path: PathBuf, mut last: OsString) -> PathBuf {
    last.push(".yaml");
    path.set_file_name(last);
    path
}

/// Returns a name that hides nowhere, leads nowhere, and that any file system takes.
fn safe(part: &str) -> String {
    let is_safe = |c: &char| c.is_ascii_alphanumeric() || "._-+@".contains(*c);
    let name = part.chars().map(|c| if is_safe(&c) { c } else { '_' }).take(LONGEST);
    let name: String = name.collect();
    if name.starts_with(['.', '-']) { format!("_{name}") } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_after_directories() {
        for (dir, name) in [
            ("apps/web/prod", "apps/web/prod.yaml"),
            ("apps/web/../api", "apps/api.yaml"),
            ("../../web", "web.yaml"),
            ("src/..", "cli.yaml"),
            ("../web/./v1.2/", "web/v1.2.yaml"),
            ("/web", "web.yaml"),
            ("/", "rendered.yaml"),
            (".", "cli.yaml"),
        ] {
            assert_eq!(of(Path::new(dir)), Path::new(name));
            assert_eq!(of_address(Path::new(dir)), None, "{dir}");
        }
    }

    #[test]
    fn files_are_named_after_addresses() {
        for (address, name) in [
            ("https://github.com/o/base//sub?ref=v1", "github.com/o/base/sub@v1.yaml"),
            ("github.com/o/base.git?ref=feat/x", "github.com/o/base@feat-x.yaml"),
            ("git@github.com:o/base.git//a/b", "github.com/o/base/a/b.yaml"),
            ("git::ssh://git@host:22/o/r.git", "host/22/o/r.yaml"),
            ("https://me:pass@host/o/r//.?ref=%2e%2e%2f..", "host/o/r@..-...yaml"),
            ("https://host/o/r//%2e%2e/.hidden", "host/o/r/_2e_2e/_.hidden.yaml"),
            ("file:///srv/git/../r.git//x", "srv/r/x.yaml"),
            ("github.com/o/base//sub/..?ref=v1", "github.com/o/base@v1.yaml"),
            ("github.com/o/base//sub/../other/?ref=v1", "github.com/o/base/other@v1.yaml"),
            ("github.com/o/r?ref=-h", "github.com/o/r.yaml"),
        ] {
            assert_eq!(of(Path::new(address)), Path::new(name), "{address}");
        }
        let long = format!("github.com/o/{}?ref={}", "r".repeat(300), "v".repeat(300));
        let name = of(Path::new(&long));
        assert!(name.iter().all(|part| part.len() < 210), "{name:?}");
    }

    #[test]
    fn what_has_no_place_beside_another_is_named_with_it() {
        let error = |dirs: &[&str]| {
            let dirs: Vec<PathBuf> = dirs.iter().map(PathBuf::from).collect();
            of_all(&dirs, Path::new("out")).err()
        };
        for [one, other] in [
            ["github.com/o/r?ref=feat/x", "https://github.com/o/r?ref=feat-x"],
            ["github.com/o/r.git?ref=v1", "github.com/o/r//sub/..?ref=v1"],
            ["a/b", "a/c/../b"],
            ["github.com/o/r//a?ref=v1.yaml", "github.com/o/r//a@v1.yaml.yaml/b"],
            ["a", "a.yaml/b"],
        ] {
            for dirs in [[one, "c", other], [other, "c", one]] {
                let said = error(&dirs).unwrap_or_default();
                assert!(said.contains(one) && said.contains(other), "{said}");
                assert!(said.contains("two calls"), "{said}");
            }
        }
        let said = error(&["https://me:word@host/o/r", "host/o/r"]).unwrap_or_default();
        assert!(said.contains("host/o/r") && !said.contains("word"), "{said}");
        let said = error(&["b", "a", "b"]).unwrap_or_default();
        assert!(said.contains("b is given twice"), "{said}");
        assert_eq!(
            error(&["a", "b", "a.yml", "a-b", "a/b", "github.com/o/r", "github.com/o/r//x"]),
            None
        );
    }
}
