//! Settings that Argo CD accepts and people regret: one rule per function, one family per file.

// Circle: data, decider, destinations, generate_paths, hooks, manifest_paths, mod, names, options, policy, windows, waves: the page lists the rules, which are functions of its own types.
mod data;
mod decider;
mod destinations;
mod generate_paths;
mod hooks;
mod manifest_paths;
mod names;
mod open_values;
mod options;
mod permitted;
mod policy;
mod production;
mod repositories;
mod schedule;
mod secrets;
mod shared;
mod waves;
mod windows;
mod zones;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use serde_json::Value as Json;

use kustom::{Builder, Limits};

use crate::application::{Application, Origin};
use crate::globs::Globs;
use crate::pattern_work::PatternWork;
use crate::preview::Preview;
use crate::problem::Problem;
use crate::render::Rendered;
use crate::render::scope::Scopes;
use crate::repository::Repository;

pub use generate_paths::{GeneratePaths, generate_paths};
use permitted::Target;
pub use schedule::Moment;
pub use windows::Verdict;

/// A rule of the lint.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Rule {
    /// The name by which it is switched.
    pub code: &'static str,
    /// What it finds, in one line.
    pub finds: &'static str,
}

const fn rule(code: &'static str, finds: &'static str) -> Rule {
    Rule { code, finds }
}

/// All rules, sorted by name.
pub const RULES: &[Rule] = &[
    rule(
        "annotation-unknown",
        "an annotation that is unknown to Argo CD but close to one it knows",
    ),
    rule("crosses-clusters", "one ApplicationSet deploys to several clusters by their address"),
    rule(
        "destination-forbidden",
        "the AppProject does not allow the cluster and namespace of the destination or of an object",
    ),
    rule(
        "destination-invalid",
        "a destination without a cluster, or with an unknown or ambiguous one",
    ),
    rule(
        "hook-never-deleted",
        "a hook with a fixed name that is kept when it succeeds, so that it runs only once",
    ),
    rule("hook-policy-unused", "a hook-delete-policy on an object that is not a hook"),
    rule("hook-unknown", "a hook or delete policy that Argo CD does not know"),
    rule("kind-forbidden", "the AppProject does not allow an object's kind"),
    rule("label-invalid", "a label or annotation that Kubernetes refuses"),
    rule("manages-itself", "an Application that deploys Argo CD"),
    rule("manifest-generate-paths", "the annotation misses files that are rendered"),
    rule("name-invalid", "a name that Kubernetes refuses"),
    rule("namespace-missing", "objects that need a namespace, where the destination has none"),
    rule(
        "no-sync-window",
        "a production Application that may sync automatically on Friday afternoons or weekend nights",
    ),
    rule("object-repeated", "an object that is more than once in one Application"),
    rule("object-shared", "an object in two Applications that deploy to one cluster"),
    rule("plain-secret", "a Secret with plain values in the repository"),
    rule("project-missing", "an Application without an AppProject"),
    rule("project-unknown", "an AppProject that is not among the files, although others are"),
    rule("prune-without-propagation", "automated prune without PrunePropagationPolicy"),
    rule("prunes-data", "automated prune may delete data"),
    rule("self-heal-platform", "selfHeal on platform components"),
    rule("sops-file", "an encrypted file in the repository"),
    rule("source-forbidden", "the AppProject does not allow the repository"),
    rule(
        "sync-option-unknown",
        "a sync option that Argo CD does not know, so that it has no effect",
    ),
    rule("sync-wave-invalid", "a sync wave that is not an integer, and therefore 0"),
    rule("sync-wave-order", "Pods need something that is synced only after them"),
    rule("window-invalid", "a sync window that cannot be parsed"),
    rule(
        "window-unmatched",
        "a sync window for something that does not exist, although a similar name does",
    ),
];

