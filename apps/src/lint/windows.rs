//! Sync windows: when Argo CD may sync.

use serde_json::Value as Json;

use super::schedule::{Moment, Schedule, duration};
use super::zones::Zone;
use super::{Subject, glob};
use crate::application::{Application, Origin};
use crate::preview::remark;
use crate::problem::Problem;

/// Whether an Application may be synced at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// By itself and by hand.
    Allowed,
    /// By hand only.
    ManualOnly,
    /// Not at all.
    Denied,
    /// It depends on a window that cannot be judged here.
    Unknown(String),
}

fn windows(project: &Json) -> &[Json] {
    project.pointer("/spec/syncWindows").and_then(Json::as_array).map_or(&[], Vec::as_slice)
}

/// Checks that the windows of an AppProject can be read.
pub(super) fn check_project(project: &Json, origin: &Origin, problems: &mut Vec<Problem>) {
    let name = project.pointer("/metadata/name").and_then(Json::as_str).unwrap_or_default();
    for (i, window) in windows(project).iter().enumerate() {
        let text = |key: &str| window.get(key).and_then(Json::as_str).unwrap_or_default();
        let kind = match text("kind") {
            "allow" | "deny" => Ok(()),
            other => Err(format!("the kind {other:?} is neither allow nor deny")),
        };
        let length = duration(text("duration")).map(|_| ()).ok_or_else(|| {
            let written = window.get("duration").unwrap_or(&Json::Null);
            format!("the duration {written} cannot be read; one is a text such as \"64h\"")
        });
        let schedule = Schedule::parse(text("schedule")).map(|_| ());
        let zone = Zone::of(text("timeZone")).map(|_| ()).ok_or_else(|| {
            format!("there is no time zone {:?}, and Argo CD takes UTC instead", text("timeZone"))
        });
        if let Err(message) = kind.and(schedule).and(length).and(zone) {
            problems.push(
                Problem::warning("window-invalid", format!("spec.syncWindows.{i}: {message}"))
                    .at(&origin.file, origin.line)
                    .about(format!("AppProject {name}")),
            );
        }
    }
}

/// Returns `true` if a window is about an Application.
fn applies(window: &Json, application: &Application) -> bool {
    let matched = |key: &str, values: &[&str]| {
        let patterns = window.get(key).and_then(Json::as_array).filter(|list| !list.is_empty())?;
        let mut patterns = patterns.iter().filter_map(Json::as_str);
        Some(patterns.any(|pattern| values.iter().any(|value| glob(pattern, value))))
    };
    let all = [
        matched("applications", &[application.name()]),
        matched("namespaces", &[application.destination_namespace()]),
        matched("clusters", &[application.server(), application.cluster_name()]),
    ];
    let mut given = all.into_iter().flatten().peekable();
    if window.get("andOperator") == Some(&Json::Bool(true)) {
        given.peek().is_some() && given.all(|matched| matched)
    } else {
        given.any(|matched| matched)
    }
}

/// Finds production Applications without a window.
pub(super) fn check(subject: &Subject<'_>, problems: &mut Vec<Problem>) {
    let application = subject.application;
    let is_production =
        [application.name(), application.cluster(), application.destination_namespace()]
            .iter()
            .any(|text| {
                text.split(|c: char| !c.is_alphanumeric())
                    .any(|word| matches!(word, "prod" | "production"))
            });
    let automated = application.object().pointer("/spec/syncPolicy/automated");
    if !is_production || automated.is_none_or(Json::is_null) {
        return;
    }
    let Some(project) = subject.project else { return };
    if !windows(project).iter().any(|window| applies(window, application)) {
        let message = format!(
            "no sync window of the AppProject {} keeps Friday afternoons and weekend nights out of production",
            application.project()
        );
        problems.push(remark("no-sync-window", message, application));
    }
}

/// Judges a moment by the windows: deny beats allow, and where there is an allow window, outside of all
/// is denied.
pub(super) fn verdict(
    application: &Application,
    project: Option<&Json>,
    moment: Moment,
    offset: &dyn Fn(&str, Moment) -> Option<i64>,
) -> Verdict {
    let own = project.map(windows).unwrap_or_default();
    let (mut denies, mut allows, mut open) = (Vec::new(), Vec::new(), false);
    for window in own.iter().filter(|window| applies(window, application)) {
        let text = |key: &str| window.get(key).and_then(Json::as_str).unwrap_or_default();
        let (schedule, length) =
            match (Schedule::parse(text("schedule")), duration(text("duration"))) {
                (Ok(schedule), Some(length)) => (schedule, length),
                (Err(e), _) => return Verdict::Unknown(e),
                (_, None) => {
                    return Verdict::Unknown("the duration of a window cannot be read".to_owned());
                }
            };
        // Argo CD takes a zone that there is none of for UTC.
        let zone = schedule.zone.clone().or_else(|| Zone::of(text("timeZone")));
        let ahead = match &zone {
            None => Some(0),
            Some(zone) => zone.offset().or_else(|| offset(&zone.name, moment)),
        };
        let Some(ahead) = ahead else {
            let name = zone.map(|zone| zone.name).unwrap_or_default();
            return Verdict::Unknown(format!("a window is in the time zone {name}"));
        };
        let active = schedule.is_open(moment.before(-ahead), length);
        let manual = window.get("manualSync") == Some(&Json::Bool(true));
        match text("kind") {
            "deny" if active => denies.push(manual),
            "allow" => {
                open |= active;
                allows.push(manual);
            }
            _ => {}
        }
    }
    let blocked = |manual: Vec<bool>| match manual.iter().all(|manual| *manual) {
        true => Verdict::ManualOnly,
        false => Verdict::Denied,
    };
    if !denies.is_empty() {
        blocked(denies)
    } else if !allows.is_empty() && !open {
        blocked(allows)
    } else {
        Verdict::Allowed
    }
}
