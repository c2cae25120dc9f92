//! `kustom deps`

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use kustom::{Builder, Error, Inputs, visible_line};
use serde_json::{Value, json};

use crate::bounds::RootArgs;
use crate::changes;
use crate::flags::Restrictor;
use crate::graph;
use crate::make;
use crate::outside::OutsideArgs;
use crate::paths::Shown;
use crate::report::ErrorFormat;
use crate::waiting;

/// The arguments of `deps`.
#[derive(Debug, Args)]
#[command(after_help = "Text has one path a line with what was found there: file (it was read), \
    directory, link (it was followed), missing (a file that appears there may change the output), \
    unread. Paths below the working directory are relative to it. What comes from elsewhere is told \
    as remote, by its URL and commit; vendored copies are files like others.\n\n\
    The rule for make names the files and links, and with $(wildcard) the missing ones; each file \
    gets an empty rule of its own, so that removing it is no error but makes the target again. A name\n\
    that make cannot express (with a line break, = or ;, say) is refused.\n\n\
    If the build is refused, what it looked at until then is still listed, and the exit code is 1.\n\n\
    Examples:\n  \
    kustom deps overlays/prod\n  \
    kustom deps overlays/prod --format make --target prod.yaml > prod.yaml.d\n  \
    kustom deps overlays/prod --format files | xargs sha256sum\n  \
    kustom deps clusters/* --format mermaid >> README.md\n  \
    kustom deps clusters/* --format dot --since main | dot -Tsvg > touched.svg")]
pub(crate) struct DepsArgs {
    /// The directories of the kustomizations
    #[arg(value_name = "DIR", default_value = ".")]
    dirs: Vec<PathBuf>,

    /// Output format
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    /// Mark in the graph what the changes since this revision touch, directly or indirectly
    #[arg(long, value_name = "REV")]
    since: Option<String>,

    /// The target of the rule for make [default: DIR.yaml]
    #[arg(long, value_name = "NAME")]
    target: Option<String>,

    /// Whether files outside their kustomization's directory may be loaded
    #[arg(long, value_enum, value_name = "RESTRICTOR", default_value_t = Restrictor::RootOnly)]
    load_restrictor: Restrictor,

    #[command(flatten)]
    outside: OutsideArgs,

    #[command(flatten)]
    root: RootArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Every path the build looked at, and what it found there
    Text,
    /// The files that were read, nothing else
    Files,
    /// A JSON array with one object per directory
    Json,
    /// A rule for make
    Make,
    /// The graph of kustomizations and remote bases, for Graphviz
    Dot,
    /// The same graph, for Mermaid
    Mermaid,
}

/// Returns what has changed around some directories.
fn changed(since: &str, dirs: &[PathBuf]) -> Result<BTreeSet<PathBuf>, String> {
    let changed = dirs.iter().map(|dir| changes::since(Some(since), dir));
    Ok(changed.collect::<Result<Vec<_>, _>>()?.concat().into_iter().collect())
}

/// Lists what the builds look at.
pub(crate) fn run(args: &DepsArgs, format: ErrorFormat) -> ExitCode {
    if args.target.is_some() && args.dirs.len() > 1 {
        return format.misused("--target names the one target of the one directory");
    }
    if matches!(args.format, Format::Dot | Format::Mermaid) {
        let changed = match args.since.as_deref().map(|since| changed(since, &args.dirs)) {
            None => BTreeSet::new(),
            Some(Ok(changed)) => changed,
            Some(Err(message)) => return format.fail(&message),
        };
        return format.print(&graph::draw(&args.dirs, &changed, args.format == Format::Dot));
    }
    if args.since.is_some() {
        return format.misused("--since is for --format dot and mermaid; `kustom affected` lists");
    }
    let builder = Builder::new().load_restriction(args.load_restrictor.into());
    let builder = match args.outside.apply(builder).and_then(|builder| args.root.apply(builder)) {
        Ok(builder) => builder,
        Err(message) => return format.misused(&message),
    };
    let shown = Shown::from_here();
    let mut results = Vec::new();
    let working = waiting::working(|| waiting::on_kustomizations("reading", args.dirs.len()));
    for dir in &args.dirs {
        let (build, inputs) = builder.build_with_inputs(dir);
        results.push((dir.as_path(), inputs, build.err()));
    }
    drop(working);
    let text = match args.format {
        Format::Json => {
            let code = format.print_json(&as_json(&results, &shown));
            return told(&results, code, format);
        }
        Format::Text => lines(&results, |inputs, out| {
            for input in inputs.iter() {
                out.push(format!("{:<9} {}", input.kind, shown.line(&input.path)));
            }
            for remote in inputs.remotes() {
                let commit = remote.commit.as_ref().map(|commit| format!(" ({commit})"));
                for url in &remote.urls {
                    let url = visible_line(url);
                    out.push(format!("remote    {url}{}", commit.as_deref().unwrap_or_default()));
                }
            }
        }),
        Format::Files => lines(&results, |inputs, out| {
            out.extend(inputs.files().map(|file| shown.line(file)));
        }),
        Format::Make => {
            let rules = results.iter().map(|(dir, inputs, _)| {
                let target = args.target.clone().unwrap_or_else(|| default_target(dir, &shown));
                make::rule(&target, inputs, &shown)
            });
            match rules.collect::<Result<String, String>>() {
                Ok(rules) => rules,
                Err(message) => return format.fail(&message),
            }
        }
        // Drawn above, from the files alone.
        Format::Dot | Format::Mermaid => String::new(),
    };
    let code = format.print(&text);
    told(&results, code, format)
}

/// Says what was wrong with the builds.
fn told(results: &[Listed], code: ExitCode, format: ErrorFormat) -> ExitCode {
    let mut failed = false;
    for (_, _, error) in results {
        if let Some(error) = error {
            format.error(error);
            failed = true;
        }
    }
    if failed { ExitCode::FAILURE } else { code }
}

type Listed<'a> = (&'a Path, Inputs, Option<Error>);

/// Joins the lines of all directories; what several builds looked at comes once.
fn lines(results: &[Listed], list: impl Fn(&Inputs, &mut Vec<String>)) -> String {
    let mut all = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for (_, inputs, _) in results {
        list(inputs, &mut all);
    }
    all.retain(|line| seen.insert(line.clone()));
    all.into_iter().flat_map(|line| [line, "\n".to_owned()]).collect()
}

fn as_json(results: &[Listed], shown: &Shown) -> Value {
    let results: Vec<_> = results
        .iter()
        .map(|(dir, inputs, error)| {
            let remotes = inputs.remotes();
            let inputs: Vec<_> = inputs
                .iter()
                .map(|input| json!({"path": shown.path(&input.path), "kind": input.kind.to_string()}))
                .collect();
            let error = error.as_ref().map(ToString::to_string);
            let remotes: Vec<_> = remotes
                .iter()
                .map(|remote| {
                    let copy = remote.copy.as_ref().map(|copy| shown.path(copy));
                    json!({"urls": remote.urls, "commit": remote.commit, "copy": copy})
                })
                .collect();
            json!({
                "directory": dir.to_string_lossy(), "inputs": inputs, "remotes": remotes,
                "error": error
            })
        })
        .collect();
    Value::Array(results)
}

fn default_target(dir: &Path, shown: &Shown) -> String {
    let name = dir.to_string_lossy();
    let name = name.trim_end_matches('/');
    let real = dir.canonicalize().unwrap_or_default();
    match real.file_name() {
        // `.` and `..` have no name of their own.
        Some(last) if !name.ends_with(&*last.to_string_lossy()) => {
            format!("{}.yaml", shown.path(&real.join(last)))
        }
        _ => format!("{name}.yaml"),
    }
}
