//! Sync windows: when Argo CD may sync.

use std::collections::{BTreeMap, BTreeSet};

use kustom::text::nearest_name;
use serde_json::Value as Json;

use super::schedule::{Moment, Schedule, duration};
use super::zones::Zone;
use super::{Projects, Subject, is_default, policy, production, project_name};
use crate::application::{Application, Origin, remark_on};
use crate::globs::Globs;
use crate::preview::Preview;
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
        let schedule = Schedule::parse(text("schedule")).and_then(|schedule| {
            let never = || {
                let schedule = text("schedule");
                format!("the date of {schedule:?} never comes, and Argo CD takes the window for always open")
            };
            if schedule.comes() { Ok(()) } else { Err(never()) }
        });
        let zone = Zone::of(text("timeZone")).map(|_| ()).ok_or_else(|| {
            format!("there is no time zone {:?}, and Argo CD takes UTC instead", text("timeZone"))
        });
        if let Err(message) = kind.and(schedule).and(length).and(zone) {
            problems.push(
                Problem::warning("window-invalid", format!("spec.syncWindows.{i}: {message}"))
                    .at(origin.place().0, origin.place().1)
                    .about(format!("AppProject {name}")),
            );
        }
    }
}

/// What the Applications of all AppProjects are called, and where they go.
#[derive(Debug, Default)]
pub(super) struct Targets<'a> {
    applications: BTreeSet<&'a str>,
    clusters: BTreeSet<&'a str>,
    namespaces: BTreeSet<&'a str>,
}

