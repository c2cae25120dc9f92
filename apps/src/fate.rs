//! What becomes of an Application that a change removes, and of its objects.

use std::fmt;

use serde_json::Value as Json;

use crate::application::{Application, remark};
use crate::named::Named;
use crate::preview::{Preview, key_of_name};
use crate::problem::few;
use crate::render::{Manifest, Rendered};
use crate::sync_options;

/// What Argo CD deletes the objects of an Application for, once that is deleted.
const FINALIZERS: [&str; 3] = [
    "resources-finalizer.argocd.argoproj.io",
    "resources-finalizer.argocd.argoproj.io/foreground",
    "resources-finalizer.argocd.argoproj.io/background",
];

/// What becomes of the objects of an Application that is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fate {
    /// They are deleted with it, but for these.
    Deleted {
        /// Whether somebody has to confirm it for some of them.
        once_confirmed: bool,
        /// The titles of those that stay.
        but: Vec<String>,
    },
    /// They stay without it, and why.
    Stay(String),
    /// The Application itself stays, and why.
    Kept(String),
    /// The Application goes to another cluster, and leaves them.
    Moved(String),
}

impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fate::Deleted { once_confirmed, but } => {
                f.write_str("its objects are deleted")?;
                f.write_str(if *once_confirmed { " once that is confirmed" } else { "" })?;
                if but.is_empty() { Ok(()) } else { write!(f, ", but for {}", few(but)) }
            }
            Fate::Stay(why) => write!(f, "its objects stay: {why}"),
            Fate::Kept(why) => write!(f, "it stays, and so do its objects: {why}"),
            Fate::Moved(cluster) if cluster.is_empty() => {
                f.write_str("it has no destination any more, and its objects stay here")
            }
            Fate::Moved(cluster) => {
                write!(f, "it goes to {cluster}, and its objects stay here")
            }
        }
    }
}

/// Says what becomes of the objects of an Application that there was before and is not there `after`, and returns those
/// that are deleted, as one stream of YAML documents.
pub fn fate(gone: &Application, rendered: &Rendered, after: &Preview) -> (Fate, String) {
    let fate = of(gone, rendered, after);
    let mut deleted = Rendered::default();
    if matches!(fate, Fate::Deleted { .. }) {
        let manifests = rendered.manifests.iter().filter(|manifest| !stays(gone, manifest));
        deleted.manifests = manifests.cloned().collect();
    }
    (fate, deleted.to_yaml())
}

fn of(gone: &Application, rendered: &Rendered, after: &Preview) -> Fate {
    // What another set makes is another one: the old goes with its own set, wherever the new goes.
    let key = key_of_name(gone);
    let of_name = after.by_name.get(&key).into_iter().flatten();
    let mut of_name = of_name.filter_map(|number| after.applications.get(*number));
    let is_it = |other: &&Application| is_same(other, gone) && !gone.leaves_its_set(other);
    if let Some(moved) = of_name.find(is_it) {
        return Fate::Moved(after.cluster(moved).to_owned());
    }
    left(gone, rendered, after)
}

/// Says what becomes of an Application that its owner no longer has, and of its objects.
pub(crate) fn left(gone: &Application, rendered: &Rendered, after: &Preview) -> Fate {
    let (deletes, manifests) = (deletes(gone), &rendered.manifests);
    match kept_by_set(gone, after).map_or(deletes, |why| Err(Fate::Kept(why))) {
        Err(fate) => fate,
        Ok(()) => {
            let waits = |manifest: &Manifest| {
                !gone.is_flux() && sync_options::value(gone, manifest, "Delete") == Some("confirm")
            };
            let stays = |manifest: &&Manifest| stays(gone, manifest);
            let but: Vec<String> = manifests.iter().filter(stays).map(Manifest::title).collect();
            match but.len() == manifests.len() && !but.is_empty() {
                true => Fate::Stay("each of them says so".to_owned()),
                false => Fate::Deleted { once_confirmed: manifests.iter().any(waits), but },
            }
        }
    }
}

/// Returns `true` if two Applications of two revisions are one in the cluster, as far as their files tell.
fn is_same(one: &Application, other: &Application) -> bool {
    one.name() == other.name()
        && one.namespace() == other.namespace()
        && one.is_flux() == other.is_flux()
        && one.origin().file == other.origin().file
}

