//! The arguments of a legacy plugin.

use crate::diagnostics::{Error, ErrorKind, Result};
use crate::load::ReadFile;
use crate::resource::Resource;
use crate::yaml::Node;

/// Returns the arguments that a config says: the words of `argsOneLiner`, then the lines of the file
/// that `argsFromFile` names.
///
/// # Errors
/// If a quote is not closed, or the file cannot be read.
pub(super) fn arguments(config: &Resource, read: &mut ReadFile<'_>) -> Result<Vec<String>> {
    let text = |key: &str| match config.node.get(key).filter(|node| !node.is_null()) {
        Some(node) if node.text().is_none() => {
            let message = format!("{key} is no string");
            Err(Error::new(ErrorKind::Transformer, message).at(config.node.pos()))
        }
        node => Ok(node.and_then(Node::text)),
    };
    let mut arguments = match text("argsOneLiner")? {
        Some(line) => words(line).ok_or_else(|| {
            let message = "failed to parse argsOneLiner: unclosed quote in string";
            Error::new(ErrorKind::Transformer, message).at(config.node.pos())
        })?,
        None => Vec::new(),
    };
    if let Some(path) = text("argsFromFile")?.filter(|path| !path.is_empty()) {
        let (bytes, _) = read(path)?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let lines = text.split('\n').map(|line| line.trim_start_matches(' '));
        arguments.extend(lines.filter(|line| !line.is_empty()).map(str::to_owned));
    }
    Ok(arguments)
}

/// Splits a line into words as a shell does, or `None` if a quote is not closed.
fn words(line: &str) -> Option<Vec<String>> {
    let (mut words, mut word) = (Vec::new(), String::new());
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match c {
            '\'' => loop {
                match chars.next()? {
                    '\'' => break,
                    c => word.push(c),
                }
            },
            '"' => loop {
                match chars.next()? {
                    '"' => break,
                    '\\' => word.push(chars.next()?),
                    c => word.push(c),
                }
            },
            // As upstream: at the end of the line it stands for nothing.
            '\\' => word.extend(chars.next()),
            // As upstream: also in the middle of a word.
            '#' => break,
            c if c.is_whitespace() => {
                // As upstream: empty words vanish, quoted or not.
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
            }
            c => word.push(c),
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_as_a_shell_does() {
        for (line, expected) in [
            ("one 'two words' \"three\"  # not", Some(vec!["one", "two words", "three"])),
            (r#"a\ b "c\"d" e'f'g '' h\#i"#, Some(vec!["a b", "c\"d", "efg", "h#i"])),
            ("'a#b' c'd'#e f", Some(vec!["a#b", "cd"])),
            ("", Some(vec![])),
            ("a\\", Some(vec!["a"])),
            ("\\", Some(vec![])),
            ("'open", None),
            ("\"open\\", None),
        ] {
            let expected = expected.map(|words| words.iter().map(ToString::to_string).collect());
            assert_eq!(words(line), expected, "{line}");
        }
    }
}
