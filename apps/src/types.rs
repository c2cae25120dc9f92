//! Fields of Applications whose type Argo CD does not accept.

use serde_json::Value as Json;

use crate::application::{Application, remark_on};
use crate::functions::kind;
use crate::problem::{Problem, Severity};

/// What a field may hold; null is what is not there.
enum Type {
    Text,
    /// A text, by which something is known or found.
    Name,
    Flag,
    TextOrNumber,
    /// Anything in a map.
    Object,
    Texts,
    /// Names with texts.
    Pairs,
    /// Some fields; others are not looked at.
    Map(Fields),
    /// Maps with such fields.
    List(Fields),
}

type Fields = &'static [(&'static str, Type)];

use Type::{Flag, List, Map, Name, Object, Pairs, Text, TextOrNumber, Texts};

/// What Argo CD's definition of an Application says of the fields that are read here, but for sources.
const APPLICATION: Fields = &[
    ("metadata", Map(&[("name", Name), ("namespace", Name)])),
    (
        "spec",
        Map(&[
            ("project", Name),
            ("destination", Map(&[("server", Name), ("name", Name), ("namespace", Name)])),
            (
                "syncPolicy",
                Map(&[
                    (
                        "automated",
                        Map(&[
                            ("prune", Flag),
                            ("selfHeal", Flag),
                            ("allowEmpty", Flag),
                            ("enabled", Flag),
                        ]),
                    ),
                    ("syncOptions", Texts),
                ]),
            ),
            // What they hold is looked at for each of them.
            ("source", Map(&[])),
            ("sources", List(&[])),
            (
                "sourceHydrator",
                Map(&[
                    ("drySource", Map(&[])),
                    (
                        "syncSource",
                        Map(&[("repoURL", Text), ("targetBranch", Text), ("path", Text)]),
                    ),
                    ("hydrateTo", Map(&[("targetBranch", Text)])),
                ]),
            ),
        ]),
    ),
];

/// The same of a source.
const SOURCE: Fields = &[
    ("repoURL", Name),
    ("path", Name),
    ("targetRevision", Name),
    ("chart", Name),
    ("ref", Name),
    ("kustomize", Map(KUSTOMIZE)),
    ("helm", Map(HELM)),
    ("directory", Map(DIRECTORY)),
    ("plugin", Object),
];

const KUSTOMIZE: Fields = &[
    ("namePrefix", Text),
    ("nameSuffix", Text),
    ("namespace", Text),
    ("images", Texts),
    ("replicas", List(&[("name", Text), ("count", TextOrNumber)])),
    ("commonLabels", Pairs),
    ("commonAnnotations", Pairs),
    ("commonAnnotationsEnvsubst", Flag),
    ("forceCommonLabels", Flag),
    ("forceCommonAnnotations", Flag),
    ("labelWithoutSelector", Flag),
    ("labelIncludeTemplates", Flag),
    ("patches", List(&[("patch", Text), ("path", Text), ("target", Object), ("options", Object)])),
    ("components", Texts),
    ("ignoreMissingComponents", Flag),
    ("version", Text),
    ("kubeVersion", Text),
    ("apiVersions", Texts),
];

const HELM: Fields = &[
    ("releaseName", Text),
    ("namespace", Text),
    ("valueFiles", Texts),
    ("ignoreMissingValueFiles", Flag),
    ("values", Text),
    ("valuesObject", Object),
    ("parameters", List(&[("name", Text), ("value", Text), ("forceString", Flag)])),
    ("fileParameters", List(&[("name", Text), ("path", Text)])),
    ("skipCrds", Flag),
    ("skipTests", Flag),
    ("skipSchemaValidation", Flag),
    ("passCredentials", Flag),
    ("version", Text),
    ("kubeVersion", Text),
    ("apiVersions", Texts),
];

const DIRECTORY: Fields = &[
    ("recurse", Flag),
    ("include", Text),
    ("exclude", Text),
    ("disableExtensionFilter", Flag),
    ("jsonnet", Object),
];

