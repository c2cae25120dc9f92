//! The finished resources: one walk over each, for all that can be seen in the output alone.

use ecow::EcoString;
use rustc_hash::FxHashMap;

use crate::build_context::Context;
use crate::checks::argo::policies;
use crate::checks::data::generated;
use crate::checks::data::wanted_keys;
use crate::checks::fields::kinds;
use crate::checks::fields::refused_values;
use crate::checks::fields::types;
use crate::checks::fields::unions;
use crate::checks::fields::unique_names;
use crate::checks::fields::unknown;
use crate::checks::fields::versions;
use crate::checks::finished::{Finished, Workload};
use crate::checks::known::{BuiltinFields, Facts, Field, Kind, KnownFields};
use crate::checks::network::backends;
use crate::checks::network::monitors;
use crate::checks::outline::Outline;
use crate::checks::overlays::left_over_directives;
use crate::checks::path::{Path, Step};
use crate::checks::references::addresses::Addresses;
use crate::checks::references::arguments;
use crate::checks::references::bare_subjects;
use crate::checks::references::dangling::{Reference, Referred};
use crate::checks::references::home_roles;
use crate::checks::references::likely_names::{self, Guess};
use crate::checks::references::made_names;
use crate::checks::references::near_names;
use crate::checks::references::pod_names;
use crate::checks::references::renamed::Names;
use crate::checks::references::wrong_namespaces;
use crate::checks::variables::container_variables;
use crate::checks::variables::left_over_vars;
use crate::checks::variables::unexpanded::Variables;
use crate::checks::workloads::pods;
use crate::checks::workloads::ports;
use crate::checks::workloads::resource_amounts;
use crate::checks::workloads::rival_scalers;
use crate::checks::workloads::scalers;
use crate::checks::workloads::selectors;
use crate::diagnostics::Lint;
use crate::load::Files;
use crate::resource::{Resource, ResourceSet};
use crate::schema::TypeRef;
use crate::work;
use crate::yaml::{Entry, Mapping, Node, Pos};

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

    /// Goes on with the value of a key.
    fn enter(&mut self, resource: &'a Resource, entry: &'a Entry, key: &'a str, field: Field<'a>) {
        work::check();
        self.path.push(Step::Key(key));
        if key == "labels" && matches!(self.path.steps(), [Step::Key("metadata"), _]) {
            refused_values::labels(self.lint, resource, &entry.value);
        }
        // An object does not refer to itself.
        if key == "name" && matches!(self.path.steps(), [Step::Key("metadata"), _]) {
            refused_values::must_be_text(self.lint, self.files, resource, &entry.value, || {
                self.place(resource, "")
            });
            refused_values::name(self.lint, resource, &entry.value);
            self.variables.meet(resource, &entry.value, &self.path);
            self.path.pop();
            return;
        }
        if let Some(shape) = field.of.and_then(|of| types::other_shape(of, &entry.value)) {
            shape.remark(self.lint, resource, entry, &self.path.shown());
            // What has another shape has no fields and texts of its own to warn about.
            self.texts(resource, &entry.value);
            self.path.pop();
            return;
        }
        match &entry.value {
            value @ Node::Scalar { .. } => self.scalar(resource, value, field),
            Node::Map { map, .. } => self.map(resource, map, key, field),
            Node::Seq { items, .. } => self.list(resource, items, key, field),
        }
        self.path.pop();
    }

    fn scalar(&mut self, resource: &'a Resource, value: &'a Node, field: Field<'a>) {
        if refused_values::may_be_other_than_text(value) && self.takes_text() {
            refused_values::must_be_text(self.lint, self.files, resource, value, || {
                self.place(resource, "")
            });
        } else if let (Some(wants), Some(Step::Key(key))) =
            (field.known.wants, self.path.steps().last())
        {
            wants.check(self.lint, resource, value, key, || self.path.shown());
        }
        self.variables.meet(resource, value, &self.path);
        if let Some(values) = field.known.values {
            values.check(self.lint, resource, value, || self.path.shown());
        }
        match field.known.refers_to {
            Some(kind) => self.reference(resource, (kind, Pos::NONE), value, None),
            None if self.follows_names => self.guess(resource, value),
            None => {}
        }
        self.text(resource, value);
    }

    /// Returns `true` if the API server takes a text only where the walk is.
    fn takes_text(&self) -> bool {
        match self.path.steps() {
            [Step::Key("metadata"), Step::Key("labels"), Step::Key(_)]
            | [Step::Key("metadata"), Step::Key("namespace")] => true,
            // Those are printed as texts.
            [Step::Key("metadata"), Step::Key("annotations"), ..] => false,
            [.., Step::Key("env"), Step::Element(..), Step::Key("value")]
            | [.., Step::Element(..) | Step::Key("exec"), Step::Key("args" | "command")]
            | [.., Step::Key("metadata"), Step::Key("labels" | "annotations"), Step::Key(_)]
            | [.., Step::Key("matchLabels" | "nodeSelector"), Step::Key(_)] => {
                self.kind.is_built_in
            }
            [Step::Key("spec"), Step::Key("selector"), Step::Key(_)] => self.kind.name == "Service",
            _ => false,
        }
    }

    /// Looks at a text: does it have a name that matters, or a var?
    fn text(&mut self, resource: &Resource, value: &'a Node) {
        let Some(text) = value.text() else { return };
        if self.follows_names {
            self.names.meet(text);
        }
        if !self.addresses.is_empty() {
            self.addresses.check(self.lint, resource, value, &self.path);
        }
        if !self.vars.is_empty() && text.contains("$(") {
            left_over_vars::left(self.lint, resource, value, self.vars);
        }
    }

    /// Looks at the texts of what has no fields of its own.
    fn texts(&mut self, resource: &Resource, value: &'a Node) {
        if !self.follows_names && self.vars.is_empty() {
            return;
        }
        match value {
            Node::Scalar { .. } => self.text(resource, value),
            Node::Map { map, .. } => {
                for entry in map {
                    self.path.push(Step::Key(entry.key.text().unwrap_or_default()));
                    self.texts(resource, &entry.value);
                    self.path.pop();
                }
            }
            Node::Seq { items, .. } => items.iter().for_each(|item| self.texts(resource, item)),
        }
    }

    fn list(&mut self, resource: &'a Resource, items: &'a [Node], key: &'a str, field: Field<'a>) {
        let inner = Field { of: field.element, element: None, ..field };
        if field.known.has_unique_names && items.len() > 1 {
            unique_names::check(self.lint, resource, items, || self.path.shown());
        }
        for (i, item) in items.iter().enumerate() {
            match item {
                Node::Scalar { .. } => {
                    if let Some(of) = inner.of.filter(|of| of.has_fields()) {
                        types::text_as_element(self.lint, resource, item, of, || self.path.shown());
                    }
                    self.scalar(resource, item, inner);
                }
                Node::Map { map, .. } => {
                    if inner.of.is_some_and(TypeRef::is_scalar) {
                        types::mapping_as_element(self.lint, resource, item, map, || {
                            self.path.shown()
                        });
                    }
                    self.path.push(Step::Element(item, i));
                    self.map(resource, map, key, inner);
                    self.path.pop();
                }
                Node::Seq { items, .. } => {
                    self.path.push(Step::Element(item, i));
                    let element = inner.of.and_then(TypeRef::element);
                    let known = Facts { has_unique_names: false, ..inner.known };
                    let inner = Field { element, known, ..inner };
                    self.list(resource, items, key, inner);
                    self.path.pop();
                }
            }
        }
    }

    /// Looks at a mapping that stands under `key`, in a list or not.
    fn map(&mut self, resource: &'a Resource, map: &'a Mapping, key: &'a str, field: Field<'a>) {
        if field.known.may_conflict
            && map.len() > 1
            && let Some(found) = unions::conflict(self.kind.name, key, map)
        {
            found.remark(self.lint, self.files, resource.node.pos(), &self.place(resource, ""));
        }
        if key == "spec" && map.contains("containers") && self.kind.is_built_in {
            self.pod(resource, map);
        }
        resource_amounts::check(self.lint, resource, key, map, || self.path.shown());
        let is_optional = map.get("optional").and_then(Node::text) == Some("true");
        let (mut kind, mut name, mut namespace) = (None, None, None);
        let mut kind_pos = Pos::NONE;
        for entry in map {
            let Some(key) = entry.key.text() else { continue };
            match key {
                "kind" => (kind, kind_pos) = (entry.value.text(), entry.value.pos()),
                "name" => name = Some(&entry.value),
                "namespace" => namespace = entry.value.text(),
                "openAPIV3Schema" => continue,
                _ if key.starts_with('$') => {
                    left_over_directives::left_over(self.lint, entry, key, || {
                        self.place(resource, key)
                    });
                }
                _ => {}
            }
            let inner = self.field(field.of, key);
            self.is_optional = is_optional;
            if !inner.known.is_unknown || !self.unknown(resource, field.of, entry) {
                self.enter(resource, entry, key, inner);
            }
        }
        self.is_optional = is_optional;
        if let Some(name) = name
            && let Some(kind) = kind
                .or(field.known.refers_to)
                .or_else(|| likely_names::of_mapping(&self.names, resource, key, name, map))
            && !matches!(self.path.steps(), [Step::Key("metadata")])
        {
            self.path.push(Step::Key("name"));
            self.reference(resource, (kind, kind_pos), name, namespace);
            self.path.pop();
        }
    }

    /// Looks at the `spec` of a Pod, or of the template of some.
    fn pod(&self, resource: &'a Resource, map: &'a Mapping) {
        let is_it = |of: &&Workload<'_>| {
            std::ptr::eq(of.by, resource)
                && of.spec.and_then(Node::as_map).is_some_and(|spec| std::ptr::eq(spec, map))
        };
        let has = match self.finished.workloads.last().filter(is_it) {
            Some(workload) => workload.has,
            None => Outline::of(map),
        };
        if has.any(Outline::MOUNTS) {
            pods::mounts(self.lint, resource, map);
        }
        if has.any(Outline::INIT_CONTAINERS) {
            pods::names_of_containers(self.lint, resource, map);
        }
        if has.any(Outline::PROBES.with(Outline::LIFECYCLE)) {
            ports::of_probes(self.lint, resource, map);
        }
        if has.any(Outline::ENV.with(Outline::ARGUMENTS)) {
            container_variables::check(self.lint, resource, map, self.vars, &self.names);
        }
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

    fn reference(
        &mut self,
        resource: &'a Resource,
        (kind, kind_pos): (&'a str, Pos),
        name: &'a Node,
        namespace: Option<&'a str>,
    ) {
        let is_optional = self.is_optional;
        self.references.push(Referred { kind, name, namespace, by: resource, is_optional });
        let (text, pos) = (name.text().unwrap_or_default(), name.pos());
        let (path, fields) = (|| self.path.shown(), || Some(self.path.as_field_spec()));
        let reference =
            Reference { kind, name: text, pos, namespace, path: &path, fields: &fields, kind_pos };
        if let Some(warning) = self.names.check(resource, &reference) {
            self.lint.add(warning);
        }
    }

    /// Looks at a text whose field does not say for sure that it is the name of an object.
    fn guess(&mut self, resource: &'a Resource, value: &'a Node) {
        let Some(guess) = likely_names::of(&self.path, &self.names, resource, value) else {
            return;
        };
        if !guess.is_annotation {
            self.reference(resource, (guess.kind, Pos::NONE), value, None);
            return;
        }
        let Guess { kind, name, namespace, .. } = guess;
        // The warning about the reference is enough: the object needs none.
        self.names.meet(name);
        let is_whole = value.text() == Some(name);
        let path = || self.path.shown();
        let fields = || is_whole.then(|| self.path.as_field_spec());
        let (pos, kind_pos) = (value.pos(), Pos::NONE);
        let reference =
            Reference { kind, name, pos, namespace, path: &path, fields: &fields, kind_pos };
        if let Some(warning) = self.names.check(resource, &reference) {
            self.lint.add(warning);
        }
    }

    /// Warns about a field that the type does not have; returns `true` if there was something to say, and no
    /// more is to be said of what the field has.
    fn unknown(
        &mut self,
        resource: &'a Resource,
        of: Option<TypeRef<'a>>,
        entry: &'a Entry,
    ) -> bool {
        let said = unknown::remark(self.lint, resource, of, self.kind.top, entry, &self.path);
        if said {
            self.texts(resource, &entry.value);
        }
        said
    }
}
