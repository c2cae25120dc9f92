//! What a plan says: for people, pull requests, commits and bots.

use kustom::diff::render::escaped_markdown;
use kustom::text::visible_line;
use serde_json::{Value, json};

use super::others::Other;
use super::plan::Plan;
use super::step::Step;
use crate::image_uses::Use;
use crate::images::Placed;
use crate::table::Table;

fn table(plan: &Plan<'_>) -> Option<Table> {
    let mut table = Table::new(["app", "image", plan.to, plan.from]);
    let mut is_empty = true;
    for step in plan.steps.iter().filter(|step| step.refused.is_none()) {
        let [old, new] = step.both();
        table.row([step.app.to_owned(), step.name.to_owned(), old, new]);
        is_empty = false;
    }
    (!is_empty).then_some(table)
}

fn refusals(plan: &Plan<'_>) -> Vec<String> {
    let unrendered = plan
        .unrendered
        .iter()
        .map(|one| format!("{}: {} cannot be rendered", one.app, one.dir.display()));
    let line = |step: &Step| {
        let reason = step.refused.as_ref()?;
        let (app, name, old, new) = (step.app, step.name, step.old(), step.wanted());
        Some(format!("{app}: {name} {old} -> {new}: {reason}"))
    };
    plan.steps.iter().filter_map(line).chain(unrendered).collect()
}

/// Returns what the target does not have, a line each.
fn missing(plan: &Plan<'_>) -> Vec<String> {
    let line = |app: &str, image: Option<&str>| match image {
        Some(image) => format!("{app}: {image}"),
        None => app.to_owned(),
    };
    plan.missing.iter().map(|missing| line(missing.app, missing.image)).collect()
}

/// Returns the regions that the source does not have, a line each.
fn left_behind(plan: &Plan<'_>) -> Vec<String> {
    let line = |placed: &&Placed| format!("{} ({})", placed.place.app, placed.dir.display());
    plan.left_behind.iter().map(line).collect()
}

/// Returns what changes beside, a line each.
fn others(plan: &Plan<'_>) -> Vec<String> {
    plan.others.iter().map(Other::line).collect()
}

fn nothing(plan: &Plan<'_>) -> bool {
    plan.steps.is_empty() && plan.unrendered.is_empty()
}

/// Says after `nothing`, with the letter that fits, that so much is to be promoted: of all, or of what can be compared.
fn said_nothing(plan: &Plan<'_>, nothing: &str, [from, to]: [&str; 2]) -> String {
    let is_all =
        plan.missing.is_empty() && plan.left_behind.is_empty() && plan.not_compared.is_empty();
    match is_all {
        true => format!("{nothing} to promote: {to} has what {from} has"),
        false => format!("{nothing} to promote of what {from} and {to} both have"),
    }
}

pub(super) fn text(plan: &Plan<'_>) -> String {
    let (from, to) = (visible_line(plan.from), visible_line(plan.to));
    let mut parts = Vec::new();
    if nothing(plan) {
        parts.push(said_nothing(plan, "nothing", [&from, &to]) + "\n");
    }
    parts.extend(table(plan).map(|table| table.text()));
    let titled = [
        ("also changed".to_owned(), others(plan)),
        ("refused".to_owned(), refusals(plan)),
        (format!("not in {to}"), missing(plan)),
        (format!("not in {from}"), left_behind(plan)),
    ];
    for (title, lines) in titled.iter().filter(|(_, lines)| !lines.is_empty()) {
        let lines: String =
            lines.iter().map(|line| format!("  {}\n", visible_line(line))).collect();
        parts.push(format!("{title}:\n{lines}"));
    }
    parts.join("\n")
}

pub(super) fn markdown(plan: &Plan<'_>) -> String {
    let (from, to) = (escaped_markdown(plan.from), escaped_markdown(plan.to));
    let mut out = match nothing(plan) {
        true => said_nothing(plan, "Nothing", [&from, &to]) + ".\n",
        false => format!("### Promote {from} to {to}\n\n"),
    };
    out += &table(plan).map(|table| table.markdown()).unwrap_or_default();
    let titled = [
        ("Also changed".to_owned(), others(plan)),
        ("Not promoted".to_owned(), refusals(plan)),
        (format!("Not in {to}"), missing(plan)),
        (format!("Not in {from}"), left_behind(plan)),
    ];
    for (title, lines) in titled.iter().filter(|(_, lines)| !lines.is_empty()) {
        let lines: String =
            lines.iter().map(|line| format!("- {}\n", escaped_markdown(line))).collect();
        out += &format!("\n{title}:\n\n{lines}");
    }
    out
}

pub(super) fn message(plan: &Plan<'_>) -> String {
    let one = |step: &Step| format!("{} {}", step.app, step.wanted());
    let mut all: Vec<String> =
        plan.steps.iter().filter(|step| step.refused.is_none()).map(one).collect();
    all.dedup();
    let (from, to) = (plan.from, plan.to);
    let line = match all.as_slice() {
        [] => format!("Nothing to promote from {from} to {to}"),
        all => format!("Promote {from} to {to}: {}", all.join(", ")),
    };
    format!("{}\n", visible_line(&line))
}

pub(super) fn json(plan: &Plan<'_>, is_written: bool) -> Value {
    let side = |image: Option<&Use>, env: &str| match image {
        None => Value::Null,
        Some(image) => json!({
            "env": env,
            "renderedName": image.name,
            "tag": image.tag,
            "digest": image.digest,
            "file": image.decided.file.as_ref().map(|file| file.display().to_string()),
            "line": Some(image.decided.line).filter(|line| *line > 0),
            "entry": image.decided.entry,
        }),
    };
    let steps = plan.steps.iter().map(|step| {
        json!({
            "app": step.app,
            "image": step.name,
            "from": side(Some(step.from), plan.from),
            "to": side(step.to.first(), plan.to),
            "follows": step.follows,
            "refused": step.refused,
        })
    });
    let failed = plan.unrendered.iter().map(|one| {
        json!({
            "app": one.app,
            "env": one.env,
            "dir": one.dir.display().to_string(),
            "error": one.error.to_string(),
        })
    });
    let others = plan.others.iter().map(|other| {
        json!({
            "app": other.app,
            "env": other.env,
            "dir": other.dir.display().to_string(),
            "with": other.target.display().to_string(),
        })
    });
    let missing = plan.missing.iter().map(|one| json!({"app": one.app, "image": one.image}));
    let left = plan.left_behind.iter();
    let left = left.map(|one| json!({"app": one.place.app, "dir": one.dir.display().to_string()}));
    let files: Vec<String> = plan.texts.keys().map(|file| file.display().to_string()).collect();
    json!({
        "files": files,
        "written": is_written,
        "from": plan.from,
        "to": plan.to,
        "images": steps.collect::<Vec<_>>(),
        "failed": failed.collect::<Vec<_>>(),
        "others": others.collect::<Vec<_>>(),
        "missing": missing.collect::<Vec<_>>(),
        "leftBehind": left.collect::<Vec<_>>(),
        "notCompared": plan.not_compared,
    })
}
