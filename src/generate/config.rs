//! Makes config maps and secrets (docs/spec/generators.md, sections 2 and 3).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ecow::EcoString;

use super::sources::{Pair, pairs};
use crate::diagnostics::hints::GENERATOR_WITHOUT_NAME;
use crate::diagnostics::{Error, ErrorKind, Result};
use crate::fieldspec::wrong_kind;
use crate::kustomization::{GeneratorArgs, GeneratorOptions, StringMap};
use crate::load::ReadFile;
use crate::resource::{Behavior, Resource};
use crate::yaml::{Kind, Mapping, Node, Pos, Style, Tag};

/// What is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GeneratedKind {
    /// A config map.
    ConfigMap,
    /// A secret.
    Secret,
}

impl GeneratedKind {
    /// Returns the kind of the step that makes it.
    pub(crate) const fn generator(self) -> &'static str {
        match self {
            GeneratedKind::ConfigMap => "ConfigMapGenerator",
            GeneratedKind::Secret => "SecretGenerator",
        }
    }

    /// Returns the kind of the object.
    pub(crate) fn kind(self) -> &'static str {
        match self {
            GeneratedKind::ConfigMap => "ConfigMap",
            GeneratedKind::Secret => "Secret",
        }
    }
}

/// Base64 text longer than this is broken into lines of this length.
const BASE64_LINE: usize = 70;

/// Makes the object of one generator entry.
///
/// # Errors
/// If it has no name, or a source is wrong or cannot be read.
pub(crate) fn generate(
    kind: GeneratedKind,
    args: &GeneratorArgs,
    at: Pos,
    read: &mut ReadFile,
) -> Result<Resource> {
    if args.name.is_empty() {
        // Odd: secrets get the same words (case generator/secret-without-name).
        return Err(Error::new(ErrorKind::Generator, "a configmap must have a name")
            .at(at)
            .hint(&GENERATOR_WITHOUT_NAME));
    }
    for literal in &args.literals {
        // Upstream takes the entry through YAML, so that this holds for secrets too.
        if literal.contains(|c| matches!(c, '\u{7F}'..='\u{9F}' | '\u{FFFE}' | '\u{FFFF}')) {
            let message = "yaml: control characters are not allowed";
            return Err(Error::new(ErrorKind::Generator, message).at(literal.pos));
        }
    }
    let pairs = pairs(args, read)?;
    let mut metadata = Mapping::with_capacity(4);
    metadata.push(Node::plain("name"), string(args.name.as_str(), at));
    if !args.namespace.is_empty() {
        metadata.push(Node::plain("namespace"), string(args.namespace.as_str(), at));
    }
    let options = args.options.clone().unwrap_or_default();
    for (key, map) in [("labels", &options.labels), ("annotations", &options.annotations)] {
        if map.contains_key("") {
            return Err(wrong_kind(&Node::map(Mapping::new()).at(at), Kind::Scalar));
        }
        if !map.is_empty() {
            metadata.push(Node::plain(key), string_map(map, at, key == "labels"));
        }
    }
    let mut object = Mapping::with_capacity(6);
    object.push(Node::plain("apiVersion"), Node::str("v1").at(at));
    object.push(Node::plain("kind"), Node::str(kind.kind()).at(at));
    object.push(Node::plain("metadata"), Node::map(metadata).at(at));
    match kind {
        GeneratedKind::ConfigMap => fill_config_map(&mut object, pairs),
        GeneratedKind::Secret => fill_secret(&mut object, pairs, &args.secret_type, at),
    }
    if options.immutable {
        object.push(Node::plain("immutable"), Node::bool(true).at(at));
    }
    let mut resource = Resource::new(Node::map(object).at(at));
    resource.history.behavior = match args.behavior.as_str() {
        "create" => Behavior::Create,
        "merge" => Behavior::Merge,
        "replace" => Behavior::Replace,
        _ => Behavior::Unspecified,
    };
    resource.history.needs_hash = !options.disable_name_suffix_hash;
    resource.history.is_generated = true;
    Ok(resource)
}

fn fill_config_map(object: &mut Mapping, pairs: Vec<Pair>) {
    let (mut data, mut binary) = (Mapping::with_capacity(pairs.len()), Mapping::new());
    for Pair { key, value, pos } in pairs {
        match String::from_utf8(value) {
            Ok(text) => data.push(Node::plain(key), string(text, pos)),
            Err(e) => binary.push(Node::plain(key), string(encode(e.as_bytes()), pos)),
        }
    }
    for (key, map) in [("data", data), ("binaryData", binary)] {
        if !map.is_empty() {
            object.push(Node::plain(key), Node::map(map));
        }
    }
}

fn fill_secret(object: &mut Mapping, pairs: Vec<Pair>, secret_type: &str, at: Pos) {
    let data = pairs.into_iter().map(|Pair { key, value, pos }| crate::yaml::Entry {
        key: Node::plain(key),
        value: string(encode(&value), pos),
    });
    object.push(Node::plain("data"), Node::map(data.collect()));
    let secret_type = if secret_type.is_empty() { "Opaque" } else { secret_type };
    object.push(Node::plain("type"), string(secret_type, at));
}

/// Merges the file's options into those of one entry; the entry's labels and annotations win, but it
/// cannot take back a switch.
pub(crate) fn merge_options(args: &mut GeneratorArgs, global: Option<&GeneratorOptions>) {
    let Some(global) = global else { return };
    let local = args.options.get_or_insert_default();
    for (local, global) in
        [(&mut local.labels, &global.labels), (&mut local.annotations, &global.annotations)]
    {
        for (key, value) in global {
            local.entry(key.clone()).or_insert_with(|| value.clone());
        }
    }
    local.disable_name_suffix_hash |= global.disable_name_suffix_hash;
    local.immutable |= global.immutable;
}

/// Returns the base64 form of upstream: one line if short, else every line,
/// the last one too, with a break after it.
pub(crate) fn encode(bytes: &[u8]) -> String {
    let text = STANDARD.encode(bytes);
    if text.len() < BASE64_LINE {
        return text;
    }
    let mut out = String::with_capacity(text.len() + text.len() / BASE64_LINE + 1);
    let mut rest = text.as_str();
    while !rest.is_empty() {
        // Base64 is ASCII: every index is a character boundary.
        let (line, after) = rest.split_at(BASE64_LINE.min(rest.len()));
        out.push_str(line);
        out.push('\n');
        rest = after;
    }
    out
}

/// Returns a string node as generators make it: a literal block if it has several lines, quoted if it
/// looks like something else.
pub(crate) fn string(text: impl Into<EcoString>, pos: Pos) -> Node {
    crate::yaml::set_string_of_map(text.into()).at(pos)
}

/// Returns a map of strings, sorted by key and quoted as upstream builds it.
///
/// Odd: labels have quotes whatever they say; annotations are set once more, with the notes of the build, and
/// have them where they need them. A later step takes them over (case generator/quotes-of-options).
fn string_map(map: &StringMap, at: Pos, is_quoted: bool) -> Node {
    let mut pairs: Vec<_> = map.iter().collect();
    pairs.sort_unstable();
    let value = |text: &str| match is_quoted {
        true => Node::scalar(text, Style::SingleQuoted, Tag::None, at),
        false => string(text, at),
    };
    let entries = pairs.into_iter().map(|(key, text)| crate::yaml::Entry {
        key: Node::plain(key.as_str()),
        value: value(text).written(),
    });
    Node::map(entries.collect()).at(at)
}
