//! The key-value pairs of a generator: env files, literals, files (docs/spec/generators.md, section 1).

use ecow::EcoString;

use crate::diagnostics::hints::{FILE_WITHOUT_KEY, GENERATED_KEY_TWICE, LITERAL_WITHOUT_EQUALS};
use crate::diagnostics::{Error, ErrorKind, Result};
use crate::kustomization::GeneratorArgs;
use crate::load::ReadFile;
use crate::yaml::{Located, Pos};

/// One key of a generated object.
#[derive(Clone, Debug)]
pub(crate) struct Pair {
    /// The key.
    pub(crate) key: EcoString,
    /// The value, any bytes.
    pub(crate) value: Vec<u8>,
    /// Where the value stands.
    pub(crate) pos: Pos,
}

/// Upstream's line reader gives up at lines of this length.
const LONGEST_ENV_LINE: usize = 65_536;

/// Returns the pairs in order: envs, literals, files.
///
/// # Errors
/// If a source is malformed or cannot be read, or a key comes twice.
pub(crate) fn pairs(args: &GeneratorArgs, read: &mut ReadFile) -> Result<Vec<Pair>> {
    let mut pairs = Vec::new();
    for source in &args.envs {
        env_file(source, read, &mut pairs)
            .map_err(|e| loading("env source files:", &args.envs, e))?;
    }
    for source in &args.literals {
        let pair = literal(source).map_err(|e| loading("literal sources", &args.literals, e))?;
        pairs.push(pair);
    }
    for source in &args.files {
        let pair = file(source, read).map_err(|e| loading("file sources:", &args.files, e))?;
        pairs.push(pair);
    }
    let mut seen = rustc_hash::FxHashMap::default();
    for pair in &pairs {
        if let Some(first) = seen.insert(&pair.key, pair.pos) {
            let (name, key) = (&args.name, &pair.key);
            return Err(Error::new(
                ErrorKind::Generator,
                format!("configmap {name} illegally repeats the key `{key}`"),
            )
            .at(pair.pos)
            .related("first given at", first)
            .hint(&GENERATED_KEY_TWICE));
        }
    }
    Ok(pairs)
}

fn loading(what: &str, sources: &[Located<String>], error: Error) -> Error {
    let sources: Vec<&str> = sources.iter().map(|s| s.as_str()).collect();
    error.context(format_args!("loading KV pairs: {what} [{}]", sources.join(" ")))
}

fn invalid(source: &Located<String>, message: String) -> Error {
    Error::new(ErrorKind::Generator, message).at(source.pos)
}

fn literal(source: &Located<String>) -> Result<Pair> {
    let (key, value) = match source.split_once('=') {
        Some((key, value)) if !key.is_empty() => (key, value),
        _ => {
            let text = source.as_str();
            return Err(invalid(
                source,
                format!("invalid literal source {text}, expected key=value"),
            )
            .hint(&LITERAL_WITHOUT_EQUALS));
        }
    };
    let quoted = |quote| {
        let inner = value.strip_prefix(quote).and_then(|v: &str| v.strip_suffix(quote));
        inner.filter(|_| value.len() >= 2)
    };
    let value = quoted('"').or_else(|| quoted('\'')).unwrap_or(value);
    Ok(Pair { key: key.into(), value: value.into(), pos: source.pos })
}

fn file(source: &Located<String>, read: &mut ReadFile) -> Result<Pair> {
    let text = source.as_str();
    let (key, path) = match text.split_once('=') {
        None => (text.trim_end_matches('/').rsplit('/').next().unwrap_or(text), text),
        Some((_, path)) if path.contains('=') => {
            let message = format!("source {text:?} key name or file path contains '='");
            return Err(invalid(source, message));
        }
        Some(("", path)) => {
            let message = format!("missing key name for file path {path:?} in source {text:?}");
            let hint = format!(
                "write `KEY={path}`, or `{path}` alone for a key that is called like the file"
            );
            return Err(invalid(source, message).hint(FILE_WITHOUT_KEY.with(hint)));
        }
        Some((key, "")) => {
            let message = format!("missing file path for key name {key:?} in source {text:?}");
            return Err(invalid(source, message));
        }
        Some((key, path)) => (key, path),
    };
    let (value, pos) = read(path).map_err(|e| e.at(source.pos))?;
    Ok(Pair { key: key.into(), value, pos })
}

fn env_file(source: &Located<String>, read: &mut ReadFile, pairs: &mut Vec<Pair>) -> Result<()> {
    let (bytes, pos) = read(source).map_err(|e| e.at(source.pos))?;
    let (mut start, mut first) = (0, true);
    for line in bytes.split_inclusive(|&b| b == b'\n') {
        let pos = pos.offset(start);
        start += line.len();
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        if line.len() >= LONGEST_ENV_LINE {
            // As upstream does, the rest of the file is dropped without a word.
            break;
        }
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let Ok(text) = std::str::from_utf8(line) else {
            let decimals: Vec<String> = line.iter().map(u8::to_string).collect();
            return Err(Error::new(
                ErrorKind::Generator,
                format!(
                    "line [{}] has invalid utf8 bytes : {}",
                    decimals.join(" "),
                    String::from_utf8_lossy(line)
                ),
            )
            .at(pos));
        };
        let text = if first { text.strip_prefix('\u{feff}').unwrap_or(text) } else { text };
        first = false;
        let text = text.trim_start();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        let (key, value) = text.split_once('=').unwrap_or((text, ""));
        if !key.is_empty() {
            pairs.push(Pair { key: key.into(), value: value.into(), pos });
        }
    }
    Ok(())
}
