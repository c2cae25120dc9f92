//! Writes seeds for the targets `files` and `edit`: each folder below `FROM` that holds a kustomization, as
//! one file.
//!
//! ```text
//! seeds FROM TO
//! ```

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use kustom_fuzz::pack;

/// The largest seed in bytes; a fuzzer makes little of larger ones.
const MOST: usize = 4096;

fn main() -> ExitCode {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [from, to] = &arguments[..] else {
        eprintln!("usage: seeds FROM TO");
        return ExitCode::from(2);
    };
    let mut seeds = Vec::new();
    collect(from, &mut seeds);
    let written = fs::create_dir_all(to).and_then(|()| {
        seeds
            .iter()
            .enumerate()
            .try_for_each(|(i, seed)| fs::write(to.join(format!("{i:05}")), seed))
    });
    if let Err(e) = written {
        eprintln!("{}: {e}", to.display());
        return ExitCode::FAILURE;
    }
    println!("{} seeds", seeds.len());
    ExitCode::SUCCESS
}

fn collect(folder: &Path, seeds: &mut Vec<Vec<u8>>) {
    seeds.extend(pack(folder, MOST));
    let Ok(entries) = fs::read_dir(folder) else { return };
    let mut folders: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    folders.sort();
    folders.iter().filter(|path| path.is_dir()).for_each(|path| collect(path, seeds));
}
