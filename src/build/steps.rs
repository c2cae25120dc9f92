//! What a kustomization does: generators, transformers and validators.

use std::sync::Arc;

use super::Run;
use super::accumulator::Accumulator;
use super::charts::Charts;
use super::layer::Layer;
use super::plugin::{self, Role};
use super::unchanged;
use crate::diagnostics::{Error, Lint, Result};
use crate::fieldspec::TransformerConfig;
use crate::generate;
use crate::kustomization::Place;
use crate::limits::Limit;
use crate::resource::provenance::{self, ConfiguredBy, Origin};
use crate::resource::{Resource, stream};
use crate::transform::{self, Configure, Known, Step, Transformer};
use crate::yaml::{self, Located, Pos};

/// A transformer that is ready to run.
struct ConfiguredStep {
    place: Place,
    transformer: Box<dyn Transformer>,
    /// The record of it, if records are kept.
    origin: Option<Arc<Origin>>,
}

impl Run<'_> {
    /// Makes what the generators of the layer make, in order.
    pub(super) fn generated(&mut self, layer: &Layer, acc: &Accumulator) -> Result<Vec<Resource>> {
        // All generators are configured before the first one runs, so a malformed entry of
        // `generators` is reported before a missing file of `configMapGenerator`.
        let charts = Charts::of_layer(self.cache, layer)?;
        let configs = self
            .plugin_configs(layer, &layer.kustomization.generators, "generators")
            .map_err(|e| e.context("loading generator plugins"))?;
        let mut externals = Vec::new();
        let known = Known::default();
        for config in &configs {
            let loaded = if plugin::is_external(config) {
                plugin::external(&self.configure(layer, &acc.config, &known), config).map(Some)
            } else {
                plugin::check(config, Role::Generator).and_then(|()| match plugin::chart(config)? {
                    Some((globals, chart)) => self
                        .check_chart(layer, (&globals, &chart))
                        .map(|()| None)
                        .map_err(|e| plugin::failed(config, e)),
                    None => Ok(None),
                })
            };
            externals.push(loaded.map_err(|e| {
                e.in_field("generators")
                    .context("loading generator plugins: failed to load generator")
            })?);
        }
        let mut made = Vec::new();
        for (kind, mut resource) in
            generate::of_layer(self.files, &layer.loader, &layer.kustomization)?
        {
            let step = || ConfiguredBy::builtin(kind.generator());
            provenance::set_origin(&mut resource, self.step(layer, step));
            made.push(resource);
        }
        if let Some(charts) = charts {
            let origin = self.step(layer, || ConfiguredBy::builtin(plugin::HELM_CHART));
            for mut resource in self.render_charts(layer, charts)? {
                provenance::set_origin(&mut resource, origin.clone());
                made.push(resource);
            }
        }
        for (config, external) in configs.iter().zip(externals) {
            let generated = if let Some(external) = external {
                external.generate(&self.cx).map_err(|e| e.in_field("generators"))
            } else if let Some((globals, chart)) = plugin::chart(config)? {
                self.render_chart(layer, (&globals, &chart), config.node.pos())
                    .map_err(|e| plugin::failed(config, e))
            } else {
                plugin::generate(&self.configure(layer, &acc.config, &known), config)
            };
            for mut resource in generated? {
                provenance::set_origin(&mut resource, self.plugin_step(config));
                made.push(resource);
            }
        }
        Ok(made)
    }

    /// Configures all transformers of the layer, then runs them in order.
    pub(super) fn transform(&mut self, layer: &Layer, acc: &mut Accumulator) -> Result<()> {
        let configs =
            self.plugin_configs(layer, &layer.kustomization.transformers, "transformers")?;
        let steps = self.configured(layer, &configs, acc)?;
        self.cx.schema.set_comments(self.files.comment_schemas());
        if let Some(lint) = &self.cx.lint {
            lint.enter_layer();
        }
        if let Some(recorder) = &mut self.recorder {
            recorder.enter(&acc.resources);
        }
        for step in &steps {
            let place = self.recorder.as_ref().map(|_| self.place_to_record(layer, step.place));
            self.cx.step = place.map_or(Pos::NONE, |place| place.pos);
            self.run_step(layer, step, acc)?;
            if let (Some(recorder), Some(place)) = (&mut self.recorder, place) {
                recorder.transformed(layer, place, &configs, &mut acc.resources);
            }
            for _ in 0..step.transformer.count() {
                if let Some(origin) = &step.origin {
                    provenance::record(&mut acc.resources, origin, &self.files.limits())?;
                }
            }
        }
        Ok(())
    }

    /// Returns the place of a step, that of the whole field if the entry has none.
    fn place_to_record(&self, layer: &Layer, place: Place) -> Place {
        if place.pos.is_some() {
            return place;
        }
        Place { pos: layer.field_pos(self.files, &place.to_string()), ..place }
    }

    /// Returns the transformers of the layer: those of its own fields, then those of `configs`.
    fn configured(
        &self,
        layer: &Layer,
        configs: &[Resource],
        acc: &mut Accumulator,
    ) -> Result<Vec<ConfiguredStep>> {
        let (config, known) = (acc.config.clone(), Known::default());
        let conf = self.configure(layer, &config, &known);
        let mut steps = Vec::new();
        for Step { kind, place, transformer } in transform::of_layer(&conf)? {
            let origin = self.step(layer, || ConfiguredBy::builtin(kind));
            steps.push(ConfiguredStep { place, transformer, origin });
        }
        for config in configs {
            let place = Place { field: "transformers", index: None, pos: config.node.pos() };
            let transformer =
                plugin::transformer(&conf, config).map_err(|e| e.in_field("transformers"))?;
            if let Some(fields) = transformer.image_fields() {
                acc.image_fields.extend(fields);
            }
            steps.push(ConfiguredStep { place, transformer, origin: self.plugin_step(config) });
        }
        Ok(steps)
    }

    /// Runs one transformer, and notes for what it warned about which one it was.
    fn run_step(
        &mut self,
        layer: &Layer,
        ConfiguredStep { place, transformer, .. }: &ConfiguredStep,
        acc: &mut Accumulator,
    ) -> Result<()> {
        self.cx.account.charge(Limit::StepResources, acc.resources.len() as u64)?;
        self.cx.account.check()?;
        if !self.schema.is_decided() && transformer.merges(&self.cx, &acc.resources) {
            self.schema.take()?;
        }
        let warnings = self.cx.lint.as_ref().map_or(0, Lint::len);
        transformer.run(&self.cx, &mut acc.resources).map_err(|e| {
            e.in_entry(place).at(if place.index.is_none() { place.pos } else { Pos::NONE })
        })?;
        if let Some(lint) = &self.cx.lint {
            if layer.kustomization.is_component() {
                if place.field == "patches" {
                    lint.note_useful(warnings, &layer.file, place);
                }
                lint.forget_general(warnings);
            }
            lint.complete(warnings, &layer.file, place, &|field| match place.index {
                None if place.pos.is_some() => place.pos,
                _ => layer.field_pos(self.files, field),
            });
        }
        self.cx.account.check().map_err(|stop| Error::from(stop).in_entry(place))?;
        if transformer.may_leave_empty() {
            acc.resources.drop_empty();
        }
        Ok(())
    }

    /// Returns what steps of the layer are configured from.
    fn configure<'c>(
        &'c self,
        layer: &'c Layer,
        config: &'c TransformerConfig,
        known: &'c Known,
    ) -> Configure<'c> {
        Configure {
            files: self.files,
            loader: &layer.loader,
            kustomization: &layer.kustomization,
            config,
            known,
            patterns: &self.cache.patterns,
            lint: self.cx.lint.as_ref(),
            functions: self.options.outside.functions.as_ref(),
        }
    }

    /// Runs the validators of the layer, which must leave everything as it is.
    pub(super) fn validate(&mut self, layer: &Layer, acc: &mut Accumulator) -> Result<()> {
        let configs = self.plugin_configs(layer, &layer.kustomization.validators, "validators")?;
        let known = Known::default();
        for config in &configs {
            let field = |e: Error| e.at(config.node.pos()).in_field("validators");
            let conf = self.configure(layer, &acc.config, &known);
            let validator = plugin::transformer(&conf, config).map_err(field)?;
            let before = acc.resources.clone();
            validator.run(&self.cx, &mut acc.resources).map_err(field)?;
            if plugin::is_external(config) {
                let after = std::mem::replace(&mut acc.resources, before.clone());
                unchanged::check_answer(&before, &after, &self.cx.schema).map_err(field)?;
            } else {
                unchanged::check(&before, &acc.resources, &self.cx.schema, self.files)
                    .map_err(field)?;
            }
            if let Some(recorder) = &mut self.recorder {
                let place = Place { pos: config.node.pos(), ..Place::field("validators") };
                recorder.transformed(layer, place, &configs, &mut acc.resources);
            }
        }
        Ok(())
    }

    /// Returns the configs that an inline-or-path list names: inline ones first, then files and
    /// directories.
    fn plugin_configs(
        &mut self,
        layer: &Layer,
        entries: &[Located<String>],
        field: &str,
    ) -> Result<Vec<Resource>> {
        let mut configs = Accumulator::default();
        let mut paths = Vec::new();
        for (i, entry) in entries.iter().enumerate() {
            let pos = self.files.inline(entry.pos, 0, entry);
            let documents = yaml::read_stream(entry.as_bytes(), pos, &self.files.limits());
            if let Err(e) = &documents
                && e.limit.is_some()
            {
                return Err(Error::syntax(e, pos).in_field(format!("{field}[{i}]")));
            }
            if let Ok(documents) = &documents {
                yaml::charge_copies(entry.as_bytes(), documents, self.files.account())?;
            }
            let Some(inline) = documents.ok().and_then(|d| stream::resources(d.into()).ok()) else {
                paths.push((i, entry));
                continue;
            };
            self.schema.ask_scope(&inline)?;
            for mut resource in inline {
                let origin = layer.place.enter(&layer.file_name());
                resource.history.origin = self.tracks.then(|| Arc::new(origin));
                configs.resources.append(resource, &self.cx.schema).map_err(|e| {
                    let kind = field.trim_end_matches('s');
                    e.context(format_args!("configuring external {kind}"))
                        .in_field(format!("{field}[{i}]"))
                })?;
            }
        }
        for (i, entry) in paths {
            let place = Place { field: "resources", index: None, pos: entry.pos };
            self.resource_entry(layer, entry, place, &mut configs)
                .map_err(|e| e.at(entry.pos).in_field(format!("{field}[{i}]")))?;
        }
        Ok(configs.resources.into_resources())
    }

    /// Returns the record of a step of the kustomization file, if records are kept.
    fn step(&self, layer: &Layer, by: impl FnOnce() -> ConfiguredBy) -> Option<Arc<Origin>> {
        self.tracks.then(|| Arc::new(layer.place.step(&layer.file_name(), by())))
    }

    /// Returns the record of a step that a config describes, if records are kept.
    fn plugin_step(&self, config: &Resource) -> Option<Arc<Origin>> {
        let by = ConfiguredBy {
            api_version: config.api_version().into(),
            kind: config.kind().into(),
            name: config.name().into(),
            namespace: config.namespace().into(),
        };
        let file = config.history.origin.as_ref()?;
        Some(Arc::new(Origin {
            path: Default::default(),
            configured_in: file.path.clone(),
            configured_by: Some(by),
            ..Origin::clone(file)
        }))
    }
}
