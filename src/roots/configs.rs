//! What the configurations of steps say.

use super::charts;
use super::texts::Texts;
use crate::document::{Document, RepositoryReader};

/// What the configurations of steps in a text say.
#[derive(Debug, Default)]
pub(super) struct Config {
    /// What may be paths that lead upwards.
    pub(super) words: Vec<String>,
    /// What may be paths as a whole.
    pub(super) names: Vec<String>,
    pub(super) charts: Vec<String>,
    /// Whether all of them are built in and understood.
    pub(super) is_known: bool,
}

impl Config {
    /// Reads configurations; `None` if they are no text.
    pub(super) fn read(content: &[u8], reader: &RepositoryReader) -> Option<Config> {
        let content = std::str::from_utf8(content).ok()?;
        let mut config = Config::default();
        let Ok(documents) = reader.read_all(content.as_bytes()) else {
            // Whatever it says is no configuration that a build takes, but the paths in it may lead somewhere.
            config.words.extend(words_upwards(content));
            return Some(config);
        };
        config.is_known = true;
        let mut texts = Texts::default();
        for document in documents.iter().map(Document::root) {
            texts.add("", &document);
            // Charts bring in what nobody sees here, and so do functions.
            let is_built_in = document.text_at(&["apiVersion"]) == Some("builtin");
            config.is_known &= is_built_in && !charts::is_config(&document);
            config.charts.extend(charts::in_config(&document));
        }
        config.words.extend(texts.all.iter().flat_map(|(_, text)| words_upwards(text)));
        for (_, text) in texts.all.iter().filter(|(_, text)| !text.contains('\n')) {
            // As in `files: [key=path]`.
            let path = text.split_once('=').map(|(_, path)| path);
            let names = [Some(text.as_str()), path].into_iter().flatten();
            config.names.extend(names.filter(|name| !name.is_empty()).map(str::to_owned));
        }
        Some(config)
    }
}

/// Returns the words of a text that may be paths which lead upwards.
fn words_upwards(text: &str) -> impl Iterator<Item = String> {
    let words = text.split(|c: char| c.is_whitespace() || "\"'[]{},=".contains(c));
    words.filter(|word| word.contains("..")).map(str::to_owned)
}
