//! What helm is asked: a chart, its values, and the rest.

use std::path::{Component, Path};
use std::sync::Arc;

use super::config::{Chart, at};
use super::folder::Folders;
use super::renderings::Renderings;
use super::values::{self, Winner};
use crate::diagnostics::hints::{
    ABSOLUTE_FURTHER_VALUES, ADDRESS_AS_FURTHER_VALUES, Advice, CHART_ADDRESS_AS_NAME,
    CHART_FOLDER_TAKEN, CHART_NAME_WITH_FOLDERS, CHART_NOT_THERE, CHART_WITHOUT_VALUES,
    CONFIG_OUTSIDE, CONFIG_WITH_PLUGINS, FILE_AS_CHART,
};
use crate::diagnostics::{Error, ErrorKind, Result};
use crate::kustomization::HelmChart;
use crate::load::remote::{ChartKey, ChartPin, is_gits};
use crate::load::{Files, Folder, Loader, Named, clean, is_http, join};
use crate::outside::{ChartPull, ChartTemplate, FileTree, ValuesFile};
use crate::resource::Resource;
use crate::yaml::{Pos, nearest};

/// Notes the folder of charts as named by the kustomization in the directory of `loader`.
pub(crate) fn name_home(files: &Files, loader: &Loader, home: &str, is_used: bool) {
    let found = match files.resolve(&at(loader.root(), Path::new(home))) {
        Ok((found, true)) => Some(found).filter(|found| !files.is_added(found)),
        _ => None,
    };
    // The slash tells it from a resource of the same name.
    files.note_named(loader.root(), &format!("{home}/"), || Named::Charts(found, is_used));
}

/// Asks for the charts of one kustomization.
#[derive(Debug)]
pub(crate) struct Asker<'a> {
    files: &'a Files,
    loader: &'a Loader,
    folders: &'a Folders,
    renderings: &'a Renderings,
}

