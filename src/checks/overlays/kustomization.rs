//! The kustomization file itself: entries that are lost or doubled, or that Kubernetes refuses later.

use rustc_hash::FxHashMap;

use crate::checks::data::env_files::env_file;
use crate::checks::files::documents::{self, duplicate_key, duplicate_keys};
use crate::checks::kubernetes::has_blank;
use crate::checks::label_rules::{LABEL_HINT, is_label_key, is_label_value};
use crate::diagnostics::{Lint, Result, Warning, WarningKind};
use crate::yaml::{Mapping, Node, Pos, fold, nearest};

/// Reads a file that a kustomization names, and returns its bytes and the position of the first.
type Read<'a> = dyn Fn(&str) -> Result<(Vec<u8>, Pos)> + 'a;

/// Looks at the documents of a kustomization file; `read` reads what it names.
pub(crate) fn check(lint: &Lint, documents: &[Node], read: &Read<'_>) {
    if let Some(second) = documents.get(1) {
        let text = "nothing reads this: only the first document of a kustomization counts";
        lint.add(
            Warning::new(WarningKind::SecondDocument, text, second.pos())
                .hint("remove the `---` before it, or make it a kustomization of its own"),
        );
    }
    let Some(root) = documents.first().and_then(Node::as_map) else { return };
    doubled_keys(lint, root);
    for entry in root {
        let Some(key) = entry.key.text() else { continue };
        let value = &entry.value;
        match fold(key).collect::<String>().as_str() {
            "images" | "imagetags" => images(lint, value),
            "replacements" => replacements(lint, value),
            "replicas" => replicas(lint, value),
            "nameprefix" | "namesuffix" | "namespace" => name(lint, key, value),
            "commonlabels" => {
                options_among(lint, value, LABEL_OPTIONS, "`commonLabels`");
                labels(lint, value);
            }
            "commonannotations" => annotations(lint, value),
            "labels" => {
                for pairs in elements(value).filter_map(|label| label.get("pairs")) {
                    options_among(lint, pairs, LABEL_OPTIONS, "`pairs`");
                    labels(lint, pairs);
                }
                doubled_labels(lint, value);
            }
            "configmapgenerator" | "secretgenerator" => {
                elements(value).for_each(|generator| generated(lint, read, generator));
            }
            "generatoroptions" => options(lint, value),
            "buildmetadata" => build_metadata(lint, value),
            "metadata" => metadata(lint, value),
            _ => {}
        }
    }
}

fn elements(list: &Node) -> impl Iterator<Item = &Node> {
    list.as_seq().into_iter().flatten()
}

fn text<'n>(node: &'n Node, key: &str) -> Option<&'n str> {
    node.get(key).filter(|value| !value.is_null()).and_then(Node::text).filter(|t| !t.is_empty())
}

/// Warns about keys that stand twice, at any depth; at the top in any spelling.
fn doubled_keys(lint: &Lint, root: &Mapping) {
    for (key, first, second) in documents::doubled_keys(root, true) {
        lint.add(duplicate_key(key, first, second));
    }
    duplicate_keys(lint, root.iter().map(|entry| &entry.value));
}

/// Warns about two entries of one name that say different things.
fn doubled<'n>(
    lint: &Lint,
    list: &'n Node,
    what: impl Fn(&'n Node) -> Option<(String, String)>,
    field: &str,
) {
    let mut seen: FxHashMap<String, (String, Pos)> = FxHashMap::default();
    for entry in elements(list) {
        let Some((name, value)) = what(entry) else { continue };
        if let Some((other, pos)) = seen.insert(name.clone(), (value.clone(), entry.pos()))
            && other != value
        {
            let text = format!("`{name}` is set to `{other}` and then to `{value}` by `{field}`");
            lint.add(
                Warning::new(WarningKind::DuplicateEntry, text, entry.pos())
                    .related("the first is at", pos)
                    .hint("keep one of the two"),
            );
        }
    }
}