/// What the rules look at.
pub(crate) struct Subject<'a> {
    pub(crate) application: &'a Application,
    pub(crate) rendered: &'a Rendered,
    /// Its AppProject, if that is among the files.
    pub(crate) project: Option<&'a Json>,
    /// The cluster that it goes to.
    target: Target<'a>,
    /// Which kinds have a namespace.
    scopes: &'a Scopes,
    /// What AppProjects were found to permit.
    judged: &'a destinations::Judged,
    /// The patterns that were read, and what they may still do.
    globs: &'a Globs,
}

/// How many objects of all Applications are looked at: equal ones are kept once, and cost next to nothing until then.
fn most_objects(limits: &Limits) -> usize {
    usize::try_from(limits.nodes).unwrap_or(usize::MAX)
}

/// How much may be found.
fn most_problems(limits: &Limits) -> usize {
    most_objects(limits) / 20
}

/// Says that the Applications have more objects together than are looked at, if they have.
fn too_many(objects: impl Iterator<Item = usize>, most: usize) -> Option<Problem> {
    let count = objects.fold(0_usize, usize::saturating_add);
    let message = || {
        format!(
            "the Applications have {count} objects together, and {most} are the most that are checked: name fewer \
             of them at a time"
        )
    };
    (count > most).then(|| Problem::error("limit", message()))
}

/// Runs all rules and returns what they found, in the order of the Applications; only that, if there are more objects
/// than are looked at.
///
/// `rendered` is what [`render`](crate::render) made of the Applications of `preview`; AppProjects come
/// from its files, and from what is rendered.
pub fn lint(
    preview: &Preview,
    rendered: &[Rendered],
    repository: &Repository,
    builder: &Builder,
) -> Vec<Problem> {
    let most = most_objects(builder.get_limits());
    if let Some(problem) = too_many(rendered.iter().map(|rendered| rendered.manifests.len()), most)
    {
        return vec![problem];
    }
    let projects = Projects::of(preview, rendered);
    let scopes = Scopes::of(rendered.iter().flat_map(|rendered| &rendered.manifests), repository);
    let mut problems = Vec::new();
    let (globs, permitted) = (Globs::default(), destinations::Judged::default());
    let targets = windows::Targets::of(preview);
    for (project, origin) in &projects.all {
        windows::check_project(project, origin, &mut problems);
        targets.check((project, origin), &globs, &mut problems);
    }
    let mut judged = windows::Judged::new();
    destinations::check_sets(preview, &mut problems);
    let applications = preview.applications.iter().zip(rendered);
    let most = most_problems(builder.get_limits());
    // The rules are about Argo CD.
    for (application, rendered) in applications.filter(|(app, _)| app.flux().is_none()) {
        let subject = Subject {
            application,
            rendered,
            project: projects.of_application(application),
            target: Target::of(application, &preview.clusters),
            scopes: &scopes,
            judged: &permitted,
            globs: &globs,
        };
        policy::check(&subject, &mut problems);
        policy::check_itself(&subject, &mut problems);
        windows::check(&subject, &mut judged, &mut problems);
        destinations::check(&subject, &preview.clusters, !projects.all.is_empty(), &mut problems);
        names::check(&subject, &mut problems);
        options::check(&subject, &mut problems);
        hooks::check(&subject, &mut problems);
        waves::check(&subject, &mut problems);
        data::check(&subject, &mut problems);
        manifest_paths::check(&subject, repository, builder, &mut problems);
        if problems.len() > most {
            let message = format!("more than {most} findings: nothing more is checked");
            problems.push(Problem::error("limit", message).hint("name fewer files at a time"));
            return problems;
        }
    }
    shared::check(preview, rendered, &mut problems);
    secrets::check(rendered, &preview.applications, repository, &mut problems);
    if globs.work().is_spent() {
        problems.push(Problem::error("limit", PatternWork::told()));
    }
    problems
}

/// Returns whether the sync windows let each Application be synced at a moment.
///
/// `offset` says by how many minutes a time zone is ahead of UTC at a moment, if that is known.
pub fn sync_at(
    preview: &Preview,
    rendered: &[Rendered],
    moment: Moment,
    offset: &dyn Fn(&str, Moment) -> Option<i64>,
) -> Vec<Verdict> {
    let projects = Projects::of(preview, rendered);
    let globs = Globs::default();
    let verdict = |application| match windows::project(application, &projects) {
        Ok(project) => match windows::verdict(application, project, (moment, offset), &globs) {
            _ if globs.work().is_spent() => Verdict::Unknown(PatternWork::told()),
            verdict => verdict,
        },
        Err(why) => Verdict::Unknown(why),
    };
    preview.applications.iter().map(verdict).collect()
}

