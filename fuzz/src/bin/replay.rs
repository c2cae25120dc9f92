//! Runs targets without libFuzzer: on files, and on random bytes that grow out of a seed.
//!
//! ```text
//! replay [TARGET|all] [--seconds N] [--seed N] [FILE|FOLDER ...]
//! ```

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use kustom_fuzz::TARGETS;

/// A small generator of numbers; the same seed gives the same ones.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, most: usize) -> usize {
        (self.next() % most.max(1) as u64) as usize
    }
}

fn main() -> ExitCode {
    let (mut seconds, mut seed, mut wanted, mut files) = (0, 1, String::from("all"), Vec::new());
    let mut arguments = std::env::args().skip(1);
    let mut first = true;
    while let Some(argument) = arguments.next() {
        let mut number = || arguments.next().and_then(|n| n.parse().ok()).unwrap_or(1);
        match argument.as_str() {
            "--seconds" => seconds = number(),
            "--seed" => seed = number(),
            name if first => wanted = name.to_owned(),
            path => collect(Path::new(path), &mut files),
        }
        first = false;
    }
    let seeds: Vec<Vec<u8>> = files.iter().filter_map(|path| fs::read(path).ok()).collect();
    let targets: Vec<_> =
        TARGETS.iter().filter(|(name, _)| wanted == "all" || wanted == *name).collect();
    if targets.is_empty() {
        eprintln!("no target `{wanted}`");
        return ExitCode::from(2);
    }
    for (name, target) in targets {
        seeds.iter().for_each(|seed| target(seed));
        let mut random = Random(seed);
        let (start, mut count) = (Instant::now(), 0_u64);
        while start.elapsed() < Duration::from_secs(seconds) {
            let input = mutated(&mut random, &seeds);
            // It is there when the process dies of it.
            let kept = std::env::temp_dir().join(format!("kustom-fuzz-{name}"));
            if count % 64 == 0 || cfg!(debug_assertions) {
                _ = fs::write(&kept, &input);
            }
            let checked = std::panic::catch_unwind(|| target(&input));
            if checked.is_err() {
                _ = fs::write(&kept, &input);
                eprintln!("{name}: seed {seed}, input {count} fails: {}", kept.display());
                return ExitCode::FAILURE;
            }
            count += 1;
        }
        println!("{name}: {} seeds, {count} inputs", seeds.len());
    }
    ExitCode::SUCCESS
}

/// Returns new bytes, or those of a seed with some changes.
fn mutated(random: &mut Random, seeds: &[Vec<u8>]) -> Vec<u8> {
    let mut input = match seeds.get(random.below(seeds.len().saturating_mul(4))) {
        Some(seed) => seed.clone(),
        None => (0..random.below(400)).map(|_| random.next() as u8).collect(),
    };
    const PIECES: [&[u8]; 16] = [
        b"\n", b"  ", b": ", b"- ", b"&a ", b"*a", b"{", b"}", b"[", b"]", b"'", b"\"", b"|\n",
        b"#", b"\xff", b"!!str ",
    ];
    for _ in 0..random.below(6) {
        let at = random.below(input.len() + 1);
        match random.below(4) {
            0 if at < input.len() => input[at] = random.next() as u8,
            1 if at < input.len() => drop(input.remove(at)),
            2 => drop(input.splice(at..at, PIECES[random.below(PIECES.len())].iter().copied())),
            _ => {
                let end = (at + random.below(20)).min(input.len());
                let piece = input[at..end].to_vec();
                let to = random.below(input.len() + 1);
                input.splice(to..to, piece);
            }
        }
    }
    input
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(path) else { return files.push(path.to_path_buf()) };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths.iter().for_each(|path| collect(path, files));
}
