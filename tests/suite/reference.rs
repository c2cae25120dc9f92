//! Runs upstream's program beside ours, if `KUSTOMIZE` names it.

use std::path::Path;
use std::process::Command;

use crate::engine::{Options, Order};

/// Builds with the program that `KUSTOMIZE` names; returns nothing if it names none.
pub(crate) fn build(
    directory: &Path,
    options: &Options,
) -> Result<Option<Result<String, String>>, String> {
    let Some(program) = std::env::var_os("KUSTOMIZE").filter(|name| !name.is_empty()) else {
        return Ok(None);
    };
    let mut command = Command::new(&program);
    command.arg("build");
    if options.unrestricted {
        command.args(["--load-restrictor", "LoadRestrictionsNone"]);
    }
    match options.reorder {
        Some(Order::Legacy) => _ = command.args(["--reorder", "legacy"]),
        Some(Order::None) => _ = command.args(["--reorder", "none"]),
        None => {}
    }
    if options.managed_by_label {
        command.arg("--enable-managedby-label");
    }
    let output = command
        .arg(directory)
        .output()
        .map_err(|e| format!("cannot run {}: {e}", Path::new(&program).display()))?;
    if !output.status.success() {
        return Ok(Some(Err(String::from_utf8_lossy(&output.stderr).into_owned())));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    // A development build does not know its version.
    Ok(Some(Ok(text.replace("kustomize-(devel)", "kustomize-v5.8.2"))))
}
