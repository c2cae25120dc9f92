//! Keys that YAML 1.1, and so Kubernetes, reads as true or false: a parameter `n` becomes one named `false`.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use kustom::document::{Document, NodeKind, NodeView};

use crate::document;
use crate::problem::Problem;

/// The words, but for those that stay what they are.
const WORDS: [(&str, [&str; 8]); 2] = [
    ("true", ["y", "Y", "yes", "Yes", "YES", "on", "On", "ON"]),
    ("false", ["n", "N", "no", "No", "NO", "off", "Off", "OFF"]),
];

/// Returns what a word is read as, unless it is no such word.
fn read_as(word: &str) -> Option<&'static str> {
    WORDS.iter().find(|(_, words)| words.contains(&word)).map(|(read_as, _)| *read_as)
}

/// Returns `true` if a text may have such a key in it, which costs nearly nothing to see.
pub(crate) fn may_be_in(text: &str) -> bool {
    text.split(':').any(|before| {
        let before = before.trim_end();
        let start = before
            .rfind(|c: char| !c.is_ascii_alphabetic())
            .map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
        read_as(&before[start..]).is_some()
    })
}

/// Returns a warning, with the line, for each such key of a document.
pub(crate) fn check(document: &Document) -> Vec<(Option<usize>, Problem)> {
    let mut found = Vec::new();
    walk(&document.root(), document.value(), &mut Vec::new(), &mut found);
    let told = |(path, key, read_as): (Vec<String>, String, &str)| {
        let message = format!("the key {key} is not quoted, so it is read as {read_as}");
        let hint = format!("write \"{key}\"");
        let line = document::line(document, &path.join("."));
        (line, Problem::warning("boolean-key", message).hint(hint))
    };
    // Items of a list that stand on one line have one fault.
    let mut seen = BTreeSet::new();
    let told = found.into_iter().map(told);
    told.filter(|(line, problem)| seen.insert((*line, problem.message.clone()))).collect()
}

type Found = (Vec<String>, String, &'static str);

fn walk(node: &NodeView, value: &Json, path: &mut Vec<String>, found: &mut Vec<Found>) {
    match (node.kind(), value) {
        (NodeKind::Mapping, Json::Object(members)) => {
            for (key, below) in node.entries() {
                let Some(key) = key.text() else { continue };
                let read_as = read_as(key)
                    .filter(|word| !members.contains_key(key) && members.contains_key(*word));
                path.push(key.to_owned());
                if let Some(read_as) = read_as {
                    found.push((path.clone(), key.to_owned(), read_as));
                }
                if let Some(value) = members.get(read_as.unwrap_or(key)) {
                    walk(&below, value, path, found);
                }
                path.pop();
            }
        }
        (NodeKind::Sequence, Json::Array(items)) => {
            for (i, (below, value)) in node.items().zip(items).enumerate() {
                path.push(i.to_string());
                walk(&below, value, path, found);
                path.pop();
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_words_without_quotes_are_read_otherwise() {
        let keys = |text: &str| {
            let documents = Document::read_all(text.as_bytes()).unwrap();
            let found: Vec<String> =
                documents.iter().flat_map(check).map(|(_, problem)| problem.message).collect();
            assert!(found.is_empty() || may_be_in(text), "{text}");
            found.len()
        };
        for (text, wanted) in [
            ("n: 1\n", 1),
            ("a: [{on: 1, y: {no: 2}}]\n", 3),
            ("\"n\": 1\n'on': 2\n", 0),
            ("n: 1\n\"n\": 2\n", 0),
            ("name: n\nony: 1\ntrue: 2\n", 0),
            ("a:\n- off : 1\n", 1),
            ("a: [{n: 1}, {n: 2}, {y: 3}]\n", 2),
            ("a:\n- n: 1\n- n: 2\n", 2),
        ] {
            assert_eq!(keys(text), wanted, "{text}");
        }
        assert!(!may_be_in("name: no\nurl: https://x\nsunny: 1\nä: 2\n"));
    }
}
