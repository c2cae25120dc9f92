//! Puts one value into fields of many resources, or into the paths that those fields hold
//! (docs/spec/plugins.md, section 2).

use std::borrow::Cow;

use serde::Deserialize;

use super::Transformer;
use super::namespace::{Namespace, NamespaceConfig};
use crate::build_context::Context;
use crate::diagnostics::{Error, ErrorKind, Result};
use crate::fieldspec::{set_scalar, wrong_kind};
use crate::kustomization::{ObjectMeta, Selector};
use crate::limits::{Account, Limit, RESOURCE};
use crate::load::ReadFile;
use crate::replace::{Part, step_or_create};
use crate::resource::{Resource, ResourceSet};
use crate::select::{Patterns, TargetSelector};
use crate::yaml::{self, DecodeMode, Kind, Limits, Merges, Pos, Tag, from_node};

/// The config of a `ValueAddTransformer`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct ValueAddConfig {
    /// The value; the name of the kustomization's directory if empty.
    pub(crate) value: String,
    /// Where it goes.
    pub(crate) targets: Vec<ValueAddTarget>,
    /// A file with more targets.
    pub(crate) target_file_path: String,
}

/// One field of the selected resources.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct ValueAddTarget {
    /// The resources; all if missing.
    pub(crate) selector: Option<Selector>,
    /// The field.
    pub(crate) field_path: String,
    /// 0 to replace the text; else before which element of the path that it holds, from 1.
    pub(crate) file_path_position: i64,
}

/// The configured step.
#[derive(Clone, Debug)]
pub(crate) struct ValueAdd {
    value: String,
    targets: Vec<Target>,
}

#[derive(Clone, Debug)]
struct Target {
    selector: Option<TargetSelector>,
    parts: Vec<Part>,
    position: usize,
    /// The step that writes `metadata/namespace`, which is no ordinary field.
    namespace: Option<Namespace>,
}

impl ValueAdd {
    /// Configures the step of a kustomization in the directory named `root`.
    ///
    /// # Errors
    /// If there is no target, one is wrong, or what `load` answers for the file with targets.
    pub(crate) fn new(
        config: ValueAddConfig,
        root: &str,
        patterns: &Patterns,
        account: &Account,
        load: &mut ReadFile,
    ) -> Result<ValueAdd> {
        let value = match config.value.trim() {
            "" => root,
            value => value,
        };
        let mut targets = config.targets;
        if !config.target_file_path.is_empty() {
            let (bytes, pos) = load(&config.target_file_path)?;
            targets.extend(read_targets(&bytes, pos, account)?);
        }
        if targets.is_empty() {
            return Err(error("must specify at least one target"));
        }
        let bytes = RESOURCE.saturating_mul(targets.len() as u64);
        account.charge(Limit::TreeBytes, bytes)?;
        let targets: Vec<Target> =
            targets.iter().map(|t| Target::new(t, value, patterns)).collect::<Result<_>>()?;
        if targets.iter().any(|target| target.parts.len() as u64 >= account.limits().nesting) {
            let error = Error::new(ErrorKind::Limit, "the path of a target has too many parts");
            return Err(error.of_limit(Limit::Nesting));
        }
        Ok(ValueAdd { value: value.to_owned(), targets })
    }
}

fn read_targets(bytes: &[u8], at: Pos, account: &Account) -> Result<Vec<ValueAddTarget>> {
    let root = yaml::decode(bytes)
        .and_then(|text| yaml::read_document(&text, at, Merges::Plain, &Limits::of(account)))
        .map_err(|e| Error::syntax(&e, at))?
        .unwrap_or_default();
    yaml::charge_copies(bytes, std::slice::from_ref(&root), account)?;
    let config: ValueAddConfig =
        from_node(&root, DecodeMode::Lenient, "targets").map_err(|e| error(e.message).at(e.pos))?;
    Ok(config.targets)
}

impl Target {
    fn new(target: &ValueAddTarget, value: &str, patterns: &Patterns) -> Result<Target> {
        let ValueAddTarget { selector, field_path, file_path_position } = target;
        if field_path.is_empty() {
            return Err(error("fieldPath cannot be empty"));
        }
        let position = usize::try_from(*file_path_position).map_err(|_| {
            error(format!("value of FilePathPosition ({file_path_position}) cannot be negative"))
        })?;
        let namespace = if field_path == "metadata/namespace" {
            let metadata = ObjectMeta { namespace: value.to_owned(), ..ObjectMeta::default() };
            Some(Namespace::from_config(&NamespaceConfig { metadata, ..Default::default() })?)
        } else {
            None
        };
        let parts = split(field_path);
        let parts =
            parts.iter().filter_map(|part| Part::parse(part).trimmed().map(Cow::into_owned));
        Ok(Target {
            selector: selector.as_ref().map(|s| TargetSelector::new(s, patterns)).transpose()?,
            parts: parts.collect(),
            position,
            namespace,
        })
    }

