//! Generators: env files that are not what a shell takes them for, and objects that get no hash.

use crate::diagnostics::Lint;
use crate::diagnostics::{Warning, WarningKind};
use crate::resource::{Behavior, Resource, ResourceSet};
use crate::schema::Schema;
use crate::yaml::Pos;

/// Remarks on a line of an env file, whose text starts at `pos`.
pub(crate) fn env_line(lint: &Lint, line: &str, pos: Pos) {
    let warn = |text: String, hint: &str| {
        lint.add(Warning::new(WarningKind::EnvFile, text, pos).hint(hint));
    };
    let Some((key, value)) = line.split_once('=') else {
        if let Some((key, _)) = line.split_once(": ") {
            return warn(
                format!(
                    "the line of `{key}` has no `=`, so that all of it is a key with an empty value"
                ),
                "an env file is no YAML: write `KEY=value`, without a colon and blank",
            );
        }
        return warn(
            format!("the key `{line}` has no value, so it is set to the empty text"),
            "write `KEY=value`; unlike kubectl, kustomize does not look into the environment",
        );
    };
    if key.starts_with("export ") {
        return warn(
            format!("the key is `{key}`, with `export` in it"),
            "leave `export` out: an env file is no shell script",
        );
    }
    if key.ends_with([' ', '\t']) {
        return warn(
            format!("the key is `{key}`, with a blank at its end"),
            "write `KEY=value` without blanks",
        );
    }
    if key.trim().is_empty() {
        return warn(
            "the line has no key before `=`, so nothing is made of it".to_owned(),
            "write `KEY=value`",
        );
    }
    if value.starts_with([' ', '\t']) && !value.trim().is_empty() {
        warn(
            format!("the value of `{key}` starts with a blank"),
            "write `KEY=value` without blanks: all after the `=` is the value",
        );
    }
    if value.contains(" # ") {
        warn(
            format!("what follows `#` in the line of `{key}` is a part of the value"),
            "put the comment on a line of its own",
        );
    }
    let value = value.trim_end();
    let is_quoted =
        |quote: char| value.len() > 1 && value.starts_with(quote) && value.ends_with(quote);
    if is_quoted('"') || is_quoted('\'') {
        warn(
            format!("the quotes around the value of `{key}` become a part of it"),
            "leave the quotes out: all up to the end of the line is the value",
        );
    }
}

/// Remarks on a generated object that loses its hash, because what it merges with has none.
pub(crate) fn no_hash(lint: &Lint, new: &Resource, set: &ResourceSet, schema: &Schema) {
    let merges = matches!(new.history.behavior, Behavior::Merge | Behavior::Replace);
    if !merges || !new.history.needs_hash {
        return;
    }
    let found = set.find_any(&new.id(schema), schema);
    let [slot] = found.as_slice() else { return };
    let is_plain = |old: &&Resource| !old.history.needs_hash && !old.history.is_generated;
    let Some(old) = set.get(*slot).filter(is_plain) else { return };
    let text = format!(
        "the {} `{}` gets no hash, for it merges with one that is not generated: Pods will not restart when \
         it changes",
        new.kind(),
        new.name()
    );
    lint.add(
        Warning::new(WarningKind::NoHash, text, new.node.pos())
            .related("merges with", old.node.pos())
            .hint(
                "generate it in the base as well, or say that you know with \
                 `options: {disableNameSuffixHash: true}`",
            ),
    );
}
