//! The table of transformers: their order in a layer, and how each is configured
//! (docs/spec/accumulation.md, section 2).

use serde::de::DeserializeOwned;

use super::affix::{Affix, PrefixSuffixConfig};
use super::annotations::{Annotations, AnnotationsConfig};
use super::hash::Hash;
use super::images::{ImageTagConfig, Images};
use super::labels::{LabelConfig, Labels};
use super::namespace::{Namespace, NamespaceConfig};
use super::patch_config::{self, JsonPatchConfig, MergePatchConfig};
use super::replacements::{self, Reading, ReplacementConfig, Replacements};
use super::replicas::{ReplicaCountConfig, Replicas};
use super::value_add::{ValueAdd, ValueAddConfig};
use super::{Configure, Step, Transformer};
use crate::build_context::Context;
use crate::diagnostics::hints::AFFIX_WITHOUT_FIELD_SPECS;
use crate::diagnostics::{Error, ErrorKind, Lint, Result, Warning, WarningKind};
use crate::kustomization::{Patch, Place, Replacement};
use crate::resource::{Resource, ResourceSet};
use crate::yaml::{DecodeMode, Located, Node, Tag, from_node};

type Boxed = Box<dyn Transformer>;
/// Steps, each with the place of the field that asks for it.
type Placed = Vec<(Place, Boxed)>;

/// One kind of transformer.
struct Entry {
    /// The kind, in transformer annotations and in configs.
    kind: &'static str,
    /// Makes the steps that the fields of a kustomization ask for.
    from_fields: fn(&Configure) -> Result<Placed>,
    /// Makes the step that a config of this kind describes.
    from_config: fn(&Configure, &Resource) -> Result<Boxed>,
}

/// The transformers; the order is that of the steps in a layer. Those that no field asks for come
/// last.
const ORDER: &[Entry] = &[
    Entry {
        kind: "PatchStrategicMergeTransformer",
        from_fields: |conf| {
            let entries = &conf.kustomization.patches_strategic_merge;
            if entries.is_empty() {
                return Ok(Vec::new());
            }
            let place = Place::field("patchesStrategicMerge");
            let step = patch_config::strategic_merge(conf, entries);
            Ok(vec![(place, step.map_err(|e| e.in_entry(place))?)])
        },
        from_config: |conf, config| {
            patch_config::strategic_merge_config(conf, &decode::<MergePatchConfig>(conf, config)?)
        },
    },
    Entry {
        kind: "PatchTransformer",
        from_fields: |conf| {
            each(&conf.kustomization.patches, "patches", |entry| {
                patch_config::patch(conf, entry, entry.pos)
            })
        },
        from_config: |conf, config| {
            patch_config::patch(conf, &decode::<Patch>(conf, config)?, config.node.pos())
        },
    },
    Entry {
        kind: "NamespaceTransformer",
        from_fields: |conf| {
            Ok(one("namespace", Namespace::from_kustomization(conf.kustomization, conf.config)))
        },
        from_config: |conf, config| {
            Ok(Box::new(Namespace::from_config(&decode::<NamespaceConfig>(conf, config)?)?))
        },
    },
    Entry {
        kind: "PrefixTransformer",
        from_fields: |conf| {
            Ok(one("namePrefix", Affix::prefix_from(conf.kustomization, conf.config)))
        },
        from_config: |conf, config| {
            Ok(Box::new(Affix::prefix_from_config(&affix_config(conf, config)?)))
        },
    },
    Entry {
        kind: "SuffixTransformer",
        from_fields: |conf| {
            Ok(one("nameSuffix", Affix::suffix_from(conf.kustomization, conf.config)))
        },
        from_config: |conf, config| {
            Ok(Box::new(Affix::suffix_from_config(&affix_config(conf, config)?)))
        },
    },
    Entry {
        kind: "LabelTransformer",
        from_fields: |conf| {
            let labels = &conf.kustomization.labels;
            let steps = Labels::from_kustomization(conf.kustomization, conf.config)?;
            let place = |i: usize| match labels.get(i) {
                Some(entry) => Place { field: "labels", index: Some(i), pos: entry.pos },
                None => Place::field("commonLabels"),
            };
            let step = |(i, step)| (place(i), Box::new(step) as Boxed);
            Ok(steps.into_iter().enumerate().map(step).collect())
        },
        from_config: |conf, config| {
            Ok(Box::new(Labels::from_config(&decode::<LabelConfig>(conf, config)?)))
        },
    },
    Entry {
        kind: "AnnotationsTransformer",
        from_fields: |conf| {
            Ok(one(
                "commonAnnotations",
                Annotations::from_kustomization(conf.kustomization, conf.config),
            ))
        },
        from_config: |conf, config| {
            Ok(Box::new(Annotations::from_config(&decode::<AnnotationsConfig>(conf, config)?)))
        },
    },
    Entry {
        kind: "PatchJson6902Transformer",
        from_fields: |conf| {
            each(&conf.kustomization.patches_json6902, "patchesJson6902", |entry| {
                let target = entry.target.as_ref();
                patch_config::json6902(conf, target, &entry.path, &entry.patch, entry.pos)
            })
        },
        from_config: |conf, config| {
            let pos = config.node.pos();
            let config = decode::<JsonPatchConfig>(conf, config)?;
            let target = config.target.as_ref();
            patch_config::json6902(conf, target, &config.path, &config.json_op, pos)
        },
    },
    Entry {
        kind: "ReplicaCountTransformer",
        from_fields: |conf| {
            Ok(one("replicas", Replicas::from_kustomization(conf.kustomization, conf.config)))
        },
        from_config: |conf, config| {
            Ok(Box::new(Replicas::from_config(&decode::<ReplicaCountConfig>(conf, config)?)))
        },
    },
    Entry {
        kind: "ImageTagTransformer",
        from_fields: |conf| {
            Ok(one(
                "images",
                Images::from_kustomization(conf.kustomization, conf.config, conf.patterns),
            ))
        },
        from_config: |conf, config| {
            Ok(Box::new(Images::from_config(
                &decode::<ImageTagConfig>(conf, config)?,
                conf.patterns,
            )))
        },
    },
    Entry {
        kind: "ReplacementTransformer",
        from_fields: |conf| {
            let entries = &conf.kustomization.replacements;
            if entries.is_empty() {
                return Ok(Vec::new());
            }
            // Odd: here, not in files and configs, a list of no targets is none
            // (case replacements/no-targets).
            let mut entries = entries.clone();
            for entry in &mut entries {
                entry.value.targets.take_if(|targets| targets.is_empty());
            }
            let place = Place::field("replacements");
            Ok(vec![(place, replacements(conf, &entries).map_err(|e| e.in_entry(place))?)])
        },
        from_config: |conf, config| {
            replacements(conf, &decode::<ReplacementConfig>(conf, config)?.replacements)
        },
    },
    Entry {
        kind: "ValueAddTransformer",
        from_fields: none,
        from_config: |conf, config| {
            let mut load = |path: &str| conf.loader.read(conf.files, path);
            let root = conf.loader.root().file_name().unwrap_or_default();
            let config = decode::<ValueAddConfig>(conf, config)?;
            Ok(Box::new(ValueAdd::new(
                config,
                &root.to_string_lossy(),
                conf.patterns,
                conf.files.account(),
                &mut load,
            )?))
        },
    },
    Entry { kind: "HashTransformer", from_fields: none, from_config: |_, _| Ok(Box::new(Hash)) },
    Entry {
        kind: "PrefixSuffixTransformer",
        from_fields: none,
        from_config: |conf, config| {
            let config = affix_config(conf, config)?;
            Ok(Box::new(Both(
                Affix::prefix_from_config(&config),
                Affix::suffix_from_config(&config),
            )))
        },
    },
];

