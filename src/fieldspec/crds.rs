//! Reading of `crds` files: type definitions with extensions that name special fields
//! (docs/spec/accumulation.md, section 6).

use ecow::EcoVec;

use super::{FieldSpec, NameReference, TransformerConfig};
use crate::diagnostics::{Error, ErrorKind, Result};
use crate::resource::Gvk;
use crate::schema::misshapen;
use crate::yaml::{Mapping, Node, Rules, Value, resolve};

/// The most properties that are looked at, those of types that are referred to counted each time.
const MAX_PROPERTIES: usize = 100_000;

impl TransformerConfig {
    /// Reads the file `name` of types: a mapping from the name of a type to `{Schema: {properties: …}}`, as the
    /// OpenAPI generator writes it (a CustomResourceDefinition is not that).
    ///
    /// # Errors
    /// If the file is something else, or its types refer to each other in a circle.
    pub(crate) fn from_crds(file: &Node, name: &str) -> Result<TransformerConfig> {
        let no_definition = |node: &Node| {
            let message = format!("unable to parse open API definition from '{name}'");
            Error::new(ErrorKind::Kustomization, message).at(node.pos())
        };
        if file.is_null() {
            return Ok(TransformerConfig::default());
        }
        let types = file.as_map().ok_or_else(|| no_definition(file))?;
        if let Some(bad) = types.iter().find(|e| e.value.as_map().is_none() && !e.value.is_null()) {
            return Err(no_definition(&bad.value));
        }
        if let Some(bad) = types.iter().filter_map(|e| schema(&e.value)).find_map(misshapen) {
            return Err(no_definition(bad));
        }
        let mut found = Found { types, config: Lists::default(), seen: 0, open: Vec::new() };
        for entry in types {
            let name = entry.key.text().unwrap_or_default();
            let Some(properties) = properties(&entry.value) else {
                continue;
            };
            if ["kind", "apiVersion", "metadata"].iter().all(|key| properties.contains(key)) {
                let kind = name.rsplit('.').next().unwrap_or_default();
                found.visit(name, kind, &mut String::new())?;
            }
        }
        Ok(found.config.into_config())
    }
}

#[derive(Default)]
struct Lists {
    annotations: EcoVec<FieldSpec>,
    labels: EcoVec<FieldSpec>,
    prefixes: EcoVec<FieldSpec>,
    references: EcoVec<NameReference>,
}

impl Lists {
    fn into_config(self) -> TransformerConfig {
        TransformerConfig {
            common_annotations: self.annotations.into(),
            common_labels: self.labels.into(),
            name_prefix: self.prefixes.into(),
            name_reference: self.references.into(),
            ..TransformerConfig::default()
        }
    }
}

struct Found<'a> {
    types: &'a Mapping,
    config: Lists,
    seen: usize,
    /// The types on the way from the object to here.
    open: Vec<&'a str>,
}

impl<'a> Found<'a> {
    fn visit(&mut self, name: &'a str, kind: &str, path: &mut String) -> Result<()> {
        let Some(properties) = self.types.get(name).and_then(properties) else {
            return Ok(());
        };
        if self.open.contains(&name) {
            let message = format!("type '{name}' of a crds file refers to itself");
            return Err(Error::new(ErrorKind::Cycle, message));
        }
        self.open.push(name);
        for entry in properties {
            self.seen += 1;
            if self.seen > MAX_PROPERTIES || self.open.len() > 1000 {
                let message = "the types of a crds file refer to each other too often";
                return Err(Error::new(ErrorKind::Limit, message));
            }
            let length = path.len();
            if length > 0 {
                path.push('/');
            }
            path.push_str(entry.key.text().unwrap_or_default());
            self.property(&entry.value, kind, path);
            if let Some(reference) = entry.value.get("$ref").and_then(Node::text) {
                self.visit(reference, kind, path)?;
            }
            path.truncate(length);
        }
        self.open.pop();
        Ok(())
    }

    fn property(&mut self, property: &Node, kind: &str, path: &str) {
        let extension = |name: &str| property.get(name).and_then(string);
        let spec = |path: &str| {
            let mut spec = FieldSpec::any_kind(path, false);
            spec.gvk.kind = kind.into();
            spec.pos = property.pos();
            spec
        };
        if extension("x-kubernetes-annotation").is_some() {
            self.config.annotations.push(spec(path));
        }
        if extension("x-kubernetes-label-selector").is_some() {
            self.config.labels.push(spec(path));
        }
        if extension("x-kubernetes-identity").is_some() {
            self.config.prefixes.push(spec(path));
        }
        let version = extension("x-kubernetes-object-ref-api-version");
        if let Some((version, kind)) = version.zip(extension("x-kubernetes-object-ref-kind")) {
            let key = extension("x-kubernetes-object-ref-name-key").unwrap_or("name");
            self.config.references.push(NameReference {
                // Odd: the whole apiVersion counts as a version, so `apps/v1` never matches
                // (case fieldspec/crd-api-version-with-group).
                gvk: Gvk { version: version.into(), kind: kind.into(), ..Gvk::default() },
                fields: [spec(&format!("{path}/{key}"))].into_iter().collect(),
            });
        }
    }
}

fn schema(definition: &Node) -> Option<&Node> {
    let mut entries = definition.as_map()?.iter();
    entries
        .find(|e| e.key.text().is_some_and(|key| key.eq_ignore_ascii_case("schema")))
        .map(|e| &e.value)
}

fn properties(definition: &Node) -> Option<&Mapping> {
    schema(definition)?.get("properties")?.as_map()
}

/// Returns the text of a string; other values of an extension do not count.
fn string(node: &Node) -> Option<&str> {
    let Node::Scalar { text, style, tag, .. } = node else { return None };
    match resolve(text, *style, *tag, Rules::V2) {
        Ok(Value::Str(_) | Value::Timestamp(_)) => Some(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::json;

    const TYPES: &str = r##"{
        "io.x.Foo": {"Schema": {"properties": {
            "kind": {}, "apiVersion": {}, "metadata": {},
            "spec": {"$ref": "io.x.Spec"},
            "flag": {"x-kubernetes-identity": true}}}},
        "io.x.Spec": {"Schema": {"properties": {
            "notes": {"x-kubernetes-annotation": ""},
            "ref": {"x-kubernetes-object-ref-api-version": "v1", "x-kubernetes-object-ref-kind": "Secret"}}}}}"##;

    #[test]
    fn follows_references_between_types() {
        let config = TransformerConfig::from_crds(&json(TYPES), "crds.json").unwrap();
        let notes = config.common_annotations.specs();
        assert_eq!((&*notes[0].gvk.kind, &*notes[0].path.text), ("Foo", "spec/notes"));
        let references = config.name_reference.references();
        assert_eq!((&*references[0].gvk.kind, &*references[0].gvk.version), ("Secret", "v1"));
        assert_eq!(&*references[0].fields[0].path.text, "spec/ref/name");
        assert!(config.name_prefix.specs().is_empty());
    }

    #[test]
    fn refuses_circles_and_other_files() {
        let circle = TYPES.replace(r#""notes": {"#, r#""back": {"$ref": "io.x.Foo"}, "notes": {"#);
        assert!(TransformerConfig::from_crds(&json(&circle), "crds.json").is_err());
        assert!(
            TransformerConfig::from_crds(&json(r#"{"apiVersion": "v1"}"#), "crds.json").is_err()
        );
    }
}