    fn change(&self, cx: &Context, resource: &mut Resource, value: &str) -> Result<()> {
        if let Some(namespace) = &self.namespace {
            return namespace.change(cx, resource, &[]);
        }
        let mut field = &mut resource.node;
        let mut parts = self.parts.iter().peekable();
        while let Some(part) = parts.next() {
            match step_or_create(field, part, parts.peek().copied())? {
                Some(next) => field = next,
                None => return Ok(()),
            }
        }
        let old = field.text().ok_or_else(|| wrong_kind(field, Kind::Scalar))?;
        cx.account.charge_text(old.len().saturating_add(value.len()))?;
        let new = if self.position == 0 {
            value.to_owned()
        } else {
            insert(old, value, self.position - 1)
        };
        set_scalar(field, new, Tag::Cleared)
    }
}

impl Transformer for ValueAdd {
    fn run(&self, cx: &Context, resources: &mut ResourceSet) -> Result<()> {
        for target in &self.targets {
            let slots = match &target.selector {
                Some(selector) => selector.select(resources, &cx.schema)?,
                None => resources.slot_numbers().collect(),
            };
            for slot in slots {
                let change = |resource: &mut Resource| target.change(cx, resource, &self.value);
                resources.update(slot, &cx.schema, change).transpose()?;
            }
        }
        Ok(())
    }
}

/// Splits a field path at every slash without a backslash before it.
fn split(path: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut part = String::new();
    let mut pieces = path.split('/').peekable();
    while let Some(piece) = pieces.next() {
        match piece.strip_suffix('\\') {
            Some(escaped) if pieces.peek().is_some() => {
                part.push_str(escaped);
                part.push('/');
            }
            _ => {
                part.push_str(piece);
                parts.push(std::mem::take(&mut part));
            }
        }
    }
    parts
}

/// Puts a value before the element `index` of a path; after the last one there is only the end.
fn insert(path: &str, value: &str, index: usize) -> String {
    let mut elements: Vec<&str> = path.split('/').filter(|element| !element.is_empty()).collect();
    elements.insert(index.min(elements.len()), value);
    let root = if path.starts_with('/') { "/" } else { "" };
    format!("{root}{}", elements.join("/"))
}

fn error(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Transformer, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::run;

    #[test]
    fn values_are_put_into_paths() {
        for (path, position, expected) in [
            ("/a/b", 1, "/V/a/b"),
            ("/a/b", 2, "/a/V/b"),
            ("/a/b", 9, "/a/b/V"),
            ("a/b", 1, "V/a/b"),
            ("a//b/", 2, "a/V/b"),
            ("/", 3, "/V"),
            ("", 2, "V"),
        ] {
            assert_eq!(insert(path, "V", position - 1), expected, "{path} {position}");
        }
    }

    fn added(field_path: &str) -> std::result::Result<String, String> {
        let target = ValueAddTarget { field_path: field_path.into(), ..Default::default() };
        let config =
            ValueAddConfig { value: " V ".into(), targets: vec![target], ..Default::default() };
        let object = r#"{"apiVersion":"v1","kind":"Foo","l":[{"n":"a"}],"m":{"a/b":1},"x":null}"#;
        let mut load = |_: &str| Err(error("no file"));
        ValueAdd::new(config, "root", &Patterns::default(), &Account::default(), &mut load)
            .and_then(|step| run(&[&step], &[object]))
            .map(|all| all[0].split_once(r#""Foo","#).map_or("", |(_, rest)| rest).to_owned())
            .map_err(|e| e.message().to_owned())
    }

    #[test]
    fn fields_are_found_or_made() {
        for (path, expected) in [
            ("l/0/n", r#""l":[{"n":"V"}],"m":{"a/b":1},"x":null}"#),
            ("l/3/n", r#""l":[{"n":"a"}],"m":{"a/b":1},"x":null}"#),
            ("l/[n=a]/i", r#""l":[{"n":"a","i":"V"}],"m":{"a/b":1},"x":null}"#),
            ("l/[n=b]/i", r#""l":[{"n":"a"},{"n":"b","i":"V"}],"m":{"a/b":1},"x":null}"#),
            (r"m/a\/b", r#""l":[{"n":"a"}],"m":{"a/b":"V"},"x":null}"#),
            ("/m//c/", r#""l":[{"n":"a"}],"m":{"a/b":1,"c":"V"},"x":null}"#),
            ("x/y", r#""l":[{"n":"a"}],"m":{"a/b":1},"x":null}"#),
        ] {
            assert_eq!(added(path).as_deref(), Ok(expected), "{path}");
        }
        assert_eq!(
            added("l").unwrap_err(),
            "wrong node kind: expected ScalarNode but got SequenceNode: node contents:\n- \"n\": a"
        );
        assert_eq!(added("").unwrap_err(), "fieldPath cannot be empty");
    }
}
