//! What holds for every change of a kustomization file.

#![allow(clippy::unwrap_used, clippy::disallowed_methods)] // a test

#[path = "edit/comments.rs"]
mod comments;
#[path = "edit/entries.rs"]
mod entries;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use kustom::edit::{
    Edit, GeneratorKind, ImageArg, LabelPlace, List, NewSources, PairField, PatchArg, UpdateOutcome,
};
use kustom::{MemoryFs, Result, document};
use proptest::prelude::*;
use serde_json::Value as Json;

fn open(text: &str) -> Result<Edit> {
    let mut files = MemoryFs::new();
    files.insert("/app/kustomization.yaml", text);
    Edit::open_unchecked(files, "/app")
}

/// Sets images, as `edit set image` does if `is_upstream`, else as `set image`.
fn set_images(text: &str, args: &[String], is_upstream: bool) -> Result<String> {
    let mut edit = open(text)?;
    let images: Vec<ImageArg> = args.iter().map(|arg| arg.parse()).collect::<Result<_>>()?;
    if is_upstream {
        edit.replace_images(&images)?;
        return Ok(edit.finish()?.text);
    }
    for image in images {
        if edit.update_image(&image) == UpdateOutcome::Missing {
            edit.add_image(&image);
        }
    }
    Ok(edit.finish()?.text)
}

#[test]
fn an_image_changes_by_its_bytes_alone() {
    let cases = include_str!("../testdata/set-image/cases.json");
    let cases: Vec<Json> = serde_json::from_str(cases).unwrap();
    for case in &cases {
        let text = |key: &str| case[key].as_str().unwrap_or_else(|| panic!("{key} of {case}"));
        let args: Vec<String> = serde_json::from_value(case["args"].clone()).unwrap();
        let name = text("name");
        let set = |text: &str| set_images(text, &args, case["command"] == "edit set image");
        let changed = set(text("in")).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(changed, text("out"), "{name}");
        assert_eq!(set(&changed).unwrap(), changed, "{name}, a second time");
    }
    assert!(cases.len() > 40);
}

/// Every kustomization file of the test data.
fn kustomizations() -> &'static [(PathBuf, String)] {
    static FILES: OnceLock<Vec<(PathBuf, String)>> = OnceLock::new();
    FILES.get_or_init(|| {
        let mut found = Vec::new();
        let mut left = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata")];
        while let Some(dir) = left.pop() {
            let mut entries: Vec<PathBuf> =
                std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
            entries.sort();
            for path in entries {
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                if path.is_dir() && !path.is_symlink() {
                    left.push(path);
                } else if ["kustomization.yaml", "kustomization.yml", "Kustomization"]
                    .contains(&&*name)
                    && let Ok(text) = std::fs::read_to_string(&path)
                {
                    found.push((path, text));
                }
            }
        }
        assert!(found.len() > 500);
        found
    })
}

/// A change of a file.
#[derive(Clone, Debug)]
enum Change {
    Image(String, String),
    UpstreamImage(String, String),
    Namespace(String),
    Label(String, String),
    LabelOnly(String, String),
    Annotation(String, String),
    Replicas(String, u8),
    Resource(String),
    RemoveResources(String),
    Literal(String, String),
    Fix,
}

