//! The pipeline: the steps of one build, and the recursive accumulation of layers.
//!
//! Follows spec page accumulation, section 1: what happens once, on the result of the top layer, is
//! in [`run`]; what happens in every layer is in [`Run::accumulate`].

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustc_hash::FxHashSet;

use crate::accumulator::Accumulator;
use crate::builder::Options;
use crate::comments;
use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::generate;
use crate::layer::Layer;
use crate::layer_config;
use crate::lint::Lint;
use crate::load::{Files, Loader, ReadLooks, RepoUrl};
use crate::openapi::SchemaChoice;
use crate::order::Order;
use crate::plugin::{self, Role};
use crate::provenance::{self, ConfiguredBy, Origin, Shown};
use crate::refs;
use crate::resource::{Resource, ResourceSet, annotations, stream};
use crate::schema::Schema;
use crate::shared::{Base, Shared};
use crate::trace::{self, Recorder, StepKind};
use crate::transform::{self, Configure, Place};
use crate::vars;
use crate::warning::{Warning, WarningKind};
use crate::yaml::{self, Pos, Spanned};

/// What a build gives before it is printed.
pub(crate) struct Outcome {
    pub(crate) resources: Vec<Resource>,
    pub(crate) warnings: Vec<Warning>,
    pub(crate) schema: Schema,
    /// What was recorded, if that was asked for.
    pub(crate) recorder: Option<Recorder>,
    /// The files that were read, if there was a lint.
    pub(crate) read: FxHashSet<PathBuf>,
}

/// Builds the kustomization in the directory `target`.
///
/// # Errors
/// If the reference refuses it, or something cannot be read.
pub(crate) fn run(shared: &Shared, options: &Options, target: &Path) -> Result<Outcome> {
    let files = &shared.files;
    let loader = Loader::target(files, target, options.load_restriction)?;
    let mut warnings = Vec::new();
    let top = Layer::read(shared, Arc::new(loader), Origin::default(), &mut warnings)?;
    let metadata = |name: &str| top.kustomization.build_metadata.iter().any(|m| m.value == name);
    let run = Run {
        shared,
        files,
        options,
        cx: Context { lint: options.lint.then(Lint::default), ..Context::new(Schema::builtin()) },
        schema: SchemaChoice::default(),
        tracks: !top.kustomization.build_metadata.is_empty(),
        shown: Shown {
            origins: metadata("originAnnotations"),
            transformations: metadata("transformerAnnotations"),
        },
        managed_by_label: options.managed_by_label || metadata("managedByLabel"),
        entered: Vec::new(),
        warnings,
        recorder: options.trace.then(|| Recorder::new(&top)),
    };
    run.build(&top).map_err(|e| top.blame(files, e))
}

/// Returns the resources that are not for local use only, which have different ids.
fn without_local(mut all: ResourceSet, order: &Order, schema: &Schema) -> Result<Vec<Resource>> {
    let is_local = annotations::is_local_config;
    if *order == Order::Fifo && all.iter().any(is_local) {
        // Odd: those for local use do not count, but one stays if another resource has its id (case
        // order/fifo-keeps-local-config). In legacy order they count.
        let mut others = all.clone();
        others.remove_if(is_local);
        others.check_unique(schema)?;
        let is_gone = |r: &Resource| is_local(r) && !others.has_id_of(r, schema);
        if let Some((_, twin)) = all.slots().find(|&(i, r)| is_gone(r) && all.has_twin(i, schema)) {
            let message = format!("id {} not found in removal", twin.id(schema));
            return Err(Error::new(ErrorKind::Resource, message).at(twin.node.pos()));
        }
        all.remove_if(is_gone);
        Ok(all.into_resources())
    } else {
        all.check_unique(schema)?;
        all.remove_if(is_local);
        Ok(all.into_resources())
    }
}

