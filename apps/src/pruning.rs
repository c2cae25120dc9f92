//! What becomes of objects that an existing Application no longer has.

use crate::application::Application;
use crate::problem::few;
use crate::render::{Manifest, Rendered};
use crate::settings::SKIP_RECONCILE;
use crate::sync_options;

/// Objects that an Application no longer has, and that are in the cluster all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LeftBehind {
    /// Whether these are all that it no longer has.
    pub all: bool,
    /// What stays and why, in one line.
    pub why: String,
}

/// Says what stays of what an Application no longer has: `removed` are these objects, and `after` is the Application as
/// it is now, with all that it has.
pub fn left_behind(removed: &[&Manifest], after: (&Application, &Rendered)) -> Option<LeftBehind> {
    let (application, rendered) = after;
    let all = |why: &str| Some(LeftBehind { all: true, why: why.to_owned() });
    if let Some(why) = application.is_left_alone() {
        return all(&format!("nothing changes: {why}"));
    }
    if removed.is_empty() {
        return None;
    }
    if application.is_flux() && !application.prunes() {
        return all("what is removed stays: it does not prune");
    }
    if !application.prunes() {
        return all("what is removed stays until somebody prunes it");
    }
    if !application.is_flux() && !allows_empty(application) && rendered.manifests.is_empty() {
        return all(
            "what is removed stays: nothing would be left, and Argo CD does not do that by itself without allowEmpty",
        );
    }
    let staying: Vec<(String, &str)> = removed
        .iter()
        .filter_map(|manifest| Some((manifest.title(), keeps(application, manifest)?)))
        .collect();
    let (_, why) = staying.first()?;
    let titles = |why: &str| -> Vec<String> {
        staying.iter().filter(|(_, own)| *own == why).map(|(title, _)| title.clone()).collect()
    };
    let mut said = vec![format!("{} stays: {why}", few(&titles(why)))];
    if let Some((_, other)) = staying.iter().find(|(_, other)| other != why) {
        said.push(format!("{} stays: {other}", few(&titles(other))));
    }
    Some(LeftBehind { all: staying.len() == removed.len(), why: said.join("; ") })
}

/// Says why an object is not pruned, if it is not.
fn keeps(application: &Application, manifest: &Manifest) -> Option<&'static str> {
    if application.is_flux() {
        return manifest.is_kept_by_flux().then_some("Flux is told to keep it");
    }
    match sync_options::value(application, manifest, "Prune") {
        Some("false") => Some("Prune=false"),
        Some("confirm") => Some("Prune=confirm waits for somebody"),
        _ => None,
    }
}

fn allows_empty(application: &Application) -> bool {
    let automated = application.object().pointer("/spec/syncPolicy/automated/allowEmpty");
    automated == Some(&serde_json::Value::Bool(true))
}

impl Application {
    /// Says why nothing of it is applied whatever changes, if that is so.
    fn is_left_alone(&self) -> Option<&'static str> {
        match self.flux() {
            Some(flux) if flux.is_on("suspend") => Some("it is suspended"),
            Some(_) => None,
            None => (self.annotation(SKIP_RECONCILE) == "true").then_some("it has skip-reconcile"),
        }
    }
}
