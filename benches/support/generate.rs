//! Writes a tree of the benches to a directory: `cargo run --example generate -- flat-700 DIR`.
//!
//! Prints the directories to build, one a line.

#![allow(clippy::print_stderr, clippy::print_stdout, unreachable_pub)] // a program

#[path = "mod.rs"]
mod support;

use std::path::Path;

fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, directory] = arguments.as_slice() else {
        eprintln!("usage: generate TREE DIR; trees: {}", support::NAMES.join(" "));
        std::process::exit(2);
    };
    let Some(tree) = support::tree(name) else {
        eprintln!("no tree '{name}'; there are: {}", support::NAMES.join(" "));
        std::process::exit(2);
    };
    for root in tree.write(Path::new(directory))? {
        println!("{}", root.display());
    }
    Ok(())
}
