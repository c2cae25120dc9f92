//! Builds some directories in one call, again and again: `cargo run --example repeat -- TIMES DIR...`.
//!
//! Prints how many milliseconds the call takes when all is warm (the median).

#![allow(clippy::print_stderr, clippy::print_stdout, clippy::disallowed_methods)] // it measures

use std::error::Error;
use std::time::Instant;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(times), roots) = (arguments.next(), arguments.collect::<Vec<_>>()) else {
        return Err("usage: repeat TIMES DIR...".into());
    };
    let mut taken = Vec::new();
    for _ in 0..times.parse::<usize>()?.max(1) {
        let start = Instant::now();
        let builds = kustom::build_all(&roots);
        taken.push(start.elapsed());
        builds.into_iter().collect::<kustom::Result<Vec<_>>>()?;
    }
    taken.sort_unstable();
    println!("{:.6}", taken[taken.len() / 2].as_secs_f64() * 1e3);
    Ok(())
}
