//! `kustom version`

use std::env::consts::{ARCH, OS};
use std::process::ExitCode;

use clap::{Args, ValueEnum};

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
    /// Print it with what else is known, as YAML or JSON, or the version alone
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
    /// The version alone, on one line
    Short,
    // As if the flag were not there, which upstream takes an empty text for.
    #[value(name = "", hide = true)]
    Usual,
}

/// What upstream prints for what it does not know of its own making.
const UNKNOWN: &str = "unknown";

/// Prints the version; as `kustomize` would if it stands in for that.
pub(crate) fn run(args: &VersionArgs, stands_in: bool, format: ErrorFormat) -> ExitCode {
    if args.short {
        let message = "Flag --short has been deprecated, and will be removed in the future.";
        format.note("deprecated-flag", message);
    }
    let own = format!("v{}", env!("CARGO_PKG_VERSION"));
    // Fields and their order are upstream's; scripts look for them.
    let system = [("goOs", go_os()), ("goArch", go_arch())];
    let fields: Vec<(&str, &str)> = match stands_in {
        true => [("version", MATCHED), ("gitCommit", UNKNOWN), ("buildDate", UNKNOWN)]
            .into_iter()
            .chain(system)
            .chain([("goVersion", UNKNOWN), ("kustomVersion", own.as_str())])
            .collect(),
        false => [("version", own.as_str()), ("kustomizeVersion", MATCHED)]
            .into_iter()
            .chain(system)
            .collect(),
    };
    let joined = |line: &dyn Fn(&str, &str) -> String, separator: &str| {
        let lines: Vec<String> = fields.iter().map(|(key, value)| line(key, value)).collect();
        lines.join(separator)
    };
    let output = args.output.filter(|output| !matches!(output, VersionFormat::Usual));
    let text = match output {
        Some(VersionFormat::Short) if !stands_in => own,
        Some(VersionFormat::Short) => format!("{{{MATCHED}  {UNKNOWN}   }}"),
        None if stands_in && args.short => format!("{{{MATCHED}  {UNKNOWN}   }}"),
        None if stands_in => MATCHED.to_owned(),
        None | Some(VersionFormat::Usual) => format!("kustom {VERSION}"),
        Some(VersionFormat::Yaml) => joined(&|key, value| format!("{key}: {value}"), "\n"),
        Some(VersionFormat::Json) => {
            let lines = joined(&|key, value| format!("  \"{key}\": \"{value}\""), ",\n");
            format!("{{\n{lines}\n}}")
        }
    };
    format.print(&(text + "\n"))
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
