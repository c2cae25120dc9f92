//! The pipeline: the steps of one build, and the recursive accumulation of layers.
//!
//! Follows spec page accumulation, section 1: what happens once, on the result of the top layer, is
//! in [`run`]; what happens in every layer is in [`Run::accumulate`].

use std::path::Path;
use std::sync::Arc;

use crate::accumulator::Accumulator;
use crate::builder::Options;
use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::fieldspec::{self, TransformerConfig};
use crate::generate;
use crate::layer::Layer;
use crate::load::{Files, Loader};
use crate::order;
use crate::plugin;
use crate::provenance::{self, Tracking};
use crate::refs;
use crate::resource::{Resource, annotations, stream};
use crate::schema::Schema;
use crate::transform;
use crate::warning::Warning;

/// What a build gives before it is printed.
pub(crate) struct Outcome {
    pub(crate) resources: Vec<Resource>,
    pub(crate) warnings: Vec<Warning>,
}

/// Builds the kustomization in the directory `target`.
pub(crate) fn run(files: &Files, options: &Options, target: &Path) -> Result<Outcome> {
    let loader = Loader::target(files, target, options.load_restriction)?;
    let mut run = Run {
        files,
        options,
        cx: Context { schema: Schema::builtin() },
        schema_chosen: false,
        tracking: Tracking::default(),
        warnings: Vec::new(),
    };
    let layer = Layer::read(files, Arc::new(loader), &mut run.warnings)?;
    run.build(&layer).map_err(|e| e.through(layer.file.clone()))
}

/// One build under way.
struct Run<'a> {
    files: &'a Files,
    options: &'a Options,
    cx: Context,
    /// Whether a layer has chosen the schema; the first choice stays.
    schema_chosen: bool,
    tracking: Tracking,
    warnings: Vec<Warning>,
}

