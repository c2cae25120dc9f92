//! `kustom version`

use std::env::consts::{ARCH, OS};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use serde_json::json;

use crate::report::ErrorFormat;

/// The version, and that of the program whose output is matched.
pub(crate) const VERSION: &str =
    concat!(env!("CARGO_PKG_VERSION"), " (renders as kustomize v5.8.2)");

/// The version of kustomize that is matched.
pub(crate) const MATCHED: &str = "v5.8.2";

/// The arguments of `version`.
#[derive(Debug, Args)]
#[command(
    args_override_self = true,
    after_help = "Examples:\n  kustom version\n  kustom version -o json"
)]
pub(crate) struct VersionArgs {
    /// Print it with what else is known, as YAML or JSON
    #[arg(short, long, value_enum, value_name = "FORMAT", conflicts_with = "short")]
    output: Option<VersionFormat>,

    /// Upstream's deprecated form on one line
    #[arg(long, hide = true)]
    short: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum VersionFormat {
    Yaml,
    Json,
}

/// Prints the version; as `kustomize` would if it stands in for that.
pub(crate) fn run(args: &VersionArgs, stands_in: bool, format: ErrorFormat) -> ExitCode {
    if args.short {
        format.note("deprecated-flag", "Flag --short has been deprecated, the default is short");
    }
    let own = format!("v{}", env!("CARGO_PKG_VERSION"));
    let (version, other, other_version) = match stands_in {
        true => (MATCHED, "kustomVersion", own.as_str()),
        false => (own.as_str(), "kustomizeVersion", MATCHED),
    };
    match args.output {
        None if stands_in => format.print(&format!("{MATCHED}\n")),
        None => format.print(&format!("kustom {VERSION}\n")),
        Some(VersionFormat::Yaml) => format.print(&format!(
            "version: {version}\n{other}: {other_version}\ngoOs: {}\ngoArch: {}\n",
            go_os(),
            go_arch()
        )),
        Some(VersionFormat::Json) => {
            let all = json!({
                "version": version,
                other: other_version,
                "goOs": go_os(),
                "goArch": go_arch(),
            });
            format.print(&format!("{all:#}\n"))
        }
    }
}

/// Returns the operating system as Go names it, which scripts compare.
fn go_os() -> &'static str {
    if OS == "macos" { "darwin" } else { OS }
}

/// Returns the architecture as Go names it.
fn go_arch() -> &'static str {
    match ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}
