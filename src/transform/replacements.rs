//! `replacements`: copies values from field to field (docs/spec/replacements.md).

use std::sync::Arc;

use ecow::EcoString;
use serde::Deserialize;

use crate::build_context::Context;
use crate::checks;
use crate::diagnostics::hints::INCOMPLETE_REPLACEMENT;
use crate::diagnostics::{Error, ErrorKind, Result};
use crate::kustomization::Replacement;
use crate::limits::{Account, Limit};
use crate::replace::{Applied, Source, Target};
use crate::resource::ResourceSet;
use crate::select::Patterns;
use crate::transform::Transformer;
use crate::yaml::{
    self, DecodeMode, Limits, Located, Merges, Node, Pos, embedded, from_node, measure,
};

/// The config of a `ReplacementTransformer`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct ReplacementConfig {
    /// What to do.
    #[serde(deserialize_with = "embedded")]
    pub(crate) replacements: Vec<Located<Replacement>>,
}

/// The step: all replacements of a layer, in order; each sees what the ones before it did.
#[derive(Clone, Debug)]
pub(crate) struct Replacements {
    /// Those of each entry; one that names a file has all of that.
    all: Vec<Arc<[Replace]>>,
}

/// What answers the replacements of a file.
pub(super) type Load<'a> = dyn FnMut(&str) -> Result<Arc<[Replace]>> + 'a;

/// What replacements are read with.
#[derive(Clone, Copy)]
pub(crate) struct Reading<'a> {
    pub(crate) patterns: &'a Patterns,
    pub(crate) account: &'a Account,
}

/// One replacement.
#[derive(Clone, Debug)]
pub(super) struct Replace {
    source: Source,
    targets: Vec<Target>,
    pos: Pos,
}

impl Replacements {
    /// Configures the step.
    ///
    /// `load` answers what [`read`] makes of the file that a `path` names.
    ///
    /// # Errors
    /// If an entry is not complete or says too much, if a pattern is none, or what `load` answers.
    pub(crate) fn new(
        entries: &[Located<Replacement>],
        reading: Reading<'_>,
        load: &mut Load<'_>,
    ) -> Result<Replacements> {
        let mut all = Vec::with_capacity(entries.len());
        for (i, entry) in entries.iter().enumerate() {
            let replaces = configure(entry, reading, load);
            all.push(replaces.map_err(|e| e.at(entry.pos).in_entry(format_args!("[{i}]")))?);
        }
        Ok(Replacements { all })
    }
}

fn configure(
    entry: &Located<Replacement>,
    reading: Reading<'_>,
    load: &mut Load<'_>,
) -> Result<Arc<[Replace]>> {
    if entry.path.is_empty() {
        return Ok([Replace::new(entry, entry.pos, reading.patterns)?].into());
    }
    if entry.source.is_some() || entry.targets.is_some() {
        return Err(config_error("cannot specify both path and inline replacement"));
    }
    load(&entry.path)
}

/// Reads the bytes of a file with one replacement or a list of them; `at` is the position of the first.
///
/// # Errors
/// If it is not that.
pub(super) fn read(bytes: &[u8], at: Pos, reading: Reading<'_>) -> Result<Arc<[Replace]>> {
    let all = decode(bytes, at, reading.account)?.into_iter();
    all.map(|replacement| Replace::new(&replacement, replacement.pos, reading.patterns)).collect()
}

/// Reads a file with one replacement or a list of them; what is unknown in it is ignored.
fn decode(bytes: &[u8], at: Pos, account: &Account) -> Result<Vec<Located<Replacement>>> {
    let root = yaml::decode(bytes)
        .and_then(|text| yaml::read_document(&text, at, Merges::Plain, &Limits::of(account)))
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
        let entries = self.all.iter().enumerate();
        for (entry, replace) in entries.flat_map(|(i, all)| all.iter().map(move |one| (i, one))) {
            cx.account.check()?;
            let mut done = Vec::new();
            let run = replace.run(cx, resources, &mut |applied, value| {
                if cx.lint.is_some() {
                    let shown = applied.untexted.and_then(|_| value.text()).map(EcoString::from);
                    done.push((applied, shown.unwrap_or_default()));
                }
            });
            run.map_err(|e| e.at(replace.pos).in_field(format!("[{entry}]")))?;
            if let Some(lint) = &cx.lint {
                checks::overlays::replacements::check(
                    lint,
                    entry,
                    &replace.targets,
                    &done,
                    resources,
                );
            }
        }
        Ok(())
    }
}

