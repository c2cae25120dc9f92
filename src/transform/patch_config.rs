//! Reads the entries of the three patch fields: what kind of patch, and for which resources
//! (docs/spec/patches-targets.md, section 2).

use std::borrow::Cow;
use std::cell::OnceCell;
use std::rc::Rc;
use std::sync::Arc;
use std::{fmt, mem};

use ecow::EcoVec;
use serde::Deserialize;

use super::known::PatchFile;
use super::patches::{JsonByTarget, MergeById, MergeByTarget};
use super::{Configure, Transformer};
use crate::checks;
use crate::diagnostics::hints::{
    EMPTY_PATCH, JSON_PATCH_WITHOUT_TARGET, LAST_COMMA, NO_JSON, PATCH_AND_PATH, PATCH_OF_NOTHING,
    PATTERN, TARGET_OF_SEVERAL_PATCHES, TARGET_WITHOUT_NAME,
};
use crate::diagnostics::{Detail, Error, ErrorKind, Result};
use crate::json_patch::JsonPatch;
use crate::kustomization::{Patch, PatchOptions, Selector};
use crate::resource::{Resource, stream};
use crate::select::TargetSelector;
use crate::yaml::{self, Kind, Located, Node, Pos};

/// A step as configured.
pub(super) type Boxed = Box<dyn Transformer>;

/// The config of a `PatchStrategicMergeTransformer`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct MergePatchConfig {
    /// Files with patches, or patches.
    pub(crate) paths: Vec<Located<String>>,
    /// Patches.
    pub(crate) patches: Located<String>,
}

/// The config of a `PatchJson6902Transformer`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct JsonPatchConfig {
    /// The resources.
    pub(crate) target: Option<Selector>,
    /// A file with the patch, or
    pub(crate) path: String,
    /// the patch.
    pub(crate) json_op: Located<String>,
}

/// The text of a patch and where it comes from.
struct Source<'a> {
    text: Cow<'a, str>,
    /// The position of the text's first byte.
    pos: Pos,
    documents: Result<EcoVec<Node>>,
    /// The text as a JSON patch, once somebody has asked.
    json: Rc<OnceCell<Result<Arc<JsonPatch>>>>,
    /// The file, if it is one, as the kustomization names it.
    path: Option<&'a str>,
}