/// One build under way.
struct Run<'a> {
    shared: &'a Shared,
    files: &'a Files,
    options: &'a Options,
    cx: Context,
    schema: SchemaChoice,
    /// Whether origins and transformations are recorded.
    tracks: bool,
    shown: Shown,
    managed_by_label: bool,
    /// The directories of the bases and components met so far.
    entered: Vec<PathBuf>,
    warnings: Vec<Warning>,
    /// Notes what every step changes, if that was asked for.
    recorder: Option<Recorder>,
}

impl Run<'_> {
    /// Runs the steps that happen once, on the result of the top layer.
    fn build(mut self, top: &Layer) -> Result<Outcome> {
        let mut all = Accumulator::default();
        self.accumulate(top, &mut all)?;
        let schema = &self.cx.schema;
        generate::append_hashes(&mut all.resources, schema, Some(self.files))?;
        trace::once(&mut self.recorder, StepKind::Hash, &mut all.resources);
        annotations::check_notes(&all.resources)?;
        refs::fix(&self.cx, &all.config.name_reference, &mut all.resources)?;
        trace::once(&mut self.recorder, StepKind::NameReference, &mut all.resources);
        let var_fields = &all.config.var_reference;
        let unused = vars::resolve(&self.cx, &all.vars, var_fields, &mut all.resources)?;
        self.warnings.extend(
            unused.into_iter().map(|line| Warning::new(WarningKind::Vars, line, Pos::NONE)),
        );
        trace::once(&mut self.recorder, StepKind::Vars, &mut all.resources);
        let (order, ignored) =
            Order::decide(top.kustomization.sort_options.as_ref(), self.options.reorder)?;
        self.warnings
            .extend(ignored.map(|line| Warning::new(WarningKind::Ignored, line, Pos::NONE)));
        let mut resources = order.sort(without_local(all.resources, &order, schema)?);
        let mut looks = ReadLooks::new(Some(self.files));
        for resource in &mut resources {
            if self.managed_by_label {
                provenance::label_managed_by(resource, &self.options.managed_by);
            }
            provenance::write(resource, self.shown);
            annotations::finish(resource)?;
            stream::validate(&resource.node)?;
            comments::check(resource, &mut looks)?;
        }
        let mut read = FxHashSet::default();
        if let Some(lint) = &self.cx.lint {
            let (remarks, files) = lint.finish(self.files);
            self.warnings.extend(remarks);
            read = files;
        }
        if let Some(recorder) = &mut self.recorder {
            recorder.finish(&mut resources);
        }
        Ok(Outcome {
            resources,
            warnings: self.warnings,
            schema: self.cx.schema,
            recorder: self.recorder,
            read,
        })
    }

    /// Runs all steps of one kustomization on `acc`: a fresh accumulator for a base, the parent's for
    /// a component.
    fn accumulate(&mut self, layer: &Layer, acc: &mut Accumulator) -> Result<()> {
        let kustomization = &layer.kustomization;
        if let Some(lint) = &self.cx.lint {
            lint.enter(layer.loader.root());
        }
        self.schema.offer(self.files, layer, &mut self.cx)?;
        for (i, entry) in kustomization.resources.iter().enumerate() {
            self.resource_entry(layer, entry, acc)
                .map_err(|e| e.at(entry.pos).in_field(format!("resources[{i}]")))?;
        }
        layer_config::merge_into(&mut acc.config, self.files, layer)?;
        for resource in self.generated(layer, acc)? {
            let pos = resource.node.pos();
            generate::absorb(&mut acc.resources, resource, &self.cx.schema).map_err(|e| {
                e.in_field(layer.generator_at(pos)).context("merging from generator")
            })?;
            if let Some(recorder) = &mut self.recorder {
                recorder.generated(layer, pos, &mut acc.resources);
            }
        }
        for (i, entry) in kustomization.components.iter().enumerate() {
            self.component(layer, entry, acc)
                .map_err(|e| e.at(entry.pos).in_field(format!("components[{i}]")))?;
        }
        self.transform(layer, acc)?;
        self.validate(layer, acc)?;
        acc.vars.bind(&self.cx, &kustomization.vars, &mut acc.resources)
    }

    /// Adds what one entry of `resources` names: a file first, else a base.
    fn resource_entry(
        &mut self,
        layer: &Layer,
        entry: &Spanned<String>,
        acc: &mut Accumulator,
    ) -> Result<()> {
        let found = layer.loader.file_or_directory(self.files, entry);
        if let Ok(Some(file)) = &found {
            return self.resource_file(layer, entry, file, acc);
        }
        let loader = layer.loader.enter(self.files, entry).map_err(|no_base| {
            let no_file = found.err().unwrap_or_else(|| layer.loader.no_file(entry));
            // Nobody knows which of the two was meant. What exists says more than what does not.
            let file_says_all =
                matches!(no_file.kind(), ErrorKind::Restricted | ErrorKind::External)
                    || no_base.message().ends_with(no_file.message());
            let said = if file_says_all { no_file } else { no_base };
            said.context(format_args!("accumulating resources from '{entry}'"))
        })?;
        let base = match self.base_made_before(layer, &loader) {
            Some(base) => base,
            None => self.base(layer, entry, loader)?,
        };
        acc.merge(base, &self.cx.schema).map_err(|e| {
            e.brought_by(entry.pos).context(format_args!("merging resources from '{entry}'"))
        })
    }

    /// Accumulates a base, and keeps the result for others if it would be the same for them.
    fn base(&mut self, layer: &Layer, entry: &str, loader: Arc<Loader>) -> Result<Accumulator> {
        let place = self.place_below(layer, entry);
        let (warnings, entered) = (self.warnings.len(), self.entered.len());
        self.entered.push(loader.root().to_path_buf());
        let inner = Layer::read(self.shared, loader, place, &mut self.warnings)
            .map_err(|e| e.outside(format_args!("accumulating resources from '{entry}'")))?;
        if inner.kustomization.is_component() {
            let root = inner.loader.root().display();
            return Err(Error::new(
                ErrorKind::Kustomization,
                format!("expected kind != 'Component' for path '{root}'"),
            )
            .hint("list it under `components` instead of `resources`"));
        }
        let used_before = self.schema.watch();
        let mut base = Accumulator::default();
        self.accumulate(&inner, &mut base).map_err(|e| inner.blame(self.files, e))?;
        let root = inner.loader.root();
        if self.is_the_same_for_all() && self.shared.wants_base(root) {
            let kept = Base {
                result: base.clone(),
                warnings: self.warnings[warnings..].to_vec(),
                entered: self.entered[entered..].to_vec(),
                used_schema: self.schema.was_used(),
            };
            self.shared.keep_base(root.to_path_buf(), kept);
        }
        self.schema.add_use(used_before);
        Ok(base)
    }

    /// Returns what a base came to when another layer or build asked for it.
    fn base_made_before(&mut self, layer: &Layer, loader: &Loader) -> Option<Accumulator> {
        if !self.is_the_same_for_all() {
            return None;
        }
        let fits = |base: &Base| layer.loader.may_enter(&base.entered);
        let base = self.shared.base(loader.root(), fits)?;
        self.warnings.extend(base.warnings);
        self.entered.extend(base.entered);
        self.schema.add_use(base.used_schema);
        Some(base.result)
    }

    /// Tells whether bases do not depend on the way that led to them: nothing notes it or watches, and
    /// no layer has chosen a schema, which would be another one if the base were the first to choose.
    fn is_the_same_for_all(&self) -> bool {
        !self.tracks
            && self.recorder.is_none()
            && self.cx.lint.is_none()
            && !self.schema.is_chosen()
    }

    fn resource_file(
        &mut self,
        layer: &Layer,
        entry: &Spanned<String>,
        file: &Path,
        acc: &mut Accumulator,
    ) -> Result<()> {
        let in_file = |e: Error| {
            e.located_in(file).context(format_args!("accumulating resources from '{entry}'"))
        };
        let documents = self.files.documents(file).map_err(|e| {
            let message = format!("{} in File: {entry}", e.message());
            in_file(e.with_message(message))
        })?;
        let resources = stream::resources(documents).map_err(in_file)?;
        self.schema.ask_scope(&resources)?;
        let origin = self.tracks.then(|| Arc::new(layer.place.enter(entry)));
        for mut resource in resources {
            resource.history.origin.clone_from(&origin);
            annotations::absorb(&mut resource)?;
            if let Some(recorder) = &mut self.recorder {
                recorder.read(layer, entry.pos, &mut resource);
            }
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
            .map_err(|e| e.context("accumulating components: loader.New"))?;
        let place = self.place_below(layer, entry);
        self.entered.push(loader.root().to_path_buf());
        let inner = Layer::read(self.shared, loader, place, &mut self.warnings)
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
            .hint(
                "list it under `resources`, or make it a component: apiVersion \
                 kustomize.config.k8s.io/v1alpha1, kind Component",
            ));
        }
        self.accumulate(&inner, acc)
            // Odd: upstream moves everything to a new accumulator here, which finds equal ids and
            // lets general field specs give way to special ones (cases component/clash-of-names and
            // component/configuration-replaces-defaults).
            .and_then(|()| {
                let gathered = std::mem::take(acc);
                acc.merge(gathered, &self.cx.schema)
            })
            .map_err(|e| inner.blame(self.files, e))
    }

    /// Returns where a base or component lies as seen from the target.
    fn place_below(&self, layer: &Layer, entry: &str) -> Origin {
        match RepoUrl::parse(entry).filter(|_| self.tracks) {
            None => layer.place.enter(entry),
            Some(url) => Origin::enter_repo(
                &url.clone_spec,
                url.reference.as_deref().unwrap_or_default(),
                &url.path.to_string_lossy(),
            ),
        }
    }

    /// Makes what the generators of the layer make, in order.
    fn generated(&mut self, layer: &Layer, acc: &Accumulator) -> Result<Vec<Resource>> {
        // All generators are configured before the first one runs, so a malformed entry of
        // `generators` is told of before a missing file of `configMapGenerator`.
        let configs = self
            .plugin_configs(layer, &layer.kustomization.generators, "generators")
            .map_err(|e| e.context("loading generator plugins"))?;
        for config in &configs {
            plugin::check(config, Role::Generator).map_err(|e| {
                e.in_field("generators")
                    .context("loading generator plugins: failed to load generator")
            })?;
        }
        let mut made = Vec::new();
        for (kind, mut resource) in generate::of_layer(self.files, layer)? {
            let step = || ConfiguredBy::builtin(format!("{}Generator", kind.kind()));
            resource.history.origin = self.step(layer, step);
            made.push(resource);
        }
        if let Some(chart) = layer.kustomization.helm_charts.first() {
            return Err(Error::new(
                ErrorKind::External,
                "trouble configuring builtin HelmChartInflationGenerator: must specify --enable-helm",
            )
            .at(chart.pos)
            .in_field("helmCharts[0]")
            .hint("run `helm template` and list what it prints under `resources`"));
        }
        for config in &configs {
            let conf = Configure {
                files: self.files,
                layer,
                config: &acc.config,
                lint: self.cx.lint.as_ref(),
            };
            for mut resource in plugin::generate(&conf, config)? {
                resource.history.origin = self.plugin_step(layer, config);
                made.push(resource);
            }
        }
        Ok(made)
    }

    /// Configures all transformers of the layer, then runs them in order.
    fn transform(&mut self, layer: &Layer, acc: &mut Accumulator) -> Result<()> {
        let configs =
            self.plugin_configs(layer, &layer.kustomization.transformers, "transformers")?;
        let field = |e: Error| e.in_field("transformers");
        let config = acc.config.clone();
        let conf =
            Configure { files: self.files, layer, config: &config, lint: self.cx.lint.as_ref() };
        let mut steps = Vec::new();
        for step in transform::of_layer(&conf)? {
            let origin = self.step(layer, || ConfiguredBy::builtin(step.kind));
            steps.push((step.place, step.transformer, origin));
        }
        for config in &configs {
            let place = Place { field: "transformers", index: None, pos: config.node.pos() };
            let step = plugin::transformer(&conf, config).map_err(field)?;
            steps.push((place, step, self.plugin_step(layer, config)));
        }
        self.cx.schema.set_comments(self.files.comment_schemas());
        if let Some(recorder) = &mut self.recorder {
            recorder.enter(&acc.resources);
        }
        for (place, transformer, origin) in steps {
            if !self.schema.is_settled() && transformer.merges(&self.cx, &acc.resources) {
                self.schema.take()?;
            }
            let remarks = self.cx.lint.as_ref().map_or(0, Lint::len);
            transformer.run(&self.cx, &mut acc.resources).map_err(|e| {
                e.in_entry(place).at(if place.index.is_none() { place.pos } else { Pos::NONE })
            })?;
            if let Some(lint) = &self.cx.lint {
                lint.complete(remarks, &place, &|field| match place.index {
                    None if place.pos.is_some() => place.pos,
                    _ => layer.field_pos(self.files, field),
                });
            }
            acc.resources.drop_empty();
            if let Some(recorder) = &mut self.recorder {
                recorder.transformed(layer, place, &configs, &mut acc.resources);
            }
            for _ in 0..transformer.count() {
                if let Some(origin) = &origin {
                    provenance::record(&mut acc.resources, origin);
                }
            }
        }
        Ok(())
    }

    /// Runs the validators of the layer, which must leave everything as it is.
    fn validate(&mut self, layer: &Layer, acc: &mut Accumulator) -> Result<()> {
        let configs = self.plugin_configs(layer, &layer.kustomization.validators, "validators")?;
        let config = acc.config.clone();
        let conf =
            Configure { files: self.files, layer, config: &config, lint: self.cx.lint.as_ref() };
        for config in &configs {
            let field = |e: Error| e.at(config.node.pos()).in_field("validators");
            let validator = plugin::transformer(&conf, config).map_err(field)?;
            let before = acc.resources.clone();
            validator.run(&self.cx, &mut acc.resources).map_err(field)?;
            plugin::check_unchanged(&before, &mut acc.resources, &self.cx.schema).map_err(field)?;
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
        entries: &[Spanned<String>],
        field: &str,
    ) -> Result<Vec<Resource>> {
        let mut configs = Accumulator::default();
        let mut paths = Vec::new();
        for (i, entry) in entries.iter().enumerate() {
            let pos = self.files.inline(entry.pos, 0, entry);
            let documents = yaml::read_stream(entry.as_bytes(), pos, self.files.limits());
            if let Err(e) = &documents
                && e.limit
            {
                return Err(Error::syntax(e, pos).in_field(format!("{field}[{i}]")));
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
            self.resource_entry(layer, entry, &mut configs)
                .map_err(|e| e.at(entry.pos).in_field(format!("{field}[{i}]")))?;
        }
        Ok(configs.resources.into_resources())
    }

    /// Returns the record of a step of the kustomization file, if records are kept.
    fn step(&self, layer: &Layer, by: impl FnOnce() -> ConfiguredBy) -> Option<Arc<Origin>> {
        self.tracks.then(|| Arc::new(layer.place.step(&layer.file_name(), by())))
    }

    /// Returns the record of a step that a config describes, if records are kept.
    fn plugin_step(&self, layer: &Layer, config: &Resource) -> Option<Arc<Origin>> {
        let by = ConfiguredBy {
            api_version: config.api_version().into(),
            kind: config.kind().into(),
            name: config.name().into(),
            namespace: config.namespace().into(),
        };
        let file = config.history.origin.as_ref()?;
        let _ = layer;
        Some(Arc::new(Origin {
            path: Default::default(),
            configured_in: file.path.clone(),
            configured_by: Some(by),
            ..Origin::clone(file)
        }))
    }
}
