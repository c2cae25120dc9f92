//! The ConfigMaps and Secrets of files, of which Flux takes variables: each cluster may have files of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use kustom::text::clean_path;
use serde_json::Value as Json;

/// The ConfigMaps and Secrets of files.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Values {
    objects: BTreeMap<Key, Vec<(PathBuf, usize)>>,
    /// The objects, each once.
    distinct: Vec<Json>,
    /// Of a file, or a folder of files, with Kustomizations: the files and folders that are for other clusters.
    others: BTreeMap<PathBuf, BTreeSet<PathBuf>>,
}

/// Kind, namespace, and name.
type Key = [String; 3];

/// What there is of a kind and name.
#[derive(Debug, PartialEq)]
pub(crate) enum Found<'v> {
    Object(&'v Json),
    /// None; maybe the file of one that is for another cluster.
    Nothing(Option<&'v Path>),
    /// Files with several, of which nobody knows which it is.
    Several([&'v Path; 2]),
}

impl Values {
    /// Returns the ConfigMaps and Secrets among some objects; `kustomizations` are all Kustomizations of Flux.
    ///
    /// Two Kustomizations of one namespace and name in different files are for two clusters, and so is what lies beside
    /// one of them, on the way to which the other does not lie. Kustomizations of one file are for one cluster, and
    /// those of one folder, unless two of them have one name.
    pub(crate) fn new<'k>(
        objects: Vec<(PathBuf, Json)>,
        kustomizations: impl Iterator<Item = (&'k Path, &'k Json)>,
    ) -> Values {
        let mut values = Values { others: others(kustomizations), ..Values::default() };
        let mut known: BTreeMap<String, usize> = BTreeMap::new();
        for (file, object) in objects {
            let next = values.distinct.len();
            let number = *known.entry(object.to_string()).or_insert(next);
            let same = values.objects.entry(key(&object)).or_default();
            let file = clean_path(&file);
            if !same.iter().any(|it| it.0 == file && it.1 == number) {
                same.push((file, number));
            }
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
        let folder = own.parent().unwrap_or(Path::new(""));
        let others = [own.as_path(), folder].map(|place| self.others.get(place));
        let is_of_other = |file: &Path| {
            let is_of = |others: &BTreeSet<PathBuf>| file.ancestors().any(|it| others.contains(it));
            others.into_iter().flatten().any(is_of)
        };
        let mut nearest: Option<(usize, &(PathBuf, usize))> = None;
        let (mut rival, mut of_other) = (None, None);
        for found in self.objects.get(&key).into_iter().flatten() {
            if is_of_other(&found.0) {
                of_other = of_other.or(Some(found.0.as_path()));
                continue;
            }
            let near = common(&own, &found.0);
            match nearest {
                Some((most, _)) if near < most => {}
                Some((most, (_, number))) if near == most && *number == found.1 => {}
                Some((most, (file, _))) if near == most => {
                    rival = Some([file.as_path(), found.0.as_path()]);
                }
                _ => (nearest, rival) = (Some((near, found)), None),
            }
        }
        let object = nearest.and_then(|(_, (_, number))| self.distinct.get(*number));
        match (rival, object) {
            (Some(files), _) => Found::Several(files),
            (None, Some(object)) => Found::Object(object),
            (None, None) => Found::Nothing(of_other),
        }
    }
}

/// Returns how much of the way to a file is that to another.
fn common(one: &Path, other: &Path) -> usize {
    one.iter().zip(other).take_while(|(one, other)| one == other).count()
}

/// Returns what is for other clusters than the Kustomizations of a file or a folder.
fn others<'k>(
    kustomizations: impl Iterator<Item = (&'k Path, &'k Json)>,
) -> BTreeMap<PathBuf, BTreeSet<PathBuf>> {
    let mut files: BTreeMap<Key, BTreeSet<PathBuf>> = BTreeMap::new();
    for (file, object) in kustomizations {
        files.entry(key(object)).or_default().insert(clean_path(file));
    }
    // Those of many names mostly lie in the same files.
    let twins: BTreeSet<BTreeSet<PathBuf>> =
        files.into_values().filter(|it| it.len() > 1).collect();
    let mut others: BTreeMap<PathBuf, BTreeSet<PathBuf>> = BTreeMap::new();
    for twins in &twins {
        for own in twins {
            for other in twins.iter().filter(|other| *other != own) {
                // All of it that does not lie on the way to both.
                let apart: PathBuf = other.iter().take(common(own, other) + 1).collect();
                let place = match (own.parent(), other.parent()) {
                    (Some(folder), Some(of_other)) if folder != of_other => folder,
                    _ => own,
                };
                others.entry(place.to_path_buf()).or_default().insert(apart);
            }
        }
    }
    others
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
        json!({"kind": kind, "metadata": {"name": name, "namespace": "flux-system"}})
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
                    name => kustomizations.push((path.clone(), object("Kustomization", name))),
                }
            }
        }
        let all = kustomizations.iter().map(|(path, object)| (path.as_path(), object));
        let values = Values::new(objects, all);
        match values.find(file.as_ref(), ["ConfigMap", "flux-system", "vars"]) {
            Found::Object(object) => object["data"]["file"].as_str().unwrap().to_owned(),
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
                "not c/s/config/vars.yaml",
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
}
