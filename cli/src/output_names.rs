//! Names of the files that several kustomizations are written to.

use std::ffi::{OsStr, OsString};
use std::path::{Component, Path, PathBuf};

use kustom::outside::TreeRequest;

/// The longest name of a folder or file without its ending.
const LONGEST: usize = 200;

/// Returns `a/b.yaml` for `../a/./b/`; what is given without a name, as `.` is, has that of its folder. An address
/// has the name that [`of_address`] makes of it.
pub(crate) fn of(dir: &Path) -> PathBuf {
    if let Some(name) = of_address(dir) {
        return name;
    }
    let names = dir.components().filter_map(|part| match part {
        Component::Normal(name) => Some(name),
        _ => None,
    });
    let mut path: PathBuf = names.collect();
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
    let mut path: PathBuf = parts.filter(|part| part != ".").map(|part| safe(&part)).collect();
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
            ("file:///srv/git/../r.git//x", "srv/git/_../r/x.yaml"),
            ("github.com/o/r?ref=-h", "github.com/o/r.yaml"),
        ] {
            assert_eq!(of(Path::new(address)), Path::new(name), "{address}");
        }
        let long = format!("github.com/o/{}?ref={}", "r".repeat(300), "v".repeat(300));
        let name = of(Path::new(&long));
        assert!(name.iter().all(|part| part.len() < 210), "{name:?}");
    }
}