/// Returns `true` if configs of this kind are known.
pub(crate) fn is_builtin(kind: &str) -> bool {
    ORDER.iter().any(|entry| entry.kind == kind)
}

/// Returns the kinds of all transformers.
pub(crate) fn kinds() -> impl Iterator<Item = &'static str> {
    ORDER.iter().map(|entry| entry.kind)
}

/// Configures the steps that the fields of a layer's kustomization ask for, in order.
///
/// # Errors
/// If one is wrong.
pub(crate) fn of_layer(conf: &Configure) -> Result<Vec<Step>> {
    let mut steps = Vec::new();
    for entry in ORDER {
        for (place, transformer) in (entry.from_fields)(conf)? {
            steps.push(Step { kind: entry.kind, place, transformer });
        }
    }
    Ok(steps)
}

/// Configures the step that a config describes; its kind must be a known one.
///
/// # Errors
/// If the config is wrong.
pub(crate) fn from_config(conf: &Configure, config: &Resource) -> Result<Boxed> {
    let kind = config.kind();
    match ORDER.iter().find(|entry| entry.kind == kind) {
        Some(entry) => (entry.from_config)(conf, config),
        None => Err(Error::new(
            ErrorKind::Transformer,
            format!("unable to load builtin {kind}.builtin.[noGrp]"),
        )),
    }
}

/// A prefix and a suffix as one step.
#[derive(Debug)]
struct Both(Affix, Affix);

impl Transformer for Both {
    fn run(&self, cx: &Context, resources: &mut ResourceSet) -> Result<()> {
        self.0.run(cx, resources)?;
        self.1.run(cx, resources)
    }
}

fn one<T: Transformer + 'static>(field: &'static str, step: Option<T>) -> Vec<(Place, Boxed)> {
    step.into_iter().map(|step| (Place::field(field), Box::new(step) as Boxed)).collect()
}

fn none(_: &Configure) -> Result<Vec<(Place, Boxed)>> {
    Ok(Vec::new())
}

/// Configures one step per entry of a field.
fn each<T>(
    entries: &[Located<T>],
    field: &'static str,
    configure: impl Fn(&Located<T>) -> Result<Boxed>,
) -> Result<Vec<(Place, Boxed)>> {
    let configure = |(i, entry): (usize, &Located<T>)| {
        let place = Place { field, index: Some(i), pos: entry.pos };
        let step = configure(entry).map_err(|e| e.in_entry(place))?;
        Ok((place, step))
    };
    entries.iter().enumerate().map(configure).collect()
}