impl<'a> Asker<'a> {
    /// Returns what asks for charts in the directory of `loader`.
    pub(crate) fn new(
        files: &'a Files,
        loader: &'a Loader,
        folders: &'a Folders,
        renderings: &'a Renderings,
    ) -> Asker<'a> {
        Asker { files, loader, folders, renderings }
    }

    /// Reads the further values files of a chart, which upstream does before anything else.
    ///
    /// # Errors
    /// If one may not or cannot be read.
    pub(crate) fn check_values(&self, chart: &Chart) -> Result<()> {
        let names = &chart.entry.additional_values_files;
        names.iter().try_for_each(|name| self.further(name).map(drop))
    }

    /// Notes the files that a chart is made of as named by the kustomization; helm is not asked, and what would be
    /// fetched counts as fetched, without a file.
    ///
    /// # Errors
    /// If a file with values may not or cannot be read.
    pub(crate) fn name_files(&self, chart: &Chart) -> Result<()> {
        let folder = chart.absolute_folder(self.loader.root());
        if !chart.entry.repo.is_empty() && self.files.resolve(&folder).is_err() {
            self.files.put_chart(&folder, Folder::new(FileTree::new()));
        }
        let values = &chart.entry.values_file;
        let place = at(self.loader.root(), Path::new(values));
        if !values.is_empty() && self.files.added().holder(&place).is_none() {
            self.load(values)?;
        }
        name_home(self.files, self.loader, chart.home(), true);
        Ok(())
    }

    /// Returns what helm is asked for a chart of a kustomization with this namespace. What has to be fetched is found
    /// by all that the build reads later, in the folder that upstream puts it into.
    ///
    /// # Errors
    /// If helm has no version that is known, a file is missing or may not be read, values do not fit
    /// together, or the chart cannot be fetched.
    pub(crate) fn request(&self, chart: &Chart, namespace: &str) -> Result<ChartTemplate> {
        self.renderings.check_version()?;
        let config = self.config(chart)?;
        let folder_path = chart.absolute_folder(self.loader.root());
        let local = match self.local(chart, &folder_path)? {
            Some(local) if self.is_pinned(chart, &folder_path, &local)? => None,
            local => local,
        };
        let folder = match local {
            Some(folder) => folder,
            None => self.fetch(chart, &folder_path, config.clone())?,
        };
        let is_chart = folder.tree.get("Chart.yaml").is_some();
        let values = self.values(chart).map_err(|e| self.explain(e, &folder_path, is_chart))?;
        let mut values = vec![values];
        values.extend(self.further_values(chart)?);
        let entry = &chart.entry;
        let namespace = if entry.namespace.is_empty() { namespace } else { &entry.namespace };
        Ok(ChartTemplate {
            chart: folder.tree,
            chart_digest: folder.digest,
            shown_chart: folder_path,
            release_name: filled(&entry.release_name),
            namespace: filled(namespace),
            name_template: filled(&entry.name_template),
            values,
            api_versions: entry.api_versions.clone(),
            kube_version: filled(&entry.kube_version),
            include_crds: entry.include_crds,
            skip_tests: entry.skip_tests,
            skip_hooks: entry.skip_hooks,
            debug: entry.debug,
            devel: entry.devel,
            config,
        })
    }

    /// Renders a chart.
    ///
    /// # Errors
    /// If helm fails, or what it prints are no resources or too much.
    pub(crate) fn render(&self, template: &ChartTemplate) -> Result<Arc<[Resource]>> {
        let rendered = self.renderings.render(template, self.files.account());
        let is_chart = template.chart.get("Chart.yaml").is_some();
        rendered.map_err(|e| self.explain(e, &template.shown_chart, is_chart))
    }

    /// Says what is in the way if a folder is no chart, or has more in it, since others were fetched into folders below:
    /// upstream does not fetch what belongs to a folder that is there (`testdata/chart-places/cases/above*`).
    fn explain(&self, error: Error, folder: &Path, is_chart: bool) -> Error {
        let found = self.files.resolve(folder).ok();
        let other = found.and_then(|(found, _)| {
            let other = self.files.added().first_below(&found)?;
            // One that is a chart of the chart is meant.
            let is_apart = !is_chart || !other.starts_with(found.join("charts"));
            is_apart.then_some(other)
        });
        let Some(other) = other else { return error };
        let root = self.loader.root();
        let below = |path: &Path| shown(path.strip_prefix(root).unwrap_or(path));
        let (folder, other) = (below(folder), below(&other));
        error.with_hint(CHART_FOLDER_TAKEN.with(match is_chart {
            true => format!(
                "an earlier chart was fetched to {other}, into this one, which has those files too: give it another \
                 `chartHome`"
            ),
            false => format!(
                "{folder} is no chart, and it is there since an earlier one was fetched to {other}, so nothing more is \
                 fetched to it: give one of them another `chartHome`"
            ),
        }))
    }

    /// Returns the chart that lies in the tree or was fetched, or `None` if none does or was.
    fn local(&self, chart: &Chart, folder: &Path) -> Result<Option<Folder>> {
        let nothing = |shown: &str| {
            let message = format!("no repo specified for pull, no chart found at '{shown}'");
            let error = Error::new(ErrorKind::Generator, message);
            if let Some((repo, name)) = chart.entry.name.rsplit_once('/')
                && chart.entry.name.contains("://")
            {
                return error.hint(CHART_ADDRESS_AS_NAME.with(format!(
                    "`name` is the chart alone, and its address stands in `repo`: `name: {name}` and `repo: {repo}`"
                )));
            }
            let beside = folder.parent().and_then(|home| self.files.fs().list(home).ok());
            let beside = beside.unwrap_or_default();
            if beside.contains(&chart.entry.name) {
                let name = &chart.entry.name;
                return error.hint(CHART_NOT_THERE.with(format!(
                    "a chart is a folder, and `{name}` is a file: unpack it, and name the folder"
                )));
            }
            let near = nearest(beside.iter().map(String::as_str), &chart.entry.name);
            let near = near.map(|near| CHART_NOT_THERE.with(format!("did you mean `{near}`?")));
            error.maybe_hint(near).hint(CHART_NOT_THERE.with(format!(
                "put the chart into {}, or name its repository in `repo`",
                chart.folder().display()
            )))
        };
        match self.files.resolve(folder) {
            Ok((found, true)) => {
                // As upstream, where it lies there since an earlier entry has fetched it.
                if self.files.is_added(&found) {
                    if let Some(chart) = self.files.added().chart(&found) {
                        return Ok(Some(chart));
                    }
                } else {
                    self.check_folder(chart, folder, &found)?;
                }
                self.folders.read(self.files, self.loader, &found).map(Some)
            }
            Ok((_, false)) if chart.entry.repo.is_empty() => {
                Err(nothing(&folder.display().to_string()))
            }
            // As upstream, where helm finds no room for the chart.
            Ok((_, false)) => {
                let message = format!("a file with the name {} already exists", folder.display());
                Err(Error::new(ErrorKind::Generator, message).hint(&FILE_AS_CHART))
            }
            Err(_) if chart.entry.repo.is_empty() => Err(nothing("")),
            _ => Ok(None),
        }
    }

    /// Checks that the folder of a chart may be read. As upstream, where helm does, it may lie wherever a base may if
    /// `chartHome` leads there; but what is no chart is no reason to read all of a folder elsewhere.
    fn check_folder(&self, chart: &Chart, folder: &Path, found: &Path) -> Result<()> {
        let is_chart = || {
            let is_name = !chart.entry.name.contains(['/', '\\']);
            is_name && self.files.fs().kind(&found.join("Chart.yaml")).is_ok()
        };
        // Bases do not leave a tree from elsewhere.
        let may_be_base = || self.loader.tree().is_none_or(|tree| found.starts_with(tree));
        let inside = self.loader.check_inside(folder, found);
        if inside.is_err() && may_be_base() && is_chart() { Ok(()) } else { inside }
    }

    /// Returns `true` if a lock file decides about a chart that lies in its place in the tree.
    ///
    /// # Errors
    /// If that is another one.
    fn is_pinned(&self, chart: &Chart, folder: &Path, local: &Folder) -> Result<bool> {
        let is_added = || {
            let found = self.files.resolve(folder);
            found.is_ok_and(|(found, _)| self.files.is_added(&found))
        };
        if chart.entry.repo.is_empty() || is_added() {
            return Ok(false);
        }
        let (looks, scope) = (self.files.looks(), self.loader.scope());
        self.files.remotes().pins_chart(
            looks,
            &chart_key(&chart.entry),
            (folder, &local.tree),
            scope,
        )
    }

    /// Fetches a chart.
    ///
    /// As upstream: without a version, what was fetched first under this name is what the next entry finds,
    /// also if that names another repository.
    fn fetch(&self, chart: &Chart, folder: &Path, config: Option<Arc<FileTree>>) -> Result<Folder> {
        let known = self.files.resolve(folder).ok();
        if let Some(known) = known.and_then(|(found, _)| self.files.added().chart(&found)) {
            return Ok(known);
        }
        let entry = &chart.entry;
        let home = at(self.loader.root(), Path::new(chart.home()));
        if folder == home || !folder.starts_with(&home) {
            let (folder, home) = (folder.display(), home.display());
            let message = format!(
                "security; chart '{}' would be fetched to '{folder}', which is not below '{home}'",
                entry.name
            );
            return Err(Error::new(ErrorKind::Restricted, message).hint(&CHART_NAME_WITH_FOLDERS));
        }
        if let Some((file, false, _)) = self.nearest(folder) {
            // As upstream, where helm makes no folder there.
            let message =
                format!("failed to untar (mkdir): mkdir {}: not a directory", file.display());
            return Err(Error::new(ErrorKind::Generator, message).hint(&FILE_AS_CHART));
        }
        let (looks, remotes) = (self.files.looks(), self.files.remotes());
        let pull = ChartPull {
            devel: entry.devel,
            is_fresh: remotes.writes_lock(),
            may_write: self.may_write(&home, folder),
            shown_folder: folder.parent().unwrap_or(folder).to_path_buf(),
            config,
            version: filled(&entry.version),
            ..ChartPull::new(&*entry.name, &*entry.repo)
        };
        let key = chart_key(&chart.entry);
        let scope = self.loader.scope();
        let mut copy = None;
        let fetched = match remotes.chart(looks, &key, scope)? {
            ChartPin::Free => self.renderings.pull(&pull)?,
            ChartPin::Copy(pinned, root) => {
                let read = || pinned.read(looks.fs, &root).map(Folder::new);
                let copied = self.renderings.copied(looks, &root, read)?;
                copy = Some(root);
                copied
            }
            ChartPin::Version(pinned, version) => {
                let pull = pull.version(version);
                let mut fetched = self.renderings.pull(&pull)?;
                // What was kept of an earlier fetch may be another one.
                if pinned.check(&fetched.tree).is_err() && !pull.is_fresh {
                    fetched = self.renderings.pull(&ChartPull { is_fresh: true, ..pull })?;
                }
                pinned.check(&fetched.tree)?;
                fetched
            }
        };
        remotes.note_chart(looks, &key, (&fetched.tree, copy), scope);
        self.files.put_chart(folder, fetched.clone());
        Ok(fetched)
    }

    /// Returns `true` if a chart may be written to a folder that is not there: where the build may read,
    /// below the folder of charts, links resolved, and not into what is git's own.
    fn may_write(&self, home: &Path, folder: &Path) -> bool {
        let Some((found, is_directory, below)) = self.nearest(folder) else { return false };
        let path = found.join(below);
        let is_gits = match path.strip_prefix(self.loader.root()) {
            Ok(path) => is_gits(path),
            Err(_) => is_gits(below),
        };
        let is_at_home = self.files.resolve(home).map_or(true, |(home, _)| found.starts_with(home));
        let may_read = self.loader.check_inside(folder, &path).is_ok();
        is_directory && !is_gits && is_at_home && may_read
    }

    /// Returns what is there of a path, links resolved, whether that is a directory, and the rest of the path; `None`
    /// if a link leads nowhere, so that the path leads somewhere when its target is made.
    fn nearest<'p>(&self, path: &'p Path) -> Option<(Arc<Path>, bool, &'p Path)> {
        for above in path.ancestors() {
            if let Ok((found, is_directory)) = self.files.resolve(above) {
                return Some((found, is_directory, path.strip_prefix(above).ok()?));
            }
            if self.files.fs().kind(above).is_ok() {
                break;
            }
        }
        None
    }

    /// Returns the file with the values of the entry, those of the chart merged in.
    fn values(&self, chart: &Chart) -> Result<ValuesFile> {
        // Upstream names the values file after the chart, and cannot write it into a folder.
        let name = format!("{}-kustomize-values.yaml", chart.entry.name);
        let path = clean(Path::new(name.trim_start_matches('/')));
        let mut parts = path.components();
        let (Some(Component::Normal(name)), None) = (parts.next(), parts.next()) else {
            let message =
                format!("failed to write values file: '{}' names a folder", chart.entry.name);
            return Err(Error::new(ErrorKind::Generator, message).hint(&CHART_NAME_WITH_FOLDERS));
        };
        let name = name.to_string_lossy().into_owned();
        let path = chart.values_file();
        let place = at(self.loader.root(), Path::new(&path));
        let load = || {
            // What the entry names itself is a path like others.
            let is_own = chart.entry.values_file.is_empty() && chart.merge != Winner::EntryAlone;
            self.load(&path).map_err(|e| match (is_own, e.kind()) {
                (true, ErrorKind::Restricted) if !self.loader.is_fetched() => e.with_hint(CHART_WITHOUT_VALUES.with(
                    "of a chart outside of the kustomization only helm reads the values.yaml: name a `valuesFile` \
                     beside the kustomization, or allow it with --load-restrictor LoadRestrictionsNone",
                )),
                (false, _) | (_, ErrorKind::Restricted) => e,
                _ => e.with_hint(Advice::from(&CHART_WITHOUT_VALUES)),
            })
        };
        let inline = &chart.entry.values_inline;
        let content = values::content(inline, chart.merge, &self.files.limits(), load)?;
        let shown = if !inline.is_empty() {
            // No file of the user's has them.
            "<values of the entry>".to_owned()
        } else if is_http(&path) {
            path
        } else {
            shown(&place)
        };
        Ok(ValuesFile { name, content, shown })
    }

    /// Returns the further values files as helm finds them.
    ///
    /// As upstream, which reads a file, and then has helm look for one of this name below the kustomization, also if the
    /// name is absolute or an address (`testdata/chart-values/further-values-*`).
    fn further_values(&self, chart: &Chart) -> Result<Vec<ValuesFile>> {
        let read = |name: &String| {
            let mut content = self.further(name)?;
            let path = join(self.loader.root(), name);
            if is_http(name) || Path::new(name).is_absolute() {
                if self.files.resolve(&path).is_err() {
                    let message = format!("open {}: no such file or directory", path.display());
                    let error = Error::new(ErrorKind::Generator, message);
                    return Err(match is_http(name) {
                        true => error.hint(&ADDRESS_AS_FURTHER_VALUES),
                        false => error.hint(&ABSOLUTE_FURTHER_VALUES),
                    });
                }
                (content, _) = self.load(&path.to_string_lossy())?;
            }
            Ok(ValuesFile { name: name.clone(), content: content.into(), shown: shown(&path) })
        };
        chart.entry.additional_values_files.iter().map(read).collect()
    }

    /// Reads a further values file by its name.
    fn further(&self, name: &str) -> Result<Vec<u8>> {
        let read = self.load(name).map(|(content, _)| content);
        read.map_err(|e| e.context("could not load additionalValuesFile"))
    }

    fn load(&self, name: &str) -> Result<(Vec<u8>, Pos)> {
        self.files.read(&self.loader.file(self.files, name)?)
    }

    /// Returns helm's configuration that the tree holds.
    ///
    /// # Errors
    /// If it lies elsewhere or brings plugins, which are programs: a tree must not say what runs.
    fn config(&self, chart: &Chart) -> Result<Option<Arc<FileTree>>> {
        if chart.config_home.is_empty() {
            return Ok(None);
        }
        let path = at(self.loader.root(), Path::new(&chart.config_home));
        let root = self.loader.root().display();
        let (path, root) = (path.as_path(), root);
        let outside = || {
            let message =
                format!("security; configHome '{}' is not in or below '{root}'", path.display());
            Error::new(ErrorKind::Restricted, message).hint(&CONFIG_OUTSIDE)
        };
        if !path.starts_with(self.loader.root()) {
            return Err(outside());
        }
        // Helm makes one that is missing.
        let Ok((found, true)) = self.files.resolve(path) else { return Ok(None) };
        if !found.starts_with(self.loader.root()) {
            return Err(outside());
        }
        let all = self.folders.read(self.files, self.loader, &found)?.tree;
        let mut kept = FileTree::new();
        for (file, content) in all.iter() {
            if ["plugins", ".data/plugins"].iter().any(|folder| file.starts_with(folder)) {
                let message = format!(
                    "security; configHome '{}' brings a plugin of helm: {}",
                    path.display(),
                    file.display()
                );
                return Err(Error::new(ErrorKind::Restricted, message).hint(&CONFIG_WITH_PLUGINS));
            }
            if ![".data", ".cache"].iter().any(|folder| file.starts_with(folder)) {
                kept.insert(file, content);
            }
        }
        Ok(Some(Arc::new(kept)))
    }
}

/// Returns a path as messages name it.
fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// Returns a text, unless it is empty.
fn filled(text: &str) -> Option<String> {
    Some(text).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// Returns what a lock file knows a chart by.
pub(crate) fn chart_key(entry: &HelmChart) -> ChartKey {
    let HelmChart { repo, name, version, devel, .. } = entry;
    ChartKey { repo: repo.clone(), name: name.clone(), version: version.clone(), devel: *devel }
}
