//! Finding an object by what people call it.

use super::{Object, Trace};
use crate::diagnostics::hints::{EXPLAIN_NO_OBJECT, EXPLAIN_OBJECT_FORM, EXPLAIN_SEVERAL_OBJECTS};
use crate::diagnostics::{Error, ErrorKind, Result};
use crate::yaml::nearest;

/// Short names of kinds, as kubectl knows them.
const SHORT: [(&str, &str); 26] = [
    ("cm", "ConfigMap"),
    ("crd", "CustomResourceDefinition"),
    ("cj", "CronJob"),
    ("csr", "CertificateSigningRequest"),
    ("deploy", "Deployment"),
    ("ds", "DaemonSet"),
    ("ep", "Endpoints"),
    ("es", "ExternalSecret"),
    ("ev", "Event"),
    ("hpa", "HorizontalPodAutoscaler"),
    ("ing", "Ingress"),
    ("limits", "LimitRange"),
    ("netpol", "NetworkPolicy"),
    ("no", "Node"),
    ("ns", "Namespace"),
    ("pc", "PriorityClass"),
    ("pdb", "PodDisruptionBudget"),
    ("po", "Pod"),
    ("pv", "PersistentVolume"),
    ("pvc", "PersistentVolumeClaim"),
    ("quota", "ResourceQuota"),
    ("rs", "ReplicaSet"),
    ("sa", "ServiceAccount"),
    ("sc", "StorageClass"),
    ("sts", "StatefulSet"),
    ("svc", "Service"),
];

impl Trace {
    /// Returns the object that a text such as `deployment/payments-api` means: a kind in any case, its
    /// plural or short name, and a name that the object has or had.
    ///
    /// # Errors
    /// If there is none, or several in different namespaces (or of different groups) and no namespace
    /// was given.
    pub fn object(&self, name: &str, namespace: Option<&str>) -> Result<Object<'_>> {
        let refuse = |message: String| Error::new(ErrorKind::Option, message);
        let Some((kind, name)) = name.split_once('/') else {
            return Err(
                refuse(format!("`{name}` does not name an object")).hint(&EXPLAIN_OBJECT_FORM)
            );
        };
        let of_kind: Vec<Object> = self.objects().filter(|o| is_kind(kind, o.kind())).collect();
        let in_namespace = |o: &Object| namespace.is_none_or(|wanted| o.namespace() == wanted);
        let all = of_kind.iter().filter(|o| in_namespace(o));
        // A present name goes before a former one, and what is there before what was removed.
        let by = |matches: &dyn Fn(&Object) -> bool| -> Vec<Object> {
            all.clone().filter(|o| matches(o)).copied().collect()
        };
        let now = |o: &Object| o.name() == name;
        let ever = |o: &Object| o.names().contains(&name);
        let there = |o: &Object| o.resource().is_some();
        let ways: [&dyn Fn(&Object) -> bool; 4] =
            [&|o| there(o) && now(o), &|o| there(o) && ever(o), &now, &ever];
        let found = ways.into_iter().map(by).find(|found| !found.is_empty()).unwrap_or_default();
        match found.as_slice() {
            [only] => Ok(*only),
            [] => Err(self.missing(kind, name, namespace, &of_kind)),
            several => {
                let list: Vec<String> = several.iter().map(with_namespace).collect();
                Err(refuse(format!("{kind}/{name} may be {}", list.join(" or ")))
                    .hint(&EXPLAIN_SEVERAL_OBJECTS))
            }
        }
    }

    fn missing(
        &self,
        kind: &str,
        name: &str,
        namespace: Option<&str>,
        of_kind: &[Object],
    ) -> Error {
        let place = namespace.map(|n| format!(" in namespace {n}")).unwrap_or_default();
        let error = Error::new(ErrorKind::Option, format!("no object {kind}/{name}{place}"));
        if of_kind.is_empty() {
            let mut kinds: Vec<&str> = self.objects().map(|o| o.kind()).collect();
            kinds.sort_unstable();
            kinds.dedup();
            let near = kinds.iter().find(|k| k.eq_ignore_ascii_case(kind)).copied();
            return error.hint(EXPLAIN_NO_OBJECT.with(
                match near.or_else(|| nearest(kinds.iter().copied(), kind)) {
                    Some(near) => format!("did you mean the kind `{near}`?"),
                    None => format!("the build has the kinds {}", kinds.join(", ")),
                },
            ));
        }
        if let Some(elsewhere) = of_kind.iter().find(|o| o.names().contains(&name)) {
            return error
                .hint(EXPLAIN_NO_OBJECT.with(format!("there is {}", with_namespace(elsewhere))));
        }
        let names = || of_kind.iter().map(Object::name);
        error.hint(EXPLAIN_NO_OBJECT.with(match nearest(names(), name) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the build has {}", names().collect::<Vec<_>>().join(", ")),
        }))
    }
}

fn with_namespace(object: &Object) -> String {
    match object.namespace() {
        "" => format!("{object} without a namespace"),
        namespace => format!("{object} in namespace {namespace}"),
    }
}

/// Returns `true` if `said` means a kind: in any case, as its plural, its short name, or with its group.
fn is_kind(said: &str, kind: &str) -> bool {
    let said = said.split('.').next().unwrap_or(said);
    if said.eq_ignore_ascii_case(kind) {
        return true;
    }
    if SHORT.iter().any(|(short, long)| short.eq_ignore_ascii_case(said) && *long == kind) {
        return true;
    }
    let (said, kind) = (said.to_ascii_lowercase(), kind.to_ascii_lowercase());
    said == format!("{kind}s")
        || said == format!("{kind}es")
        || kind.strip_suffix('y').is_some_and(|stem| said == format!("{stem}ies"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_have_many_names() {
        for (said, kind) in [
            ("deployment", "Deployment"),
            ("Deployments", "Deployment"),
            ("deploy", "Deployment"),
            ("deployment.apps", "Deployment"),
            ("ingresses", "Ingress"),
            ("networkpolicies", "NetworkPolicy"),
        ] {
            assert!(is_kind(said, kind), "{said}");
        }
        assert!(!is_kind("deploymen", "Deployment"));
    }
}