impl<'a> Targets<'a> {
    pub(super) fn of(preview: &'a Preview) -> Targets<'a> {
        let mut targets = Targets::default();
        for application in preview.applications.iter().filter(|one| one.flux().is_none()) {
            targets.applications.insert(application.name());
            targets.clusters.extend([application.server(), application.cluster_name()]);
            targets.namespaces.insert(application.destination_namespace());
        }
        targets
    }

    /// Finds patterns of windows of an AppProject that fit none of them, though one is nearly called so; what is
    /// called otherwise may be in other files.
    pub(super) fn check(
        &self,
        (project, origin): (&'a Json, &Origin),
        globs: &Globs,
        problems: &mut Vec<Problem>,
    ) {
        let name = project.pointer("/metadata/name").and_then(Json::as_str).unwrap_or_default();
        for (i, window) in windows(project).iter().enumerate() {
            for (key, what, there) in [
                ("applications", "Application", &self.applications),
                ("clusters", "cluster", &self.clusters),
                ("namespaces", "namespace", &self.namespaces),
            ] {
                let patterns = window.get(key).and_then(Json::as_array).into_iter().flatten();
                for pattern in patterns.filter_map(Json::as_str) {
                    let is_plain = !pattern.contains(['*', '?', '[', '{', '!', '/']);
                    let work = pattern.len().saturating_mul(there.len()).saturating_mul(4);
                    let near = Some(pattern).filter(|pattern| {
                        is_plain && !there.contains(pattern) && globs.work().spend(work)
                    });
                    let Some(near) = near.and_then(|pattern| near_target(key, there, pattern))
                    else {
                        continue;
                    };
                    let message = format!(
                        "spec.syncWindows.{i}.{key}: no {what} is called {pattern:?}, so the window is not about it"
                    );
                    problems.push(
                        Problem::warning("window-unmatched", message)
                            .at(origin.place().0, origin.place().1)
                            .about(format!("AppProject {name}"))
                            .hint(format!("did you mean {near:?}?")),
                    );
                }
            }
        }
    }
}

/// Returns what a pattern was most likely meant to name: one that differs by a slip, or the one cluster that has
/// words behind it.
fn near_target<'a>(key: &str, there: &BTreeSet<&'a str>, pattern: &'a str) -> Option<&'a str> {
    let begins = |name: &&&str| {
        name.strip_prefix(pattern).is_some_and(|rest| rest.starts_with(['-', '.']))
            && key == "clusters"
    };
    let mut longer = there.iter().filter(begins);
    if let (Some(only), None) = (longer.next(), longer.next()) {
        return Some(only);
    }
    let is_other = |name: &str| {
        !name.bytes().filter(u8::is_ascii_digit).eq(pattern.bytes().filter(u8::is_ascii_digit))
    };
    let alike = there.iter().copied().filter(|name| pattern.len() > 4 && !is_other(name));
    let near = nearest_name(alike, pattern)?;
    // `worker-a` and `worker-b` are two.
    let letters = |name: &str| {
        let mut letters: Vec<u8> = name.bytes().collect();
        letters.sort_unstable();
        letters
    };
    let is_slip = near.len().abs_diff(pattern.len()) == 1 || letters(near) == letters(pattern);
    is_slip.then_some(near)
}

/// Returns `true` if a window is about an Application.
fn applies(window: &Json, application: &Application, globs: &Globs) -> bool {
    let matched = |key: &str, values: &[&str]| {
        let patterns = window.get(key).and_then(Json::as_array).filter(|list| !list.is_empty())?;
        let mut patterns = patterns.iter().filter_map(Json::as_str);
        Some(patterns.any(|pattern| values.iter().any(|value| globs.takes(pattern, value))))
    };
    let mut clusters = vec![application.server(), application.cluster_name()];
    clusters.retain(|given| !given.is_empty());
    let all = [
        matched("applications", &[application.name()]),
        matched("clusters", &clusters),
        matched("namespaces", &[application.destination_namespace()]),
    ];
    let mut given = all.into_iter().flatten().peekable();
    if window.get("andOperator") == Some(&Json::Bool(true)) {
        given.peek().is_some() && given.all(|matched| matched)
    } else {
        given.any(|matched| matched)
    }
}

/// A window that can be read.
struct Window {
    denies: bool,
    schedule: Schedule,
    /// How long it is open, in seconds.
    length: i64,
}

/// What windows leave open, by these windows in JSON: most Applications have the same.
pub(super) type Judged = BTreeMap<String, Option<String>>;

/// Finds production Applications that are synced at times when nobody is there.
pub(super) fn check(subject: &Subject<'_>, judged: &mut Judged, problems: &mut Vec<Problem>) {
    let application = subject.application;
    if !policy::is_automated(subject) || !production::is_production(application) {
        return;
    }
    let name = application.project();
    let own = match subject.project {
        Some(project) => windows(project),
        // Argo CD makes that one itself, without windows. Where no project is named at all, that is told already.
        None if is_default(name) && application.object().pointer("/spec/project").is_some() => &[],
        None => return,
    };
    let own: Vec<&Json> = own.iter().filter(|it| applies(it, application, subject.globs)).collect();
    let name = project_name(application);
    let key = own.iter().map(ToString::to_string).collect();
    let gap = judged.entry(key).or_insert_with(|| {
        let windows: Vec<Window> = own.iter().filter_map(|window| read(window)).collect();
        gap(&windows)
    });
    let message = match gap {
        None => return,
        Some(_) if own.is_empty() => format!(
            "no sync window of the AppProject {name} keeps Friday afternoons and weekend nights out of production"
        ),
        Some(gap) => format!("the sync windows of the AppProject {name} let it be synced {gap}"),
    };
    problems.push(remark_on("spec.project", "no-sync-window", message, application));
}

fn read(window: &Json) -> Option<Window> {
    let text = |key: &str| window.get(key).and_then(Json::as_str).unwrap_or_default();
    let denies = match text("kind") {
        "deny" => true,
        "allow" => false,
        _ => return None,
    };
    let schedule = Schedule::parse(text("schedule")).ok()?;
    Some(Window { denies, schedule, length: duration(text("duration"))? })
}

/// Says when within a year Argo CD may sync by itself though it should not, by the clocks of the windows' time
/// zones: all of a Friday afternoon, or some hour of the nights to Saturday and to Sunday.
fn gap(windows: &[Window]) -> Option<String> {
    const HOUR: i64 = 3600;
    // A Friday. Half a minute past the full hour, for a window is not open at the very moment when it begins.
    let friday = Moment::parse("2026-01-02T00:00:30Z")?;
    let is_blocked = |moment: Moment| {
        let mut allows = windows.iter().filter(|window| !window.denies).peekable();
        let open = |window: &Window| window.schedule.is_open(moment, window.length);
        windows.iter().any(|window| window.denies && open(window))
            || (allows.peek().is_some() && !allows.any(open))
    };
    for week in 0..53 {
        let day = |days: i64, hour: i64| friday.after((week * 7 + days) * 24 * HOUR + hour * HOUR);
        let when = if !(12..24).any(|hour| is_blocked(day(0, hour))) {
            "on Friday afternoons"
        } else if !(0..6).all(|hour| is_blocked(day(1, hour))) {
            "in the night from Friday to Saturday"
        } else if !(0..6).all(|hour| is_blocked(day(2, hour))) {
            "in the night from Saturday to Sunday"
        } else {
            continue;
        };
        return Some(match week {
            0 => when.to_owned(),
            _ => format!("{when} in some weeks"),
        });
    }
    None
}

/// Returns the AppProject whose windows count for an Application; none if it has no windows for certain.
///
/// # Errors
/// If it is not among the files, or several are that differ in their windows.
pub(super) fn project<'p>(
    application: &Application,
    projects: &'p Projects,
) -> Result<Option<&'p Json>, String> {
    let name = application.project();
    if application.is_flux() {
        return Ok(None);
    }
    let found = projects.named(application);
    match &*found {
        (Some(own), _) => Ok(projects.get(*own)),
        (None, others) => match others.first().and_then(|first| projects.get(*first)) {
            Some(first)
                if others
                    .iter()
                    .all(|it| projects.get(*it).map(windows) == Some(windows(first))) =>
            {
                Ok(Some(first))
            }

            Some(_) => Err(format!("there are several AppProjects {name} with other windows each")),
            None if is_default(name) => Ok(None),
            None => Err(format!("the AppProject {name} is not among the files")),
        },
    }
}

