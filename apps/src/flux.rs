//! Flux's `Kustomization`: a second kind of Application.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value as Json, json};

use crate::artifacts::{self, Folder};
use crate::flux_values::{Found, Values};

/// What a `Kustomization` of Flux says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Flux {
    object: Json,
    file: PathBuf,
    /// The ConfigMaps and Secrets of the files, of which its variables may be.
    values: Arc<Values>,
    /// Where its files are, if that is not where its path says.
    folder: Folder,
}

/// The kinds of sources that are no git repository, with what is not done to get at their files.
const OTHER_SOURCES: [(&str, &str); 3] = [
    ("ExternalArtifact", "which kustom does not assemble"),
    ("OCIRepository", "which kustom does not fetch"),
    ("Bucket", "which kustom does not fetch"),
];

impl Flux {
    /// Returns `true` if an object is a `Kustomization` of Flux.
    pub(crate) fn is(object: &Json) -> bool {
        let text = |key: &str| object.get(key).and_then(Json::as_str).unwrap_or_default();
        text("kind") == "Kustomization"
            && text("apiVersion").starts_with("kustomize.toolkit.fluxcd.io/")
    }

    /// Returns a `Kustomization` of a file; `values` are the ConfigMaps and Secrets of all files, `generators` their
    /// `ArtifactGenerators`.
    pub(crate) fn new(
        object: Json,
        file: PathBuf,
        values: Arc<Values>,
        generators: &[(PathBuf, Json)],
    ) -> Flux {
        let flux = Flux { object, file, values, folder: Folder::Own };
        let folder = artifacts::folder_of(&flux.object, flux.path(), &flux.file, generators);
        Flux { folder, ..flux }
    }

    /// Says where its files come from, if that is neither the repository nor known: `is_there` says of a path whether
    /// the repository has it.
    pub(crate) fn elsewhere(&self, is_there: impl FnOnce(&str) -> bool) -> Option<String> {
        let text = |key: &str| {
            let value = self.spec().pointer(&format!("/sourceRef/{key}"));
            value.and_then(Json::as_str).unwrap_or_default()
        };
        let (kind, why) = OTHER_SOURCES.iter().find(|(kind, _)| *kind == text("kind"))?;
        let is_here = match &self.folder {
            Folder::Own => is_there(self.path()),
            Folder::At(_) => true,
            Folder::Unknown => false,
        };
        let (path, name) = (self.path(), text("name"));
        (!is_here).then(|| format!("the path {path} is in the {kind} {name}, {why}"))
    }

