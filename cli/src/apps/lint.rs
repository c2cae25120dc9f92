//! `kustom apps lint`

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

use clap::Args;
use clap::builder::PossibleValuesParser;
use jiff::Timestamp;
use jiff::tz::TimeZoneDatabase;
use kustom::text::visible_line;
use kustom_apps::lint::{self, GeneratePaths, Moment, RULES, Verdict};
use kustom_apps::{Application, Preview, Repository, Severity};

use super::inputs::{self, Inputs};
use crate::flags::How;
use crate::named_file;
use crate::report::ErrorFormat;
use crate::table::Table;
use crate::write;

/// The rule that `--write` is about.
const WRITTEN: &str = "manifest-generate-paths";

#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 nothing found, 1 something found, or an Application that cannot be \
                        rendered; with --at: 1 if a sync may not run.\n\
                        docs/argocd.md says what each rule finds and what to do about it."
)]
pub(crate) struct LintArgs {
    #[command(flatten)]
    pub(super) inputs: Inputs,

    /// A rule to leave out; may be repeated
    #[arg(long, value_name = "RULE", value_parser = rules())]
    skip: Vec<String>,

    /// Check only this rule; may be repeated
    #[arg(long, value_name = "RULE", value_parser = rules())]
    only: Vec<String>,

    /// Report instead whether the sync windows allow each Application to sync at this time, such as
    /// 2026-11-27T17:30Z
    #[arg(long, value_name = "TIME")]
    at: Option<String>,

    /// Instead of linting, write the annotation manifest-generate-paths into the Applications and ApplicationSets
    /// of FILE that lack it or whose annotation misses something that is rendered; what a DIR builds is refused
    #[arg(long, conflicts_with = "at")]
    write: bool,

    #[command(flatten)]
    pub(super) how: How,
}

fn rules() -> PossibleValuesParser {
    PossibleValuesParser::new(
        RULES.iter().map(|rule| clap::builder::PossibleValue::new(rule.code).help(rule.finds)),
    )
}

/// Tells what was found.
pub(super) fn run(args: &LintArgs, format: ErrorFormat) -> ExitCode {
    let moment = match args.at.as_deref().map(|at| (at, Moment::parse(at))) {
        Some((at, None)) => {
            return format.misused(&format!("{at:?} is no time such as 2026-11-27T17:30Z"));
        }
        Some((_, moment)) => moment,
        None => None,
    };
    found(args, moment, format).unwrap_or_else(|message| format.fail(&message))
}

/// Returns by how many minutes a time zone of the system is ahead of UTC at a moment.
fn minutes_ahead(zones: &TimeZoneDatabase, zone: &str, at: Moment) -> Option<i64> {
    // Case counts, as in names of files.
    let zone = zones.get(zone).ok().filter(|found| found.iana_name() == Some(zone))?;
    let at = Timestamp::from_second(at.seconds()).ok()?;
    Some(i64::from(zone.to_offset(at).seconds()).div_euclid(60))
}

