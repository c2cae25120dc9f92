//! Applications that share a name: Argo CD keeps one, and generates none that its ApplicationSet would not own.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::application::{Application, key_of_set, remark};
use crate::clusters;
use crate::problem::{Problem, Severity, few};

/// The Applications that Argo CD does not make, by namespace and name.
#[derive(Debug, Default)]
pub(crate) struct Refusals(BTreeMap<(String, String), Vec<Refusal>>);

/// Why Argo CD makes none of the Applications of a name that a file has, or that go to a cluster.
#[derive(Debug)]
struct Refusal {
    place: Place<PathBuf, String>,
    problem: Problem,
}

/// What Applications have in common that are certainly for one Argo CD: their file, or a cluster that is not the one
/// that it runs in. Each cluster may have an Argo CD of its own, and files of its own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place<F, C> {
    File(F),
    Cluster(C),
}

impl Refusals {
    /// Finds the names that several of some Applications have, and tells each once: an error where Argo CD certainly
    /// refuses them, else a warning.
    pub(crate) fn of(applications: &[Application]) -> (Refusals, Vec<Problem>) {
        let mut names: BTreeMap<(bool, &str, &str), Vec<&Application>> = BTreeMap::new();
        for application in applications {
            let key = (application.is_flux(), application.namespace(), application.name());
            names.entry(key).or_default().push(application);
        }
        let (mut refusals, mut problems) = (Refusals::default(), Vec::new());
        for ((is_flux, namespace, name), all) in names.into_iter().filter(|(_, all)| all.len() > 1)
        {
            let found = if is_flux { Vec::new() } else { refused(&all) };
            match found.first() {
                Some(refusal) => problems.push(refusal.problem.clone()),
                None => problems.extend(doubt(&all)),
            }
            refusals.0.entry((namespace.to_owned(), name.to_owned())).or_default().extend(found);
        }
        (refusals, problems)
    }

    /// Returns why Argo CD does not make an Application, of these or as it is in another revision.
    pub(crate) fn why(&self, application: &Application) -> Option<&Problem> {
        if application.is_flux() || self.0.is_empty() {
            return None;
        }
        let key = (application.namespace().to_owned(), application.name().to_owned());
        let is_there = |refusal: &&Refusal| match &refusal.place {
            Place::File(file) => *file == application.origin().file,
            Place::Cluster(cluster) => cluster == application.cluster(),
        };
        self.0.get(&key)?.iter().find(is_there).map(|refusal| &refusal.problem)
    }
}

/// Returns the places where Applications of one name are certainly for one Argo CD, and an ApplicationSet makes one.
fn refused(all: &[&Application]) -> Vec<Refusal> {
    let mut places: BTreeMap<Place<&Path, &str>, Vec<&Application>> = BTreeMap::new();
    for application in all {
        let file = Place::File(application.origin().file.as_path());
        let cluster = Some(application.cluster()).filter(|name| !name.is_empty());
        let cluster = cluster.filter(|_| !clusters::is_own(application)).map(Place::Cluster);
        for place in [Some(file), cluster].into_iter().flatten() {
            places.entry(place).or_default().push(application);
        }
    }
    let refusal = |(place, all): (Place<&Path, &str>, Vec<&Application>)| {
        let place = match place {
            Place::File(file) => Place::File(file.to_path_buf()),
            Place::Cluster(cluster) => Place::Cluster(cluster.to_owned()),
        };
        Some(Refusal { place, problem: problem(&all)? })
    };
    places.into_iter().filter_map(refusal).collect()
}

/// Says why Argo CD makes none of some Applications of one name, if one of them is of an ApplicationSet.
fn problem(all: &[&Application]) -> Option<Problem> {
    let [first, _, ..] = all else { return None };
    let sets: BTreeSet<_> =
        all.iter().map(|application| application.set().map(key_of_set)).collect();
    let names = sets.iter().map(|set| match set {
        Some([name, _]) => format!("ApplicationSet {name}"),
        None => "a file".to_owned(),
    });
    let names: Vec<String> = names.collect();
    let files: BTreeSet<&Path> = all.iter().map(|one| one.origin().file.as_path()).collect();
    let (message, hint) = match (names.as_slice(), sets.first()) {
        // Sets of one name in two files are two, or one that is there twice.
        ([_], Some(Some(_))) if files.len() > 1 => {
            let files: Vec<String> =
                files.iter().map(|file| format!("{} of {}", names[0], file.display())).collect();
            (
                format!("several make it, and Argo CD has one of a name: {}", few(&files)),
                "give each a name of its own, or its set another cluster to go to",
            )
        }
        ([_], Some(Some(_))) => (
            format!(
                "{} makes {} of this name, and Argo CD takes none of them",
                names[0],
                all.len()
            ),
            "put what they differ in into the name",
        ),
        ([_], _) => return None,
        _ => (
            format!("several make it, and Argo CD has one of a name: {}", few(&names)),
            "give each a name of its own",
        ),
    };
    let problem = remark("duplicate-application", message, first).hint(hint);
    Some(Problem { severity: Severity::Error, ..problem })
}

/// Returns a warning if Applications of one name may be for one Argo CD.
fn doubt(all: &[&Application]) -> Option<Problem> {
    let (mut folders, mut named) = (BTreeSet::new(), BTreeSet::new());
    let again = all.iter().find_map(|&application| {
        let is_own = application.cluster().is_empty() || clusters::is_own(application);
        let is_new = folders.insert(application.origin().file.parent())
            && (is_own || named.insert(application.cluster()));
        (!is_new).then_some(application)
    })?;
    let kind = if again.is_flux() { "Kustomization" } else { "Application" };
    let message = format!("more than one {kind} has this name");
    Some(remark("duplicate-application", message, again))
}