    /// Says what would help where its files come from an artifact.
    pub(crate) fn elsewhere_hint(&self) -> &'static str {
        match self.folder {
            Folder::Unknown => {
                "only copies of whole folders of one GitRepository, `@alias/path/**` to `@artifact/path/`, are followed"
            }
            _ if self.spec().pointer("/sourceRef/kind") == Some(&json!("ExternalArtifact")) => {
                "name the file of its ArtifactGenerator as well, if it copies folders of this repository"
            }
            _ => "a path that this repository has as well is taken from it",
        }
    }

    /// Returns the Application that does the same, for all that only looks at one.
    pub(crate) fn application(&self) -> Json {
        let spec = |key: &str| self.object.pointer(&format!("/spec/{key}"));
        let text = |key: &str| spec(key).and_then(Json::as_str).unwrap_or_default();
        let source = [text("sourceRef/kind"), text("sourceRef/name")].join("/");
        let cluster = match text("kubeConfig/secretRef/name") {
            "" => "in-cluster",
            secret => secret,
        };
        let mut sync_policy = Map::new();
        if spec("suspend") != Some(&Json::Bool(true)) {
            let prune = spec("prune").cloned().unwrap_or(Json::Bool(false));
            sync_policy.insert("automated".to_owned(), json!({"prune": prune}));
        }
        json!({
            "apiVersion": self.object["apiVersion"],
            "kind": "Kustomization",
            "metadata": self.object["metadata"],
            "spec": {
                "source": {"repoURL": source, "path": self.path()},
                "destination": {"name": cluster, "namespace": text("targetNamespace")},
                "syncPolicy": sync_policy,
            },
        })
    }

    /// Returns the object as it is written.
    pub(crate) fn object(&self) -> &Json {
        &self.object
    }

    pub(crate) fn spec(&self) -> &Json {
        self.object.get("spec").unwrap_or(&Json::Null)
    }

    /// Returns the directory, from the root of the repository.
    pub(crate) fn path(&self) -> &str {
        if let Folder::At(copied) = &self.folder {
            return &copied.path;
        }
        let path = self.text("path").unwrap_or(".");
        path.trim_start_matches("./").trim_end_matches('/')
    }

    /// Returns the folders of the repository that its artifact has, if it is one of which they are known.
    pub(crate) fn copied_folders(&self) -> &[String] {
        match &self.folder {
            Folder::At(copied) => &copied.folders,
            _ => &[],
        }
    }

    /// Returns a text of the spec that is not empty.
    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        self.spec().get(key).and_then(Json::as_str).filter(|text| !text.is_empty())
    }

    /// Returns a list of the spec.
    pub(crate) fn list(&self, key: &str) -> &[Json] {
        self.spec().get(key).and_then(Json::as_array).map_or(&[], Vec::as_slice)
    }

    /// Returns `true` if a switch of the spec is on.
    pub(crate) fn is_on(&self, key: &str) -> bool {
        self.spec().get(key) == Some(&Json::Bool(true))
    }

    /// Returns `true` if variables are replaced even where there is none, for they may have other values.
    pub(crate) fn always_substitutes(&self) -> bool {
        let strategy = self.spec().pointer("/postBuild/substituteStrategy");
        strategy.and_then(Json::as_str) == Some("Always")
    }

    /// Returns the labels and annotations that all objects get.
    pub(crate) fn common_metadata(&self) -> Vec<(&'static str, &Map<String, Json>)> {
        ["labels", "annotations"]
            .into_iter()
            .filter_map(|field| {
                let pairs = self.spec().pointer(&format!("/commonMetadata/{field}"))?;
                Some((field, pairs.as_object().filter(|pairs| !pairs.is_empty())?))
            })
            .collect()
    }

    /// Returns the variables that are replaced after the build; those of the object itself win.
    ///
    /// # Errors
    /// If a name is none, or a ConfigMap or Secret is not among the files, or there are too many: `pay` is asked for
    /// each, with its bytes.
    pub(crate) fn variables(
        &self,
        pay: impl Fn(u64) -> Result<(), String>,
    ) -> Result<BTreeMap<String, String>, String> {
        let mut variables = BTreeMap::new();
        for (kind, name, is_optional) in self.references() {
            let of_other = match self.find(kind, name)? {
                Ok((object, _)) => {
                    data(object, &mut variables, &pay)?;
                    continue;
                }
                Err(_) if is_optional => continue,
                Err(of_other) => of_other,
            };
            return Err(format!(
                "its variables are in the {kind} {name}, which is not among the files: name its file as well{of_other}"
            ));
        }
        let own = self.spec().pointer("/postBuild/substitute").and_then(Json::as_object);
        for (name, value) in own.into_iter().flatten() {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            variables.insert(name.clone(), value.replace('\n', ""));
        }
        let is_name = |name: &str| {
            !name.starts_with(|c: char| c.is_ascii_digit())
                && !name.is_empty()
                && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        };
        match variables.keys().find(|name| !is_name(name)) {
            Some(name) => Err(format!("{name:?} is no name of a variable")),
            None => Ok(variables),
        }
    }

    /// Returns kind and name of what its variables are of, and whether it may be missing; of what is named more than
    /// once, which changes nothing, the last mention counts.
    fn references(&self) -> Vec<(&str, &str, bool)> {
        let from = self.spec().pointer("/postBuild/substituteFrom").and_then(Json::as_array);
        let from = from.map_or(&[][..], Vec::as_slice);
        let mut places: BTreeMap<(&str, &str), (usize, bool)> = BTreeMap::new();
        for (i, reference) in from.iter().enumerate() {
            let text = |key: &str| reference.get(key).and_then(Json::as_str).unwrap_or_default();
            let is_optional = reference.get("optional") == Some(&Json::Bool(true));
            let place = places.entry((text("kind"), text("name"))).or_insert((i, true));
            *place = (i, place.1 && is_optional);
        }
        let mut all: Vec<_> = places.into_iter().collect();
        all.sort_by_key(|(_, (i, _))| *i);
        all.into_iter().map(|((kind, name), (_, optional))| (kind, name, optional)).collect()
    }

    /// Returns the Secrets of the files that its variables are of, as JSON: each as it is, and as its values are put in.
    pub(crate) fn secrets(&self) -> Vec<String> {
        let mut all = Vec::new();
        for (kind, name, _) in self.references() {
            if let ("Secret", Ok(Ok((secret, _)))) = (kind, self.find(kind, name)) {
                let mut values = BTreeMap::new();
                let free = data(secret, &mut values, &|_| Ok(()));
                let put_in = json!({
                    "apiVersion": "v1",
                    "kind": "Secret",
                    "metadata": {"name": name},
                    "stringData": values,
                });
                all.extend(
                    free.map(|()| [secret.to_string(), put_in.to_string()]).into_iter().flatten(),
                );
            }
        }
        all
    }

    /// Says which of its variables may be those of another cluster.
    pub(crate) fn doubts(&self) -> Vec<String> {
        let doubt = |(kind, name, _): (&str, &str, bool)| {
            let (_, file) = self.find(kind, name).ok()?.ok()?;
            Some(format!(
                "its variables are taken from the {kind} {name} in {}, which may be for another cluster: Kustomizations of \
                 one name lie on both sides",
                file?.display()
            ))
        };
        self.references().into_iter().filter_map(doubt).collect()
    }

    /// Returns `true` if a Secret of the files has some of its variables.
    pub(crate) fn has_secrets(&self) -> bool {
        let is_there =
            |(kind, name, _)| kind == "Secret" && matches!(self.find(kind, name), Ok(Ok(_)));
        self.references().into_iter().any(is_there)
    }

    /// Returns an object of the files; if there is none, what is to say of one for another cluster.
    ///
    /// # Errors
    /// If nobody knows which of two it is.
    fn find(&self, kind: &str, name: &str) -> Result<Result<Taken<'_>, String>, String> {
        let namespace = self.object.pointer("/metadata/namespace").and_then(Json::as_str);
        match self.values.find(&self.file, [kind, namespace.unwrap_or_default(), name]) {
            Found::Object(object, doubt) => Ok(Ok((object, doubt))),
            Found::Nothing(None) => Ok(Err(String::new())),
            Found::Nothing(Some(file)) => Ok(Err(format!(
                " (that in {} may be for another cluster, which has a Kustomization of the same name there: name the files of one \
                 cluster only)",
                file.display()
            ))),
            Found::Several([one, other]) => Err(format!(
                "its variables are in the {kind} {name}, which is in {} and in {}: name the files of one cluster only",
                one.display(),
                other.display()
            )),
        }
    }
}

/// An object of the files, and its own if that may be for another cluster.
type Taken<'v> = (&'v Json, Option<&'v Path>);

/// Adds the variables of a ConfigMap or Secret.
///
/// # Errors
/// If they cannot be paid for.
fn data(
    object: &Json,
    variables: &mut BTreeMap<String, String>,
    pay: &impl Fn(u64) -> Result<(), String>,
) -> Result<(), String> {
    let is_secret = object.get("kind").and_then(Json::as_str) == Some("Secret");
    for field in ["data", "stringData"] {
        for (key, value) in object.get(field).and_then(Json::as_object).into_iter().flatten() {
            let text = value.as_str().unwrap_or_default();
            pay((key.len() + text.len()) as u64)?;
            let plain = match STANDARD.decode(text) {
                Ok(bytes) if is_secret && field == "data" => {
                    String::from_utf8_lossy(&bytes).into_owned()
                }
                _ => text.to_owned(),
            };
            variables.insert(key.clone(), plain.replace('\n', ""));
        }
    }
    Ok(())
}
