//! The ConfigMaps and Secrets of files, of which Flux takes variables: each cluster may have files of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::ops::Bound;
use std::path::{Path, PathBuf};

use kustom::text::clean_path;
use serde_json::Value as Json;

/// The ConfigMaps and Secrets of files.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Values {
    /// The files of each, with the numbers of the objects.
    objects: BTreeMap<Key, BTreeMap<PathBuf, BTreeSet<usize>>>,
    /// The objects, each once.
    distinct: Vec<Json>,
    clusters: Clusters,
}

/// How sure it is that something is for another cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Other {
    Perhaps,
    Certain,
}

/// Kind, namespace, and name.
type Key = [String; 3];

/// What there is of a kind and name.
#[derive(Debug, PartialEq)]
pub(crate) enum Found<'v> {
    /// It; maybe in a file that may be for another cluster.
    Object(&'v Json, Option<&'v Path>),
    /// None; maybe the file of one that is for another cluster.
    Nothing(Option<&'v Path>),
    /// Files with several, of which nobody knows which it is.
    Several([&'v Path; 2]),
}

impl Values {
    /// Returns the ConfigMaps and Secrets among some objects; `kustomizations` are all Kustomizations of Flux.
    ///
    /// Two whole Kustomizations of one namespace and name whose paths differ in one part, as `clusters/prod/apps.yaml` and
    /// `clusters/staging/apps.yaml`, are for two clusters, and so is what lies beside them below these parts. Otherwise two
    /// of one name may be for two clusters, or patches, or be put into two namespaces later: there nobody knows.
    pub(crate) fn new<'k>(
        objects: Vec<(PathBuf, Json)>,
        kustomizations: impl Iterator<Item = (&'k Path, &'k Json)>,
    ) -> Values {
        let mut values = Values { clusters: Clusters::of(kustomizations), ..Values::default() };
        let mut known: BTreeMap<String, usize> = BTreeMap::new();
        for (file, object) in objects {
            let next = values.distinct.len();
            let number = *known.entry(object.to_string()).or_insert(next);
            let same = values.objects.entry(key(&object)).or_default();
            same.entry(clean_path(&file)).or_default().insert(number);
            if number == next {
                values.distinct.push(object);
            }
        }
        values
    }

    /// Finds an object for a Kustomization of a file: of several, for each cluster may have files of its own, that which
    /// lies nearest.
    pub(crate) fn find(&self, file: &Path, [kind, namespace, name]: [&str; 3]) -> Found<'_> {
        let key = [kind, namespace, name].map(str::to_owned);
        let own = clean_path(file);
        let Some(files) = self.objects.get(&key) else { return Found::Nothing(None) };
        let (mut nearest, mut of_other) = (None, None);
        for above in own.ancestors().chain([Path::new("")]) {
            let below = files.range::<Path, _>((Bound::Included(above), Bound::Unbounded));
            for (file, numbers) in below.take_while(|(file, _)| file.starts_with(above)) {
                let other = self.clusters.other(&own, file);
                for number in numbers {
                    match nearest {
                        _ if other == Some(Other::Certain) => {
                            of_other = of_other.or(Some(file.as_path()));
                        }
                        None => nearest = Some((file, number, other)),
                        Some((_, known, _)) if known == number => {}
                        Some((first, _, _)) => return Found::Several([first, file]),
                    }
                }
            }
            if nearest.is_some() {
                break;
            }
        }
        let found = nearest.and_then(|(file, number, other)| {
            Some((self.distinct.get(*number)?, other.map(|_| file.as_path())))
        });
        match found {
            Some((object, doubt)) => Found::Object(object, doubt),
            None => Found::Nothing(of_other),
        }
    }
}

