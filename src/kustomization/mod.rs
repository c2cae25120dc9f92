//! The kustomization file, typed (docs/spec/kustomization-file.md).

mod check;
mod legacy;
pub(crate) mod names;
mod place;
#[cfg(test)]
mod tests;
pub(crate) mod types;

use std::path::Path;

pub(crate) use place::Place;
pub(crate) use types::*;

use crate::diagnostics::hints::{
    MISSPELLED_FIELD, NUMBER_IN_QUOTES, OTHER_SHAPE, TEXT_WITHOUT_QUOTES,
};
use crate::diagnostics::{Error, ErrorKind, Result, Warning};
use crate::limits::Account;
use crate::yaml::{self, DecodeError, DecodeMode, Limits, Merges, Node, Pos, Slip, SyntaxError};

/// Reads the kustomization file whose text starts at the position `at`, from the directory `dir`.
///
/// The result has the present fields only: the oldest ones are converted, kind and version are set. With it
/// comes the tree that it was made from.
/// The warnings are out even if the file is refused after them, as upstream prints them.
pub(crate) fn parse(
    bytes: &[u8],
    at: Pos,
    dir: &Path,
    account: &Account,
    warnings: &mut Vec<Warning>,
) -> Result<(Kustomization, Option<Node>)> {
    let text = yaml::decode(bytes).map_err(|error| syntax_error(error, at))?;
    let root = yaml::read_document(&text, at, Merges::Plain, &Limits::of(account))
        .map_err(|error| syntax_error(error, at))?;
    yaml::charge_copies(bytes, root.as_slice(), account)?;
    let file = from_tree(root.as_ref(), at, dir, warnings)?;
    Ok((file, root))
}

fn from_tree(
    root: Option<&Node>,
    at: Pos,
    dir: &Path,
    warnings: &mut Vec<Warning>,
) -> Result<Kustomization> {
    let mut file = match root {
        Some(root) => decode(root)?,
        None => Kustomization::default(),
    };
    check::no_config_map_type(&file)?;
    warnings.extend(root.into_iter().flat_map(legacy::warnings));
    legacy::convert(&mut file);
    check::not_empty(&file, root, at)?;
    check::header(&file, root, dir)?;
    Ok(file)
}

/// Reads a file that is being changed, which may be empty as yet.
///
/// # Errors
/// If a field is unknown or has the wrong type.
pub(crate) fn read_tree(root: &Node) -> Result<Kustomization> {
    let mut file = if root.is_null() { Kustomization::default() } else { decode(root)? };
    check::no_config_map_type(&file)?;
    legacy::convert(&mut file);
    Ok(file)
}

fn decode(root: &Node) -> Result<Kustomization> {
    yaml::from_node(root, DecodeMode::Strict, "Kustomization").map_err(decode_error)
}

/// Returns the error for a file that is not YAML.
pub(crate) fn syntax_error(error: SyntaxError, at: Pos) -> Error {
    Error::of_syntax(&error, format!("invalid Kustomization: {}", error.message))
        .at(at.offset(error.offset))
}

fn decode_error(error: DecodeError) -> Error {
    let mut out =
        Error::new(ErrorKind::Kustomization, format!("invalid Kustomization: {}", error.message))
            .at(error.pos);
    if !error.field.is_empty() {
        out = out.in_field(error.field);
    }
    out.maybe_hint(error.hint.map(|(slip, hint)| {
        let slip = match slip {
            Slip::Field => &MISSPELLED_FIELD,
            Slip::Unquoted => &TEXT_WITHOUT_QUOTES,
            Slip::Quoted => &NUMBER_IN_QUOTES,
            Slip::Shape => &OTHER_SHAPE,
        };
        slip.with(hint)
    }))
}

impl Kustomization {
    /// Returns `true` if this is a component, which is built as a part of those that name it.
    pub(crate) fn is_component(&self) -> bool {
        self.kind == "Component"
    }

    /// Returns the only version that a file of this kind may have.
    fn required_api_version(&self) -> &'static str {
        if self.is_component() {
            "kustomize.config.k8s.io/v1alpha1"
        } else {
            "kustomize.config.k8s.io/v1beta1"
        }
    }
}
