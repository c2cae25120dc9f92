//! The names of the files that `-o DIR` writes (docs/spec/output.md).
//!
//! They are made of what objects say of themselves, and strangers may have written those. So what
//! comes out is one component of a path whatever goes in; names that do no harm are upstream's.

use std::collections::BTreeSet;
use std::fmt::Write;

use rustc_hash::FxHashMap;
use sha2::{Digest, Sha256};

use crate::resource::Resource;
use crate::schema::Schema;
use crate::visible::is_hidden;

/// The most bytes of a name that file systems take.
const LONGEST: usize = 255;

/// Returns the file name of each resource; no two are the same.
///
/// For example `apps_v1_deployment_web.yaml`; if there is more than one namespace, namespaced
/// objects get it in front: `default_apps_v1_deployment_web.yaml`. What a name of a file cannot hold
/// (separators, control characters) is written as `%2f`; what is too long is cut and told apart by
/// a digest; of several that are the same, those behind the first get a number.
pub(crate) fn file_names(schema: &Schema, resources: &[Resource]) -> Vec<String> {
    let namespace = |resource: &Resource| {
        let id = resource.id(schema);
        (!id.cluster_scoped).then(|| id.effective_namespace().to_owned())
    };
    let namespaces: BTreeSet<String> = resources.iter().filter_map(namespace).collect();
    let mut taken = Taken::default();
    let name = |resource: &Resource| {
        let gvk = resource.gvk();
        let prefix = namespace(resource).filter(|_| namespaces.len() > 1);
        let parts = [prefix.as_deref().unwrap_or_default(), &gvk.group, &gvk.version, &gvk.kind];
        let mut name = Name::default();
        for part in parts.into_iter().filter(|part| !part.is_empty()) {
            name.add(part);
            name.add("_");
        }
        name.add(resource.name());
        taken.take(name.finish())
    };
    resources.iter().map(name).collect()
}

/// The stem of a name under way.
#[derive(Default)]
struct Name {
    text: String,
    /// Of all that was added, once something did not fit.
    digest: Option<Sha256>,
}

impl Name {
    /// Adds a text in lower case, character by character as Go does it.
    fn add(&mut self, text: &str) {
        for (i, c) in text.char_indices() {
            if self.text.len() > LONGEST {
                let (so_far, rest) = (&self.text, text.get(i..).unwrap_or_default());
                self.digest.get_or_insert_with(|| Sha256::new_with_prefix(so_far)).update(rest);
                return;
            }
            self.add_char(c.to_lowercase().next().unwrap_or(c));
        }
    }

    fn add_char(&mut self, c: char) {
        if matches!(c, '/' | '\\') || is_hidden(c) {
            for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                // Writing into a string cannot fail.
                let _ = write!(self.text, "%{byte:02x}");
            }
        } else {
            self.text.push(c);
        }
    }

    fn finish(mut self) -> String {
        const END: &str = ".yaml";
        if self.text.len() + END.len() > LONGEST {
            let digest = self.digest.unwrap_or_else(|| Sha256::new_with_prefix(&self.text));
            let digest = digest.finalize();
            // Room for the digest, and for a number.
            truncate(&mut self.text, LONGEST - END.len() - 32);
            self.text.push('-');
            for byte in digest.iter().take(8) {
                let _ = write!(self.text, "{byte:02x}");
            }
        }
        self.text.push_str(END);
        self.text
    }
}

/// The names that have been given, and how many asked for each.
#[derive(Default)]
struct Taken(FxHashMap<String, usize>);

impl Taken {
    /// Returns `name`, or if that is taken the first of `name_2`, `name_3` and so on that is free.
    fn take(&mut self, name: String) -> String {
        let Some(count) = self.0.get(&name) else {
            self.0.insert(name.clone(), 1);
            return name;
        };
        let mut count = *count;
        let mut stem = name.strip_suffix(".yaml").unwrap_or(&name).to_owned();
        truncate(&mut stem, LONGEST - 16);
        loop {
            count += 1;
            let numbered = format!("{stem}_{count}.yaml");
            if !self.0.contains_key(&numbered) {
                self.0.insert(numbered.clone(), 1);
                self.0.insert(name, count);
                return numbered;
            }
        }
    }
}

/// Cuts a text to at most so many bytes.
fn truncate(text: &mut String, most: usize) {
    let end = (0..=most.min(text.len())).rev().find(|&i| text.is_char_boundary(i));
    text.truncate(end.unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::json;
    use crate::yaml::Node;

    #[test]
    fn names_files() {
        let names = |namespace: &str| {
            let texts = [
                r#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"aB"}}"#.to_owned(),
                format!(
                    r#"{{"apiVersion":"apps/v1","kind":"Deployment",
                        "metadata":{{"name":"D","namespace":"{namespace}"}}}}"#
                ),
                r#"{"kind":"FooList"}"#.to_owned(),
            ];
            let resources = texts.map(|text| Resource::new(json(&text)));
            file_names(&Schema::builtin(), &resources)
        };
        let plain = ["v1_configmap_ab.yaml", "apps_v1_deployment_d.yaml", "foolist_.yaml"];
        assert_eq!(names("default"), plain);
        let prefixed = [
            "default_v1_configmap_ab.yaml",
            "foo_apps_v1_deployment_d.yaml",
            "default_foolist_.yaml",
        ];
        assert_eq!(names("Foo"), prefixed);
    }

    fn of(objects: &[(&str, &str)]) -> Vec<String> {
        let object = |&(kind, name): &(&str, &str)| {
            let mut object = json(r#"{"apiVersion":"v1","kind":"","metadata":{"name":""}}"#);
            *object.get_mut("kind").unwrap() = Node::str(kind);
            object.get_mut("metadata").unwrap().as_map_mut().unwrap().set("name", Node::str(name));
            Resource::new(object)
        };
        let resources: Vec<Resource> = objects.iter().map(object).collect();
        file_names(&Schema::builtin(), &resources)
    }

    #[test]
    fn names_are_one_component() {
        assert_eq!(
            of(&[("../A", "/b\\c"), ("K", "a\u{1b}\0\u{202e}"), ("K", "system:x%2f")]),
            ["v1_..%2fa_%2fb%5cc.yaml", "v1_k_a%1b%00%e2%80%ae.yaml", "v1_k_system:x%2f.yaml"]
        );
    }

    #[test]
    fn names_are_short_and_unique() {
        let long = "é".repeat(2_000);
        let names = of(&[
            ("K", &long),
            ("K", &format!("{long}x")),
            ("K", &long),
            ("k", "a"),
            ("K", "A_2"),
            ("K", "a"),
            ("K", "a"),
        ]);
        assert!(names.iter().all(|name| name.len() <= LONGEST), "{names:?}");
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "{names:?}");
        assert_eq!(names[3..], ["v1_k_a.yaml", "v1_k_a_2.yaml", "v1_k_a_3.yaml", "v1_k_a_4.yaml"]);
    }
}
