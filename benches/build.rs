//! Builds generated trees and compares with the floor: the cost of reading their files, parsing them and
//! printing the result.
//!
//! `cargo bench --features work` measures everything and ends with a table; `-- TREE` measures one
//! tree, for example `-- flat-700`. With `ROOT=DIR` the table has a row for that directory alone.
#![allow(clippy::print_stdout, clippy::disallowed_methods)] // it prints, measures and reads

mod support;

use std::hint::black_box;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use divan::Bencher;
use kustom::yaml::{self, Limits, Node, Pos};
use kustom::{Build, Builder, work};

fn main() {
    let root = std::env::var_os("ROOT");
    if root.is_none() {
        divan::main();
    }
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|argument| matches!(argument.as_str(), "--test" | "--list")) {
        return;
    }
    let wanted = |name: &str| arguments.iter().all(|a| a.starts_with('-') || name.contains(a));
    println!(
        "\n| tree | output | read | parse | transform | print | floor | build | / floor | threads | \
         / floor | nodes | ids |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
    );
    match root {
        Some(root) => row("ROOT", &Tree::at(Path::new(&root))),
        None => {
            let names = support::NAMES.into_iter().filter(|name| wanted(name));
            names.for_each(|name| row(name, &Tree::write(name)));
        }
    }
}

/// Builds with one thread.
#[divan::bench(args = support::NAMES)]
fn build(bencher: Bencher<'_, '_>, name: &str) {
    let tree = Tree::write(name);
    bencher.bench(|| tree.build(&one_thread()));
}

/// Builds with all threads.
#[divan::bench(args = support::NAMES)]
fn threads(bencher: Bencher<'_, '_>, name: &str) {
    let tree = Tree::write(name);
    bencher.bench(|| tree.build(&Builder::new()));
}

/// Reads the files.
#[divan::bench(args = support::NAMES)]
fn read(bencher: Bencher<'_, '_>, name: &str) {
    let tree = Tree::write(name);
    bencher.bench(|| tree.read());
}

/// Parses the files.
#[divan::bench(args = support::NAMES)]
fn parse(bencher: Bencher<'_, '_>, name: &str) {
    let texts = Tree::write(name).read();
    bencher.bench(|| parse_all(&texts));
}

/// Prints the result.
#[divan::bench(args = support::NAMES)]
fn print(bencher: Bencher<'_, '_>, name: &str) {
    let builds = Tree::write(name).build(&Builder::new());
    bencher.bench(|| print_all(&builds));
}

/// Prints the row of a tree: medians of runs in turn, so that all suffer from the same noise.
fn row(name: &str, tree: &Tree) {
    let (texts, builds) = (tree.read(), tree.build(&one_thread()));
    work::take();
    tree.build(&one_thread());
    let work = work::take();
    let mut steps: [(&dyn Fn(), Vec<Duration>); 5] = [
        (&|| drop(black_box(tree.read())), Vec::new()),
        (&|| drop(black_box(parse_all(&texts))), Vec::new()),
        (&|| drop(black_box(print_all(&builds))), Vec::new()),
        (&|| drop(black_box(tree.build(&one_thread()))), Vec::new()),
        (&|| drop(black_box(tree.build(&Builder::new()))), Vec::new()),
    ];
    let start = Instant::now();
    for round in 0.. {
        for (step, times) in &mut steps {
            let start = Instant::now();
            step();
            times.push(start.elapsed());
        }
        if round > 100 || (round > 4 && start.elapsed() > Duration::from_secs(3)) {
            break;
        }
    }
    let [read, parse, print, build, threads] = steps.map(|(_, mut times)| {
        times.sort_unstable();
        times[times.len() / 2].as_secs_f64() * 1e3
    });
    let floor = read + parse + print;
    let output: usize = builds.iter().map(|build| build.as_yaml().len()).sum();
    println!(
        "| {name} | {} KB | {read:.3} ms | {parse:.3} ms | {:.3} ms | {print:.3} ms | {floor:.3} ms | \
         {build:.3} ms | {:.2} | {threads:.3} ms | {:.2} | {} | {} |",
        output / 1000,
        (build - floor).max(0.0),
        build / floor,
        threads / floor,
        work.nodes,
        work.ids,
    );
}

/// A tree on disk.
struct Tree {
    files: Vec<PathBuf>,
    roots: Vec<PathBuf>,
}

impl Tree {
    fn write(name: &str) -> Tree {
        let tree = support::tree(name).expect("a known tree");
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("trees").join(name);
        let roots = tree.write(&directory).expect("a directory to write to");
        Tree { files: tree.files.iter().map(|(path, _)| directory.join(path)).collect(), roots }
    }

    /// Returns a tree that is there, with the files that its build reads.
    fn at(root: &Path) -> Tree {
        let (built, inputs) = Builder::new().build_with_inputs(root);
        built.expect("a build");
        Tree { files: inputs.files().map(Path::to_path_buf).collect(), roots: vec![root.into()] }
    }

    fn read(&self) -> Vec<Vec<u8>> {
        self.files.iter().map(|file| std::fs::read(file).expect("a file")).collect()
    }

    fn build(&self, builder: &Builder) -> Vec<Build> {
        builder.build_all(&self.roots).into_iter().map(|b| b.expect("a build")).collect()
    }
}

fn one_thread() -> Builder {
    Builder::new().threads(NonZeroUsize::MIN)
}

fn parse_all(texts: &[Vec<u8>]) -> Vec<Vec<Node>> {
    let parse = |text: &Vec<u8>| yaml::read_stream(text, Pos(1), &Limits::default());
    // A file for a generator may be anything.
    texts.iter().map(|text| parse(text).unwrap_or_default()).collect()
}

fn print_all(builds: &[Build]) -> Vec<String> {
    let print = |build: &Build| {
        let mut text = String::new();
        for resource in build.resources() {
            resource.print(&mut text).expect("printable");
        }
        text
    };
    builds.iter().map(print).collect()
}
