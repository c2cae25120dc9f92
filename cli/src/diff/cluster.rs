//! Asks kubectl what a cluster has.

use kustom::document::Reading;
use kustom::{Resource, diff};
use kustom_host::process::Program;

use crate::bounds::{self, LimitArgs};
use crate::report::ErrorFormat;

/// Returns the live objects of some manifests; kubectl decides which cluster that is.
///
/// # Errors
/// If there is no kubectl, it fails, or it reaches a limit of time or output.
pub(crate) fn get<'t>(
    manifests: impl Iterator<Item = &'t str>,
    limits: &LimitArgs,
    format: ErrorFormat,
) -> Result<Vec<Resource>, String> {
    const ARGUMENTS: [&str; 6] = ["get", "-f", "-", "-o", "yaml", "--ignore-not-found"];
    let text = manifests.collect::<Vec<_>>().join("---\n");
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let shown = format!("kubectl {}", ARGUMENTS.join(" "));
    format.note("command", &format!("running: {shown}"));
    let fail = |e: &dyn std::fmt::Display| format!("{shown}: {e}");
    let kubectl = Program::new("kubectl").args(ARGUMENTS).cancel(bounds::cancel());
    let finished = kubectl.run(text.as_bytes(), &limits.process()).map_err(|e| fail(&e))?;
    if !finished.status.success() {
        let why = finished.stderr_text();
        return Err(fail(&format!("{}: {}", finished.ending(), why.trim())));
    }
    if finished.stdout.trim_ascii().is_empty() {
        return Ok(Vec::new());
    }
    let reading = Reading::new(limits.set());
    diff::read_within(&finished.stdout, &reading).map_err(|e| fail(&e.message().trim_end()))
}
