//! What kustomizations name that cannot be built: their files are read on past what is wrong, so that one
//! fault hides nothing that comes from elsewhere.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustc_hash::FxHashSet;

use crate::build::cache::Cache;
use crate::build::{is_page, plugin, what_says_more};
use crate::charts::{self, Asker, Chart, chart_key};
use crate::diagnostics::{Error, ErrorKind, Result};
use crate::kustomization::names::{self, Role};
use crate::kustomization::{HelmChart, HelmGlobals};
use crate::load::remote::ChartKey;
use crate::load::{LoadRestriction, Loader, RepoUrl, ShownFiles, clean, is_http};
use crate::mistakes;
use crate::resource::provenance::Origin;
use crate::resource::{Resource, stream};
use crate::yaml::{self, Merges, Node, Pos};

/// What was found.
#[derive(Debug, Default)]
pub(super) struct ReadOn {
    /// What comes from elsewhere and could not be had.
    pub(super) missing: Vec<Missing>,
    /// What could not be read, so that nobody knows what it names.
    pub(super) unread: Vec<Error>,
    /// Whether the kustomization itself is a component.
    pub(super) is_component: bool,
    pub(super) has_charts: bool,
    pub(super) has_functions: bool,
    /// What the configurations of built-in steps name, whether it may be read or not.
    pub(super) named: Vec<PathBuf>,
}

/// Something from elsewhere that could not be had.
#[derive(Debug)]
pub(super) struct Missing {
    /// The entry as written and what was said of it, by which the same is known again.
    pub(super) key: (String, String),
    /// The entry as written.
    pub(super) entry: String,
    pub(super) what: What,
    pub(super) error: Error,
}

/// What something from elsewhere is.
#[derive(Debug)]
pub(super) enum What {
    /// A tree, which may name more.
    Tree,
    File,
    Chart(ChartKey),
    /// A program that needs files.
    Program,
}

/// The kustomization in a directory.
#[derive(Clone)]
struct Place {
    loader: Arc<Loader>,
    /// Whether its resources are configurations of steps.
    holds_configs: bool,
    /// The kustomization whose steps these configurate, if that is another one: paths in them count from there.
    user: Option<Arc<Loader>>,
    /// The entry that led here.
    pos: Pos,
    /// The kustomization files that led here, the outermost first; its own is the last once it is known.
    way: Vec<PathBuf>,
}

impl Place {
    /// Returns the kustomization from which paths in configurations count.
    fn user(&self) -> &Arc<Loader> {
        self.user.as_ref().unwrap_or(&self.loader)
    }
}

/// An entry that leads nowhere yet.
struct Late {
    place: Place,
    entry: String,
    pos: Pos,
    holds_configs: bool,
    is_component: bool,
}

struct Reader<'c> {
    cache: &'c Cache,
    root: &'c Path,
    waiting: Vec<Place>,
    /// Entries that lead nowhere yet: they may lead into a chart that is fetched for what waits.
    late: Vec<Late>,
    /// Whether nothing waits any more, so that they are what they are.
    is_late: bool,
    entered: FxHashSet<(PathBuf, Option<PathBuf>)>,
    /// The keys of what is missing.
    known: FxHashSet<(String, String)>,
    found: ReadOn,
}

/// Reads a kustomization and all that it refers to.
pub(super) fn read_on(cache: &Cache, root: &Path, restriction: LoadRestriction) -> ReadOn {
    // Of another kustomization, upstream would have put them elsewhere, or later.
    cache.files.added().clear();
    let mut reader = Reader {
        cache,
        root,
        waiting: Vec::new(),
        late: Vec::new(),
        is_late: false,
        entered: FxHashSet::default(),
        known: FxHashSet::default(),
        found: ReadOn::default(),
    };
    match Loader::target(&cache.files, root, restriction) {
        Ok(loader) => reader.waiting.push(Place {
            loader: Arc::new(loader),
            holds_configs: false,
            user: None,
            pos: Pos::NONE,
            way: Vec::new(),
        }),
        Err(e) => reader.unread(&[], e),
    }
    while let Some(mut place) = reader.next() {
        let user = place.holds_configs.then(|| place.user().root().to_path_buf());
        if !reader.entered.insert((place.loader.root().to_path_buf(), user)) {
            continue;
        }
        if let Err(stop) = cache.files.account().check() {
            reader.unread(&place.way, stop.into());
            break;
        }
        let below = reader.waiting.len();
        reader.kustomization(&mut place);
        reader.waiting[below..].reverse();
    }
    reader.found
}

