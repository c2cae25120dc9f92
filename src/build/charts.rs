//! Charts in the build: those of `helmCharts`, those that a config describes, and all of them ahead.

use std::path::Path;
use std::sync::Arc;

use ecow::EcoString;
use rustc_hash::FxHashSet;

use super::Run;
use super::cache::Cache;
use super::layer::Layer;
use super::layer_walk::LayerWalk;
use crate::charts::{self, Asker, Chart};
use crate::diagnostics::{Error, Result, Warning, WarningKind};
use crate::kustomization::{HelmChart, HelmGlobals};
use crate::load::LoadRestriction;
use crate::outside::ChartTemplate;
use crate::parallel::Threads;
use crate::resource::{Resource, annotations};
use crate::yaml::Pos;

/// The charts of one kustomization, ready to be asked for.
pub(super) struct Charts<'a> {
    asker: Asker<'a>,
    charts: Vec<(usize, Pos, Chart)>,
}

impl<'a> Charts<'a> {
    /// Checks the charts that a kustomization lists; `None` if it lists none.
    ///
    /// # Errors
    /// If charts are not allowed, or an entry is wrong.
    pub(super) fn of_layer(cache: &'a Cache, layer: &'a Layer) -> Result<Option<Charts<'a>>> {
        let entries = &layer.kustomization.helm_charts;
        let Some(first) = entries.first() else {
            if let (Some(globals), true) =
                (&layer.kustomization.helm_globals, cache.files.lists_names())
            {
                charts::name_home(&cache.files, &layer.loader, charts::home(globals), false);
            }
            return Ok(None);
        };
        let at = |i: usize, pos: Pos, e: Error| {
            e.context("trouble configuring builtin HelmChartInflationGenerator")
                .at(pos)
                .in_field(format!("helmCharts[{i}]"))
        };
        let Some(renderings) = &cache.charts else {
            return Err(at(0, first.pos, charts::not_enabled()));
        };
        let asker = Asker::new(&cache.files, &layer.loader, &cache.folders, renderings);
        let globals = layer.kustomization.helm_globals.clone().unwrap_or_default();
        let mut charts = Vec::with_capacity(entries.len());
        for (i, entry) in entries.iter().enumerate() {
            let chart = Chart::new(entry, &globals, renderings.defaults());
            let chart = chart.and_then(|chart| asker.check_values(&chart).map(|()| chart));
            charts.push((i, entry.pos, chart.map_err(|e| at(i, entry.pos, e))?));
        }
        Ok(Some(Charts { asker, charts }))
    }

    /// Returns what helm is asked for all of them, as far as nothing is wrong.
    fn requests(self, namespace: &str) -> Vec<ChartTemplate> {
        let request = |(_, _, chart): &(usize, Pos, Chart)| self.asker.request(chart, namespace);
        self.charts.iter().flat_map(request).collect()
    }
}

