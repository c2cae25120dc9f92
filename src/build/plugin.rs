//! Generators, transformers and validators that configs describe (docs/spec/plugins.md).

use crate::build_context::Context;
use crate::charts;
use crate::diagnostics::hints::{
    Advice, MISSPELLED_BUILT_IN, NOT_A_PLUGIN, OTHER_ROLE, PLUGINS_NOT_ALLOWED,
};
use crate::diagnostics::{Error, ErrorKind, Result};
use crate::functions::{self, External};
use crate::generate::{self, GeneratedKind, IamPolicyArgs};
use crate::kustomization::{GeneratorArgs, HelmChart, HelmGlobals};
use crate::resource::{Resource, ResourceSet, stream};
use crate::schema::Schema;
use crate::transform::{self, Configure, Transformer};
use crate::yaml::{self, Embedded, Pos, nearest};

/// What a config is listed as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Under `generators`.
    Generator,
    /// Under `transformers` or `validators`.
    Transformer,
}

/// The kind of a step that renders a chart.
pub(crate) const HELM_CHART: &str = "HelmChartInflationGenerator";

/// The kind of a step that makes a ServiceAccount.
const IAM_POLICY: &str = "IAMPolicyGenerator";

const GENERATORS: [&str; 4] = [
    GeneratedKind::ConfigMap.generator(),
    GeneratedKind::Secret.generator(),
    HELM_CHART,
    IAM_POLICY,
];

/// Checks that a config describes a built-in step of this role.
///
/// # Errors
/// If it does not.
pub(crate) fn check(config: &Resource, role: Role) -> Result<()> {
    let kind = config.kind();
    let refuse =
        |message: String| Error::new(ErrorKind::Transformer, message).at(config.node.pos());
    if is_external(config) {
        return Err(not_enabled(config));
    }
    let actual = if GENERATORS.contains(&kind) {
        Role::Generator
    } else if transform::is_builtin(kind) {
        Role::Transformer
    } else {
        let error = refuse(format!("unable to load builtin {kind}.builtin.[noGrp]"));
        return Err(match nearest(transform::kinds().chain(GENERATORS), kind) {
            Some(near) => error.hint(MISSPELLED_BUILT_IN.with(format!("did you mean `{near}`?"))),
            None => error.maybe_hint(as_manifest(config, true)),
        });
    };
    if actual == role {
        return yaml::to_json(&config.node).map(drop).map_err(|e| unprintable(config, e));
    }
    let wanted = if role == Role::Generator { "generator" } else { "transformer" };
    let id = config.id(&Schema::builtin());
    let hint = format!("it is a {}: list it under `{}s`", other(role), other(role));
    Err(refuse(format!("plugin {id} not a {wanted}")).hint(OTHER_ROLE.with(hint)))
}

/// Returns what a step is called that has not this role.
fn other(role: Role) -> &'static str {
    if role == Role::Generator { "transformer" } else { "generator" }
}

/// Returns the error for a config that is for no built-in step, as it stands.
fn not_enabled(config: &Resource) -> Error {
    let kind = config.kind();
    let error = functions::not_enabled(kind).at(config.node.pos());
    if let Some(hint) = as_manifest(config, false) {
        return error.with_hint(hint);
    }
    // A function may have a config of any kind.
    let is_built_in = GENERATORS.contains(&kind) || transform::is_builtin(kind);
    if !is_built_in || functions::is_named_in(config) {
        return error;
    }
    error.with_hint(NOT_A_PLUGIN.with(format!("`{kind}` is built in: write `apiVersion: builtin`")))
}

/// Returns what to do with a config that is a manifest, listed in the wrong place, or `None` if it may be the
/// config of a function or plugin. `are_allowed`: whether such run.
fn as_manifest(config: &Resource, are_allowed: bool) -> Option<Advice> {
    // A function may have a ConfigMap as its config.
    if functions::is_named_in(config) {
        return None;
    }
    let (version, kind) = (config.api_version(), config.kind());
    if is_external(config) {
        if Schema::builtin().resource(version, kind).is_some() {
            return Some(NOT_A_PLUGIN.with(format!(
                "this is an ordinary manifest ({kind} {version}): list it under `resources`"
            )));
        } else if config.node.get("status").is_some() || config.node.get("spec").is_some() {
            // Configs of plugins have their arguments at the top; some have a `spec` as objects have.
            let others = match are_allowed {
                true => "",
                false => "; functions and plugins run with --enable-alpha-plugins",
            };
            return Some(PLUGINS_NOT_ALLOWED.with(format!(
                "if this {kind} is a manifest of a custom kind, list it under `resources`{others}"
            )));
        }
        return None;
    }
    let version = Schema::builtin_version(kind)?;
    Some(NOT_A_PLUGIN.with(format!(
        "{kind} is a kind of manifests: write its own `apiVersion: {version}` and list it under `resources`; \
         a built-in step has a kind such as `ConfigMapGenerator` or `LabelTransformer`"
    )))
}

