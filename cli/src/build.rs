//! `kustom build`

use std::process::ExitCode;

use kustom::{Builder, LoadRestriction, Reorder};

use crate::args::{BuildArgs, ReorderArg, Restrictor};
use crate::output;
use crate::report::ErrorFormat;

/// Renders one kustomization and writes it where the arguments say.
pub(crate) fn run(args: &BuildArgs, format: ErrorFormat) -> ExitCode {
    let builder = match builder(args) {
        Ok(builder) => builder,
        Err(message) => return output::fail(&message),
    };
    for line in deprecations(args) {
        output::note(line);
    }
    let builder = builder.lint(args.warn || args.strict);
    let build = match builder.build(&args.dir) {
        Ok(build) => build,
        Err(e) => return format.error(&e),
    };
    let mut failed = false;
    for warning in build.warnings() {
        let strict = args.strict && warning.kind().is_lint();
        format.warning(warning, strict);
        failed |= strict;
    }
    if failed {
        return ExitCode::FAILURE;
    }
    match &args.output {
        Some(path) => output::write(&build, path),
        None => output::print(build.as_yaml()),
    }
}

/// Returns a builder with the options of `args`, or why there is none.
pub(crate) fn builder(args: &BuildArgs) -> Result<Builder, String> {
    if let Some(flag) = args.unsupported() {
        return Err(format!(
            "{flag} is not supported yet: kustom starts no helm, no plugins and no functions"
        ));
    }
    let mut builder = Builder::new().load_restriction(args.load_restrictor.into());
    if let Some(order) = args.reorder {
        builder = builder.reorder(match order {
            ReorderArg::Legacy => Reorder::Legacy,
            ReorderArg::None => Reorder::None,
        });
    }
    if args.enable_managedby_label == Some(true) {
        builder = builder.managed_by_label(true);
    }
    Ok(builder)
}

impl From<Restrictor> for LoadRestriction {
    fn from(restrictor: Restrictor) -> LoadRestriction {
        match restrictor {
            Restrictor::RootOnly => LoadRestriction::RootOnly,
            Restrictor::None => LoadRestriction::None,
        }
    }
}

/// Says what upstream says when deprecated flags are given.
fn deprecations(args: &BuildArgs) -> impl Iterator<Item = &'static str> {
    let reorder = args.reorder.map(|_| {
        "Flag --reorder has been deprecated, use the new 'sortOptions' field in \
         kustomization.yaml instead."
    });
    let managed_by = args.enable_managedby_label.map(|_| {
        "Flag --enable-managedby-label has been deprecated, The flag `enable-managedby-label` has \
         been deprecated. Use the `managedByLabel` option in the `buildMetadata` field instead."
    });
    reorder.into_iter().chain(managed_by)
}