impl Change {
    fn apply(&self, edit: &mut Edit) -> Result<()> {
        match self {
            Change::Image(name, tag) => {
                let image: ImageArg = format!("{name}:{tag}").parse()?;
                if edit.update_image(&image) == UpdateOutcome::Missing {
                    edit.add_image(&image);
                }
            }
            Change::UpstreamImage(name, tag) => {
                edit.replace_images(&[format!("{name}=*:{tag}").parse()?])?;
            }
            Change::Namespace(value) => edit.set_namespace(value),
            Change::Label(key, value) => {
                edit.set_pairs(PairField::Labels, &[format!("{key}:{value}")])?;
            }
            Change::LabelOnly(key, value) => {
                let pairs = [format!("{key}:{value}")];
                edit.add_pairs(PairField::Labels, LabelPlace::Metadata, &pairs, true)?;
            }
            Change::Annotation(key, value) => {
                let pairs = [format!("{key}:{value}")];
                edit.add_pairs(PairField::Annotations, LabelPlace::Common, &pairs, true)?;
            }
            Change::Replicas(name, count) => edit.set_replicas(&[format!("{name}={count}")])?,
            Change::Resource(name) => edit.add_unverified(List::Resources, &[name]),
            Change::RemoveResources(pattern) => edit.remove_entries(List::Resources, &[pattern])?,
            Change::Literal(name, value) => {
                let mut sources = NewSources::default();
                sources.literals = vec![format!("NEW_KEY={value}")];
                edit.add_generator(GeneratorKind::ConfigMap, name, &sources)?;
            }
            Change::Fix => drop(edit.fix()?),
        }
        Ok(())
    }

    /// Returns `true` if it is done when it has been done once.
    fn is_idempotent(&self) -> bool {
        !matches!(self, Change::Literal(..))
    }
}

fn changes() -> impl Strategy<Value = Change> {
    let name = || prop_oneof![Just("nginx".to_owned()), "[a-z]{1,8}", Just("a.b/c".to_owned())];
    let tag = || prop_oneof!["[0-9.]{1,5}", "v[0-9]", "[a-f0-9e]{6}", Just("on".to_owned())];
    let text = || prop_oneof!["[ -~]{0,12}", Just("a\nb\n".to_owned()), Just("é: #".to_owned())];
    prop_oneof![
        (name(), tag()).prop_map(|(name, tag)| Change::Image(name, tag)),
        (name(), tag()).prop_map(|(name, tag)| Change::UpstreamImage(name, tag)),
        text().prop_map(Change::Namespace),
        (name(), text()).prop_map(|(key, value)| Change::Label(key, value)),
        (name(), text()).prop_map(|(key, value)| Change::LabelOnly(key, value)),
        (name(), text()).prop_map(|(key, value)| Change::Annotation(key, value)),
        (name(), any::<u8>()).prop_map(|(name, count)| Change::Replicas(name, count)),
        text().prop_map(Change::Resource),
        prop_oneof![Just("*".to_owned()), Just("*.yaml".to_owned())]
            .prop_map(Change::RemoveResources),
        (name(), text()).prop_map(|(name, value)| Change::Literal(name, value)),
        Just(Change::Fix),
    ]
}

/// What may stand between the entries of a list in brackets, `@` for the number of the entry before it.
const BETWEEN: [&str; 5] =
    [", ", ",\n  ", ", # behind @\n  ", ",\n  # own @\n  ", " # behind @\n  , "];

fn in_brackets(start: usize, between: &[usize], end: usize) -> String {
    let mut text =
        ["resources: [", "resources: [\n  ", "resources: [ # start\n  "][start].to_owned();
    for (i, separator) in between.iter().enumerate() {
        text += &format!("r{i}{}", BETWEEN[*separator].replace('@', &i.to_string()));
    }
    let last = between.len();
    let ends = ["]", ",]", "\n]", " # behind @\n]", ", # behind @\n]", "\n  # own @\n  ]"];
    text + &format!("r{last}{}\nnamePrefix: a-\n", ends[end].replace('@', &last.to_string()))
}

