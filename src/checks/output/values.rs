//! The walk over the values of one object.

use super::Walk;
use crate::checks::fields::refused_values;
use crate::checks::fields::types;
use crate::checks::fields::unions;
use crate::checks::fields::unique_names;
use crate::checks::fields::unknown;
use crate::checks::finished::Workload;
use crate::checks::known::{Facts, Field};
use crate::checks::outline::Outline;
use crate::checks::overlays::left_over_directives;
use crate::checks::path::Step;
use crate::checks::references::likely_names;
use crate::checks::variables::container_variables;
use crate::checks::variables::left_over_vars;
use crate::checks::workloads::pods;
use crate::checks::workloads::ports;
use crate::checks::workloads::resource_amounts;
use crate::resource::Resource;
use crate::schema::TypeRef;
use crate::work;
use crate::yaml::{Entry, Mapping, Node, Pos};

impl<'a> Walk<'a> {
    /// Goes on with the value of a key.
    pub(super) fn enter(
        &mut self,
        resource: &'a Resource,
        entry: &'a Entry,
        key: &'a str,
        field: Field<'a>,
    ) {
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
    pub(super) fn texts(&mut self, resource: &Resource, value: &'a Node) {
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

    /// Warns about a field that the type does not have; returns `true` if there was something to say, and no
    /// more is to be said of what the field has.
    pub(super) fn unknown(
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
