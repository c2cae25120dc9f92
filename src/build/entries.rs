//! What a kustomization lists: resource files, bases and components.

use std::path::Path;
use std::sync::Arc;

use super::Run;
use super::accumulator::Accumulator;
use super::cache::Base;
use super::layer::Layer;
use crate::checks;
use crate::diagnostics::hints::{COMPONENT_AS_RESOURCE, RESOURCE_AS_COMPONENT};
use crate::diagnostics::{Error, ErrorKind, Lint, Result, Warning, WarningKind};
use crate::kustomization::Place;
use crate::limits::{Limit, RESOURCE, Spent};
use crate::load::{Entered, Loader, RepoUrl, Watch, is_http};
use crate::resource::provenance::{self, Origin};
use crate::resource::{annotations, stream};
use crate::yaml::{Located, held_bytes};

/// Returns the error to report where an entry is neither a file nor a base. That a repository does not
/// answer for files says nothing if git has more to say.
pub(crate) fn what_says_more(entry: &str, no_file: Error, no_base: Error) -> Error {
    let is_stop = |error: &Error| matches!(error.kind(), ErrorKind::Limit | ErrorKind::Cancelled);
    // One path leads nowhere, or both were stopped for one reason.
    let are_one = no_file.detail().is_some() && no_file.detail() == no_base.detail()
        || is_stop(&no_file)
            && (no_file.kind(), no_file.limit()) == (no_base.kind(), no_base.limit());
    let file_says_all =
        matches!(no_file.kind(), ErrorKind::Restricted | ErrorKind::External | ErrorKind::Lock)
            || are_one
            || (is_http(entry) && RepoUrl::parse(entry).is_none());
    if file_says_all { no_file } else { no_base }
}

/// What there is before a base is accumulated.
struct Before {
    warnings: usize,
    lint_warnings: usize,
    entered: usize,
    spent: Spent,
    looks: usize,
    charts: Watch,
}

