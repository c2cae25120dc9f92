//! Which text of an ApplicationSet decides an annotation of its Applications.

use kustom::document::Document;
use serde_json::Value as Json;

use super::manifest_paths::ANNOTATION;

/// Returns the paths to the templates of an ApplicationSet that decide: those of generators that have the annotation
/// themselves, and that of the set unless all of them do.
pub(super) fn places(set: &Json) -> Vec<Vec<String>> {
    let all = set.pointer("/spec/generators").and_then(Json::as_array);
    let all: Vec<&Json> = all.into_iter().flatten().collect();
    let own: Vec<[String; 5]> = all.iter().enumerate().filter_map(own_template).collect();
    let of_set = (own.len() < all.len() || all.is_empty())
        .then(|| ["spec", "template"].map(str::to_owned).to_vec());
    of_set.into_iter().chain(own.into_iter().map(Vec::from)).collect()
}

/// Returns the path to the template of a generator, if that has the annotation.
fn own_template((i, generator): (usize, &&Json)) -> Option<[String; 5]> {
    let has = |own: &Json| {
        let annotations = own.pointer("/template/metadata/annotations");
        annotations.and_then(|all| all.get(ANNOTATION)?.as_str()).is_some_and(|it| !it.is_empty())
    };
    let (kind, _) = generator.as_object()?.iter().find(|(_, own)| has(own))?;
    let i = i.to_string();
    Some(["spec", "generators", &i, kind, "template"].map(str::to_owned))
}

/// Says what decides where none of these places does; `above` is how many lines there are before the document.
pub(super) fn said(text: &str, above: usize) -> String {
    let document = Document::read(text.as_bytes()).ok();
    let found = ["templatePatch", "template"].into_iter().find_map(|field| {
        let document = document.as_ref()?;
        document.root().get_path(&["spec", field])?;
        let line = document.line(["spec", field])?;
        // The line of the annotation itself, if the text shows it.
        let mut shown = text.lines().enumerate().skip(line - 1);
        let own = shown.find(|(_, text)| text.contains(ANNOTATION)).map_or(line, |(i, _)| i + 1);
        Some(format!("the {field} in line {}", above + own))
    });
    found.unwrap_or_else(|| "something else".to_owned())
}