/// Returns `true` if a config is not for a built-in step.
pub(crate) fn is_external(config: &Resource) -> bool {
    config.api_version() != "builtin"
}

/// Returns the function or legacy plugin that a config names.
///
/// # Errors
/// If such are not allowed, or the config is wrong.
pub(crate) fn external(conf: &Configure, config: &Resource) -> Result<External> {
    // Where only names matter, none runs.
    if !conf.files.lists_names() {
        conf.loader.admit_program(conf.files).map_err(|e| e.at(config.node.pos()))?;
    }
    let Some(runner) = conf.functions else {
        return Err(not_enabled(config));
    };
    External::new(runner, &as_printed(config)?, conf.files, conf.loader)
        .map_err(|e| e.maybe_hint(as_manifest(config, true)).at(config.node.pos()))
}

impl Transformer for External {
    fn run(&self, cx: &Context, resources: &mut ResourceSet) -> Result<()> {
        self.transform(cx, resources)
    }
}

/// Returns a config with the values that it has after it was printed.
///
/// Odd: upstream prints a config and reads it again (case plugins/config-is-printed).
fn as_printed(config: &Resource) -> Result<Resource> {
    let mut printed = config.clone();
    printed.node = yaml::as_printed(&config.node).map_err(|e| unprintable(config, e))?;
    Ok(printed)
}

fn unprintable(config: &Resource, error: yaml::RenderError) -> Error {
    let id = config.id(&Schema::builtin());
    Error::from(error).context(format_args!("marshalling yaml from res {id}"))
}

/// Makes what a config of `generators` describes.
///
/// # Errors
/// If the config is wrong or a file cannot be read.
pub(crate) fn generate(conf: &Configure, config: &Resource) -> Result<Vec<Resource>> {
    check(config, Role::Generator)?;
    let config = &as_printed(config)?;
    let node = &config.node;
    let made = match config.kind() {
        IAM_POLICY => iam_policy(conf, config),
        kind => {
            let kind = match kind == GeneratedKind::Secret.generator() {
                true => GeneratedKind::Secret,
                false => GeneratedKind::ConfigMap,
            };
            generator_args(conf, config, kind).and_then(|mut args| {
                // Odd: `env` counts in kustomization files only (case plugins/generator-ignores-env).
                if args.name.is_empty() {
                    args.name = config.name().to_owned();
                }
                if args.namespace.is_empty() {
                    args.namespace = config.namespace().to_owned();
                }
                let mut load = |path: &str| conf.loader.read_value(conf.files, path);
                generate::generate(kind, &args, node.pos(), &mut load).map(|made| vec![made])
            })
        }
    };
    made.map_err(|e| failed(config, e))
}

/// Returns the chart that a config describes, or `None` if it describes another step.
///
/// # Errors
/// If the config is wrong.
pub(crate) fn chart(config: &Resource) -> Result<Option<(HelmGlobals, HelmChart)>> {
    if config.kind() != HELM_CHART {
        return Ok(None);
    }
    check(config, Role::Generator)?;
    let config = &as_printed(config)?;
    let globals = transform::decode_silently::<Embedded<HelmGlobals>>(config);
    let chart = transform::decode_silently::<Embedded<HelmChart>>(config);
    let read = globals.and_then(|globals| Ok((globals.0, chart?.0)));
    let (globals, mut chart) = read.map_err(|e| failed(config, e))?;
    charts::texts_if_fields(&mut chart.values_inline);
    Ok(Some((globals, chart)))
}

fn iam_policy(conf: &Configure, config: &Resource) -> Result<Vec<Resource>> {
    let text = generate::iam_policy(&transform::decode::<IamPolicyArgs>(conf, config)?)?;
    let documents = yaml::read_stream(text.as_bytes(), Pos::NONE, &conf.files.limits())
        .map_err(|e| Error::syntax(&e, Pos::NONE))?;
    stream::resources(documents.into())
}

/// Reads the config of a generator of config maps or secrets; only the latter have a `type`.
fn generator_args(
    conf: &Configure,
    config: &Resource,
    kind: GeneratedKind,
) -> Result<GeneratorArgs> {
    let mut config = config.clone();
    if kind == GeneratedKind::ConfigMap
        && let Some(map) = config.node.as_map_mut()
    {
        map.retain(|e| !e.key.text().is_some_and(|key| yaml::fold(key).eq("type".chars())));
    }
    transform::decode(conf, &config)
}

/// Configures the step that a config of `transformers` or `validators` describes.
///
/// # Errors
/// If the config is wrong.
pub(crate) fn transformer(conf: &Configure, config: &Resource) -> Result<Box<dyn Transformer>> {
    if is_external(config) {
        return Ok(Box::new(external(conf, config)?));
    }
    check(config, Role::Transformer)?;
    let config = &as_printed(config)?;
    transform::from_config(conf, config).map_err(|e| failed(config, e))
}

/// Says which config an error comes from.
pub(crate) fn failed(config: &Resource, error: Error) -> Error {
    let id = config.id(&Schema::builtin());
    error.at(config.node.pos()).context(format_args!("plugin {id} fails configuration"))
}