/// Puts Applications back to what they were `before`, where their ApplicationSet makes new ones only and changes
/// none that is there; what is held back is told among the problems.
pub fn hold_back(preview: &mut Preview, before: &Preview) {
    hold_back_others(preview, before);
    let named = Named::new(&before.applications);
    for application in &mut preview.applications {
        let Some(policy) = application.set().and_then(policy).filter(|policy| !policy.1.updates)
        else {
            continue;
        };
        let old = named.first(application);
        // What another set had goes with that, and is made anew.
        let is_held = |old: &&Application| {
            old.object() != application.object() && !old.leaves_its_set(application)
        };
        let Some(old) = old.filter(is_held) else { continue };
        let message = format!(
            "its ApplicationSet changes no Application that is there (applicationsSync: {}), so it stays as it was",
            policy.0
        );
        preview.problems.push(remark("not-updated", message, application));
        *application = old.clone();
    }
}

/// Puts Applications back whose own ApplicationSet keeps them, where another one makes them for another cluster: what
/// is owned is not taken over.
fn hold_back_others(preview: &mut Preview, before: &Preview) {
    let named = Named::new(&before.applications);
    let kept = |application: &Application| {
        let is_left = |old: &Application| {
            old.leaves_its_set(application) && before.cluster(old) != preview.cluster(application)
        };
        let old = named.of_other_set(application, is_left)?;
        let why = kept_by_set(old, preview)?;
        let message = match &application.origin().set {
            Some(set) => {
                format!("ApplicationSet {set} cannot make it, for another one keeps it: {why}")
            }
            None => return None,
        };
        Some((old.clone(), remark("not-updated", message, application)))
    };
    let kept: Vec<_> = preview.applications.iter().map(kept).collect();
    for (application, kept) in preview.applications.iter_mut().zip(kept) {
        if let Some((old, problem)) = kept {
            *application = old;
            preview.problems.push(problem);
        }
    }
}

/// What an ApplicationSet may do with Applications that are there.
struct Allowed {
    updates: bool,
    deletes: bool,
}

/// Returns the policy of an ApplicationSet, and what it allows.
fn policy(set: &Json) -> Option<(&str, Allowed)> {
    let policy = set.pointer("/spec/syncPolicy/applicationsSync").and_then(Json::as_str)?;
    let (updates, deletes) = match policy {
        "create-only" => (false, false),
        "create-update" => (true, false),
        "create-delete" => (false, true),
        _ => (true, true),
    };
    Some((policy, Allowed { updates, deletes }))
}

/// Says why an ApplicationSet keeps an Application that it no longer makes.
fn kept_by_set(gone: &Application, after: &Preview) -> Option<String> {
    let now = after.set_of(gone);
    let (policy, allowed) = now.or(gone.set()).and_then(policy)?;
    if allowed.deletes {
        return None;
    }
    match now {
        Some(_) => Some(format!("its ApplicationSet has applicationsSync: {policy}")),
        // What owns it is gone, and takes it along unless it lets go first.
        None => gone
            .set()
            .filter(|set| has_finalizer(set))
            .map(|_| format!("its ApplicationSet has applicationsSync: {policy} and a finalizer")),
    }
}

fn has_finalizer(object: &Json) -> bool {
    let finalizers = object.pointer("/metadata/finalizers").and_then(Json::as_array);
    let mut finalizers = finalizers.into_iter().flatten().filter_map(Json::as_str);
    finalizers.any(|finalizer| FINALIZERS.contains(&finalizer))
}

/// Says why the objects of an Application stay when it is deleted, if they do.
fn deletes(gone: &Application) -> Result<(), Fate> {
    let stay = |why: &str| Err(Fate::Stay(why.to_owned()));
    let Some(flux) = gone.flux() else {
        let preserves = |set: &Json| {
            set.pointer("/spec/syncPolicy/preserveResourcesOnDeletion") == Some(&Json::Bool(true))
        };
        return match (has_finalizer(gone.object()), gone.set()) {
            (true, _) => Ok(()),
            (false, Some(set)) if preserves(set) => {
                stay("its ApplicationSet has preserveResourcesOnDeletion")
            }
            (false, _) => stay("it has no resources-finalizer"),
        };
    };
    match flux.text("deletionPolicy") {
        _ if flux.is_on("suspend") => stay("it is suspended"),
        Some("Delete" | "WaitForTermination") => Ok(()),
        None | Some("MirrorPrune") if flux.is_on("prune") => Ok(()),
        None | Some("MirrorPrune") => stay("it has no prune: true"),
        Some(policy) => stay(&format!("its deletionPolicy is {policy}")),
    }
}

/// Returns `true` for an object that is not deleted with its Application.
fn stays(gone: &Application, manifest: &Manifest) -> bool {
    if gone.is_flux() {
        return manifest.is_kept_by_flux();
    }
    let policy = manifest.text(&["metadata", "annotations", "helm.sh/resource-policy"]);
    manifest.text(&["kind"]) == "CustomResourceDefinition"
        || sync_options::value(gone, manifest, "Delete") == Some("false")
        || policy.split(',').any(|policy| policy.trim() == "keep")
}
