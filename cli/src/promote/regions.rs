//! Regions of environments, such as `overlays/dev/{eu,us}`: each is compared with the same one of the other
//! environment.

use std::collections::{BTreeMap, BTreeSet};

use crate::images::Placed;

/// The places of a tree with the regions of two environments taken for parts of apps.
pub(super) struct Regions {
    pub(super) places: Vec<Placed>,
    /// The names that the regions of an app have as apps.
    pub(super) of_apps: BTreeMap<String, BTreeSet<String>>,
    /// What is not compared, by apps, and why.
    pub(super) left_out: Vec<(String, String)>,
}

/// What an app has of an environment.
#[derive(Default)]
struct Found {
    is_plain: bool,
    regions: BTreeSet<String>,
}

impl Found {
    /// Says where the environment is.
    fn said(&self, wanted: &str) -> String {
        let plain = self.is_plain.then(|| wanted.to_owned());
        let regions = self.regions.iter().map(|region| format!("{wanted}/{region}"));
        plain.into_iter().chain(regions).collect::<Vec<_>>().join(", ")
    }
}

impl Regions {
    /// Takes the regions for parts of apps where an environment is no kustomization itself. Apps differ in that, so it
    /// is looked at for each.
    pub(super) fn of(mut places: Vec<Placed>, environments: [&String; 2]) -> Regions {
        let mut apps: BTreeMap<String, [Found; 2]> = BTreeMap::new();
        for placed in &places {
            let found = apps.entry(placed.place.app.clone()).or_default();
            for (found, wanted) in found.iter_mut().zip(environments) {
                found.is_plain |= placed.place.env == *wanted;
                found.regions.extend(region(&placed.place.env, wanted).map(str::to_owned));
            }
        }
        let mut regions =
            Regions { places: Vec::new(), of_apps: BTreeMap::new(), left_out: Vec::new() };
        // Of a name that no environment has in any app the names of those that there are help more.
        let is_known = |i: usize| {
            let has_regions = |found: &Found| !found.is_plain && !found.regions.is_empty();
            apps.values().any(|both| both.get(i).is_some_and(|found| found.is_plain))
                || apps.values().any(|both| both.iter().all(has_regions))
        };
        if !(is_known(0) && is_known(1)) {
            regions.places = places;
            return regions;
        }
        for placed in &mut places {
            let place = &mut placed.place;
            let Some(both) = apps.get(&place.app) else { continue };
            for (_, wanted) in both.iter().zip(environments).filter(|(f, _)| !f.is_plain) {
                if let Some(region) = region(&place.env, wanted) {
                    let name = format!("{}/{region}", place.app);
                    let of_app = regions.of_apps.entry(place.app.clone()).or_default();
                    of_app.insert(name.clone());
                    place.app = name;
                    place.env.clone_from(wanted);
                    break;
                }
            }
        }
        regions.places = places;
        regions.left_out = apps
            .into_iter()
            .filter_map(|(app, [from, to])| {
                let is_there = |found: &Found| found.is_plain || !found.regions.is_empty();
                let has_regions = !from.regions.is_empty() || !to.regions.is_empty();
                let is_plain = from.is_plain || to.is_plain;
                let is_apart = is_plain || from.regions.is_disjoint(&to.regions);
                if !(is_there(&from) && is_there(&to) && is_apart && has_regions) {
                    return None;
                }
                let [one, other] = environments;
                let is_both = from.is_plain && to.is_plain;
                let named = |found: &Found, wanted: &str| match found.is_plain && !is_both {
                    true => wanted.to_owned(),
                    false => format!("{wanted}/REGION"),
                };
                let named = format!("{} {}", named(&from, one), named(&to, other));
                let rest = match is_both {
                    true => "regions are environments of their own there, and are not compared",
                    false => "these are not compared",
                };
                let (from, to) = (from.said(one), to.said(other));
                let said = format!(
                    "{app}: it has {from} and {to}; {rest}, unless they are named, as in `promote {named}`"
                );
                Some((app, said))
            })
            .collect();
        regions
    }
}

/// Returns the region that an environment is of another one.
fn region<'e>(env: &'e str, wanted: &str) -> Option<&'e str> {
    env.strip_prefix(wanted)?.strip_prefix('/')
}
