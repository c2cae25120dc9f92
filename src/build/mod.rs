//! The pipeline: the steps of one build, and the recursive accumulation of layers.
//!
//! Follows docs/spec/accumulation.md, section 1: what happens once, on the result of the top layer, is
//! in [`build`] and [`Run::finish`]; what happens in every layer is in [`Run::accumulate`].

mod accumulator;
pub(crate) mod cache;
pub(crate) mod charts;
pub(crate) mod deep_stack;
mod entries;
mod field_config;
mod images;
pub(crate) mod layer;
mod layer_walk;
mod lint_across;
mod lint_doubts;
pub(crate) mod options;
mod output;
pub(crate) mod plugin;
pub(crate) mod prefetch;
pub(crate) mod recorder;
mod schema_choice;
mod step_kind;
mod steps;
mod unchanged;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use accumulator::Accumulator;
use cache::Cache;
use layer::{GENERATORS, Layer};
use options::Options;
use output::{Built, LintFacts};
use recorder::Recorder;
use schema_choice::SchemaChoice;

use crate::build_context::Context;
use crate::checks;
use crate::diagnostics::{Error, ErrorKind, Lint, Result, Warning, WarningKind};
use crate::finish::Order;
use crate::generate;
use crate::kustomization::Place;
use crate::load::{Entered, Files, Loader, PathSet, ShownFiles};
use crate::mistakes;
use crate::refs;
use crate::resource::provenance::{self, Origin, Shown};
use crate::resource::{Resource, ResourceSet, annotations, stream};
use crate::schema::Schema;
use crate::vars;
use crate::yaml::Pos;

pub(crate) use entries::{is_page, what_says_more};
pub(crate) use lint_across::lint_across;
pub use output::Build;
pub(crate) use output::Rendered;
pub use step_kind::StepKind;

/// Builds the kustomization in the directory `target`; `recorder` notes what every step changes.
///
/// # Errors
/// If upstream refuses it, or something cannot be read.
pub(crate) fn build(
    cache: &Cache,
    options: &Options,
    target: &Path,
    recorder: Option<&mut Recorder>,
) -> Result<Rendered> {
    let files = &cache.files;
    let shown = ShownFiles::new(files, target);
    let located = |e: Error| mistakes::explain(e, files).resolve(&shown);
    let loader = Loader::target(files, target, options.load_restriction).map_err(located)?;
    let mut warnings = Vec::new();
    let top = cache.layer(Arc::new(loader), Origin::default(), &mut warnings).map_err(located)?;
    let mut run = Run::new(cache, options, &top, warnings, recorder);
    let mut all = Accumulator::default();
    let built = run.accumulate(&top, &mut all).and_then(|()| run.finish(&top, all));
    // A pattern that there was no room for has matched nothing, whatever came of that.
    let built = files.account().check().map_err(Error::from).and(built);
    let mut built = built.map_err(|e| located(top.blame(files, e)))?;
    built.warnings = built.warnings.into_iter().map(|warning| warning.resolve(&shown)).collect();
    Build::print(built, files, options.is_printed).map_err(located)
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

/// Returns the folders of the target and of what was entered, or `None` if one came from elsewhere.
fn folders(top: &Layer, entered: Vec<Entered>) -> Option<Vec<PathBuf>> {
    let folder = |entered| match entered {
        Entered::Directory(folder) => Some(folder),
        Entered::Url(_) => None,
    };
    let target = top.loader.url().is_none().then(|| top.loader.root().to_path_buf());
    [target].into_iter().chain(entered.into_iter().map(folder)).collect()
}

/// One build under way.
struct Run<'a> {
    cache: &'a Cache,
    files: &'a Files,
    options: &'a Options,
    cx: Context,
    schema: SchemaChoice,
    /// Whether origins and transformations are recorded.
    tracks: bool,
    shown: Shown,
    managed_by_label: bool,
    /// The directories and URLs of the bases and components met so far.
    entered: Vec<Entered>,
    /// Whether a chart was given the namespace of a layer above.
    inherits: bool,
    warnings: Vec<Warning>,
    /// Notes what every step changes, if that was asked for.
    recorder: Option<&'a mut Recorder>,
}