impl Run<'_> {
    /// Adds what one entry of `resources` names, which stands at `place`: a file first, else a base.
    pub(super) fn resource_entry(
        &mut self,
        layer: &Layer,
        entry: &Located<String>,
        place: Place,
        acc: &mut Accumulator,
    ) -> Result<()> {
        let found = layer.loader.file_or_directory(self.files, entry);
        let no_file = match found {
            Ok(Some(file)) => match self.resource_file(layer, entry, place, &file, acc) {
                // A web page about a repository is no file with resources, but it is there.
                Err(e) if is_page(entry, &e) => {
                    self.files.remotes().reject_file(entry);
                    e
                }
                done => return done,
            },
            Ok(None) => layer.loader.no_file(entry),
            Err(e) => e,
        };
        let loader = match layer.loader.enter(self.files, entry) {
            Ok(loader) => loader,
            Err(no_base) => {
                // Nobody knows which of the two was meant. What exists says more than what does not.
                let is_page = is_page(entry, &no_file);
                if is_page && no_file.kind() == ErrorKind::Syntax {
                    return Err(no_file);
                }
                let said = what_says_more(entry, no_file, no_base);
                return Err(said.context(format_args!("accumulating resources from '{entry}'")));
            }
        };
        if loader.url().is_some() {
            self.warn_unpinned(entry);
        }
        let base = match self.base_made_before(layer, &loader)? {
            Some(base) => base,
            None => self.base(layer, entry, loader)?,
        };
        self.cx.account.charge(Limit::StepResources, base.resources.len() as u64)?;
        acc.merge(base, &self.cx.schema).map_err(|e| {
            e.brought_by(entry.pos).context(format_args!("merging resources from '{entry}'"))
        })
    }

    /// Accumulates a base, and keeps the result for others if it would be the same for them.
    fn base(&mut self, layer: &Layer, entry: &str, loader: Arc<Loader>) -> Result<Accumulator> {
        let place = self.place_below(layer, entry);
        let before = self.before();
        self.visit()?;
        self.note_entered(&loader);
        let inner = self
            .cache
            .layer(loader, place, &mut self.warnings)
            .map_err(|e| e.outside(format_args!("accumulating resources from '{entry}'")))?
            .below(layer);
        if inner.kustomization.is_component() {
            let root = inner.loader.root().display();
            return Err(Error::new(
                ErrorKind::Kustomization,
                format!("expected kind != 'Component' for path '{root}'"),
            )
            .hint(&COMPONENT_AS_RESOURCE));
        }
        let used_before = self.schema.watch();
        let inherits_before = std::mem::take(&mut self.inherits);
        let mut base = Accumulator::default();
        self.accumulate(&inner, &mut base).map_err(|e| inner.blame(self.files, e))?;
        self.inherits &= !inner.has_namespace();
        self.keep(layer, &inner, &base, &before);
        self.schema.add_use(used_before);
        self.inherits |= inherits_before;
        Ok(base)
    }

    /// Remembers what there is before a base is accumulated.
    fn before(&self) -> Box<Before> {
        Box::new(Before {
            warnings: self.warnings.len(),
            lint_warnings: self.cx.lint.as_ref().map_or(0, Lint::len),
            entered: self.entered.len(),
            spent: self.cx.account.spent(),
            looks: self.files.log().mark(),
            charts: self.files.added().watch(),
        })
    }

    /// Keeps the result of a base for others, if it would be the same for them. A function of its own, for the stack
    /// that it takes is not needed once for each layer.
    #[inline(never)]
    fn keep(&self, layer: &Layer, inner: &Layer, result: &Accumulator, before: &Before) {
        let root = inner.loader.root();
        // What charts of other bases have helped with, others may not have.
        let Some(charts) = self.files.added().watched(&before.charts) else { return };
        if !self.is_the_same_for_all() || !self.cache.wants_base(root) {
            return;
        }
        let spent = self.cx.account.spent().since(&before.spent);
        let kept = Base {
            result: result.clone(),
            warnings: self.warnings[before.warnings..].to_vec(),
            lint_warnings: match &self.cx.lint {
                Some(lint) => lint.since(before.lint_warnings),
                None => Vec::new(),
            },
            entered: self.entered[before.entered..].to_vec(),
            used_schema: self.schema.was_used(),
            namespace: self.inherits.then(|| layer.namespace.clone()),
            spent: spent.without(Limit::TreeBytes).without(Limit::CallBytes),
            charts,
            bytes: Arc::default(),
            part: self.files.log().since(before.looks),
        };
        self.cache.keep_base(root.to_path_buf(), kept);
    }

    /// Returns what a base came to when another layer or build asked for it.
    ///
    /// # Errors
    /// If there is no room for what it took then.
    fn base_made_before(&mut self, layer: &Layer, loader: &Loader) -> Result<Option<Accumulator>> {
        if !self.is_the_same_for_all() {
            return Ok(None);
        }
        let fits = |base: &Base| {
            layer.loader.may_enter(&base.entered)
                && self.files.added().takes(&base.charts)
                && base.namespace.as_ref().is_none_or(|namespace| *namespace == layer.namespace)
        };
        let Some(base) = self.cache.base(loader.root(), fits) else { return Ok(None) };
        self.files.log().take_over(&base.part);
        self.files.added().take_over(&base.charts);
        self.cx.account.charge_again(&base.spent)?;
        self.charge_copy(&base)?;
        self.warnings.extend(base.warnings);
        if let Some(lint) = &self.cx.lint {
            lint.extend(base.lint_warnings);
        }
        self.entered.extend(base.entered);
        self.schema.add_use(base.used_schema);
        self.inherits |= base.namespace.is_some();
        Ok(Some(base.result))
    }

    /// Spends what the trees of a base that is used once more take.
    fn charge_copy(&self, base: &Base) -> Result<()> {
        let account = &self.cx.account;
        let bytes = match base.bytes.get() {
            Some(bytes) => *bytes,
            None => {
                let most = account.left(Limit::TreeBytes);
                let mut bytes = 0_u64;
                for resource in base.result.resources.iter() {
                    let Some(held) = held_bytes(&resource.node, most) else {
                        bytes = u64::MAX;
                        break;
                    };
                    bytes = bytes.saturating_add(held).saturating_add(RESOURCE);
                }
                if bytes < u64::MAX { *base.bytes.get_or_init(|| bytes) } else { bytes }
            }
        };
        Ok(account.charge(Limit::TreeBytes, bytes)?)
    }

    /// Counts a kustomization that is about to be accumulated.
    fn visit(&self) -> Result<()> {
        self.cx.account.check()?;
        Ok(self.cx.account.charge(Limit::Kustomizations, 1)?)
    }

    /// Returns `true` if bases do not depend on the way that led to them: nothing notes it or watches, and
    /// no layer has chosen a schema, which would be another one if the base were the first to choose.
    fn is_the_same_for_all(&self) -> bool {
        !self.tracks && self.recorder.is_none() && !self.schema.is_chosen()
    }

    fn resource_file(
        &mut self,
        layer: &Layer,
        entry: &Located<String>,
        place: Place,
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
        if let Some(lint) = self.cx.lint.as_ref().filter(|_| resources.is_empty()) {
            checks::files::documents::empty(
                lint,
                checks::files::documents::Purpose::Resources,
                entry,
                self.files.text(file).as_deref(),
                entry.pos,
            );
        }
        self.cx.account.charge(Limit::Resources, resources.len() as u64)?;
        self.schema.ask_scope(&resources)?;
        let origin = self.tracks.then(|| Arc::new(self.place_below(layer, entry)));
        acc.resources.reserve(resources.len());
        for mut resource in resources {
            if origin.is_some() {
                provenance::check_map(&resource, "annotations").map_err(in_file)?;
            }
            resource.history.origin.clone_from(&origin);
            annotations::absorb(&mut resource)?;
            if let Some(recorder) = &mut self.recorder {
                recorder.read(layer, place, &mut resource);
            }
            acc.resources
                .append(resource, &self.cx.schema)
                .map_err(|e| e.context(format_args!("merging resources from '{entry}'")))?;
        }
        Ok(())
    }

    pub(super) fn component(
        &mut self,
        layer: &Layer,
        entry: &Located<String>,
        acc: &mut Accumulator,
    ) -> Result<()> {
        let loader = layer
            .loader
            .enter(self.files, entry)
            .map_err(|e| e.context("accumulating components: loader.New"))?;
        if loader.url().is_some() {
            self.warn_unpinned(entry);
        }
        let place = self.place_below(layer, entry);
        self.visit()?;
        self.note_entered(&loader);
        let inner = self
            .cache
            .layer(loader, place, &mut self.warnings)
            .map_err(|e| e.context("accumulating components"))?
            .below(layer);
        if !inner.kustomization.is_component() {
            return Err(Error::new(
                ErrorKind::Kustomization,
                format!(
                    "accumulating components: expected kind 'Component' for path '{}' but got '{}'",
                    inner.loader.root().display(),
                    inner.kustomization.kind
                ),
            )
            .hint(&RESOURCE_AS_COMPONENT));
        }
        self.accumulate(&inner, acc)
            // Odd: upstream moves everything to a new accumulator here, which finds equal ids and
            // lets general field specs give way to special ones (cases component/clash-of-names and
            // component/configuration-replaces-defaults).
            .and_then(|()| {
                let gathered = std::mem::take(acc);
                let count = gathered.resources.len() as u64;
                self.cx.account.charge(Limit::StepResources, count)?;
                acc.merge(gathered, &self.cx.schema)
            })
            .map_err(|e| inner.blame(self.files, e))
    }

    /// Warns about a remote base whose content may be another one tomorrow.
    fn warn_unpinned(&self, entry: &Located<String>) {
        let (Some(lint), Some(url)) = (self.cx.lint.as_ref(), RepoUrl::parse(entry)) else {
            return;
        };
        if url.reference.is_none() {
            let text = format!("'{entry}' names no ref, so it changes with the default branch");
            let warning = Warning::new(WarningKind::UnpinnedRemote, text, entry.pos);
            lint.add(warning.hint("name a tag, as in `?ref=v1.2.0`"));
        }
    }

    /// Notes that a base or component was entered.
    fn note_entered(&mut self, loader: &Loader) {
        self.entered.push(Entered::Directory(loader.root().to_path_buf()));
        self.entered.extend(loader.url().map(|url| Entered::Url(Arc::clone(url))));
    }

    /// Returns where a file, base or component lies as seen from the target.
    ///
    /// Odd: a file too lies in a repository if its path can be read as the URL of one, be it local (case
    /// metadata/origin-of-files-like-repositories).
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
}

/// Returns `true` if what was found at an address is no file with resources, and the address may be that
/// of a repository as well.
pub(crate) fn is_page(entry: &str, error: &Error) -> bool {
    let is_malformed = matches!(error.kind(), ErrorKind::Syntax | ErrorKind::Resource);
    is_malformed && is_http(entry) && RepoUrl::parse(entry).is_some()
}
