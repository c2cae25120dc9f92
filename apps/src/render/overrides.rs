//! `source.kustomize`: what Argo CD writes into the kustomization before it builds.
//!
//! Argo CD calls `kustomize edit` once for each of these fields, in this order, but for patches, which it
//! appends itself. So each is a command of [`kustom::edit`] here, on the kustomization in memory.

use serde_json::Value as Json;

use kustom::edit::{Edit, ImageArg, LabelPlace, List, PairField};

use super::environment::{Environment, expand};

/// Changes a kustomization as the overrides of an Application say.
pub(super) fn apply(
    edit: &mut Edit,
    overrides: &Json,
    environment: &Environment,
    exists: &dyn Fn(&str) -> bool,
) -> Result<(), Fault> {
    let own = Overrides(overrides);
    if let Some(prefix) = own.text("namePrefix") {
        edit.set_name_prefix(prefix);
    }
    if let Some(suffix) = own.text("nameSuffix") {
        edit.set_name_suffix(suffix);
    }
    own.images(edit, environment)?;
    own.replicas(edit)?;
    own.labels(edit, environment)?;
    own.annotations(edit, environment)?;
    if let Some(namespace) = own.text("namespace") {
        edit.set_namespace(namespace);
    }
    for patch in own.list("patches") {
        edit.append_patch(patch);
    }
    own.components(edit, exists)
}

/// What is wrong with an override.
pub(super) enum Fault {
    /// The field of the Application itself.
    Field(String),
    /// The kustomization does not take it.
    Kustomization(String),
}

impl From<String> for Fault {
    fn from(message: String) -> Fault {
        Fault::Field(message)
    }
}

impl Fault {
    /// Returns the message, with the place: the Application, or this kustomization.
    pub(super) fn told(self, kustomization: &str) -> String {
        match self {
            Fault::Field(message) => format!("source.kustomize: {message}"),
            Fault::Kustomization(message) => format!("{kustomization}: {message}"),
        }
    }
}

/// The fields of `source.kustomize`, which have their types: [`types`](crate::types) looks at that before.
struct Overrides<'a>(&'a Json);

impl<'a> Overrides<'a> {
    fn text(&self, key: &str) -> Option<&'a str> {
        self.0.get(key).and_then(Json::as_str).filter(|text| !text.is_empty())
    }

    fn is_on(&self, key: &str) -> bool {
        self.0.get(key) == Some(&Json::Bool(true))
    }

    fn list(&self, key: &str) -> &'a [Json] {
        self.0.get(key).and_then(Json::as_array).map_or(&[], Vec::as_slice)
    }

    fn texts(&self, key: &str) -> Vec<&'a str> {
        self.list(key).iter().filter_map(Json::as_str).collect()
    }

    /// Returns the pairs of a field as `KEY:VALUE`.
    fn pairs(&self, key: &str, value: impl Fn(&str) -> String) -> Vec<String> {
        let pairs = self.0.get(key).and_then(Json::as_object).into_iter().flatten();
        pairs.filter_map(|(name, text)| Some(format!("{name}:{}", value(text.as_str()?)))).collect()
    }

    fn images(&self, edit: &mut Edit, environment: &Environment) -> Result<(), Fault> {
        let images = self.texts("images");
        let images = images.iter().map(|image| expand(image, environment).parse());
        let images: Vec<ImageArg> = images
            .collect::<kustom::Result<_>>()
            .map_err(|e| Fault::Field(e.message().to_owned()))?;
        if images.is_empty() { Ok(()) } else { edit.replace_images(&images).map_err(said) }
    }

    fn replicas(&self, edit: &mut Edit) -> Result<(), Fault> {
        let mut args = Vec::new();
        for replica in self.list("replicas") {
            let name = replica.get("name").and_then(Json::as_str).unwrap_or_default();
            // A count may be a text.
            let count = match replica.get("count") {
                Some(Json::String(text)) => text.parse::<i64>().ok(),
                Some(count) => whole(count),
                None => Some(0),
            };
            let count =
                count.ok_or_else(|| format!("the count of the replicas {name} is no number"))?;
            args.push(format!("{name}={count}"));
        }
        if args.is_empty() { Ok(()) } else { edit.set_replicas(&args).map_err(said) }
    }

    fn labels(&self, edit: &mut Edit, environment: &Environment) -> Result<(), Fault> {
        let pairs = self.pairs("commonLabels", |value| expand(value, environment));
        let without_selector = self.is_on("labelWithoutSelector");
        let include_templates = self.is_on("labelIncludeTemplates");
        let force = self.is_on("forceCommonLabels");
        if pairs.is_empty() {
            return Ok(());
        }
        let place = match (without_selector, include_templates) {
            (false, false) => LabelPlace::Common,
            (true, false) => LabelPlace::Metadata,
            (true, true) => LabelPlace::Templates,
            (false, true) => {
                return Err("labelIncludeTemplates works only with labelWithoutSelector: kustomize's \
                            --without-selector flag must be specified for --include-templates to work"
                    .to_owned()
                    .into());
            }
        };
        let added = edit.add_pairs(PairField::Labels, place, &pairs, force);
        added.map_err(|e| present(&e, "forceCommonLabels"))
    }

    fn annotations(&self, edit: &mut Edit, environment: &Environment) -> Result<(), Fault> {
        let expands = self.is_on("commonAnnotationsEnvsubst");
        let pairs = self.pairs("commonAnnotations", |value| match expands {
            true => expand(value, environment),
            false => value.to_owned(),
        });
        let force = self.is_on("forceCommonAnnotations");
        if pairs.is_empty() {
            return Ok(());
        }
        let added = edit.add_pairs(PairField::Annotations, LabelPlace::Common, &pairs, force);
        added.map_err(|e| present(&e, "forceCommonAnnotations"))
    }

    fn components(&self, edit: &mut Edit, exists: &dyn Fn(&str) -> bool) -> Result<(), Fault> {
        let mut components = self.texts("components");
        if self.is_on("ignoreMissingComponents") {
            components.retain(|component| exists(component));
        }
        if components.is_empty() {
            return Ok(());
        }
        edit.add_entries(List::Components, &components)
            .map_err(|e| Fault::Kustomization(format!("components: {}", e.message())))
    }
}

/// Says that a pair is there already, and by which field of the Application it is replaced.
fn present(error: &kustom::Error, field: &str) -> Fault {
    let message = error.message();
    Fault::Kustomization(match message.contains("already in kustomization file") {
        true => format!("{message}; {field} replaces it"),
        false => message.to_owned(),
    })
}

fn said(error: kustom::Error) -> Fault {
    Fault::Kustomization(error.message().to_owned())
}

/// Returns a number that is whole, also where it is spelled as `1e0`: Kubernetes keeps it as 1.
fn whole(number: &Json) -> Option<i64> {
    const MOST: f64 = (1_u64 << 53) as f64;
    let of_float = |value: f64| {
        (value.fract() == 0.0 && value.abs() <= MOST).then(|| format!("{value:.0}").parse().ok())?
    };
    number.as_i64().or_else(|| number.as_f64().and_then(of_float))
}