/// Says by how many minutes a time zone is ahead of UTC at a moment, if that is known.
type Offset<'a> = &'a dyn Fn(&str, Moment) -> Option<i64>;

/// Judges a moment by the windows: deny beats allow, and where there is an allow window, outside of all
/// is denied.
pub(super) fn verdict(
    application: &Application,
    project: Option<&Json>,
    (moment, offset): (Moment, Offset<'_>),
    globs: &Globs,
) -> Verdict {
    let own = project.map(windows).unwrap_or_default();
    let (mut denies, mut allows, mut open) = (Vec::new(), Vec::new(), false);
    for window in own.iter().filter(|window| applies(window, application, globs)) {
        let text = |key: &str| window.get(key).and_then(Json::as_str).unwrap_or_default();
        let (schedule, length) =
            match (Schedule::parse(text("schedule")), duration(text("duration"))) {
                (Ok(schedule), Some(length)) => (schedule, length),
                (Err(e), _) => return Verdict::Unknown(e),
                (_, None) => {
                    return Verdict::Unknown("the duration of a window cannot be read".to_owned());
                }
            };
        // Argo CD takes a zone that there is none of for UTC. That of the schedule comes on top.
        let mut ahead = 0;
        for zone in schedule.zone.iter().chain(&Zone::of(text("timeZone"))) {
            let Some(minutes) = zone.offset().or_else(|| offset(&zone.name, moment)) else {
                return Verdict::Unknown(format!("a window is in the time zone {}", zone.name));
            };
            ahead += minutes;
        }
        let active = schedule.is_open(moment.after(ahead * 60), length);
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