/// Warns about an `index` that cuts nothing.
fn replacements(lint: &Lint, list: &Node) {
    for entry in elements(list) {
        let targets = entry.get("targets").into_iter().flat_map(elements);
        let all = entry.get("source").into_iter().chain(targets);
        for options in all.filter_map(|part| part.get("options")) {
            let is_set =
                |key: &str| text(options, key).is_some_and(|text| !matches!(text, "" | "0"));
            if is_set("index") && !is_set("delimiter") {
                let text = "`index` has no effect without `delimiter`, so the whole value is taken or replaced";
                lint.add(
                    Warning::new(WarningKind::IgnoredOption, text, options.pos())
                        .hint("say what divides the value, as in `delimiter: \":\"`"),
                );
            }
        }
    }
}

fn is_tag(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'))
}

/// Returns `true` for a tag with a whole digest behind it.
fn is_tag_with_digest(text: &str) -> bool {
    text.split_once("@sha256:").is_some_and(|(tag, digest)| {
        let is_hex = digest.bytes().all(|byte| byte.is_ascii_hexdigit());
        !tag.is_empty() && is_tag(tag) && digest.len() == 64 && is_hex
    })
}

fn images(lint: &Lint, list: &Node) {
    let what = |entry: &Node| {
        let parts = ["newName", "newTag", "digest", "tagSuffix"].map(|key| text(entry, key));
        let parts: Vec<&str> = parts.into_iter().flatten().collect();
        Some((text(entry, "name")?.to_owned(), parts.join(":")))
    };
    doubled(lint, list, what, "images");
    for entry in elements(list) {
        let warn = |key: &str, what: String, hint: &str| {
            let pos = entry.get(key).map_or(entry.pos(), Node::pos);
            lint.add(Warning::new(WarningKind::InvalidImage, what, pos).hint(hint));
        };
        let name = text(entry, "name").unwrap_or_default();
        let changes = ["newName", "newTag", "digest", "tagSuffix"];
        // A name alone is left over, and does no harm.
        let has_more = entry.as_map().is_some_and(|map| map.len() > 1);
        if has_more && !name.is_empty() && changes.iter().all(|key| text(entry, key).is_none()) {
            let text = format!("the entry of `{name}` changes nothing");
            lint.add(
                Warning::new(WarningKind::IgnoredOption, text, entry.pos())
                    .hint("give it a `newTag`, `newName` or `digest`, or remove it"),
            );
        }
        if let Some(tag) = text(entry, "newTag")
            && !is_tag(tag)
            && !is_tag_with_digest(tag)
        {
            let image = text(entry, "newName").unwrap_or(name);
            let digest = tag.rsplit('@').next().filter(|digest| digest.starts_with("sha256:"));
            let hint = match digest {
                Some(digest) => format!("that is a digest: write `digest: {digest}` in its place"),
                None if tag.contains("${") || tag.contains("$(") => {
                    "kustomize expands no variables: write the tag with `kustom edit set image` before the build"
                        .to_owned()
                }
                None => "a tag has letters, digits, `_`, `.` and `-`; the colon before it is added"
                    .to_owned(),
            };
            warn(
                "newTag",
                format!("the tag `{tag}` makes the image `{image}:{tag}`, which no registry knows"),
                &hint,
            );
        }
        if let Some(new) = text(entry, "newName")
            && let Some((_, tag)) =
                new.rsplit('/').next().and_then(|last| last.split_once([':', '@']))
        {
            let result = match (text(entry, "newTag"), text(entry, "digest")) {
                (Some(tag), _) => format!("{new}:{tag}"),
                (None, Some(digest)) => format!("{new}@{digest}"),
                (None, None) => format!("{new}:TAG"),
            };
            warn(
                "newName",
                format!(
                    "`newName` has the tag `{tag}` already, so that the image may become `{result}`"
                ),
                "give the name without a tag as `newName` and the tag as `newTag`",
            );
        }
        if let Some(new) = text(entry, "newName").filter(|new| new.contains("://")) {
            warn(
                "newName",
                format!("`{new}` is the address of a page, and no image has such a name"),
                "leave `https://` out: a name starts with the host, as in `registry.example.com/web`",
            );
        }
        let name = text(entry, "newName").filter(|new| !new.contains("://"));
        if let Some(new) = name.filter(|new| {
            let (_, path) = new.split_once('/').unwrap_or(("", new));
            path.contains(|c: char| c.is_ascii_uppercase()) && !new.contains('$')
        }) {
            warn(
                "newName",
                format!("the name `{new}` has capitals, which no registry takes"),
                "write the name in lowercase",
            );
        }
        if let Some(digest) = text(entry, "digest").filter(|digest| !is_digest(digest)) {
            let what = match digest.contains(':') {
                true => format!("`{digest}` is no digest"),
                false => format!("the digest `{digest}` names no algorithm"),
            };
            warn("digest", what, "a digest starts with `sha256:`; the `@` before it is added");
        }
    }
}

