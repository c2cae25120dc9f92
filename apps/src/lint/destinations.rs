//! Where Applications go, and what their AppProject allows.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value as Json;

use super::permitted::{Target, permits};
use super::{Subject, is_default, repositories};
use crate::application::{Application, remark, remark_on};
use crate::clusters::{Cluster, is_own};
use crate::globs::Globs;
use crate::preview::Preview;
use crate::problem::{Problem, few};
use crate::render::Manifest;
use crate::render::scope::Scopes;

/// Finds ApplicationSets whose Applications go to several clusters.
pub(super) fn check_sets(preview: &Preview, problems: &mut Vec<Problem>) {
    let mut sets: BTreeMap<(&Path, &str), (&Application, BTreeSet<&str>)> = BTreeMap::new();
    for application in &preview.applications {
        let origin = application.origin();
        let Some(set) = &origin.set else { continue };
        let found = sets.entry((&origin.file, set)).or_insert((application, BTreeSet::new()));
        found.1.insert(preview.cluster(application));
    }
    for ((_, set), (first, clusters)) in sets {
        // One that is given by name may be one that is given by its address.
        let names = clusters.iter().filter(|cluster| !cluster.contains("://")).count();
        if names > 1 || clusters.len() - names > 1 {
            let names: Vec<String> = clusters.into_iter().map(str::to_owned).collect();
            let message = format!("deploys from one cluster into several: {}", few(&names));
            let problem = remark_on("spec.destination", "crosses-clusters", message, first);
            problems.push(Problem { about: Some(format!("ApplicationSet {set}")), ..problem });
        }
    }
}

/// Says why Argo CD does not sync to a destination, whatever the AppProject allows.
fn invalid(application: &Application, clusters: &[Cluster]) -> Option<String> {
    let (name, server) = (application.cluster_name(), application.server());
    match (name, server) {
        ("", "") => Some("the destination has neither a name nor a server".to_owned()),
        (_, "") | ("", _) => {
            let found = clusters.iter().filter(|cluster| cluster.is_that_of(application)).count();
            match found {
                0 if !clusters.is_empty() && !is_own(application) => {
                    Some(format!("there is no cluster {}", application.cluster()))
                }
                0 | 1 => None,
                count => Some(format!("there are {count} clusters {}", application.cluster())),
            }
        }
        _ => Some(format!("the destination has both the name {name} and the server {server}")),
    }
}

/// What AppProjects permit, each question asked once.
#[derive(Debug, Default)]
pub(super) struct Judged(RefCell<BTreeMap<Question, bool>>);

/// What may be permitted: a repository, or a namespace of a cluster. An AppProject is known by its place.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Question {
    Repository(usize, String),
    Destination(usize, [Option<String>; 3], String),
}

impl Judged {
    fn ask(&self, question: Question, globs: &Globs, judge: impl Fn() -> bool) -> bool {
        if let Some(known) = self.0.borrow().get(&question) {
            return *known;
        }
        // What nobody knows is not forbidden.
        let is_permitted = judge() || globs.work().is_spent();
        self.0.borrow_mut().insert(question, is_permitted);
        is_permitted
    }

    fn takes_from(&self, project: &Json, url: &str, globs: &Globs) -> bool {
        let question = Question::Repository(std::ptr::from_ref(project).addr(), url.to_owned());
        self.ask(question, globs, || repositories::permits(project, url, globs))
    }

    fn goes(&self, project: &Json, target: &Target<'_>, namespace: &str, globs: &Globs) -> bool {
        let place = std::ptr::from_ref(project).addr();
        let question = Question::Destination(place, target.parts(), namespace.to_owned());
        self.ask(question, globs, || permits(project, target, namespace, globs))
    }
}