/// What Flux's definition of a Kustomization says of the fields that are read here.
const FLUX: Fields = &[
    ("metadata", Map(&[("name", Name), ("namespace", Name)])),
    (
        "spec",
        Map(&[
            ("path", Text),
            ("sourceRef", Map(&[("kind", Text), ("name", Name), ("namespace", Name)])),
            ("kubeConfig", Map(&[("secretRef", Map(&[("name", Name)]))])),
            ("prune", Flag),
            ("suspend", Flag),
            ("targetNamespace", Text),
            ("namePrefix", Text),
            ("nameSuffix", Text),
            // What is no text in an image is told where it is put in.
            ("images", List(&[])),
            ("patches", List(&[("patch", Text), ("target", Object)])),
            ("patchesStrategicMerge", List(&[])),
            ("patchesJson6902", List(&[("target", Object)])),
            ("components", Texts),
            ("ignoreMissingComponents", Flag),
            ("buildMetadata", Texts),
            ("commonMetadata", Map(&[("labels", Pairs), ("annotations", Pairs)])),
            (
                "postBuild",
                Map(&[
                    ("substitute", Pairs),
                    ("substituteFrom", List(&[("kind", Text), ("name", Text), ("optional", Flag)])),
                    ("substituteStrategy", Text),
                ]),
            ),
        ]),
    ),
];

/// A field of the wrong type.
struct Wrong {
    /// Where it is, and what it is called.
    field: String,
    message: String,
    remedy: Remedy,
    /// Whether only how something is called is not certain.
    is_name: bool,
}

/// What to do about a field.
enum Remedy {
    /// To make a text of it.
    Quotes,
    /// To make something else than a text of it.
    NoText,
    None,
}

/// Finds what is of another type than the field: Kubernetes refuses the whole object.
///
/// A name that is a number, or true or false, is a warning, since all else of it can be shown.
pub(crate) fn check(application: &Application) -> Vec<Problem> {
    let mut found = of_object(application);
    if application.is_flux() {
        return found;
    }
    for (i, source) in application.sources().into_iter().enumerate() {
        found.extend(of_source(application, i, source));
    }
    found
}

/// Returns what is wrong with an object outside of its sources: also that it has none.
fn of_object(application: &Application) -> Vec<Problem> {
    let mut found = Vec::new();
    let (object, known) = match application.flux() {
        Some(flux) => (flux.object(), FLUX),
        None => (application.object(), APPLICATION),
    };
    fields(object, known, ("", ""), &mut found);
    let mut found: Vec<Problem> = found.into_iter().map(|one| told(one, application)).collect();
    let has_errors = found.iter().any(|problem| problem.severity == Severity::Error);
    let lacks = match application.flux() {
        Some(flux) => flux.spec().is_null().then_some("has no spec"),
        None => application.sources().is_empty().then_some("has no source"),
    };
    if let Some(lacks) = lacks.filter(|_| !has_errors) {
        let mut problem = remark_on("spec", "no-source", lacks, application);
        problem.severity = Severity::Error;
        found.push(problem);
    }
    found
}

/// Returns the errors of [`check`] for which nothing of an object can be rendered: what is wrong with a Kustomization of
/// Flux, or with what an Application has in the place of its sources.
pub(crate) fn errors_of_object(application: &Application) -> Vec<Problem> {
    let are_there = !application.is_flux()
        && !application.sources().is_empty()
        && application.sources().iter().all(|source| source.is_object());
    if are_there {
        return Vec::new();
    }
    let mut found = of_object(application);
    found.retain(|problem| problem.severity == Severity::Error);
    found
}

/// Returns the errors of [`check`] about a source, for which it cannot be rendered.
pub(crate) fn errors_of(application: &Application, number: usize, source: &Json) -> Vec<Problem> {
    let mut found = of_source(application, number, source);
    found.retain(|problem| problem.severity == Severity::Error);
    found
}