/// Returns `true` for a text such as `sha256:24a0...`, or one that is filled in later.
fn is_digest(text: &str) -> bool {
    let Some((algorithm, hash)) = text.split_once(':') else { return text.contains(['$', '{']) };
    algorithm.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '.' | '_' | '-'))
        && !algorithm.is_empty()
        && !hash.is_empty()
}

/// Warns about labels that a later entry sets to something else, wherever the earlier one does.
fn doubled_labels(lint: &Lint, list: &Node) {
    let reach = |entry: &Node| {
        let is_on = |key: &str| text(entry, key) == Some("true");
        match (is_on("includeSelectors"), is_on("includeTemplates")) {
            (true, _) => 2,
            (false, true) => 1,
            (false, false) => 0,
        }
    };
    let mut seen: FxHashMap<&str, (&str, u8, Pos, usize)> = FxHashMap::default();
    for (i, entry) in elements(list).enumerate().filter(|(_, e)| e.get("fields").is_none()) {
        for pair in entry.get("pairs").and_then(Node::as_map).into_iter().flatten() {
            let (Some(key), Some(value)) = (pair.key.text(), pair.value.text()) else { continue };
            // A key that stands twice in one mapping has its own warning.
            if let Some((other, reached, pos, at)) =
                seen.insert(key, (value, reach(entry), pair.key.pos(), i))
                && other != value
                && at != i
                && reached <= reach(entry)
            {
                let text = format!("`{key}` is set to `{other}` and then to `{value}` by `labels`");
                lint.add(
                    Warning::new(WarningKind::DuplicateEntry, text, pair.key.pos())
                        .related("the first is at", pos)
                        .hint("keep one of the two"),
                );
            }
        }
    }
}

fn replicas(lint: &Lint, list: &Node) {
    let what =
        |entry: &Node| Some((text(entry, "name")?.to_owned(), text(entry, "count")?.to_owned()));
    doubled(lint, list, what, "replicas");
}

/// Warns about a name, or a part of one, that Kubernetes refuses.
fn name(lint: &Lint, field: &str, value: &Node) {
    let Some(given) = value.text() else { return };
    let fits =
        |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.' | ':');
    let Some(wrong) = given.chars().find(|c| !fits(*c)) else { return };
    if crate::checks::kubernetes::is_filled_in(given) {
        return;
    }
    let hint = match wrong {
        '\u{201c}' | '\u{201d}' | '\u{2018}' | '\u{2019}' | '\u{201e}' | '\u{201a}' => {
            "these quotes were copied from a web page and are a part of the text: type them anew, as `\"`"
        }
        _ => "names have lowercase letters, digits, `-` and `.` only",
    };
    let given = given.trim();
    let shown = if given.len() > 60 { String::new() } else { format!(" `{given}`") };
    let text = format!("`{field}`{shown} has `{wrong}` in it, which Kubernetes refuses in names");
    lint.add(Warning::new(WarningKind::InvalidName, text, value.pos()).hint(hint));
}

/// What stands beside the `pairs` of an entry of `labels`.
const LABEL_OPTIONS: &[&str] = &["includeSelectors", "includeTemplates", "fields", "pairs"];

/// What stands beside `labels` and `annotations` in the options of a generator.
const GENERATOR_OPTIONS: &[&str] = &["disableNameSuffixHash", "immutable"];

/// Warns about options that were indented into the labels or annotations beside them.
fn options_among(lint: &Lint, pairs: &Node, options: &[&str], of: &str) {
    for entry in pairs.as_map().into_iter().flatten() {
        let Some(key) = entry.key.text().filter(|key| options.contains(key)) else { continue };
        let text =
            format!("`{key}` in {of} is no option but becomes a label or annotation of this name");
        let hint = match of {
            "`commonLabels`" => {
                "`commonLabels` has labels only; an entry of `labels` has `pairs`, and options beside them".to_owned()
            }
            _ => format!("indent it like {of}, beside which it stands"),
        };
        lint.add(Warning::new(WarningKind::IgnoredOption, text, entry.key.pos()).hint(hint));
    }
}

