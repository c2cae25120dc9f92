//! The finished resources: one walk over each, for all that can be seen in the output alone.

mod references;
mod values;

use crate::build_context::Context;
use crate::checks::argo::policies;
use crate::checks::data::generated;
use crate::checks::data::wanted_keys;
use crate::checks::fields::kinds;
use crate::checks::fields::refused_values;
use crate::checks::fields::versions;
use crate::checks::finished::{Finished, Workload};
use crate::checks::known::{BuiltinFields, Field, Kind, KnownFields};
use crate::checks::network::backends;
use crate::checks::network::monitors;
use crate::checks::overlays::left_over_directives;
use crate::checks::path::{Path, Step};
use crate::checks::references::addresses::Addresses;
use crate::checks::references::arguments;
use crate::checks::references::bare_subjects;
use crate::checks::references::dangling::Referred;
use crate::checks::references::home_roles;
use crate::checks::references::made_names;
use crate::checks::references::near_names;
use crate::checks::references::pod_names;
use crate::checks::references::renamed::Names;
use crate::checks::references::wrong_namespaces;
use crate::checks::variables::unexpanded::Variables;
use crate::checks::workloads::rival_scalers;
use crate::checks::workloads::scalers;
use crate::checks::workloads::selectors;
use crate::diagnostics::Lint;
use crate::load::Files;
use crate::resource::{Resource, ResourceSet};
use crate::schema::TypeRef;
use ecow::EcoString;
use rustc_hash::FxHashMap;

/// Looks at all resources of a build, after everything is done.
///
/// `vars` are the names of the vars of the build, and `known` what other builds of the call have looked up.
pub(crate) fn check(
    cx: &Context,
    known: &KnownFields,
    files: &Files,
    set: &ResourceSet,
    vars: &[EcoString],
) {
    let Some(lint) = &cx.lint else { return };
    let names = Names::new(set, &cx.schema);
    let follows_names = !names.is_idle();
    let mut walk = Walk {
        cx,
        lint,
        files,
        names,
        follows_names,
        vars,
        addresses: Addresses::new(set),
        variables: Variables::default(),
        fields: FxHashMap::default(),
        has_builtin_schema: cx.schema.is_builtin(),
        builtin_fields: known.take(),
        path: Path::default(),
        references: Vec::new(),
        is_optional: false,
        kind: Kind::default(),
        kinds: FxHashMap::default(),
        finished: Finished::new(set),
    };
    for resource in set.iter() {
        walk.resource(resource);
    }
    let Walk { names, references, variables, finished, builtin_fields, .. } = walk;
    known.give(builtin_fields);
    let set = &finished;
    variables.remark(lint, &finished.of_groups);
    names.unused(set, &references, lint);
    near_names::check(lint, set, &references);
    made_names::check(lint, set, &references);
    wrong_namespaces::check(lint, set, &references);
    bare_subjects::check(lint, set);
    home_roles::check(lint, set);
    pod_names::check(lint, set);
    kinds::cluster_scoped(lint, set);
    selectors::check(lint, files, set);
    backends::check(lint, set);
    monitors::check(lint, set);
    wanted_keys::check(lint, files, set);
    scalers::check(lint, set);
    rival_scalers::check(lint, set);
    arguments::check(lint, set);
}

struct Walk<'a> {
    cx: &'a Context,
    lint: &'a Lint,
    files: &'a Files,
    names: Names<'a>,
    /// Whether any reference could lead nowhere.
    follows_names: bool,
    vars: &'a [EcoString],
    addresses: Addresses<'a>,
    variables: Variables<'a>,
    /// What is known of keys, by the type of their mapping and their text.
    fields: FxHashMap<(usize, &'a str), Field<'a>>,
    has_builtin_schema: bool,
    builtin_fields: BuiltinFields,
    path: Path<'a>,
    /// What is referred to, with the objects that do.
    references: Vec<Referred<'a>>,
    /// Whether what the mapping refers to need not be there.
    is_optional: bool,
    /// What is known of the kind of the object.
    kind: Kind<'a>,
    /// What is known of kinds, by their version and name.
    kinds: FxHashMap<(&'a str, &'a str), Kind<'a>>,
    finished: Finished<'a>,
}

