//! An Application of Argo CD, or a Kustomization of Flux as one.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Map, Value as Json, json};

use crate::document::{self, Document};
use crate::flux::Flux;
use crate::problem::{Problem, shortened};

/// How much is told of a name, of which there may be as many as there are Applications.
const LONGEST_TITLE: usize = 300;

/// How long a remark is.
const LONGEST_MESSAGE: usize = 1000;

/// Where an Application was written down.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Origin {
    /// The file; that of the kustomization if it comes out of a build.
    pub file: PathBuf,
    /// The line where it, or its ApplicationSet, begins; from 1. None if it comes out of a build.
    pub line: Option<usize>,
    /// The ApplicationSet that makes it; none if it stands for itself.
    pub set: Option<String>,
    /// What the build has made it of, if it comes out of one.
    pub(crate) built: Option<Spot>,
}

/// A file and a line of it, if that is known.
pub(crate) type Spot = (PathBuf, Option<usize>);

impl Origin {
    /// Returns the file and the line where it, or its ApplicationSet, is written: if it comes out of a build, where
    /// that has it from, as far as that is known.
    pub fn place(&self) -> (&Path, Option<usize>) {
        match &self.built {
            Some((file, line)) => (file, *line),
            None => (&self.file, self.line),
        }
    }

    /// Returns `true` if it comes out of the build of a kustomization.
    pub fn is_built(&self) -> bool {
        self.built.is_some()
    }
}

/// An Application, as an ApplicationSet makes it or as somebody wrote it.
#[derive(Clone, Debug, PartialEq)]
pub struct Application {
    object: Json,
    origin: Origin,
    flux: Option<Flux>,
    set: Option<Arc<Json>>,
    written: Option<Written>,
}

/// Where the fields of an Application are written down: in itself, or in the template of its ApplicationSet.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    document: Arc<Document>,
    /// The path to the Application or the template in the document.
    path: String,
}

impl Written {
    /// Returns where the fields of what a path of a document leads to are.
    pub(crate) fn new(document: &Arc<Document>, path: String) -> Written {
        Written { document: Arc::clone(document), path }
    }
}

/// Where something is written down is no part of what it is.
impl PartialEq for Written {
    fn eq(&self, _: &Written) -> bool {
        true
    }
}

impl Application {
    pub(crate) fn new(object: Json, origin: Origin) -> Application {
        Application { object, origin, flux: None, set: None, written: None }
    }

    /// Returns what a `Kustomization` of Flux is as an Application.
    pub(crate) fn of_flux(flux: Flux, origin: Origin) -> Application {
        let object = flux.application();
        Application { object, origin, flux: Some(flux), set: None, written: None }
    }

    /// Says where its fields are written down.
    pub(crate) fn written(self, written: Written) -> Application {
        Application { written: Some(written), ..self }
    }

    /// Returns the line of a field, such as `spec.syncPolicy.automated`, or of what it is missing in.
    fn line_of(&self, field: &str) -> Option<usize> {
        let line = self.origin.place().1;
        let Some(Written { document, path }) = &self.written else { return line };
        document::line(document, &format!("{path}.{field}")).or(line)
    }

    /// Says which ApplicationSet makes it.
    pub(crate) fn made_by(mut self, set: &Arc<Json>) -> Application {
        self.set = Some(Arc::clone(set));
        self
    }

    /// Returns the ApplicationSet that makes it; none if it stands for itself.
    pub(crate) fn set(&self) -> Option<&Json> {
        self.set.as_deref()
    }

    /// Returns `true` if it belongs to an ApplicationSet that does not make it as it is `after`.
    pub(crate) fn leaves_its_set(&self, after: &Application) -> bool {
        self.set().is_some_and(|set| after.set().map(key_of_set) != Some(key_of_set(set)))
    }

    /// Returns `true` for a `Kustomization` of Flux.
    pub fn is_flux(&self) -> bool {
        self.flux.is_some()
    }

    /// Returns the Secrets of which values are put into the objects after the build, as YAML: what the objects show of
    /// them is as secret as they are. Only Flux does that.
    pub fn substituted_secrets(&self) -> Vec<String> {
        self.flux().map(Flux::secrets).unwrap_or_default()
    }

    /// Returns what it is of Flux, if it is.
    pub(crate) fn flux(&self) -> Option<&Flux> {
        self.flux.as_ref()
    }

    /// Returns kind and name, for people.
    pub fn title(&self) -> String {
        let kind = if self.flux.is_some() { "Kustomization" } else { "Application" };
        format!("{kind} {}", shortened(self.name(), LONGEST_TITLE))
    }

    /// Returns the whole object.
    pub fn object(&self) -> &Json {
        &self.object
    }

    /// Returns where it was written down.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Returns what a JSON pointer leads to, if that is a text; it goes through objects only, and has no escapes.
    pub(crate) fn text(&self, pointer: &str) -> &str {
        // As `Value::pointer`, without a copy of each name.
        let found = pointer.split('/').skip(1).try_fold(&self.object, |value, key| value.get(key));
        found.and_then(Json::as_str).unwrap_or_default()
    }

