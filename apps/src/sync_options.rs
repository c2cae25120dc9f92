//! Sync options, set on an object or by its Application for all objects.

use serde_json::Value as Json;

use crate::application::Application;
use crate::render::Manifest;

/// Returns what an option is set to for an object; what the object says itself goes first.
pub(crate) fn value<'a>(
    application: &'a Application,
    manifest: &'a Manifest,
    name: &str,
) -> Option<&'a str> {
    let own = manifest.text(&["metadata", "annotations", "argocd.argoproj.io/sync-options"]);
    let all = application.object().pointer("/spec/syncPolicy/syncOptions");
    let all = all.and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str);
    own.split(',').chain(all).find_map(|option| option.trim().strip_prefix(name)?.strip_prefix('='))
}
