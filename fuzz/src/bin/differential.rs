//! Compares builds of random trees with those of the program that `KUSTOMIZE` names, byte for byte.
//!
//! ```text
//! KUSTOMIZE=kustomize differential [--count N] [--seed N] [--keep FOLDER]
//! ```
//!
//! A tree that differs is made as small as it can be and written to FOLDER as a case: what the program
//! prints is its `expected.yaml`, or its message `expected.error`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use kustom::Builder;
use kustom_fuzz::Tree;

fn main() -> ExitCode {
    let Some(program) = std::env::var_os("KUSTOMIZE").map(PathBuf::from) else {
        eprintln!("KUSTOMIZE names the program to compare with");
        return ExitCode::from(2);
    };
    let (mut count, mut seed, mut keep) = (1_000_u64, 1_u64, PathBuf::from("different"));
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let value = arguments.next().unwrap_or_default();
        match argument.as_str() {
            "--count" => count = value.parse().unwrap_or(count),
            "--seed" => seed = value.parse().unwrap_or(seed),
            "--keep" => keep = value.into(),
            _ => {
                eprintln!("unknown: {argument}");
                return ExitCode::from(2);
            }
        }
    }
    let work = std::env::temp_dir().join(format!("kustom-differential-{}", std::process::id()));
    let (mut same, mut refused, mut different, mut crashed) = (0, 0, 0, 0);
    for i in 0..count {
        let tree = Tree::from_bytes(&bytes(seed.wrapping_add(i)));
        match compare(&tree, &work, &program) {
            Outcome::Same { built: true } => same += 1,
            Outcome::Same { built: false } => refused += 1,
            Outcome::Crashed => crashed += 1,
            Outcome::Different => {
                different += 1;
                let small = shrunk(tree, |tree| {
                    matches!(compare(tree, &work, &program), Outcome::Different)
                });
                let folder = keep.join(format!("case-{}", seed.wrapping_add(i)));
                write(&small, &folder);
                let theirs = theirs(&folder, &program);
                match theirs {
                    Theirs::Printed(text) => _ = fs::write(folder.join("expected.yaml"), text),
                    Theirs::Refused(text) => _ = fs::write(folder.join("expected.error"), text),
                    Theirs::Crashed => {}
                }
                println!("{}", folder.display());
            }
        }
    }
    _ = fs::remove_dir_all(&work);
    println!(
        "{same} the same, {refused} refused by both, {different} different, {crashed} crashes of the other"
    );
    if different > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

enum Outcome {
    Same { built: bool },
    Different,
    Crashed,
}

enum Theirs {
    Printed(Vec<u8>),
    Refused(Vec<u8>),
    Crashed,
}

fn compare(tree: &Tree, work: &Path, program: &Path) -> Outcome {
    _ = fs::remove_dir_all(work);
    write(tree, work);
    let ours = Builder::new().build(work.join("app"));
    match (ours, theirs(work, program)) {
        (_, Theirs::Crashed) => Outcome::Crashed,
        (Ok(build), Theirs::Printed(text)) if build.as_yaml().as_bytes() == text => {
            Outcome::Same { built: true }
        }
        (Err(_), Theirs::Refused(_)) => Outcome::Same { built: false },
        _ => Outcome::Different,
    }
}

fn theirs(work: &Path, program: &Path) -> Theirs {
    let ran =
        Command::new(program).arg("build").arg(work.join("app")).stdin(Stdio::null()).output();
    match ran {
        Ok(output) if output.status.success() => Theirs::Printed(output.stdout),
        Ok(output) if output.status.code() == Some(1) && !output.stderr.starts_with(b"panic") => {
            Theirs::Refused(output.stderr)
        }
        _ => Theirs::Crashed,
    }
}

fn write(tree: &Tree, folder: &Path) {
    for (path, parts) in &tree.files {
        let path = folder.join(path.trim_start_matches('/'));
        path.parent().map(fs::create_dir_all);
        _ = fs::write(path, Tree::content(parts));
    }
}

/// Leaves out files and parts of files as long as what is left still differs.
fn shrunk(mut tree: Tree, differs: impl Fn(&Tree) -> bool) -> Tree {
    loop {
        let mut smaller = Vec::new();
        for (file, (_, parts)) in tree.files.iter().enumerate() {
            for part in 0..parts.len() {
                let mut less = tree.clone();
                less.files[file].1.remove(part);
                smaller.push(less);
            }
        }
        match smaller.into_iter().find(|less| differs(less)) {
            Some(less) => tree = less,
            None => return tree,
        }
    }
}

/// Returns bytes that are the same for the same seed.
fn bytes(seed: u64) -> Vec<u8> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    };
    let length = 40 + (next() % 160) as usize;
    (0..length).map(|_| next() as u8).collect()
}