impl<'a> Walk<'a> {
    fn resource(&mut self, resource: &'a Resource) {
        let Some(map) = resource.node.as_map() else { return };
        let start = self.lint.len();
        let kind = self.look_up(resource.api_version(), resource.kind());
        if kind.api_version.is_empty() {
            refused_values::no_version(self.lint, resource, map);
        }
        if kind.is_of_group {
            self.finished.of_groups.push(resource);
        }
        let has_version = !(kind.has_wrong_version && versions::check(self.lint, resource));
        let workload = match kind.may_make_pods {
            true => Workload::of(resource, kind.name),
            false => None,
        };
        let of = kind.top.filter(|_| has_version);
        if of.is_some() {
            kind.required.check(self.lint, self.files, resource, workload.as_ref());
        }
        kind.formats.check(self.lint, resource, workload.as_ref());
        self.finished.workloads.extend(workload);
        let has_data = matches!(kind.name, "ConfigMap" | "Secret");
        for entry in map {
            let Some(key) = entry.key.text() else { continue };
            match key {
                "apiVersion" | "kind" => continue,
                _ if key.starts_with('$') => {
                    left_over_directives::left_over(self.lint, entry, key, || {
                        self.place(resource, key)
                    });
                }
                "data" | "binaryData" | "stringData" if has_data => {
                    if key == "data" && kind.name == "Secret" {
                        refused_values::secret(self.lint, resource, &entry.value);
                    }
                    if let Some(data) = entry.value.as_map().filter(|_| kind.name == "ConfigMap") {
                        policies::check(self.lint, self.files, resource, data);
                    }
                    self.path.push(Step::Key(key));
                    for entry in entry.value.as_map().into_iter().flatten() {
                        generated::value(self.lint, resource, entry);
                        refused_values::data_key(self.lint, self.files, resource, entry);
                        let place = || self.place(resource, entry.key.text().unwrap_or_default());
                        refused_values::must_be_text(
                            self.lint,
                            self.files,
                            resource,
                            &entry.value,
                            place,
                        );
                    }
                    self.texts(resource, &entry.value);
                    self.path.pop();
                    continue;
                }
                _ => {}
            }
            let field = self.field(of, key);
            if !field.known.is_unknown || !self.unknown(resource, of, entry) {
                self.enter(resource, entry, key, field);
            }
        }
        self.lint.forget_what_follows(start);
    }

    /// Returns what is known of a kind, and remembers it.
    fn look_up(&mut self, api_version: &'a str, name: &'a str) -> Kind<'a> {
        // Objects of one kind mostly stand together.
        if self.kind.name != name || self.kind.api_version != api_version {
            let cx = self.cx;
            let builtin = match self.has_builtin_schema {
                true => self.builtin_fields.kind(cx, api_version, name),
                false => None,
            };
            self.kind = builtin.unwrap_or_else(|| {
                let known = self.kinds.entry((api_version, name));
                *known.or_insert_with(|| Kind::new(cx, api_version, name))
            });
        }
        self.kind
    }

    /// Returns what is known of a key.
    fn field(&mut self, of: Option<TypeRef<'a>>, key: &'a str) -> Field<'a> {
        if self.has_builtin_schema
            && let Some(of) = of.filter(|of| of.has_fields())
            && let Some(field) = self.builtin_fields.field(&self.cx.schema, of, key)
        {
            return field;
        }
        let id = (of.map_or(0, TypeRef::id), key);
        *self.fields.entry(id).or_insert_with(|| Field::new(of, key))
    }

    fn place(&self, resource: &Resource, key: &str) -> String {
        let path = self.path.shown();
        let dot = if path.is_empty() || key.is_empty() { "" } else { "." };
        format!("{} {}: `{path}{dot}{key}`", resource.kind(), resource.name())
    }
}