/// Returns all scalars of a tree with their paths, as far as they are texts.
fn texts(value: &Json, path: &str, found: &mut Vec<String>) {
    match value {
        Json::Array(items) => {
            items.iter().for_each(|item| texts(item, &format!("{path}[]"), found));
        }
        Json::Object(members) => {
            for (key, value) in members {
                texts(value, &format!("{path}.{key}"), found);
            }
        }
        scalar => found.push(format!("{path}={scalar}")),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_list_in_brackets_takes_any_change(
        start in 0..3usize,
        between in prop::collection::vec(0..BETWEEN.len(), 0..6),
        end in 0..6usize,
        going in prop::collection::vec(any::<bool>(), 7),
        coming in 0..3usize,
    ) {
        let text = in_brackets(start, &between, end);
        let goes = |i: usize| going.get(i) == Some(&true);
        let mut wanted: Vec<String> =
            (0..=between.len()).filter(|i| !goes(*i)).map(|i| format!("r{i}")).collect();
        prop_assume!(!wanted.is_empty());
        let mut edit = open(&text).unwrap();
        let gone: Vec<String> = (0..=between.len()).filter(|i| goes(*i)).map(|i| format!("r{i}")).collect();
        if !gone.is_empty() {
            edit.remove_entries(List::Resources, &gone).unwrap();
        }
        let new: Vec<String> = (0..coming).map(|i| format!("n{i}")).collect();
        edit.add_unverified(List::Resources, &new);
        wanted.extend(new);
        let changed = edit.finish().map_err(|e| TestCaseError::fail(format!("{text}: {e}")))?.text;
        let json = document::from_yaml(changed.as_bytes()).unwrap();
        prop_assert_eq!(&json["resources"], &Json::from(wanted), "{} {}", text, changed);
        for i in 0..=between.len() {
            let own = format!("# own {i}\n");
            prop_assert!(!text.contains(&own) || changed.contains(&own), "{text}{changed}");
            let behind = format!("# behind {i}\n");
            prop_assert!(!text.contains(&behind) || goes(i) || changed.contains(&behind), "{text}{changed}");
        }
        prop_assert!(!text.contains("# start") || changed.contains("# start"), "{text}{changed}");
    }

    #[test]
    fn a_change_touches_only_what_it_concerns(n in any::<prop::sample::Index>(), change in changes()) {
        let (path, text) = &kustomizations()[n.index(kustomizations().len())];
        let Ok(mut edit) = open(text) else { return Ok(()) };
        // Whether the file is good is checked at the end, whether the change is, now.
        if change.apply(&mut edit).is_err() {
            return Ok(());
        }
        let changed = match edit.finish() {
            Ok(changed) => changed,
            // A file that upstream would not take either; but never for want of a way to write it.
            Err(error) => {
                let message = error.message();
                let for_want_of_a_way = message.contains("changed text") || message.contains("more of the file");
                prop_assert!(!for_want_of_a_way, "{}: {error}", path.display());
                return Ok(());
            }
        };
        // Outside of the splices, the bytes are the same.
        let (mut old, mut new) = (0, 0);
        for splice in &changed.splices {
            let kept = splice.range.start - old;
            prop_assert_eq!(&text[old..splice.range.start], &changed.text[new..new + kept]);
            new += kept;
            prop_assert_eq!(&changed.text[new..new + splice.text.len()], splice.text.as_str());
            (old, new) = (splice.range.end, new + splice.text.len());
        }
        prop_assert_eq!(&text[old..], &changed.text[new..]);
        // No comment and no text is lost that the change does not take out.
        let removes = matches!(change, Change::RemoveResources(_) | Change::UpstreamImage(..));
        if !removes {
            let comments = |text: &str| text.matches(" # ").count() + text.matches("\n#").count();
            prop_assert!(comments(text) <= comments(&changed.text), "{}", path.display());
        }
        let own_lines = |text: &str| text.lines().filter(|line| line.trim_start().starts_with('#')).count();
        prop_assert!(own_lines(text) <= own_lines(&changed.text), "{}: {}", path.display(), changed.text);
        let typed = |text: &str| document::from_yaml(text.as_bytes()).unwrap_or_default();
        let (mut before, mut after) = (Vec::new(), Vec::new());
        texts(&typed(text), "", &mut before);
        texts(&typed(&changed.text), "", &mut after);
        let field = |text: &String| text.split(['.', '[', '=']).nth(1).unwrap_or_default().to_owned();
        let lost: Vec<&String> = before.iter().filter(|text| !after.contains(text)).collect();
        let fields: std::collections::BTreeSet<String> = lost.iter().map(|text| field(text)).collect();
        if !matches!(change, Change::Fix) {
            prop_assert!(fields.len() <= 2, "{}: {lost:?}", path.display());
        }
        // Twice is once.
        if change.is_idempotent() && let Ok(mut edit) = open(&changed.text) {
            change.apply(&mut edit).unwrap();
            prop_assert!(edit.finish().unwrap().is_unchanged(), "{}: {}", path.display(), changed.text);
        }
    }
}

#[test]
fn a_patch_with_options_or_an_empty_target_is_another_one() {
    let mut patch = PatchArg::default();
    patch.path = Some("p.yaml".to_owned());
    for (entry, is_it) in [
        ("{path: p.yaml}", true),
        ("{path: p.yaml, target: null, options: null}", true),
        ("{path: p.yaml, target: {}}", false),
        ("{path: p.yaml, options: {}}", false),
        ("{path: p.yaml, options: {allowNameChange: true}}", false),
    ] {
        let text = format!("patches:\n- {entry}\n");
        let mut edit = open(&text).unwrap();
        edit.remove_patch(&patch).unwrap();
        assert_eq!(edit.finish().unwrap().is_unchanged(), !is_it, "remove from {entry}");
        let mut edit = open(&text).unwrap();
        edit.add_patch(&patch).unwrap();
        assert_eq!(edit.finish().unwrap().is_unchanged(), is_it, "add to {entry}");
    }
}

#[test]
fn a_list_that_is_set_stays_as_it_is_written() {
    for (before, after) in [
        ("[managedByLabel]", "[originAnnotations]"),
        ("[managedByLabel] # c", "[originAnnotations] # c"),
        ("[\"managedByLabel\", originAnnotations]", "[originAnnotations]"),
        ("[]", "[originAnnotations]"),
        ("\n  - managedByLabel # c", "\n  - originAnnotations"),
    ] {
        let text = |list: &str| format!("buildMetadata: {list}\nnamePrefix: a-\n");
        let mut edit = open(&text(before)).unwrap();
        edit.set_build_metadata(&["originAnnotations"]).unwrap();
        assert_eq!(edit.finish().unwrap().text, text(after));
    }
}

#[test]
fn a_file_of_which_nothing_is_left_says_what_it_is() {
    for before in ["resources: [a.yaml]\n", "# ours\nresources:\n- a.yaml # a\n"] {
        let mut edit = open(before).unwrap();
        edit.remove_entries(List::Resources, &["a.yaml"]).unwrap();
        let comment = if before.starts_with('#') { "# ours\n" } else { "" };
        let header = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n";
        assert_eq!(edit.finish().unwrap().text, format!("{comment}{header}"));
    }
}

#[test]
fn a_generator_gets_other_options_and_a_new_field() {
    for (before, after) in [
        (
            "- name: cm\n  files: [f.txt]\n  options: # ours\n    labels:\n      a: b\n",
            "- name: cm\n  files: [f.txt]\n  options: # ours\n    disableNameSuffixHash: true\n  literals:\n  - x=y\n",
        ),
        (
            "- files: [f.txt]\n  name: cm\n  options: {labels: {a: b}}\n",
            "- files: [f.txt]\n  name: cm\n  options: {disableNameSuffixHash: true}\n  literals:\n  - x=y\n",
        ),
    ] {
        for kind in [GeneratorKind::ConfigMap, GeneratorKind::Secret] {
            let field = match kind {
                GeneratorKind::Secret => "secretGenerator",
                _ => "configMapGenerator",
            };
            let mut files = MemoryFs::new();
            files.insert("/app/kustomization.yaml", format!("{field}:\n{before}"));
            files.insert("/app/f.txt", "f");
            let mut edit = Edit::open_unchecked(files, "/app").unwrap();
            let mut sources = NewSources::default();
            sources.literals = vec!["x=y".to_owned()];
            sources.disable_name_suffix_hash = true;
            edit.add_generator(kind, "cm", &sources).unwrap();
            assert_eq!(edit.finish().unwrap().text, format!("{field}:\n{after}"));
        }
    }
}