    /// Returns an annotation of the Application itself; empty if it has none of that name.
    pub(crate) fn annotation(&self, key: &str) -> &str {
        let annotations = self.object.pointer("/metadata/annotations");
        annotations.and_then(|all| all.get(key)?.as_str()).unwrap_or_default()
    }

    /// Returns the name.
    pub fn name(&self) -> &str {
        self.text("/metadata/name")
    }

    /// Returns the namespace of the Application itself; often empty.
    pub fn namespace(&self) -> &str {
        self.text("/metadata/namespace")
    }

    /// Returns the AppProject it belongs to.
    pub fn project(&self) -> &str {
        self.text("/spec/project")
    }

    /// Returns the address of the cluster it goes to; empty if it is given by name.
    pub fn server(&self) -> &str {
        self.text("/spec/destination/server")
    }

    /// Returns the name of the cluster it goes to; empty if it is given by address.
    pub fn cluster_name(&self) -> &str {
        self.text("/spec/destination/name")
    }

    /// Returns the cluster it goes to, by name or else by address.
    pub fn cluster(&self) -> &str {
        if self.cluster_name().is_empty() { self.server() } else { self.cluster_name() }
    }

    /// Returns the namespace it goes to.
    pub fn destination_namespace(&self) -> &str {
        self.text("/spec/destination/namespace")
    }

    /// Returns `true` if what it no longer has is deleted by itself, whoever applies it.
    pub fn prunes(&self) -> bool {
        let automated = self.object.pointer("/spec/syncPolicy/automated");
        automated.is_some_and(|automated| {
            automated.get("prune") == Some(&Json::Bool(true))
                && automated.get("enabled") != Some(&Json::Bool(false))
        })
    }

    /// Returns where its manifests come from: `spec.sources`, or else `spec.source`. Of an Application with a
    /// `sourceHydrator` it is what manifests are made of, the `drySource`.
    pub fn sources(&self) -> Vec<&Json> {
        if let Some(hydrator) = self.hydrator() {
            return hydrator.get("drySource").into_iter().collect();
        }
        match self.object.pointer("/spec/sources").and_then(Json::as_array) {
            Some(sources) if !sources.is_empty() => sources.iter().collect(),
            _ => self
                .object
                .pointer("/spec/source")
                .filter(|own| own.is_object())
                .into_iter()
                .collect(),
        }
    }

    /// Returns the field that the source of this number is in.
    pub(crate) fn field_of_source(&self, number: usize) -> String {
        let several = self.object.pointer("/spec/sources").and_then(Json::as_array);
        match several.is_some_and(|sources| !sources.is_empty()) {
            _ if self.hydrator().is_some() => "spec.sourceHydrator.drySource".to_owned(),
            true => format!("spec.sources.{number}"),
            false => "spec.source".to_owned(),
        }
    }

    /// Returns what writes its manifests into a branch, from which Argo CD syncs, if it has that.
    pub(crate) fn hydrator(&self) -> Option<&Json> {
        self.object.pointer("/spec/sourceHydrator").filter(|hydrator| hydrator.is_object())
    }

    /// Returns what matters of it: one flat object, as `kustom apps --format json` prints it.
    pub fn summary(&self) -> Json {
        let map = |pointer: &str| match self.object.pointer(pointer) {
            Some(map @ Json::Object(_)) => map.clone(),
            _ => Json::Object(Map::new()),
        };
        json!({
            "kind": if self.flux.is_some() { "Kustomization" } else { "Application" },
            "name": self.name(),
            "project": self.project(),
            "server": self.server(),
            "destinationName": self.cluster_name(),
            "namespace": self.destination_namespace(),
            "sources": self.sources(),
            "labels": map("/metadata/labels"),
            "annotations": map("/metadata/annotations"),
            "syncPolicy": map("/spec/syncPolicy"),
            "applicationSet": self.origin.set,
            "file": self.origin.place().0,
            "line": self.origin.place().1,
        })
    }
}

/// Returns what an ApplicationSet is known by in the cluster: its name and namespace.
pub(crate) fn key_of_set(set: &Json) -> [&str; 2] {
    ["/metadata/name", "/metadata/namespace"]
        .map(|pointer| set.pointer(pointer).and_then(Json::as_str).unwrap_or_default())
}

/// Returns a warning about an Application.
pub(crate) fn remark(
    code: &'static str,
    message: impl Into<String>,
    application: &Application,
) -> Problem {
    let (file, line) = application.origin().place();
    told(code, message, application).at(file, line)
}

/// Returns a warning about a field of an Application, such as `spec.destination`.
pub(crate) fn remark_on(
    field: &str,
    code: &'static str,
    message: impl Into<String>,
    application: &Application,
) -> Problem {
    let (file, _) = application.origin().place();
    told(code, message, application).at(file, application.line_of(field))
}

fn told(code: &'static str, message: impl Into<String>, application: &Application) -> Problem {
    let message = message.into();
    Problem::warning(code, shortened(&message, LONGEST_MESSAGE)).about(application.title())
}