/// Where the folders of clusters part, as far as Kustomizations of one namespace and name tell.
#[derive(Debug, Default, PartialEq)]
struct Clusters {
    /// By a folder, the names in it on the ways to such.
    forks: BTreeMap<PathBuf, BTreeSet<OsString>>,
    /// By a folder and the rest of the ways, the names between on the ways to whole Kustomizations.
    parallel: BTreeMap<(PathBuf, PathBuf), BTreeSet<OsString>>,
    /// By a file with whole Kustomizations, or their folder: the folders and rests of their ways.
    ways: BTreeMap<PathBuf, BTreeSet<(PathBuf, PathBuf)>>,
}

impl Clusters {
    fn of<'k>(kustomizations: impl Iterator<Item = (&'k Path, &'k Json)>) -> Clusters {
        let mut files: BTreeMap<Key, BTreeMap<PathBuf, bool>> = BTreeMap::new();
        for (file, object) in kustomizations {
            let has = |pointer: &str| object.pointer(pointer).is_some();
            let is_whole =
                has("/metadata/namespace") && has("/spec/sourceRef") && has("/spec/path");
            let same =
                files.entry(key(object)).or_default().entry(clean_path(file)).or_insert(true);
            *same = *same && is_whole;
        }
        // Those of many names mostly lie in the same files.
        let twins: BTreeSet<BTreeMap<PathBuf, bool>> =
            files.into_values().filter(|it| it.len() > 1).collect();
        let mut clusters = Clusters::default();
        for twins in &twins {
            clusters.add(twins);
        }
        clusters
    }

    /// Adds the files with Kustomizations of one name, and whether these are whole.
    fn add(&mut self, twins: &BTreeMap<PathBuf, bool>) {
        let mut forks: BTreeMap<&Path, BTreeSet<&OsStr>> = BTreeMap::new();
        let mut parallel: BTreeMap<(&Path, &Path), BTreeSet<&OsStr>> = BTreeMap::new();
        for (file, is_whole) in twins {
            for (folder, name, rest) in steps(file) {
                forks.entry(folder).or_default().insert(name);
                if *is_whole {
                    parallel.entry((folder, rest)).or_default().insert(name);
                }
            }
        }
        forks.retain(|_, names| names.len() > 1);
        parallel.retain(|_, names| names.len() > 1);
        for (file, _) in twins.iter().filter(|(_, is_whole)| **is_whole) {
            for (folder, _, rest) in
                steps(file).filter(|(folder, _, rest)| parallel.contains_key(&(*folder, *rest)))
            {
                // Two files of one folder have only themselves.
                let place = file.parent().filter(|it| *it != folder).unwrap_or(file);
                let way = (folder.to_path_buf(), rest.to_path_buf());
                self.ways.entry(place.to_path_buf()).or_default().insert(way);
            }
        }
        for (folder, names) in forks {
            self.forks
                .entry(folder.to_path_buf())
                .or_default()
                .extend(names.into_iter().map(OsStr::to_owned));
        }
        for ((folder, rest), names) in parallel {
            let way = (folder.to_path_buf(), rest.to_path_buf());
            self.parallel.entry(way).or_default().extend(names.into_iter().map(OsStr::to_owned));
        }
    }

    /// Returns how sure it is that a file is for another cluster than the Kustomizations of a file.
    fn other(&self, own: &Path, file: &Path) -> Option<Other> {
        let (folder, name, _) =
            steps(own).find(|(folder, name, _)| !file.starts_with(folder.join(name)))?;
        let of_file = file.strip_prefix(folder).ok()?.iter().next()?;
        let fork = self.forks.get(folder)?;
        if !fork.contains(name) || !fork.contains(of_file) {
            return None;
        }
        let places = [Some(own), own.parent()];
        let mut ways =
            places.into_iter().flatten().filter_map(|place| self.ways.get(place)).flatten();
        let is_certain = ways.any(|way| {
            let names = self.parallel.get(way).filter(|_| way.0 == folder);
            names.is_some_and(|names| names.contains(of_file))
        });
        Some(if is_certain { Other::Certain } else { Other::Perhaps })
    }
}