/// Returns the AppProjects of the Applications, if none of any is among the files: then nobody knows what they allow.
pub fn unknown_projects<'p>(preview: &'p Preview, rendered: &[Rendered]) -> BTreeSet<&'p str> {
    if !Projects::of(preview, rendered).all.is_empty() {
        return BTreeSet::new();
    }
    let of_argo_cd = preview.applications.iter().filter(|application| !application.is_flux());
    of_argo_cd.map(Application::project).filter(|name| !is_default(name)).collect()
}

/// Returns `true` for the AppProject that Argo CD makes itself, without windows and with all allowed.
fn is_default(project: &str) -> bool {
    ["", "default"].contains(&project)
}

/// Returns the name of the AppProject of an Application.
fn project_name(application: &Application) -> &str {
    Some(application.project()).filter(|name| !name.is_empty()).unwrap_or("default")
}

/// The AppProjects of the files, and of what is rendered.
struct Projects {
    all: Vec<(Json, Origin)>,
    /// The numbers of those of a name.
    by_name: BTreeMap<String, Vec<usize>>,
    /// What was found for each name and folder.
    known: RefCell<BTreeMap<(String, PathBuf), Rc<Found>>>,
}

/// The number of an AppProject in a folder, and those of its name in others.
type Found = (Option<usize>, Vec<usize>);

impl Projects {
    fn of(preview: &Preview, rendered: &[Rendered]) -> Projects {
        let mut all = preview.projects.clone();
        for (application, rendered) in preview.applications.iter().zip(rendered) {
            for manifest in &rendered.manifests {
                if manifest.text(&["kind"]) != "AppProject" {
                    continue;
                }
                if let Ok(json) = manifest.node().to_value() {
                    all.push((json, application.origin().clone()));
                }
            }
        }
        let mut by_name: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (i, (project, _)) in all.iter().enumerate() {
            let name = project.get("metadata").and_then(|metadata| metadata.get("name")?.as_str());
            by_name.entry(name.unwrap_or_default().to_owned()).or_default().push(i);
        }
        Projects { all, by_name, known: RefCell::default() }
    }

    /// Returns the AppProject of an Application; where each cluster has its own, that of the same folder.
    fn of_application(&self, application: &Application) -> Option<&Json> {
        let found = self.named(application);
        self.get(found.0.or_else(|| found.1.first().copied())?)
    }

    /// Returns the numbers of the AppProject of an Application in its folder, and of those of the name in others.
    fn named(&self, application: &Application) -> Rc<Found> {
        let name = project_name(application);
        let folder = application.origin().file.parent().unwrap_or(Path::new(""));
        let key = (name.to_owned(), folder.to_path_buf());
        if let Some(known) = self.known.borrow().get(&key) {
            return Rc::clone(known);
        }
        let all = self.by_name.get(name).into_iter().flatten().copied();
        let is_own = |number: &usize| {
            let origin = self.all.get(*number).map(|(_, origin)| origin.file.parent());
            origin.flatten() == application.origin().file.parent()
        };
        let (own, others): (Vec<usize>, Vec<usize>) = all.partition(is_own);
        let found = Rc::new((own.first().copied(), others));
        self.known.borrow_mut().insert(key, Rc::clone(&found));
        found
    }

    fn get(&self, number: usize) -> Option<&Json> {
        self.all.get(number).map(|(project, _)| project)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_of_all_applications_count_together() {
        let most = most_objects(&Limits::default());
        let of = |applications: usize| too_many(std::iter::repeat_n(500, applications), most);
        assert!(of(2_000).is_none());
        let problem = of(2_001).expect("too many");
        assert!(problem.message.contains("1000500 objects"), "{}", problem.message);
    }
}
