//! `replacements`: copies values from field to field.

use serde::Deserialize;

use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::kustomization::Replacement;
use crate::load::ReadFile;
use crate::replace::{Source, Target};
use crate::resource::ResourceSet;
use crate::transform::Transformer;
use crate::yaml::{self, DecodeMode, Limits, Merges, Node, Pos, Spanned, embedded, from_node};

/// The config of a `ReplacementTransformer`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct ReplacementConfig {
    /// What to do.
    #[serde(deserialize_with = "embedded")]
    pub(crate) replacements: Vec<Spanned<Replacement>>,
}

/// The step: all replacements of a layer, in order; each sees what the ones before it did.
#[derive(Clone, Debug)]
pub(crate) struct Replacements(Vec<Replace>);

#[derive(Clone, Debug)]
struct Replace {
    source: Source,
    targets: Vec<Target>,
    pos: Pos,
}

impl Replacements {
    /// Configures the step.
    ///
    /// `load` answers the bytes of the file that a `path` names, and the position of the first one.
    ///
    /// # Errors
    /// If an entry is not complete or says too much, if a pattern is none, or what `load` answers.
    pub(crate) fn new(
        entries: &[Spanned<Replacement>],
        limits: &Limits,
        load: &mut ReadFile,
    ) -> Result<Replacements> {
        let mut all = Vec::with_capacity(entries.len());
        for (i, entry) in entries.iter().enumerate() {
            configure(entry, limits, load, &mut all)
                .map_err(|e| e.at(entry.pos).in_field(format!("replacements[{i}]")))?;
        }
        Ok(Replacements(all))
    }
}

fn configure(
    entry: &Spanned<Replacement>,
    limits: &Limits,
    load: &mut ReadFile,
    all: &mut Vec<Replace>,
) -> Result<()> {
    if entry.path.is_empty() {
        all.push(Replace::new(entry, entry.pos)?);
        return Ok(());
    }
    if entry.source.is_some() || entry.targets.is_some() {
        return Err(config_error("cannot specify both path and inline replacement"));
    }
    let (bytes, pos) = load(&entry.path)?;
    for replacement in read(&bytes, pos, limits)? {
        all.push(Replace::new(&replacement, replacement.pos)?);
    }
    Ok(())
}

/// Reads a file with one replacement or a list of them; what is unknown in it is ignored.
fn read(bytes: &[u8], at: Pos, limits: &Limits) -> Result<Vec<Spanned<Replacement>>> {
    let root = yaml::decode(bytes)
        .and_then(|text| yaml::read_document(&text, at, Merges::Plain, limits))
        .map_err(|e| Error::syntax(&e, at))?
        .unwrap_or_default();
    let decode = |node: &Node| {
        from_node(node, DecodeMode::Lenient, "Replacement")
            .map_err(|e| Error::new(ErrorKind::Kustomization, e.message).at(e.pos))
    };
    let kind = match &root {
        Node::Map { .. } => return Ok(vec![decode(&root)?]),
        Node::Seq { items, .. } => return items.iter().map(decode).collect(),
        root if root.is_null() => "invalid",
        _ => "scalar",
    };
    Err(config_error(&format!(
        "unsupported replacement type encountered within replacement path: {kind}"
    )))
}

impl Transformer for Replacements {
    fn run(&self, cx: &Context, resources: &mut ResourceSet) -> Result<()> {
        for replace in &self.0 {
            replace.run(cx, resources).map_err(|e| e.at(replace.pos))?;
        }
        Ok(())
    }
}

impl Replace {
    fn new(replacement: &Replacement, pos: Pos) -> Result<Replace> {
        let Replacement { source, targets, source_value, .. } = replacement;
        let Some(targets) = targets.as_ref().filter(|_| source.is_some() || source_value.is_some())
        else {
            let message = "replacements must specify a source and at least one target";
            return Err(config_error(message).at(pos));
        };
        let source = match (source, source_value) {
            (Some(_), Some(_)) => {
                let message = "value and resource selectors are mutually exclusive";
                return Err(config_error(message).at(pos));
            }
            (Some(selector), None) => Source::field(selector.clone()),
            (None, value) => {
                let text = value.as_deref().unwrap_or_default();
                Source::Value(Node::plain(text).at(pos))
            }
        };
        let targets = targets.iter().cloned().map(Target::new).collect::<Result<_>>();
        Ok(Replace { source, targets: targets.map_err(|e| e.at(pos))?, pos })
    }

    fn run(&self, cx: &Context, resources: &mut ResourceSet) -> Result<()> {
        let value = self.source.value(resources, &cx.schema)?;
        self.targets.iter().try_for_each(|target| target.apply(&value, resources, &cx.schema))
    }
}

fn config_error(message: &str) -> Error {
    Error::new(ErrorKind::Kustomization, message)
}