fn labels(lint: &Lint, pairs: &Node) {
    for entry in pairs.as_map().into_iter().flatten() {
        let (Some(key), Some(value)) = (entry.key.text(), entry.value.text()) else { continue };
        // What is filled in later may become a label.
        if has_blank(key) || has_blank(value) {
            continue;
        }
        if !is_label_key(key) {
            invalid(
                lint,
                format!("Kubernetes refuses `{key}` as the key of a label"),
                entry.key.pos(),
            );
        } else if !is_label_value(value) {
            invalid(
                lint,
                format!("Kubernetes refuses `{value}` as the value of the label `{key}`"),
                entry.value.pos(),
            );
        }
    }
}

fn annotations(lint: &Lint, pairs: &Node) {
    for entry in pairs.as_map().into_iter().flatten() {
        if let Some(key) = entry.key.text().filter(|key| !is_label_key(key)) {
            let text = format!("Kubernetes refuses `{key}` as the key of an annotation");
            invalid(lint, text, entry.key.pos());
        }
    }
}

fn invalid(lint: &Lint, text: String, pos: Pos) {
    lint.add(Warning::new(WarningKind::InvalidLabel, text, pos).hint(LABEL_HINT));
}

/// Warns about what the metadata of a kustomization says of itself, and not of its resources.
fn metadata(lint: &Lint, own: &Node) {
    // Tools read some of them of the kustomization itself.
    let is_of_tool = |key: &str| key.contains('/');
    let is_meant = |field: &str, value: &Node| match value.as_map() {
        None => field == "namespace" && value.text().is_some_and(|text| !text.is_empty()),
        Some(pairs) => pairs.iter().filter_map(|e| e.key.text()).any(|key| !is_of_tool(key)),
    };
    for (field, instead) in [
        ("namespace", "set `namespace` at the top of the kustomization"),
        ("labels", "use `labels` with `pairs` at the top of the kustomization"),
        ("annotations", "use `commonAnnotations` at the top of the kustomization"),
    ] {
        let value = own.get(field).filter(|value| !value.is_null() && is_meant(field, value));
        let Some(value) = value else { continue };
        let text =
            format!("`metadata.{field}` is that of the kustomization, so no resource gets it");
        let namespace = value.text().filter(|_| field == "namespace");
        lint.add(
            Warning::new(WarningKind::IgnoredOption, text, value.pos())
                .unless_they_are_in(namespace)
                .hint(instead),
        );
    }
}

/// Warns about words of `buildMetadata` that mean nothing.
fn build_metadata(lint: &Lint, list: &Node) {
    let known = ["managedByLabel", "originAnnotations", "transformerAnnotations"];
    for word in elements(list) {
        let Some(given) = word.text().filter(|given| !known.contains(given)) else { continue };
        let text = format!("`buildMetadata` knows no `{given}`, so nothing is added");
        lint.add(Warning::new(WarningKind::UnknownKey, text, word.pos()).hint(
            match nearest(known.into_iter(), given) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("it may have {}", known.join(", ")),
            },
        ));
    }
}

/// Looks at an entry of a generator.
fn generated(lint: &Lint, read: &Read<'_>, entry: &Node) {
    if let Some(value) = entry.get("name") {
        name(lint, "name", value);
    }
    if let Some(own) = entry.get("options") {
        options(lint, own);
    }
    let envs = entry.get("envs").into_iter().flat_map(elements).chain(entry.get("env"));
    for env in envs.filter_map(Node::text) {
        if let Ok((bytes, pos)) = read(env) {
            env_file(lint, env, &bytes, pos);
        }
    }
}

/// Looks at the options of generators.
fn options(lint: &Lint, options: &Node) {
    if let Some(pairs) = options.get("labels") {
        options_among(lint, pairs, GENERATOR_OPTIONS, "`labels`");
        labels(lint, pairs);
    }
    if let Some(pairs) = options.get("annotations") {
        options_among(lint, pairs, GENERATOR_OPTIONS, "`annotations`");
        annotations(lint, pairs);
    }
}