impl<'a> Run<'a> {
    fn new(
        cache: &'a Cache,
        options: &'a Options,
        top: &Layer,
        warnings: Vec<Warning>,
        mut recorder: Option<&'a mut Recorder>,
    ) -> Run<'a> {
        let metadata =
            |name: &str| top.kustomization.build_metadata.iter().any(|m| m.value == name);
        if let Some(recorder) = &mut recorder {
            recorder.start(top);
        }
        Run {
            cache,
            files: &cache.files,
            options,
            cx: Context {
                schema: Schema::builtin(),
                lint: options.lint.is_some().then(Lint::default),
                account: Arc::new(cache.files.account().anew()),
                step: Pos::NONE,
            },
            schema: SchemaChoice::default(),
            tracks: !top.kustomization.build_metadata.is_empty(),
            shown: Shown {
                origins: metadata("originAnnotations"),
                transformations: metadata("transformerAnnotations"),
            },
            managed_by_label: options.managed_by_label || metadata("managedByLabel"),
            entered: Vec::new(),
            inherits: false,
            warnings,
            recorder,
        }
    }

    /// Runs the steps that happen once, on the result of the top layer.
    fn finish(mut self, top: &Layer, mut all: Accumulator) -> Result<Built> {
        let account = Arc::clone(&self.cx.account);
        let schema = &self.cx.schema;
        generate::append_hashes(&mut all.resources, schema, Some(self.files))?;
        recorder::once(&mut self.recorder, StepKind::Hash, &mut all.resources);
        annotations::check_notes(&all.resources)?;
        refs::fix(&self.cx, &all.config.name_reference, &mut all.resources)?;
        account.check()?;
        recorder::once(&mut self.recorder, StepKind::NameReference, &mut all.resources);
        let var_fields = &all.config.var_reference;
        let unused = vars::resolve(&self.cx, &all.vars, var_fields, &mut all.resources)?;
        self.warnings.extend(
            unused.into_iter().map(|(line, pos)| Warning::new(WarningKind::Vars, line, pos)),
        );
        account.check()?;
        recorder::once(&mut self.recorder, StepKind::Vars, &mut all.resources);
        let facts = self.lint(top, &all);
        let schema = &self.cx.schema;
        let (order, ignored) =
            Order::decide(top.kustomization.sort_options.as_ref(), self.options.reorder)?;
        self.warnings
            .extend(ignored.map(|line| Warning::new(WarningKind::Ignored, line, Pos::NONE)));
        let mut resources = order.sort(without_local(all.resources, &order, schema)?);
        for resource in &mut resources {
            if self.managed_by_label {
                provenance::label_managed_by(resource, &self.options.managed_by)?;
            }
            provenance::write(resource, self.shown, &account)?;
            annotations::finish(resource)?;
            stream::validate(&resource.node)?;
        }
        if let Some(recorder) = &mut self.recorder {
            recorder.finish(&mut resources);
        }
        account.check()?;
        let mut image_fields = all.config.images;
        image_fields.extend(&all.image_fields);
        Ok(Built {
            account,
            image_fields,
            resources,
            warnings: self.warnings,
            schema: self.cx.schema,
            facts,
            file: Arc::clone(&top.file),
            folders: folders(top, self.entered),
        })
    }

    /// Looks at the result, if there is a lint, and takes its warnings out.
    fn lint(&mut self, top: &Layer, all: &Accumulator) -> Option<LintFacts> {
        let lint = self.cx.lint.as_ref()?;
        let vars = all.vars.names();
        checks::output::check(&self.cx, &self.cache.known, self.files, &all.resources, &vars);
        checks::fields::kinds::schema(&self.cx, &all.resources, self.schema.custom_at());
        let is_apart = |warning: &Warning| {
            warning.apart().is_none_or(|(one, other)| !self.files.are_in_one_text(one, other))
        };
        self.warnings.extend(lint.take().into_iter().filter(is_apart));
        let mut named = checks::files::gitops::Named::default();
        all.resources.iter().for_each(|resource| named.add(&resource.node));
        let target = top.loader.root().to_path_buf();
        let mut entered = vec![target.clone()];
        let mut seen: PathSet = entered.iter().cloned().collect();
        for other in &self.entered {
            if let Entered::Directory(folder) = other
                && seen.insert(folder.clone())
            {
                entered.push(folder.clone());
            }
        }
        let is_component = top.kustomization.is_component();
        let (read, useful) = (PathSet::default(), lint.take_useful());
        Some(LintFacts { target, entered, named, is_component, useful, read })
    }

    /// Runs all steps of one kustomization on `acc`: a fresh accumulator for a base, the parent's for
    /// a component.
    fn accumulate(&mut self, layer: &Layer, acc: &mut Accumulator) -> Result<()> {
        let kustomization = &layer.kustomization;
        self.check_layer(layer);
        self.schema.offer(self.files, layer, &mut self.cx)?;
        for (i, entry) in kustomization.resources.iter().enumerate() {
            let place = Place { field: "resources", index: Some(i), pos: entry.pos };
            self.resource_entry(layer, entry, place, acc)
                .map_err(|e| e.at(entry.pos).in_field(place.to_string()))?;
        }
        field_config::merge_into(&mut acc.config, self.files, layer, self.cx.lint.as_ref())?;
        self.absorb_generated(layer, acc)?;
        for (i, entry) in kustomization.components.iter().enumerate() {
            self.component(layer, entry, acc)
                .map_err(|e| e.at(entry.pos).in_field(format!("components[{i}]")))?;
        }
        self.transform(layer, acc)?;
        self.validate(layer, acc)?;
        acc.vars.bind(&self.cx, &kustomization.vars, &mut acc.resources)
    }

    /// Looks at the kustomization file, if there is a lint.
    fn check_layer(&self, layer: &Layer) {
        if let Some(lint) = &self.cx.lint {
            let read = |entry: &str| layer.loader.read(self.files, entry);
            let documents = || self.files.documents(&layer.file).unwrap_or_default();
            let documents = match &layer.tree {
                Some(tree) => std::slice::from_ref(tree),
                None => &documents(),
            };
            checks::overlays::kustomization::check(lint, documents, &read);
        }
    }

    /// Adds what the generators of the layer make to what its bases brought. Layers are nested, so this
    /// needs no room on the stack while they are.
    fn absorb_generated(&mut self, layer: &Layer, acc: &mut Accumulator) -> Result<()> {
        let mut merged = generate::Merged::default();
        let fields = self.recorder.is_some().then(|| layer.generator_fields());
        for resource in self.generated(layer, acc)? {
            let pos = resource.node.pos();
            if let Some(lint) = &self.cx.lint {
                let set = &acc.resources;
                checks::data::generated::merged(lint, self.files, &resource, set, &self.cx.schema);
            }
            let (schema, account) = (&self.cx.schema, &self.cx.account);
            let slot = generate::absorb(&mut acc.resources, &mut merged, resource, schema, account)
                .map_err(|e| {
                    e.in_field(layer.generator_field(pos)).context("merging from generator")
                })?;
            if let (Some(recorder), Some(fields)) = (&mut self.recorder, &fields) {
                let field = fields.get(&pos).cloned().unwrap_or_else(|| GENERATORS.to_owned());
                recorder.generated(layer, field, pos, acc.resources.get_mut(slot));
            }
        }
        Ok(())
    }
}