impl Run<'_> {
    /// Renders the charts that a kustomization lists, in order.
    pub(super) fn render_charts(
        &mut self,
        layer: &Layer,
        charts: Charts<'_>,
    ) -> Result<Vec<Resource>> {
        let Charts { asker, charts } = charts;
        let mut made = Vec::new();
        for (i, pos, chart) in &charts {
            let field = || format!("helmCharts[{i}]");
            if let Some(lint) = self.cx.lint.as_ref().filter(|_| chart.is_unnamed()) {
                let text = "a chart without releaseName has a new name at each build";
                let warning = Warning::new(WarningKind::UnstableChart, text, *pos);
                lint.add(warning.in_field(field()).hint("give the entry a `releaseName`"));
            }
            if self.files.lists_names() {
                asker.name_files(chart).map_err(|e| e.at(*pos).in_field(field()))?;
                continue;
            }
            self.inherits |= !layer.has_namespace() && !chart.has_namespace();
            let rendered =
                asker.request(chart, &layer.namespace).and_then(|template| asker.render(&template));
            made.extend(from_chart(&rendered.map_err(|e| e.at(*pos).in_field(field()))?, *pos)?);
        }
        self.schema.ask_scope(&made)?;
        Ok(made)
    }

    /// Checks the chart that a config describes, before any generator runs.
    pub(super) fn check_chart(
        &self,
        layer: &Layer,
        (globals, entry): (&HelmGlobals, &HelmChart),
    ) -> Result<()> {
        let renderings = self.cache.charts.as_deref().ok_or_else(charts::not_enabled)?;
        let asker = Asker::new(self.files, &layer.loader, &self.cache.folders, renderings);
        asker.check_values(&Chart::new(entry, globals, renderings.defaults())?)
    }

    /// Renders the chart that a config describes; none has the namespace of the kustomization.
    pub(super) fn render_chart(
        &mut self,
        layer: &Layer,
        (globals, entry): (&HelmGlobals, &HelmChart),
        pos: Pos,
    ) -> Result<Vec<Resource>> {
        let renderings = self.cache.charts.as_deref().ok_or_else(charts::not_enabled)?;
        let chart = Chart::new(entry, globals, renderings.defaults())?;
        let (files, folders) = (self.files, &self.cache.folders);
        let asker = Asker::new(files, &layer.loader, folders, renderings);
        if files.lists_names() {
            asker.name_files(&chart)?;
            return Ok(Vec::new());
        }
        let template = asker.request(&chart, "")?;
        let made = from_chart(&asker.render(&template)?, pos)?;
        self.schema.ask_scope(&made)?;
        Ok(made)
    }
}

/// Returns resources that a chart has brought, as if they stood at `pos`.
fn from_chart(rendered: &[Resource], pos: Pos) -> Result<Vec<Resource>> {
    let resource = |resource: &Resource| {
        let mut resource = resource.clone();
        resource.node = resource.node.clone().at(pos);
        annotations::absorb(&mut resource)?;
        resource.history.helm_generated = true;
        Ok(resource)
    };
    rendered.iter().map(resource).collect()
}

/// Renders the charts of all `roots`, side by side, so that the builds find them; what is wrong with
/// one is reported by the build that needs it.
///
/// Charts that configs under `generators` describe are left to the builds.
pub(crate) fn render_ahead(
    cache: &Cache,
    roots: &[&Path],
    restriction: LoadRestriction,
    threads: Threads,
) {
    let Some(renderings) = cache.charts.as_deref() else { return };
    if cache.files.lists_names() {
        return;
    }
    let layers = layers_with_charts(cache, roots, restriction);
    let requests = |layer: &Layer| match Charts::of_layer(&cache.view(), layer) {
        Ok(Some(charts)) => charts.requests(&layer.namespace),
        _ => Vec::new(),
    };
    let mut seen = FxHashSet::default();
    let mut requests: Vec<_> = threads.map(&layers, 1, requests).into_iter().flatten().collect();
    requests.retain(|template| seen.insert(template.digest()));
    threads.map(&requests, 1, |template| {
        renderings.prepare(template, &cache.files.limits());
    });
}

/// Returns the kustomizations below `roots` that list charts, each once for each namespace.
fn layers_with_charts(cache: &Cache, roots: &[&Path], restriction: LoadRestriction) -> Vec<Layer> {
    let mut walk = LayerWalk::new(cache, roots, restriction);
    let mut seen: FxHashSet<(Arc<Path>, EcoString)> = FxHashSet::default();
    let mut found = Vec::new();
    while let Some(layer) = walk.next() {
        if !seen.insert((Arc::clone(&layer.file), layer.namespace.clone())) {
            continue;
        }
        let kustomization = &layer.kustomization;
        let entries = kustomization.resources.iter().chain(&kustomization.components);
        let below = entries.filter_map(|entry| {
            let is_file =
                matches!(layer.loader.file_or_directory(&cache.files, entry), Ok(Some(_)));
            let inner = if is_file { None } else { walk.enter(&layer, entry) };
            inner.map(|inner| inner.below(&layer))
        });
        let below = below.collect();
        walk.push_all(below);
        if !layer.kustomization.helm_charts.is_empty() {
            found.push(layer);
        }
    }
    found
}
