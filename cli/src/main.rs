//! The `kustom` program: arguments in, the library called, bytes out.

#![forbid(unsafe_code)]

mod affected;
mod args;
mod build;
mod changes;
mod deps;
mod diff;
mod diff_git;
mod diff_roots;
mod difference;
mod explain;
mod output;
mod parallel;
mod paths;
mod report;
mod roots;
mod run_command;
mod verify;
mod verify_report;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use args::{Cli, Command};

fn main() -> ExitCode {
    let Cli { command, error_format } = Cli::parse();
    match command {
        Command::Build(args) => build::run(&args, error_format),
        Command::Diff(args) => diff::run(&args),
        Command::Verify(args) => verify::run(&args),
        Command::Deps(args) => deps::run(&args),
        Command::Affected(args) => affected::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Version => output::print(concat!(
            "kustom ",
            env!("CARGO_PKG_VERSION"),
            " (renders as kustomize v5.8.2)\n"
        )),
        Command::Completion { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "kustom", &mut script);
            output::print(&String::from_utf8_lossy(&script))
        }
    }
}