/// `known`: whether there are AppProjects at all.
pub(super) fn check(
    subject: &Subject<'_>,
    clusters: &[Cluster],
    known: bool,
    problems: &mut Vec<Problem>,
) {
    let application = subject.application;
    let invalid = invalid(application, clusters);
    let is_valid = invalid.is_none();
    problems.extend(
        invalid.map(|message| {
            remark_on("spec.destination", "destination-invalid", message, application)
        }),
    );
    if application.object().pointer("/spec/project").is_none_or(Json::is_null) {
        let message = "spec.project is missing, without which Kubernetes takes no Application";
        problems.push(
            remark_on("spec.project", "project-missing", message, application)
                .hint("`default` is one"),
        );
        return;
    }
    if is_valid {
        problems.extend(without_namespace(subject));
    }
    let Some(project) = subject.project else {
        // An empty one is the default one.
        if known && !is_default(application.project()) {
            let message = format!("there is no AppProject {}", application.project());
            problems.push(remark_on("spec.project", "project-unknown", message, application));
        }
        return;
    };
    let name = application.project();
    for (namespace, objects) in namespaces(subject) {
        if !is_valid || subject.judged.goes(project, &subject.target, namespace, subject.globs) {
            continue;
        }
        let objects: Vec<String> = objects.into_iter().map(Manifest::title).collect();
        let cluster = application.cluster();
        let message = format!(
            "the AppProject {name} does not allow the namespace {namespace:?} of {cluster}"
        );
        let message = match objects.is_empty() {
            true => message,
            false => format!("{message}, which is that of {}", few(&objects)),
        };
        problems.push(remark_on("spec.destination", "destination-forbidden", message, application));
    }
    let written = application.hydrator().and_then(|hydrator| hydrator.get("syncSource"));
    let written = written.filter(|source| source.get("repoURL").is_some());
    let written = written.map(|source| ("spec.sourceHydrator.syncSource".to_owned(), source));
    let sources = application.sources().into_iter().enumerate();
    let sources = sources.map(|(i, source)| (application.field_of_source(i), source));
    for (field, source) in sources.chain(written) {
        let url = source.get("repoURL").and_then(Json::as_str).unwrap_or_default();
        if !subject.judged.takes_from(project, url, subject.globs) {
            let message = format!("the AppProject {name} does not allow the repository {url}");
            let field = format!("{field}.repoURL");
            problems.push(remark_on(&field, "source-forbidden", message, application));
        }
    }
    let allowed = Allowed::of(project);
    let forbidden: BTreeSet<String> = subject
        .rendered
        .manifests
        .iter()
        .filter(|manifest| !allowed.has(manifest, subject.scopes, subject.globs))
        .map(Manifest::title)
        .collect();
    if !forbidden.is_empty() && !subject.globs.work().is_spent() {
        let titles: Vec<String> = forbidden.into_iter().collect();
        let message = format!("the AppProject {name} does not allow {}", few(&titles));
        problems.push(remark("kind-forbidden", message, application));
    }
}

/// Says which objects have no namespace to go to.
fn without_namespace(subject: &Subject<'_>) -> Option<Problem> {
    let application = subject.application;
    if !application.destination_namespace().is_empty() {
        return None;
    }
    let lacks = |manifest: &&Manifest| {
        manifest.text(&["metadata", "namespace"]).is_empty()
            && subject.scopes.is_certainly_namespaced(manifest)
    };
    let titles: Vec<String> =
        subject.rendered.manifests.iter().filter(lacks).map(Manifest::title).collect();
    if titles.is_empty() {
        return None;
    }
    let message =
        format!("neither the destination nor they themselves have a namespace: {}", few(&titles));
    Some(
        remark_on("spec.destination", "namespace-missing", message, application)
            .hint("add spec.destination.namespace"),
    )
}

/// Returns the namespaces that an Application goes to: that of its destination, and those that objects have
/// themselves, with these objects.
fn namespaces<'a>(subject: &'a Subject<'_>) -> BTreeMap<&'a str, Vec<&'a Manifest>> {
    let own = subject.application.destination_namespace();
    let mut all = BTreeMap::from([(own, Vec::new())]);
    for manifest in &subject.rendered.manifests {
        let namespace = manifest.text(&["metadata", "namespace"]);
        if namespace != own && !namespace.is_empty() && subject.scopes.is_namespaced(manifest) {
            all.entry(namespace).or_default().push(manifest);
        }
    }
    all
}

/// The kinds that an AppProject lists, each with its group, and a name if it is about one object.
type Kinds<'a> = Vec<[&'a str; 3]>;

/// What an AppProject says of kinds.
struct Allowed<'a> {
    of_cluster: [Option<Kinds<'a>>; 2],
    of_namespaces: [Option<Kinds<'a>>; 2],
}

impl<'a> Allowed<'a> {
    fn of(project: &'a Json) -> Allowed<'a> {
        let list = |key: &str| -> Option<Kinds<'a>> {
            let list = project.get("spec")?.get(key)?.as_array()?;
            let text = |entry: &'a Json, key: &str| {
                entry.get(key).and_then(Json::as_str).unwrap_or_default()
            };
            Some(list.iter().map(|it| ["group", "kind", "name"].map(|key| text(it, key))).collect())
        };
        Allowed {
            of_cluster: [list("clusterResourceWhitelist"), list("clusterResourceBlacklist")],
            of_namespaces: [list("namespaceResourceWhitelist"), list("namespaceResourceBlacklist")],
        }
    }

    fn has(&self, manifest: &Manifest, scopes: &Scopes, globs: &Globs) -> bool {
        let api_version = manifest.text(&["apiVersion"]);
        let group = api_version.split_once('/').map_or("", |(group, _)| group);
        let (kind, name) = (manifest.text(&["kind"]), manifest.text(&["metadata", "name"]));
        let is_listed = |list: &Option<Kinds<'_>>| {
            let mut list = list.as_ref()?.iter();
            Some(list.any(|[of_group, of_kind, of_name]| {
                globs.takes(of_group, group)
                    && globs.takes(of_kind, kind)
                    && (of_name.is_empty() || globs.takes(of_name, name))
            }))
        };
        // Nothing of the cluster is allowed unless it is listed.
        let (lists, otherwise) = match scopes.is_namespaced(manifest) {
            false => (&self.of_cluster, false),
            true => (&self.of_namespaces, true),
        };
        let [white, black] = lists;
        is_listed(white).unwrap_or(otherwise) && is_listed(black) != Some(true)
    }
}