impl<'a> Source<'a> {
    fn inline(conf: &Configure, text: &'a str, scalar: Pos) -> Source<'a> {
        Source::at(conf, text, conf.files.inline(scalar, 0, text))
    }

    /// As [`inline`](Self::inline), without the white space around the text.
    fn trimmed(conf: &Configure, text: &'a str, scalar: Pos) -> Source<'a> {
        let skipped = text.len() - text.trim_start().len();
        let text = text.trim();
        Source::at(conf, text, conf.files.inline(scalar, skipped, text))
    }

    fn at(conf: &Configure, text: &'a str, pos: Pos) -> Source<'a> {
        let documents = conf.files.read_stream(text.as_bytes(), pos).map(EcoVec::from);
        Source { documents, text: Cow::Borrowed(text), pos, json: Rc::default(), path: None }
    }

    fn file(conf: &Configure, path: &'a str) -> Result<Source<'a>> {
        let file = conf.loader.file(conf.files, path)?;
        let PatchFile { text, pos, documents, json } = conf.known.patches(&file, || {
            let (bytes, pos) = conf.files.read_as_stream(&file)?;
            let documents = conf.files.read_stream(&bytes, pos).map(EcoVec::from);
            let documents = documents.map_err(|e| e.located_in(&file));
            let text = yaml::decode(&bytes).unwrap_or_default().as_ref().into();
            Ok(PatchFile { text, pos, documents, json: Rc::default() })
        })?;
        Ok(Source { documents, text: Cow::Owned(text.to_string()), pos, json, path: Some(path) })
    }

    /// Returns the strategic merge patches, if the text is such; the documents are used up.
    fn merge_patches(&mut self) -> Result<Vec<Resource>> {
        match &mut self.documents {
            Ok(documents) => stream::resources(mem::take(documents)),
            Err(e) => Err(e.clone()),
        }
    }

    /// Returns the JSON patch, if the text is such.
    fn json_patch(&self, conf: &Configure) -> Result<Arc<JsonPatch>> {
        // What is no text at all has none here.
        if let (true, Err(e)) = (self.text.is_empty(), &self.documents) {
            return Err(e.clone());
        }
        let parse = || JsonPatch::parse(&self.text, self.pos, conf.files.account()).map(Arc::new);
        self.json.get_or_init(parse).clone()
    }
}

/// How messages name a patch.
impl fmt::Display for Source<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path {
            Some(path) => write!(f, "[path: \"{path}\"]"),
            None => write!(f, "[patch: {}]", yaml::go_quote(&self.text)),
        }
    }
}

/// Configures an entry of `patches`.
///
/// # Errors
/// If it is no patch, both kinds of patch, or its target is malformed.
pub(crate) fn patch(conf: &Configure, entry: &Patch, at: Pos) -> Result<Boxed> {
    let refuse = |message: String| Error::new(ErrorKind::Patch, message).at(at);
    let mut source = match (entry.path.is_empty(), entry.patch.trim().is_empty()) {
        (true, true) => {
            return Err(refuse("must specify one of patch and path in the entry".into())
                .hint(&PATCH_OF_NOTHING));
        }
        (false, false) => {
            return Err(
                refuse("patch and path can't be set at the same time".into()).hint(&PATCH_AND_PATH)
            );
        }
        (true, false) => Source::trimmed(conf, &entry.patch, entry.patch.pos),
        (false, true) => Source::file(conf, &entry.path).map_err(|e| {
            e.context(format_args!("failed to get the patch file from path({})", entry.path))
        })?,
    };
    let options = entry.options.clone().unwrap_or_default();
    let unparsable = match source.merge_patches() {
        Ok(patches) => {
            warn(conf, &source, &patches, at);
            return merge_step(conf, patches, entry.target.as_ref(), options, &source, at);
        }
        Err(e) if e.kind() == ErrorKind::Limit => return Err(e),
        Err(e) => e,
    };
    match source.json_patch(conf) {
        Ok(patch) => {
            let Some(target) = &entry.target else {
                return Err(refuse(format!("must specify a target for JSON patch {source}"))
                    .hint(&JSON_PATCH_WITHOUT_TARGET));
            };
            Ok(Box::new(JsonByTarget { patch, target: compile(conf, target)?, legacy: false }))
        }
        Err(json) => {
            // The text decides which of the two reasons helps: a list can only be meant as JSON.
            let cause = if source.text.starts_with(['[', '-']) { json } else { unparsable };
            let message =
                format!("unable to parse SM or JSON patch from {source}: {}", cause.message());
            let cause = cause.with_message(message);
            if !source.text.starts_with('[') {
                return Err(cause);
            }
            let closing = match cause.detail() {
                Some(Detail::UnexpectedEnd(Kind::Map)) => "brace",
                Some(Detail::UnexpectedEnd(Kind::Seq)) => "bracket",
                _ => return Err(cause.hint(&NO_JSON)),
            };
            Err(cause.hint(LAST_COMMA.with(format!(
                "remove the comma before the {closing}: JSON has none after the last element"
            ))))
        }
    }
}

/// Warns about what a patch loses by the way it is written.
fn warn(conf: &Configure, source: &Source<'_>, patches: &[Resource], at: Pos) {
    let Some(lint) = conf.lint else { return };
    if patches.is_empty() {
        let name = source.path.unwrap_or("patch");
        checks::files::documents::empty(
            lint,
            checks::files::documents::Purpose::Patch,
            name,
            None,
            at,
        );
    }
    for patch in patches {
        checks::files::documents::duplicate_keys(lint, [&patch.node]);
    }
}

fn merge_step(
    conf: &Configure,
    mut patches: Vec<Resource>,
    target: Option<&Selector>,
    options: PatchOptions,
    source: &Source<'_>,
    at: Pos,
) -> Result<Boxed> {
    let Some(target) = target else {
        return Ok(Box::new(MergeById { patches, options, legacy: false }));
    };
    if patches.len() > 1 {
        return Err(Error::new(
            ErrorKind::Patch,
            format!(
                "Multiple Strategic-Merge Patches in one `patches` entry is not allowed to set \
                 `patches.target` field: {source}"
            ),
        )
        .at(at)
        .hint(&TARGET_OF_SEVERAL_PATCHES));
    }
    match patches.pop() {
        None => Ok(Box::new(MergeById { patches, options, legacy: false })),
        Some(patch) => {
            let target = compile(conf, target)
                .map_err(|e| e.context("unable to find patch target in `resources`"))?;
            Ok(Box::new(MergeByTarget { patch, target, options }))
        }
    }
}

fn compile(conf: &Configure, target: &Selector) -> Result<TargetSelector> {
    TargetSelector::new(target, conf.patterns).map_err(|e| e.in_entry("target").hint(&PATTERN))
}

/// Configures `patchesStrategicMerge`: all its entries are one step.
///
/// # Errors
/// If an entry is neither a patch nor a file with one.
pub(crate) fn strategic_merge(conf: &Configure, entries: &[Located<String>]) -> Result<Boxed> {
    merge_by_id(texts_or_files(conf, entries)?, entries, "")
}

/// Reads entries that are patches or else files with patches.
fn texts_or_files(conf: &Configure, entries: &[Located<String>]) -> Result<Vec<Resource>> {
    let mut patches = Vec::new();
    for entry in entries {
        match Source::inline(conf, entry, entry.pos).merge_patches() {
            Ok(found) => patches.extend(found),
            Err(_) => {
                let mut file = Source::file(conf, entry).map_err(|e| e.at(entry.pos))?;
                let found = file.merge_patches().map_err(|e| e.at(entry.pos))?;
                warn(conf, &file, &found, entry.pos);
                patches.extend(found);
            }
        }
    }
    Ok(patches)
}

/// Configures a `PatchStrategicMergeTransformer` config.
///
/// # Errors
/// If it names no patch, or one cannot be read.
pub(crate) fn strategic_merge_config(conf: &Configure, config: &MergePatchConfig) -> Result<Boxed> {
    if config.paths.is_empty() && config.patches.is_empty() {
        return Err(Error::new(ErrorKind::Patch, "empty file path and empty patch content"));
    }
    // Odd: patches themselves count as paths too (case plugins/merge-patch-as-path).
    let mut patches = texts_or_files(conf, &config.paths)?;
    if !config.patches.is_empty() {
        patches.extend(Source::inline(conf, &config.patches, config.patches.pos).merge_patches()?);
    }
    merge_by_id(patches, &config.paths, &config.patches)
}

fn merge_by_id(patches: Vec<Resource>, files: &[Located<String>], text: &str) -> Result<Boxed> {
    if patches.is_empty() {
        let pos = files.first().map_or(Pos::NONE, |e| e.pos);
        let files: Vec<&str> = files.iter().map(|e| e.as_str()).collect();
        return Err(Error::new(
            ErrorKind::Patch,
            format!("patch appears to be empty; files=[{}], Patch={text}", files.join(" ")),
        )
        .at(pos)
        .hint(&EMPTY_PATCH));
    }
    Ok(Box::new(MergeById { patches, options: PatchOptions::default(), legacy: true }))
}

/// Configures an entry of `patchesJson6902`.
///
/// # Errors
/// If it has no named target or no JSON patch.
pub(crate) fn json6902(
    conf: &Configure,
    target: Option<&Selector>,
    path: &str,
    text: &Located<String>,
    at: Pos,
) -> Result<Boxed> {
    let refuse = |message: &str| Error::new(ErrorKind::Patch, message).at(at);
    let Some(target) = target.filter(|t| !t.name.is_empty()) else {
        return Err(refuse("must specify the target name").hint(&TARGET_WITHOUT_NAME));
    };
    let source = match (path.is_empty(), text.is_empty()) {
        (true, true) => {
            return Err(refuse("empty file path and empty jsonOp").hint(&PATCH_OF_NOTHING));
        }
        (false, false) => {
            return Err(
                refuse("must specify a file path or jsonOp, not both").hint(&PATCH_AND_PATH)
            );
        }
        (true, false) => Source::inline(conf, text, text.pos),
        (false, true) => Source::file(conf, path)?,
    };
    if source.text.trim().is_empty() {
        return Err(refuse(&format!("patch file '{path}' empty seems to be empty")));
    }
    let patch = source.json_patch(conf)?;
    if patch.is_empty() {
        return Err(refuse(&format!(
            "patch appears to be empty; file={path}, JsonOp={}",
            source.text
        ))
        .hint(&EMPTY_PATCH));
    }
    Ok(Box::new(JsonByTarget { patch, target: compile(conf, target)?, legacy: true }))
}
