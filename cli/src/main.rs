//! The `kustom` program: parses arguments, calls the library, and prints the result.

#![forbid(unsafe_code)]

mod advice;
mod affected;
mod apps;
mod ask_git;
mod boolean;
mod bounds;
mod build;
mod changes;
mod checked_out;
mod closed;
mod command_line;
mod compat;
mod config;
mod deferred;
mod deps;
mod diff;
mod difference;
mod edit;
mod exclude;
mod explain;
mod explain_warning;
mod flags;
mod fold;
mod git;
mod git_paths;
mod graph;
mod hidden_lock;
mod image_uses;
mod images;
mod inside;
mod interrupt;
mod lint;
mod localize;
mod make;
mod named_file;
mod others;
mod output;
mod output_names;
mod outside;
mod overlay;
mod parallel;
mod parsed;
mod path_patterns;
mod paths;
mod program_runs;
mod promote;
mod remembered;
mod remote;
mod report;
mod revisions;
mod roots;
mod sarif;
mod search;
mod table;
mod turn;
mod vendor;
mod verify;
mod verify_report;
mod version;
mod waiting;
mod watch;
mod words;
mod wrap;
mod write;

use std::process::ExitCode;

use clap::CommandFactory;

use command_line::{Cli, Command};
use compat::Words;
use config::Config;
use deferred::{AsGo, Deferred};
use report::ErrorFormat;

fn main() -> ExitCode {
    let given = Words::given();
    let code = run(&given);
    bounds::end();
    interrupt::end();
    given.code(code)
}

fn run(given: &Words) -> ExitCode {
    if let Some(code) = given.refuse_missing(ErrorFormat::Human) {
        return code;
    }
    let Cli { command, error_format: format, no_config, explain_warning, .. } =
        match Cli::of(&given.words).map_err(advice::add) {
            Ok(cli) => cli,
            Err(e) if e.use_stderr() && wants_json() => {
                return ErrorFormat::Json
                    .misused(e.to_string().trim_start_matches("error: ").trim_end());
            }
            Err(e) => return given.misused(&e),
        };
    if let Some(kind) = explain_warning {
        return explain_warning::run(&kind, format);
    }
    let Some(command) = command else {
        let message = "which command? `kustom help` lists them";
        return format.misused(message);
    };
    let config = match no_config || matches!(command, Command::Version(_)) {
        true => Config::default(),
        false => match Config::load() {
            Ok(config) => config,
            // Whoever calls kustomize knows nothing of that file, which may be for another version of this program.
            Err(message) if given.stands_in => {
                format.note("config", &format!("Warning: {message}; the file is ignored"));
                Config::default()
            }
            Err(message) => return format.misused(&message),
        },
    };
    match command {
        Command::Build(Deferred(args)) => match given.refuse_several(&args.dirs, format) {
            Some(code) => code,
            None => build::run(&args, &config, format),
        },
        Command::Diff(Deferred(args)) => diff::run(&args, &config, format),
        Command::Lint(Deferred(args)) => lint::run(&args, &config, format),
        Command::Verify(Deferred(args)) => {
            verify::run(&args, &config, command_line::build_flags, format)
        }
        Command::Deps(Deferred(args)) => deps::run(&args, &config, format),
        Command::Affected(Deferred(args)) => affected::run(&args, &config, format),
        Command::Explain(Deferred(args)) => explain::run(&args, format),
        Command::Vendor(Deferred(args)) => vendor::run(&args, &config, format),
        Command::Apps(Deferred(args)) => apps::run(args, &config, format),
        Command::Edit(Deferred(AsGo(args))) => edit::run(&args, &config, format),
        Command::Set(Deferred(args)) => edit::set_image(&args, format),
        Command::Images(Deferred(args)) => images::run(&args, &config, format),
        Command::Promote(Deferred(args)) => promote::run(&args, &config, format),
        Command::Localize(Deferred(args)) => localize::run(&args, format),
        Command::Create(Deferred(AsGo(args))) => edit::create(&args, format),
        Command::Version(Deferred(args)) => version::run(&args, given.stands_in, format),
        Command::Completion { shell } => {
            let mut script = Vec::new();
            let name = if given.stands_in { compat::NAME } else { "kustom" };
            clap_complete::generate(shell, &mut Cli::command(), name, &mut script);
            format.print(&String::from_utf8_lossy(&script))
        }
    }
}

/// Returns `true` if arguments that are not understood ask for errors in JSON.
fn wants_json() -> bool {
    let args: Vec<_> = std::env::args_os().skip(1).take_while(|arg| arg != "--").collect();
    args.iter().any(|arg| arg == "--error-format=json")
        || args.windows(2).any(|pair| pair[0] == "--error-format" && pair[1] == "json")
}
