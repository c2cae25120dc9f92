//! Which function a config names, in an annotation or in `metadata.configFn`.

use std::path::{Component, Path};

use serde::Deserialize;

use crate::diagnostics::{Error, ErrorKind, Result};
use crate::load::clean;
use crate::outside::{ContainerFunction, Function, Mount, ProgramFunction};
use crate::resource::Resource;
use crate::schema::Schema;
use crate::yaml::{self, DecodeMode, Limits, Merges, Node, Pos};

const FUNCTION: [&str; 2] = ["config.kubernetes.io/function", "config.k8s.io/function"];
const CONTAINER: &str = "config.kubernetes.io/container";

/// What a config says of its function.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Spec {
    container: ContainerSpec,
    exec: ExecSpec,
    /// As upstream: accepted and without effect.
    #[serde(rename = "deferFailure")]
    _defer_failure: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ContainerSpec {
    image: String,
    network: bool,
    mounts: Vec<MountSpec>,
    envs: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct MountSpec {
    #[serde(rename = "type")]
    mount_type: String,
    src: String,
    dst: String,
    rw: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ExecSpec {
    path: String,
    args: Vec<String>,
    envs: Vec<String>,
}

/// Returns `true` if a config says that it is one of a function.
pub(crate) fn is_named_in(config: &Resource) -> bool {
    if config.node.get_path(&["metadata", "configFn"]).is_some() {
        return true;
    }
    let annotations = config.metadata_map("annotations");
    let names = FUNCTION.into_iter().chain([CONTAINER]);
    annotations.is_some_and(|map| names.into_iter().any(|name| map.contains(name)))
}

/// Returns the function that a config names, or `None` if it names none.
///
/// # Errors
/// If what it says is wrong, or a container would see more than the kustomization's folder.
pub(super) fn of(config: &Resource, limits: &Limits) -> Result<Option<Function>> {
    let annotations = config.metadata_map("annotations");
    let annotation = |key: &str| {
        let value = annotations.and_then(|map| map.get(key))?;
        Some((value.text()?, value.pos())).filter(|(text, _)| !text.is_empty())
    };
    for key in FUNCTION {
        if let Some((text, pos)) = annotation(key) {
            let node = yaml::read_document(text, Pos::NONE, Merges::Plain, limits);
            let node = node.map_err(|e| invalid(key, Error::syntax(&e, pos)))?.unwrap_or_default();
            return function(config, &node, key, pos).map(Some);
        }
    }
    let node = config.node.get_path(&["metadata", "configFn"]).filter(|node| !node.is_null());
    if let Some(node) = node {
        return function(config, node, "configFn", node.pos()).map(Some);
    }
    Ok(annotation(CONTAINER).map(|(image, _)| {
        Function::Container(ContainerFunction { image: image.to_owned(), ..Default::default() })
    }))
}

fn invalid(key: &str, error: Error) -> Error {
    error.context(format_args!(
        "loader: failed to get FunctionSpec: {key} unmarshal error: error unmarshaling JSON"
    ))
}

fn function(config: &Resource, node: &Node, key: &str, pos: Pos) -> Result<Function> {
    if let Some(duplicate) = yaml::duplicate_key(node) {
        let name = duplicate.text().unwrap_or_default();
        let message = format!("key \"{name}\" already set in map");
        return Err(invalid(key, Error::new(ErrorKind::Transformer, message).at(pos)));
    }
    let spec: Spec = match node {
        node if node.is_null() => Spec::default(),
        node => yaml::from_node(node, DecodeMode::StrictText, "FunctionSpec").map_err(|e| {
            let error = Error::new(ErrorKind::Transformer, e.message).at(pos);
            invalid(key, error)
        })?,
    };
    let Spec { container, exec, .. } = spec;
    if container.image.is_empty() {
        let ExecSpec { path, args, envs } = exec;
        return Ok(Function::Program(ProgramFunction { path, args, envs }));
    }
    for mount in &container.mounts {
        let refuse = |must: &str| {
            let (id, src) = (config.id(&Schema::builtin()), &mount.src);
            let message = format!(
                "plugin {id} with mount path '{src}' is not permitted; mount paths must be {must} \
                 the current kustomization directory"
            );
            Err(Error::new(ErrorKind::Restricted, message).at(pos))
        };
        if Path::new(&mount.src).is_absolute() {
            return refuse("relative to");
        }
        if clean(Path::new(&mount.src)).components().next() == Some(Component::ParentDir) {
            return refuse("under");
        }
    }
    let mount = |MountSpec { mount_type, src, dst, rw }| Mount { mount_type, src, dst, rw };
    Ok(Function::Container(ContainerFunction {
        image: container.image,
        network: container.network,
        mounts: container.mounts.into_iter().map(mount).collect(),
        envs: container.envs,
    }))
}