fn of_source(application: &Application, number: usize, source: &Json) -> Vec<Problem> {
    let mut found = Vec::new();
    let field = application.field_of_source(number);
    fields(source, SOURCE, (&field, "source"), &mut found);
    found.into_iter().map(|one| told(one, application)).collect()
}

fn told(wrong: Wrong, application: &Application) -> Problem {
    let code = if wrong.is_name { "not-a-text" } else { "wrong-type" };
    let hint = match wrong.remedy {
        Remedy::Quotes => "put quotes around it: Kubernetes refuses the object as it is",
        Remedy::NoText if application.set().is_some() => {
            "Kubernetes refuses the object as it is; a templatePatch can make it anything but a text"
        }
        Remedy::NoText | Remedy::None => "Kubernetes refuses the object as it is",
    };
    let mut problem = remark_on(&wrong.field, code, wrong.message, application).hint(hint);
    if !wrong.is_name {
        problem.severity = Severity::Error;
    }
    problem
}

/// Looks at the fields of a map; `field` says where it is, and `name` what it is called.
fn fields(own: &Json, known: Fields, (field, name): (&str, &str), found: &mut Vec<Wrong>) {
    let below = |above: &str, key: &str| match above {
        "" => key.to_owned(),
        above => format!("{above}.{key}"),
    };
    for (key, wanted) in known {
        if let Some(value) = own.get(*key) {
            look(value, wanted, (&below(field, key), &below(name, key)), found);
        }
    }
}

fn look(value: &Json, wanted: &Type, (field, name): (&str, &str), found: &mut Vec<Wrong>) {
    let mut wrong = |what: &str, is_name: bool| {
        found.push(Wrong {
            field: field.to_owned(),
            message: format!("{name} is {}, not {what}", shown(value, wanted)),
            remedy: remedy(value, wanted),
            is_name,
        });
    };
    match (wanted, value) {
        (_, Json::Null)
        | (Text | Name, Json::String(_))
        | (Flag, Json::Bool(_))
        | (TextOrNumber, Json::String(_) | Json::Number(_))
        | (Object, Json::Object(_)) => {}
        (Map(known), Json::Object(_)) => fields(value, known, (field, name), found),
        (Texts | List(_), Json::Array(items)) => {
            let of_item = match wanted {
                List(known) => Map(known),
                _ => Text,
            };
            for (i, item) in items.iter().enumerate() {
                let (field, name) = (format!("{field}.{i}"), format!("{name}[{i}]"));
                look(item, &of_item, (&field, &name), found);
            }
        }
        (Pairs, Json::Object(pairs)) => {
            for (key, value) in pairs {
                let (field, name) = (format!("{field}.{key}"), format!("{name}.{key}"));
                look(value, &Text, (&field, &name), found);
            }
        }
        (Name, Json::Bool(_)) => {
            wrong("a text: so YAML 1.1 reads y, n, yes, no, on and off", true);
        }
        (Name, Json::Number(_)) => wrong("a text", true),
        (Name | Text, _) => wrong("a text", false),
        (Flag, _) => wrong("true or false", false),
        (TextOrNumber, _) => wrong("a number", false),
        (Texts | List(_), _) => wrong("a list", false),
        (Object | Pairs | Map(_), _) => wrong("a map", false),
    }
}

/// Returns what a value is, for people.
fn shown(value: &Json, wanted: &Type) -> String {
    let is_short = !matches!(value, Json::Array(_) | Json::Object(_));
    match wanted {
        Text | Name | Flag | TextOrNumber if is_short => value.to_string(),
        _ => kind(value).to_owned(),
    }
}

fn remedy(value: &Json, wanted: &Type) -> Remedy {
    match (wanted, value) {
        (Text | Name, Json::Bool(_) | Json::Number(_)) => Remedy::Quotes,
        (Flag | TextOrNumber | Texts | Object | Pairs | Map(_) | List(_), Json::String(_)) => {
            Remedy::NoText
        }
        _ => Remedy::None,
    }
}