fn found(args: &LintArgs, moment: Option<Moment>, format: ErrorFormat) -> Result<ExitCode, String> {
    let builder = args.how.builder()?;
    let repository = args.inputs.repository(format)?;
    let preview = args.inputs.preview(&repository, &builder)?;
    let rendered = kustom_apps::render(&preview.applications, &repository, &builder);
    let mut failed = inputs::tell(&preview.problems, format);
    failed |= inputs::tell(inputs::of_rendered(&rendered, &preview), format);
    if let Some(moment) = moment {
        let zones = TimeZoneDatabase::from_env();
        let offset = |zone: &str, at: Moment| minutes_ahead(&zones, zone, at);
        let verdicts = lint::sync_at(&preview, &rendered, moment, &offset);
        let printed = format.print(&table(&preview.applications, &verdicts).text());
        let denied = verdicts.iter().any(|verdict| *verdict != Verdict::Allowed);
        return Ok(if failed || denied { ExitCode::FAILURE } else { printed });
    }
    let is_wanted = |code: &str| {
        let named = |list: &[String]| list.iter().any(|named| named == code);
        !named(&args.skip) && (args.only.is_empty() || named(&args.only))
    };
    if args.write {
        if !is_wanted(WRITTEN) {
            return Err(format!(
                "--write is about the rule {WRITTEN}, which --skip or --only leaves out"
            ));
        }
        let mut problems = Vec::new();
        let missing =
            lint::generate_paths(&preview, &rendered, &repository, &builder, &mut problems);
        failed |= inputs::tell(&problems, format);
        let (said, refused) = write_paths(&missing, &preview, &repository)?;
        for message in &refused {
            format.fail(message);
            failed = true;
        }
        let printed = format.print(&said);
        return Ok(if failed { ExitCode::FAILURE } else { printed });
    }
    let unknown: Vec<&str> = lint::unknown_projects(&preview, &rendered).into_iter().collect();
    if !unknown.is_empty() && is_wanted("project-unknown") {
        format.note(
            "other",
            &format!(
                "no AppProject is among the files, so neither sync windows nor what is allowed is checked: {}",
                unknown.join(", ")
            ),
        );
    }
    let mut problems = lint::lint(&preview, &rendered, &repository, &builder);
    // That a limit was met is no rule.
    problems.retain(|it| it.severity == Severity::Error || is_wanted(it.code));
    inputs::tell(&problems, format);
    Ok(if failed || !problems.is_empty() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Writes annotations into their files; all texts are made before one is written. Returns what was written, and what
/// cannot be and why.
fn write_paths(
    missing: &[GeneratePaths],
    preview: &Preview,
    repository: &Repository,
) -> Result<(String, Vec<String>), String> {
    let mut texts: BTreeMap<&Path, String> = BTreeMap::new();
    let (mut said, mut refused) = (String::new(), Vec::new());
    // From the end of a file, so that lines before it stay what they are.
    for paths in missing.iter().rev() {
        if let Some(why) = paths.refusal() {
            let (file, line) = paths.origin.place();
            let line = line.map(|line| format!(":{line}")).unwrap_or_default();
            refused.insert(0, format!("{}{line}: {}: {why}", file.display(), paths.title));
            continue;
        }
        let file = paths.origin.file.as_path();
        let failed = |e: String| format!("{}: {}: {e}", file.display(), paths.title);
        let text = match texts.remove(file) {
            Some(text) => text,
            None => named_file::read_text(file).map_err(|e| failed(e.to_string()))?,
        };
        let written = paths.write(&text).and_then(|text| {
            paths.check(&text, preview, repository)?;
            Ok(text)
        });
        match written {
            Ok(written) => {
                texts.insert(file, written);
                let line = format!("{}: {}: {}", file.display(), paths.title, paths.value);
                said.insert_str(0, &format!("{}\n", visible_line(&line)));
            }
            Err(e) => {
                texts.insert(file, text);
                refused.insert(0, failed(e));
            }
        }
    }
    for (file, text) in &texts {
        write::edited(file, text)?;
    }
    if missing.is_empty() {
        "unchanged\n".clone_into(&mut said);
    }
    Ok((said, refused))
}

fn table(applications: &[Application], verdicts: &[Verdict]) -> Table {
    let mut table = Table::new(["name", "cluster", "sync"]);
    for (application, verdict) in applications.iter().zip(verdicts) {
        let verdict = match verdict {
            Verdict::Allowed => "may be synced".to_owned(),
            Verdict::ManualOnly => "by hand only".to_owned(),
            Verdict::Denied => "not now".to_owned(),
            Verdict::Unknown(why) => format!("not known: {why}"),
            _ => String::new(),
        };
        table.row([application.name().to_owned(), application.cluster().to_owned(), verdict]);
    }
    table
}
