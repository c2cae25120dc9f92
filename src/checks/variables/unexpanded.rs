//! Variables in names, namespaces and hosts, which kustomize does not expand.

use crate::checks::path::{Path, Step};
use crate::checks::positions::place_or;
use crate::diagnostics::{Lint, Warning, WarningKind};
use crate::resource::Resource;
use crate::yaml::{Node, Pos};

/// How many variables may be a slip; who has more has something that fills them in.
const MOST: usize = 2;

/// The variables that were met, until they are too many.
#[derive(Default)]
pub(in crate::checks) struct Variables<'a> {
    found: Vec<Found<'a>>,
}

struct Found<'a> {
    name: &'a str,
    /// The object, the path and the text, if it is a name or host.
    place: Option<(&'a Resource, String, &'a str, Pos)>,
}

impl<'a> Variables<'a> {
    /// Looks at the text at a path.
    pub(in crate::checks) fn meet(
        &mut self,
        resource: &'a Resource,
        value: &'a Node,
        path: &Path<'a>,
    ) {
        let Some((text, name)) = value.text().and_then(|text| Some((text, variable(text)?))) else {
            return;
        };
        if self.found.len() > MOST || is_of_containers(path) {
            return;
        }
        let place = || (resource, path.shown(), text, place_or(value.pos(), resource));
        let place = is_name(path).then(place);
        match self.found.iter_mut().find(|found| found.name == name) {
            Some(found) if found.place.is_none() => found.place = place,
            Some(_) => {}
            None => self.found.push(Found { name, place }),
        }
    }

    /// Warns about those in names, namespaces and hosts of a build; `of_groups` are its objects of groups with a dot.
    pub(in crate::checks) fn remark(self, lint: &Lint, of_groups: &[&Resource]) {
        // Beside objects of Flux, it expands them.
        let is_of_flux =
            |resource: &&Resource| resource.gvk_ref().group.ends_with(".toolkit.fluxcd.io");
        if self.found.is_empty() || self.found.len() > MOST || of_groups.iter().any(is_of_flux) {
            return;
        }
        for Found { name, place } in self.found {
            let Some((resource, path, text, pos)) = place else { continue };
            let text = format!(
                "{} {}: `{path}` is `{text}` as it stands, for kustomize expands no variables",
                resource.kind(),
                resource.name()
            );
            lint.add(Warning::new(WarningKind::UnexpandedVariable, text, pos).alike(name).hint(
                "write the value itself, or an overlay for each value; a `replacements` entry can copy one from a \
                 ConfigMap, and Flux expands it with `postBuild`",
            ));
        }
    }
}

/// Returns the name of the first variable in a text: `${NAME}`, `$NAME`, or `$(NAME)` in capitals, for vars of
/// kustomizations further out are mostly in small letters.
fn variable(text: &str) -> Option<&str> {
    // Few texts have one, and most are short.
    if !text.as_bytes().contains(&b'$') {
        return None;
    }
    let (_, rest) = text.split_once('$')?;
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let name = if let Some(rest) = rest.strip_prefix('(') {
        let (name, _) = rest.split_once(')')?;
        Some(name).filter(|name| !name.contains(|c: char| !is_part(c) || c.is_ascii_lowercase()))?
    } else {
        let rest = rest.strip_prefix('{').unwrap_or(rest);
        rest.get(..rest.find(|c: char| !is_part(c)).unwrap_or(rest.len()))?
    };
    Some(name).filter(|name| name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_'))
}

/// Returns `true` for what a container is started with: its variables are expanded there.
fn is_of_containers(path: &Path<'_>) -> bool {
    let is_one = |step: &Step<'_>| {
        matches!(step, Step::Key("args" | "command" | "env" | "annotations" | "subPathExpr"))
    };
    path.steps().iter().any(is_one)
}

/// Returns `true` if a path leads to the name or namespace of an object, or to a host.
fn is_name(path: &Path<'_>) -> bool {
    path.is_own("name")
        || path.is_own("namespace")
        || matches!(path.steps(), [.., Step::Key("host" | "hosts" | "hostnames")])
}
