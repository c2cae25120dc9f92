//! Temporary folders that killed processes have left.
//!
//! The name of a folder says which process made it, and where a process with that number is the same one: in
//! this start of this machine, and among the processes that are seen from here. What another user, another
//! machine or another container may have made stays.

use std::path::Path;

/// Returns what the names of this process' folders begin with.
pub(super) fn prefix() -> String {
    match world() {
        Some(world) => format!("kustom-{world}-{}-", std::process::id()),
        None => "kustom-".to_owned(),
    }
}

/// Removes the folders in a directory that processes have left which run no more.
#[cfg(unix)]
pub(super) fn sweep(directory: &Path) {
    use std::os::unix::fs::MetadataExt;
    let Some(world) = world() else { return };
    let user = rustix::process::getuid().as_raw();
    for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let Some(process) = name.to_str().and_then(|name| process_of(name, &world)) else {
            continue;
        };
        // The metadata are those of a link itself.
        let is_own = entry.metadata().is_ok_and(|of| of.is_dir() && of.uid() == user);
        if is_own && !Path::new(&format!("/proc/{process}")).exists() {
            // Another one may be at it.
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

#[cfg(not(unix))]
pub(super) fn sweep(_: &Path) {}

/// Returns the number of the process that a name of a folder names.
#[cfg(unix)]
fn process_of(name: &str, world: &str) -> Option<u32> {
    let (process, _) =
        name.strip_prefix("kustom-")?.strip_prefix(world)?.strip_prefix('-')?.split_once('-')?;
    process.parse().ok()
}

/// Returns what tells where numbers of processes mean the same, if the system does.
fn world() -> Option<String> {
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let boot = boot.trim().replace('-', "");
    let space = std::fs::read_link("/proc/self/ns/pid").ok()?;
    let space: String = space.to_str()?.chars().filter(char::is_ascii_digit).collect();
    let is_real = !boot.is_empty() && !space.is_empty() && Path::new("/proc/self/stat").exists();
    is_real.then(|| format!("{}.{space}", boot.get(..12).unwrap_or(&boot)))
}

#[cfg(test)]
mod tests {
    #[cfg(target_os = "linux")]
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn only_what_dead_processes_of_this_world_left_goes() {
        let top = tempfile::tempdir().unwrap();
        let world = world().unwrap();
        #[allow(clippy::disallowed_methods)] // one that has ended is needed
        let mut ended = std::process::Command::new("true").spawn().unwrap();
        let dead = ended.id();
        ended.wait().unwrap();
        let stale = top.path().join(format!("kustom-{world}-{dead}-abc"));
        let others = [
            prefix() + "abc",
            format!("kustom-other-{dead}-abc"),
            format!("kustom-{world}-{dead}"),
            format!("mine-{world}-{dead}-abc"),
        ];
        std::fs::create_dir_all(stale.join("in")).unwrap();
        std::fs::write(stale.join("in/file"), "").unwrap();
        others.iter().for_each(|name| std::fs::create_dir(top.path().join(name)).unwrap());
        let kept = top.path().join("mine");
        std::fs::create_dir(&kept).unwrap();
        let link = top.path().join(format!("kustom-{world}-{dead}-link"));
        std::os::unix::fs::symlink(&kept, &link).unwrap();
        sweep(top.path());
        assert!(!stale.exists() && kept.exists() && link.exists());
        for name in others {
            assert!(top.path().join(&name).exists(), "{name}");
        }
    }
}