fn replacements(conf: &Configure, entries: &[Located<Replacement>]) -> Result<Boxed> {
    let reading = Reading { patterns: conf.patterns, account: conf.files.account() };
    let mut load = |path: &str| {
        let file = conf.loader.file(conf.files, path)?;
        conf.known.replacements(&file, || {
            let (bytes, pos) = conf.files.read_resolved(&file)?;
            replacements::read(&bytes, pos, reading)
        })
    };
    Ok(Box::new(Replacements::new(entries, reading, &mut load)?))
}

/// Odd: unlike all others, these configs are read by exact names, `yes` is a boolean and null no
/// field spec (case plugins/prefix-config-keys-are-exact).
fn affix_config(conf: &Configure, config: &Resource) -> Result<PrefixSuffixConfig> {
    if let Some(lint) = conf.lint {
        warn_unknown_key::<PrefixSuffixConfig>(lint, config);
    }
    let mut exact = config.clone();
    if let Some(map) = exact.node.as_map_mut() {
        map.retain(|e| {
            matches!(e.key.text(), Some("prefix" | "suffix" | "fieldSpecs" | "metadata"))
        });
        if let Some(Node::Seq { items, .. }) = map.get_mut("fieldSpecs") {
            items.retain(|spec| !spec.is_null());
            items.make_mut().iter_mut().for_each(make_exact);
        }
    }
    let config: PrefixSuffixConfig = decode_silently(&exact)?;
    if config.field_specs.is_none() {
        return Err(Error::new(ErrorKind::Transformer, "fieldSpecs is not expected to be nil")
            .hint(&AFFIX_WITHOUT_FIELD_SPECS));
    }
    Ok(config)
}

/// Prepares a field spec that is read by exact names.
fn make_exact(spec: &mut Node) {
    let Some(map) = spec.as_map_mut() else { return };
    map.retain(|e| matches!(e.key.text(), Some("group" | "version" | "kind" | "path" | "create")));
    for entry in map.entries_mut() {
        let is_create = entry.key.text() == Some("create");
        match &mut entry.value {
            value if is_create => match value.text() {
                Some("y" | "Y" | "yes" | "on") => *value = Node::bool(true),
                Some("n" | "N" | "no" | "off") => *value = Node::bool(false),
                _ => {}
            },
            // Any scalar is taken for a string.
            value if !value.is_null() => {
                if let Node::Scalar { tag, .. } = value {
                    *tag = Tag::Str;
                }
            }
            _ => {}
        }
    }
}

/// Reads a config leniently: unknown keys are ignored, scalars become strings where those are wanted.
///
/// # Errors
/// If a value has another type than expected.
pub(crate) fn decode<T: DeserializeOwned>(conf: &Configure, config: &Resource) -> Result<T> {
    if let Some(lint) = conf.lint {
        warn_no_field_specs(lint, config);
        warn_unknown_key::<T>(lint, config);
    }
    decode_silently(config)
}

/// As [`decode`], without warnings.
///
/// # Errors
/// If the config does not fit the type.
pub(crate) fn decode_silently<T: DeserializeOwned>(config: &Resource) -> Result<T> {
    from_node(&config.node, DecodeMode::LenientResource, "config")
        .map_err(|e| Error::new(ErrorKind::Transformer, e.message).at(e.pos))
}

/// Warns about a config that has no field specs without which its step does nothing.
fn warn_no_field_specs(lint: &Lint, config: &Resource) {
    let field = match config.kind() {
        "LabelTransformer" => "labels",
        "AnnotationsTransformer" => "annotations",
        _ => return,
    };
    let specs = config.node.get("fieldSpecs").and_then(Node::as_seq);
    if specs.is_some_and(|specs| !specs.is_empty()) {
        return;
    }
    let (kind, name) = (config.kind(), config.name());
    let text = format!("the {kind} `{name}` has no `fieldSpecs`, so it does nothing");
    lint.add(
        Warning::new(WarningKind::IgnoredOption, text, config.node.pos())
            .hint(format!("say where: `fieldSpecs: [{{path: metadata/{field}, create: true}}]`")),
    );
}

/// Warns about a key of a config that means nothing.
fn warn_unknown_key<T: DeserializeOwned>(lint: &Lint, config: &Resource) {
    let mut bare = config.node.clone();
    if let Some(map) = bare.as_map_mut() {
        map.retain(|e| !matches!(e.key.text(), Some("apiVersion" | "kind" | "metadata")));
    }
    let Err(error) = from_node::<T>(&bare, DecodeMode::Strict, "config") else { return };
    if let Some(key) = error.unknown_field {
        let text = format!("the {} `{}` has no key `{key}`", config.kind(), config.name());
        let warning = Warning::new(WarningKind::UnknownKey, text, error.pos);
        lint.add(match error.hint {
            Some((_, hint)) => warning.hint(hint),
            None => warning,
        });
    }
}