/// Returns the steps of a way: the folder before each, its name, and the way behind it.
fn steps(file: &Path) -> impl Iterator<Item = (&Path, &OsStr, &Path)> {
    let mut way: Vec<_> =
        file.ancestors().filter_map(|it| Some((it.parent()?, it.file_name()?, it))).collect();
    way.reverse();
    way.into_iter().map(move |(folder, name, until)| {
        (folder, name, file.strip_prefix(until).unwrap_or(Path::new("")))
    })
}

fn key(object: &Json) -> Key {
    let text = |pointer: &str| {
        object.pointer(pointer).and_then(Json::as_str).unwrap_or_default().to_owned()
    };
    ["/kind", "/metadata/namespace", "/metadata/name"].map(text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(kind: &str, name: &str) -> Json {
        let spec = json!({"path": "./apps", "sourceRef": {"kind": "GitRepository", "name": "r"}});
        json!({"kind": kind, "metadata": {"name": name, "namespace": "flux-system"}, "spec": spec})
    }

    /// Says which file's ConfigMap the Kustomizations of a file get; each file has those that are named behind it, and
    /// the ConfigMap `vars` if it is named `vars`.
    fn found(files: &str, file: &str) -> String {
        let (mut kustomizations, mut objects) = (Vec::new(), Vec::new());
        for (i, line) in files.split(", ").enumerate() {
            let mut words = line.split(' ');
            let path = PathBuf::from(words.next().unwrap());
            for name in words {
                match name {
                    "vars" => {
                        let mut vars = object("ConfigMap", name);
                        vars["data"] = json!({"file": path, "number": i});
                        objects.push((path.clone(), vars));
                    }
                    name => {
                        let is_patch = name.starts_with("patch-");
                        let mut own = object("Kustomization", name.trim_start_matches("patch-"));
                        if is_patch {
                            own["spec"] = json!({"path": "./other"});
                        }
                        kustomizations.push((path.clone(), own));
                    }
                }
            }
        }
        let all = kustomizations.iter().map(|(path, object)| (path.as_path(), object));
        let values = Values::new(objects, all);
        match values.find(file.as_ref(), ["ConfigMap", "flux-system", "vars"]) {
            Found::Object(object, doubt) => {
                let file = object["data"]["file"].as_str().unwrap();
                if doubt.is_some() { format!("perhaps {file}") } else { file.to_owned() }
            }
            Found::Nothing(None) => "nothing".to_owned(),
            Found::Nothing(Some(file)) => format!("not {}", file.display()),
            Found::Several([one, other]) => format!("{} or {}", one.display(), other.display()),
        }
    }

    #[test]
    fn each_cluster_has_its_own() {
        for (files, file, wanted) in [
            // One cluster.
            ("c/p/apps.yaml apps, c/p/vars.yaml vars", "c/p/apps.yaml", "c/p/vars.yaml"),
            ("c/p/apps.yaml apps, vars.yaml vars", "c/p/apps.yaml", "vars.yaml"),
            ("c/p/apps.yaml apps, c/s/vars.yaml vars", "c/p/apps.yaml", "c/s/vars.yaml"),
            ("c/p/apps.yaml apps", "c/p/apps.yaml", "nothing"),
            // Two, one of which has it.
            (
                "c/p/apps.yaml apps, c/s/apps.yaml apps, c/s/vars.yaml vars",
                "c/p/apps.yaml",
                "not c/s/vars.yaml",
            ),
            (
                "c/p/apps.yaml apps, c/s/apps.yaml apps, c/s/vars.yaml vars",
                "c/s/apps.yaml",
                "c/s/vars.yaml",
            ),
            (
                "./c/p/apps.yaml apps, c/s/f/apps.yaml apps, c/s/config/vars.yaml vars",
                "c/p/apps.yaml",
                "perhaps c/s/config/vars.yaml",
            ),
            // One file has both.
            ("c/p.yaml apps, c/s.yaml apps vars", "c/p.yaml", "not c/s.yaml"),
            ("c/p.yaml apps, c/s.yaml apps infra vars", "c/s.yaml", "c/s.yaml"),
            // Both have it.
            (
                "c/p/apps.yaml apps, c/s/apps.yaml apps, c/s/vars.yaml vars, c/p/a/vars.yaml vars",
                "c/p/apps.yaml",
                "c/p/a/vars.yaml",
            ),
            // It lies where neither of them does.
            (
                "c/p/apps.yaml apps, c/s/apps.yaml apps, infra/base/vars.yaml vars",
                "c/p/apps.yaml",
                "infra/base/vars.yaml",
            ),
            (
                "c/p/apps.yaml apps, c/s/apps.yaml apps, c/vars.yaml vars",
                "c/s/apps.yaml",
                "c/vars.yaml",
            ),
            // One has no twin, but lies beside one that has.
            (
                "c/p/apps.yaml apps, c/p/infra.yaml infra, c/s/apps.yaml apps, c/s/vars.yaml vars",
                "c/p/infra.yaml",
                "not c/s/vars.yaml",
            ),
            ("c/p.yaml apps, c/s.yaml apps vars, c/all.yaml infra", "c/all.yaml", "c/s.yaml"),
            // A patch for one cluster, whose base is for both.
            (
                "c/base/apps.yaml apps, c/p/apps.yaml patch-apps, c/base/vars.yaml vars",
                "c/p/apps.yaml",
                "perhaps c/base/vars.yaml",
            ),
            // One that only one of them has, and what only the other has.
            (
                "k/main/apps/a/ks.yaml a, k/main/apps/b/ks.yaml b, k/nas/apps/a/ks.yaml a, k/nas/vars.yaml vars",
                "k/main/apps/b/ks.yaml",
                "perhaps k/nas/vars.yaml",
            ),
            (
                "k/main/apps/a/ks.yaml a, k/main/vars.yaml vars, k/nas/apps/a/ks.yaml a, k/nas/vars.yaml vars",
                "k/main/apps/a/ks.yaml",
                "k/main/vars.yaml",
            ),
            // What is built has the file of its kustomization.
            (
                "c/p/kustomization.yaml apps, c/s/kustomization.yaml apps vars",
                "c/p/kustomization.yaml",
                "not c/s/kustomization.yaml",
            ),
            (
                "c/p/apps.yaml apps, c/s/apps.yaml apps, c/p/config/kustomization.yaml vars, c/s/vars.yaml vars",
                "c/p/apps.yaml",
                "c/p/config/kustomization.yaml",
            ),
            (
                "c/p/apps.yaml apps, a/vars.yaml vars, b/vars.yaml vars",
                "c/p/apps.yaml",
                "a/vars.yaml or b/vars.yaml",
            ),
        ] {
            assert_eq!(found(files, file), wanted, "{files}: {file}");
        }
    }

    #[test]
    fn many_clusters_take_no_more_than_their_files() {
        let file = |i: usize, name: &str| PathBuf::from(format!("clusters/c{i}/{name}"));
        let kustomizations: Vec<_> =
            (0..500).map(|i| (file(i, "apps.yaml"), object("Kustomization", "apps"))).collect();
        let vars = (0..500).map(|i| (file(i, "vars.yaml"), object("ConfigMap", "vars"))).collect();
        let all = kustomizations.iter().map(|(path, object)| (path.as_path(), object));
        let values = Values::new(vars, all);
        let Clusters { forks, parallel, ways } = &values.clusters;
        let count = |sets: Vec<usize>| sets.into_iter().sum::<usize>();
        assert_eq!(count(forks.values().map(BTreeSet::len).collect()), 500);
        assert_eq!(count(parallel.values().map(BTreeSet::len).collect()), 500);
        assert_eq!(count(ways.values().map(BTreeSet::len).collect()), 500);
        let wanted = ["ConfigMap", "flux-system", "vars"];
        let found = values.find(&file(7, "apps.yaml"), wanted);
        assert!(matches!(found, Found::Object(_, None)), "{found:?}");
    }
}
