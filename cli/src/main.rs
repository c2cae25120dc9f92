//! The `kustom` program: arguments in, the library called, bytes out.

mod args;
mod build;
mod diff;
mod diff_git;
mod diff_roots;
mod output;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use args::{Cli, Command};

fn main() -> ExitCode {
    match Cli::parse().command {
        Command::Build(args) => build::run(&args),
        Command::Diff(args) => diff::run(&args),
        Command::Version => output::print(&format!("kustom {}\n", env!("CARGO_PKG_VERSION"))),
        Command::Completion { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "kustom", &mut script);
            output::print(&String::from_utf8_lossy(&script))
        }
    }
}