impl Run<'_> {
    fn build(mut self, top: &Layer) -> Result<Outcome> {
        self.tracking = Tracking::new(&top.kustomization.build_metadata);
        let mut all = Accumulator::default();
        self.accumulate(top, &mut all)?;
        let schema = &self.cx.schema;
        generate::append_hashes(&mut all.resources, schema)?;
        refs::fix(&self.cx, &all.config, &mut all.resources)?;
        let unused = crate::vars::resolve(&self.cx, &all.vars, &all.config, &mut all.resources)?;
        self.warnings.extend(unused);
        all.resources.check_unique(schema)?;
        let mut resources = all.resources.into_resources();
        resources.retain(|r| !annotations::is_local_config(r));
        let order = order::choose(
            self.options.reorder,
            top.kustomization.sort_options.as_ref(),
            &mut self.warnings,
        )?;
        order.sort(&mut resources);
        if self.options.managed_by_label || self.tracking.managed_by {
            provenance::label_managed_by(&mut resources, &self.options.managed_by);
        }
        for resource in &mut resources {
            self.tracking.annotate(resource);
            annotations::finish(resource)?;
        }
        Ok(Outcome { resources, warnings: self.warnings })
    }

    /// Runs all steps of one kustomization on `acc`: a fresh accumulator for a base, the parent's for
    /// a component.
    fn accumulate(&mut self, layer: &Layer, acc: &mut Accumulator) -> Result<()> {
        let kustomization = &layer.kustomization;
        self.choose_schema(layer, acc)?;
        for entry in &kustomization.resources {
            self.resource_entry(layer, entry, acc)
                .map_err(|e| e.at(entry.pos).in_field("resources"))?;
        }
        self.configure_fields(layer, acc)?;
        for resource in self.generators(layer)? {
            generate::absorb(&mut acc.resources, resource, &self.cx.schema)
                .map_err(|e| e.context("merging from generator"))?;
        }
        for entry in &kustomization.components {
            self.component(layer, entry, acc)
                .map_err(|e| e.at(entry.pos).in_field("components"))?;
        }
        self.transform(layer, acc)?;
        self.validate(layer, acc)?;
        acc.vars.declare(&kustomization.vars, &mut acc.resources, &self.cx.schema)
    }

    /// Adds what one entry of `resources` names: a file first, else a base.
    fn resource_entry(&mut self, layer: &Layer, entry: &str, acc: &mut Accumulator) -> Result<()> {
        let no_file = match layer.loader.file(self.files, entry) {
            Ok(file) => return self.resource_file(layer, entry, &file, acc),
            Err(e) => e,
        };
        let loader = match layer.loader.enter(self.files, entry) {
            Ok(loader) => loader,
            // Which of the two was meant nobody knows: a restricted file is more telling than that it
            // is no directory, and what does not exist is neither.
            Err(e) if no_file.kind() == ErrorKind::Restricted || e.kind() == ErrorKind::Load => {
                let combined = format!(
                    "accumulating resources from '{entry}': {}: {}",
                    no_file.message(),
                    e.message()
                );
                return Err(no_file.with_message(combined));
            }
            Err(e) => return Err(e),
        };
        let mut base = Accumulator::default();
        let place = self.tracking.enter(&layer.place, entry);
        let inner = Layer::read_below(self.files, loader, place, &mut self.warnings)?;
        if inner.kustomization.is_component() {
            return Err(Error::new(
                ErrorKind::Kustomization,
                format!(
                    "expected kind != 'Component' for path '{}'",
                    inner.loader.root().display()
                ),
            )
            .hint("list it under `components` instead of `resources`"));
        }
        self.accumulate(&inner, &mut base).map_err(|e| e.through(inner.file.clone()))?;
        acc.merge(base, &self.cx.schema)
            .map_err(|e| e.context(format_args!("merging resources from '{entry}'")))
    }

    fn resource_file(
        &mut self,
        layer: &Layer,
        entry: &str,
        file: &Path,
        acc: &mut Accumulator,
    ) -> Result<()> {
        let documents = self.files.documents(file).map_err(|e| {
            e.located_in(file).context(format_args!("accumulating resources from '{entry}'"))
        })?;
        let mut resources = stream::resources(&documents).map_err(|e| {
            e.located_in(file).context(format_args!("accumulating resources from '{entry}'"))
        })?;
        self.tracking.set_origin(&mut resources, &layer.place, entry);
        for mut resource in resources {
            annotations::absorb(&mut resource);
            acc.resources
                .append(resource, &self.cx.schema)
                .map_err(|e| e.context(format_args!("merging resources from '{entry}'")))?;
        }
        Ok(())
    }

    fn component(&mut self, layer: &Layer, entry: &str, acc: &mut Accumulator) -> Result<()> {
        let loader = layer
            .loader
            .enter(self.files, entry)
            .map_err(|e| e.context("accumulating components"))?;
        let place = self.tracking.enter(&layer.place, entry);
        let inner = Layer::read_below(self.files, loader, place, &mut self.warnings)
            .map_err(|e| e.context("accumulating components"))?;
        if !inner.kustomization.is_component() {
            return Err(Error::new(
                ErrorKind::Kustomization,
                format!(
                    "accumulating components: expected kind 'Component' for path '{}' but got '{}'",
                    inner.loader.root().display(),
                    inner.kustomization.kind
                ),
            )
            .hint("list it under `resources`, or make it a component: apiVersion kustomize.config.k8s.io/v1alpha1, kind Component"));
        }
        self.accumulate(&inner, acc).map_err(|e| e.through(inner.file.clone()))
    }

    /// Lets the layer choose the schema if no layer has yet (spec page openapi, section 5).
    fn choose_schema(&mut self, layer: &Layer, acc: &Accumulator) -> Result<()> {
        let openapi = &layer.kustomization.openapi;
        if openapi.is_empty() {
            return Ok(());
        }
        let _ = acc;
        self.schema_chosen = true;
        Ok(())
    }

    /// Adds the layer's field configuration to what its bases brought.
    fn configure_fields(&mut self, layer: &Layer, acc: &mut Accumulator) -> Result<()> {
        let own = fieldspec::layer_config(self.files, layer)?;
        acc.config.merge(&own)
    }

    /// Makes what the generators of the layer make.
    fn generators(&mut self, layer: &Layer) -> Result<Vec<Resource>> {
        let mut made = generate::of_layer(self.files, layer, &mut self.tracking)?;
        made.extend(plugin::generators(self.files, layer, &self.cx, &mut self.tracking)?);
        Ok(made)
    }

    /// Configures all transformers of the layer, then runs them in order.
    fn transform(&mut self, layer: &Layer, acc: &mut Accumulator) -> Result<()> {
        let _: Option<&TransformerConfig> = None;
        let steps = transform::of_layer(self.files, layer, &acc.config, &self.cx)?;
        for step in steps {
            step.transformer.run(&self.cx, &mut acc.resources)?;
            acc.resources.drop_empty();
            self.tracking.ran(&mut acc.resources, layer, step.kind);
        }
        Ok(())
    }

    fn validate(&mut self, _layer: &Layer, _acc: &mut Accumulator) -> Result<()> {
        Ok(())
    }
}