impl Reader<'_> {
    /// Returns what is read next; once nothing waits, entries are tried that led nowhere.
    fn next(&mut self) -> Option<Place> {
        if self.waiting.is_empty() {
            self.is_late = true;
            for Late { place, entry, pos, holds_configs, is_component } in
                std::mem::take(&mut self.late)
            {
                match is_component {
                    true => self.enter_as(&place, &entry, pos, None, (holds_configs, true)),
                    false => self.resource(&place, &entry, pos, holds_configs),
                }
            }
        }
        self.waiting.pop()
    }

    fn kustomization(&mut self, place: &mut Place) {
        let cache = self.cache;
        let layer = cache.layer(Arc::clone(&place.loader), Origin::default(), &mut Vec::new());
        let file = match &layer {
            Ok(layer) => Ok(Arc::clone(&layer.file)),
            Err(e) => {
                // What it says may be meant otherwise, so that it may name more than can be seen.
                self.unread(&place.way, e.clone().at(place.pos));
                place.loader.kustomization_file(&cache.files)
            }
        };
        let Ok(file) = file else { return };
        let Ok(Some(root)) = self.tree(&file) else { return };
        let is_top = place.way.is_empty();
        place.way.push(file.to_path_buf());
        if let Ok(layer) = &layer {
            self.found.is_component |= is_top && layer.kustomization.is_component();
            let globals = layer.kustomization.helm_globals.clone().unwrap_or_default();
            for entry in &layer.kustomization.helm_charts {
                self.chart(place, (&globals, entry), entry.pos);
            }
        }
        // Its own steps are configured for itself.
        let own = &Place { user: None, ..place.clone() };
        for (role, entry, pos) in names::of_kustomization(&root) {
            match role {
                Role::Resource => self.resource(place, &entry, pos, place.holds_configs),
                Role::Component => {
                    self.enter_as(place, &entry, pos, None, (place.holds_configs, true));
                }
                Role::Config => match inline(&entry, pos, cache) {
                    Some(configs) => self.configs(own, &configs),
                    None => self.resource(own, &entry, pos, true),
                },
                Role::File => self.file(place, &entry, pos),
            }
        }
    }

    fn tree(&self, file: &Path) -> Result<Option<Node>> {
        let (bytes, pos) = self.cache.files.read(file)?;
        let text = yaml::decode(&bytes).map_err(|e| Error::syntax(&e, pos))?;
        yaml::read_document(&text, pos, Merges::Plain, &self.cache.files.limits())
            .map_err(|e| Error::syntax(&e, pos))
    }

    /// Reads a file, or enters a base.
    fn resource(&mut self, place: &Place, entry: &str, pos: Pos, is_config: bool) {
        let files = &self.cache.files;
        let no_file = match place.loader.file_or_directory(files, entry) {
            Ok(Some(file)) => match files.documents(&file).and_then(stream::resources) {
                Ok(configs) if is_config => return self.configs(place, &configs),
                Ok(_) => return,
                Err(e) if is_page(entry, &e) => {
                    files.remotes().reject_file(entry);
                    None
                }
                Err(e) if is_config => return self.unread(&place.way, e.located_in(&file)),
                // Whatever is wrong with it: resources name nothing elsewhere.
                Err(_) => return,
            },
            Ok(None) => None,
            Err(e) => Some(e),
        };
        let is_only_file = !is_config && !place.loader.is_fetched() && is_name_of_file(entry);
        if no_file.is_some() && is_only_file && !Loader::is_remote(entry) {
            return;
        }
        self.enter_as(place, entry, pos, no_file, (is_config, false));
    }

    fn enter_as(
        &mut self,
        place: &Place,
        entry: &str,
        pos: Pos,
        no_file: Option<Error>,
        (holds_configs, is_component): (bool, bool),
    ) {
        let no_base = match place.loader.enter(&self.cache.files, entry) {
            Ok(loader) => {
                let way = place.way.clone();
                let user = holds_configs.then(|| Arc::clone(place.user()));
                return self.waiting.push(Place { loader, holds_configs, user, pos, way });
            }
            // The kustomizations on the way were read.
            Err(e) if e.kind() == ErrorKind::Cycle => return,
            Err(_) if !self.is_late && !Loader::is_remote(entry) => {
                let (place, entry) = (place.clone(), entry.to_owned());
                return self.late.push(Late { place, entry, pos, holds_configs, is_component });
            }
            Err(e) => e,
        };
        let error = match no_file {
            Some(no_file) if is_http(entry) => what_says_more(entry, no_file, no_base),
            _ => no_base,
        };
        let is_tree = RepoUrl::parse(entry).is_some();
        let what = if is_tree { What::Tree } else { What::File };
        self.lack(place, entry, error.at(pos), what);
    }

    /// Reads a file; what is wrong with one of the user's own hides nothing.
    fn file(&mut self, place: &Place, entry: &str, pos: Pos) {
        // A text in the place of a file.
        if entry.contains('\n') {
            return;
        }
        match place.loader.read(&self.cache.files, entry) {
            Err(e) if is_about_remotes(&e) => self.lack(place, entry, e.at(pos), What::File),
            _ => {}
        }
    }

    /// Looks into configurations of steps.
    fn configs(&mut self, place: &Place, configs: &[Resource]) {
        let place = &Place { loader: Arc::clone(place.user()), ..place.clone() };
        for config in configs {
            let pos = config.node.pos();
            if plugin::is_external(config) {
                self.found.has_functions = true;
                if let Err(e) = place.loader.admit_program(&self.cache.files) {
                    self.lack(place, config.name(), e.at(pos), What::Program);
                }
                continue;
            }
            match plugin::chart(config) {
                Ok(Some((globals, chart))) => {
                    self.chart(place, (&globals, &chart), pos);
                    for folder in charts::folders(&globals, &chart) {
                        self.name(place, &folder);
                    }
                }
                Ok(None) => {}
                Err(e) => self.unread(&place.way, e.at(pos)),
            }
            for (_, entry, pos) in names::of_config(&config.node) {
                self.file(place, &entry, pos);
                self.name(place, &entry);
            }
        }
    }

    /// Notes what a configuration names.
    fn name(&mut self, place: &Place, entry: &str) {
        if !place.loader.is_fetched() && !entry.contains('\n') && !Loader::is_remote(entry) {
            self.found.named.push(clean(&place.loader.root().join(entry)));
        }
    }

    /// Asks for all that a chart takes.
    fn chart(&mut self, place: &Place, (globals, entry): (&HelmGlobals, &HelmChart), pos: Pos) {
        self.found.has_charts = true;
        let cache = self.cache;
        let Some(renderings) = cache.charts.as_deref() else { return };
        let asker = Asker::new(&cache.files, &place.loader, &cache.folders, renderings);
        let asked = Chart::new(entry, globals, renderings.defaults())
            .and_then(|chart| asker.request(&chart, "").map(drop));
        match asked {
            Err(e) if is_about_remotes(&e) => {
                let name = format!("chart {} of {} at {}", entry.name, entry.repo, entry.version);
                self.lack(place, &name, e.at(pos), What::Chart(chart_key(entry)));
            }
            Err(e) if !entry.repo.is_empty() => self.unread(&place.way, e.at(pos)),
            _ => {}
        }
    }

    /// Notes that an entry leads to nothing.
    fn lack(&mut self, place: &Place, entry: &str, error: Error, what: What) {
        if !is_about_remotes(&error) {
            return self.unread(&place.way, error);
        }
        // What is said of the lock file names what it lists, or the entry.
        let named = if error.kind() == ErrorKind::Lock { "" } else { entry };
        let key = (named.to_owned(), error.message().to_owned());
        if self.known.insert(key.clone()) {
            let (error, entry) = (self.told(&place.way, error), entry.to_owned());
            self.found.missing.push(Missing { key, entry, what, error });
        }
    }

    fn unread(&mut self, way: &[PathBuf], error: Error) {
        let error = self.told(way, error);
        self.found.unread.push(error);
    }

    /// Returns an error as a build would tell it.
    fn told(&self, way: &[PathBuf], error: Error) -> Error {
        let files = &self.cache.files;
        let through = |error: Error, file: &PathBuf| error.through(file.clone());
        let error = way.iter().rev().fold(error, through);
        mistakes::explain(error, files).resolve(&ShownFiles::new(files, self.root))
    }
}

/// Returns the configurations that stand in the place of a path.
fn inline(entry: &str, pos: Pos, cache: &Cache) -> Option<Vec<Resource>> {
    let pos = cache.files.inline(pos, 0, entry);
    let documents = yaml::read_stream(entry.as_bytes(), pos, &cache.files.limits()).ok()?;
    stream::resources(documents.into()).ok()
}

/// Returns `true` if a path that leads nowhere would be a file and no directory.
fn is_name_of_file(entry: &str) -> bool {
    [".yaml", ".yml", ".json"].iter().any(|end| entry.ends_with(end))
}

/// Returns `true` if an error says that something from elsewhere could not be had.
pub(super) fn is_about_remotes(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Lock | ErrorKind::Fetch | ErrorKind::External)
}