impl Replace {
    fn new(replacement: &Replacement, pos: Pos, patterns: &Patterns) -> Result<Replace> {
        let Replacement { source, targets, source_value, .. } = replacement;
        let Some(targets) = targets.as_ref().filter(|_| source.is_some() || source_value.is_some())
        else {
            let message = "replacements must specify a source and at least one target";
            return Err(config_error(message).at(pos).hint(&INCOMPLETE_REPLACEMENT));
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
        let targets = targets.iter().cloned().map(|target| Target::new(target, patterns));
        let targets = targets.collect::<Result<_>>();
        Ok(Replace { source, targets: targets.map_err(|e| e.at(pos))?, pos })
    }

    /// Runs the replacement, if there is room; `done` hears what each target did, in order.
    fn run(
        &self,
        cx: &Context,
        resources: &mut ResourceSet,
        done: &mut dyn FnMut(Applied, &Node),
    ) -> Result<()> {
        let mut value = self.source.value(resources, &cx.schema)?;
        let longest = self.targets.iter().map(Target::longest_path).max().unwrap_or_default();
        // A copy of a copy of a copy is small in memory and endless to print.
        let mut admit = |value: &Node| {
            let room = Limits::of(&cx.account);
            let Some((nodes, depth)) = measure(value, room.nodes) else {
                return too_much("large", Limit::Nodes);
            };
            if depth.saturating_add(longest) > room.depth {
                return too_much("deep", Limit::Nesting);
            }
            Ok(cx.account.charge(Limit::Nodes, nodes as u64)?)
        };
        admit(value.node())?;
        if cx.lint.is_some()
            && let Some(source) = value.slot.and_then(|slot| resources.get_mut(slot))
        {
            source.history.is_source = true;
        }
        for target in &self.targets {
            let applied = target.apply(cx, &mut value, resources, &mut admit)?;
            done(applied, value.node());
        }
        Ok(())
    }
}

fn too_much(what: &str, limit: Limit) -> Result<()> {
    let name = limit.as_str();
    let message = format!("the replacement makes resources too {what} (limit `{name}`)");
    Err(Error::new(ErrorKind::Limit, message).of_limit(limit))
}

fn config_error(message: &str) -> Error {
    Error::new(ErrorKind::Kustomization, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::run;

    // The keys are sorted because the tree is built from JSON.
    const FOO: &str = r#"{"apiVersion":"x/v1","c":[{"n":"one","v":"1"},{"n":"tone","v":"2"}],"i":7,"kind":"Foo","l":["a","b"],"m":{"p":"q"},"metadata":{"name":"t"},"s":"old","u":"a:b","x":null}"#;
    const SOURCE: &str = r#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"src"},"k":"val","five":"5","m":{"x":1}}"#;

    /// Runs one replacement, written as YAML, and shows what changed in the target.
    fn replace(replacement: &str) -> std::result::Result<String, String> {
        let entry = Replacement { path: "r.yaml".into(), ..Default::default() };
        let entry = Located { value: entry, pos: Pos::NONE };
        let (patterns, account) = (Patterns::default(), Account::default());
        let reading = Reading { patterns: &patterns, account: &account };
        let mut load = |_: &str| read(replacement.as_bytes(), Pos::NONE, reading);
        Replacements::new(&[entry], reading, &mut load)
            .and_then(|step| run(&[&step], &[SOURCE, FOO]))
            .map(|all| all[1].clone())
            .map_err(|e| e.message().to_owned())
    }

    fn write(source: &str, path: &str, options: &str) -> std::result::Result<String, String> {
        replace(&format!(
            "{{{source}, targets: [{{select: {{kind: Foo}}, fieldPaths: ['{path}'], options: {{{options}}}}}]}}"
        ))
    }

    fn changed(source: &str, path: &str, options: &str) -> String {
        let new = write(source, path, options).unwrap();
        let old = FOO;
        let start = old.bytes().zip(new.bytes()).take_while(|(a, b)| a == b).count();
        let same = |(a, b): &(u8, u8)| a == b;
        let end = old.bytes().rev().zip(new.bytes().rev()).take_while(same).count();
        let end = end.min(new.len() - start).min(old.len() - start);
        new[start..new.len() - end].to_owned()
    }

    const VAL: &str = "source: {kind: ConfigMap, fieldPath: k}";
    const MAP: &str = "source: {kind: ConfigMap, fieldPath: m}";

    #[test]
    fn values_are_written() {
        for (source, path, options, expected) in [
            (VAL, "s", "", "val"),
            (VAL, "m", "", r#""val""#),
            (MAP, "m", "", r#"x":1"#),
            (MAP, "s", "", ""),
            (VAL, "l.1", "", "val"),
            (VAL, "l.*", "", r#"val","val"#),
            (VAL, "c.[n=^.one].v", "", "val"),
            (VAL, "u", r#"delimiter: ":""#, "val"),
            (VAL, "u", r#"delimiter: ":", index: 9"#, ":val"),
            (VAL, "u", r#"delimiter: ":", index: -1"#, "val:"),
            (VAL, "m.new", "create: true", r#","new":"val""#),
            (VAL, "l.2.y", "create: true", r#",{"y":"val"}"#),
            (VAL, "c.[n=x].v", "create: true", r#",{"n":"x","v":"val"}"#),
            (VAL, "l.[=x]", "create: true", r#","val""#),
            (VAL, "x.y", "create: true", ""),
        ] {
            assert_eq!(changed(source, path, options), expected, "{source} {path} {options}");
        }
    }

    #[test]
    fn a_source_does_not_grow_without_end() {
        let paths: Vec<String> = (0..64).map(|i| format!("m.new{i}")).collect();
        let replacement = format!(
            "{{source: {{kind: Foo, fieldPath: m}}, targets: [{{select: {{kind: Foo}}, \
             fieldPaths: [{}], options: {{create: true}}}}]}}",
            paths.join(", ")
        );
        let error = replace(&replacement).unwrap_err();
        assert!(error.contains("too large (limit `nodes`)"), "{error}");
    }

    #[test]
    fn faults_are_told() {
        for (source, path, options, expected) in [
            (
                "source: {kind: Nope}",
                "s",
                "",
                "nothing selected by Nope.[noVer].[noGrp]/[noName].[noNs]",
            ),
            (
                "source: {}",
                "s",
                "",
                "multiple matches for selector [noKind].[noVer].[noGrp]/[noName].[noNs]",
            ),
            (
                "source: {name: src, fieldPath: nope}",
                "s",
                "",
                "fieldPath `nope` is missing for replacement source [noKind].[noVer].[noGrp]/src.[noNs]",
            ),
            (VAL, "no", "", "unable to find field \"no\" in replacement target"),
            (
                VAL,
                "l.3",
                "create: true",
                "unable to find or create field \"l.3\" in replacement target: index 3 specified but only 2 elements found",
            ),
            (VAL, "m", "delimiter: x", "delimiter option can only be used with scalar nodes"),
            (
                "sourceValue: x, source: {}",
                "s",
                "",
                "value and resource selectors are mutually exclusive",
            ),
        ] {
            assert_eq!(write(source, path, options).unwrap_err(), expected);
        }
        // Upstream never ends here.
        assert!(write(VAL, r"c.[n=\d].v", "create: true").unwrap_err().contains("does not match"));
    }

    #[test]
    fn rejected_resources_are_left() {
        let rejecting = |reject: &str| {
            replace(&format!(
                "{{{VAL}, targets: [{{select: {{kind: Foo}}, reject: [{reject}], fieldPaths: [s]}}]}}"
            ))
            .unwrap()
            .contains("old")
        };
        assert!(!rejecting("{}"));
        assert!(rejecting("{name: t}"));
        assert!(!rejecting("{kind: Foo, name: other}"));
        assert!(rejecting("{kind: Other, labelSelector: '!a'}"));
        assert!(rejecting("{kind: Foo, labelSelector: a}"));
    }

    #[test]
    fn texts_inside_of_texts_are_changed() {
        let inside = |text: &str, path: &str, value: &str, options: &str| {
            let target =
                format!("select: {{kind: Foo}}, fieldPaths: [s, '{path}'], options: {{{options}}}");
            let first = replace(&format!(
                "[{{sourceValue: {text:?}, targets: [{{select: {{kind: Foo}}, fieldPaths: [s]}}]}}, \
                 {{sourceValue: {value:?}, targets: [{{{}}}]}}]",
                target.replace("[s, ", "[")
            ));
            let all = first.unwrap();
            let (_, rest) = all.split_once(r#""s":""#).unwrap();
            rest.split(r#"","u""#)
                .next()
                .unwrap()
                .replace("\\\"", "\"")
                .replace("\\n", "\n")
                .replace("\\\\", "\\")
        };
        assert_eq!(inside(r#"{"b": 1, "a": "x"}"#, "s.a", "<", ""), r#"{"a":"\u003c","b":1}"#);
        assert_eq!(inside("a: b # c\nd: [e]\n", "s.d.0", "5", ""), "a: b # c\nd: [\"5\"]");
        assert_eq!(inside("a: 1\n", "s.n.x", "y", "create: true"), "a: 1\nn:\n  x: y");
        // A value that the text cannot take is dropped without a word.
        assert_eq!(inside(r#"{"a": 1}"#, "s.a", "x", ""), r#"{"a": 1}"#);
    }
}
