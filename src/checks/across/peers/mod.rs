//! Selectors of Pods of other workloads, which any root may have: the peers of NetworkPolicies, and what Pods are to be
//! kept away from.
//!
//! What they select may well be in another build, so that all roots must have been looked at.

mod affinity;
mod pods;
mod policies;

use pods::Pods;

use super::roots::{Root, Suspect};
use crate::checks::workloads::pods::may_make_pods;
use crate::diagnostics::Warning;
use crate::resource::Resource;
use crate::work;

const POLICY: &str = "NetworkPolicy";

/// Looks at all roots.
pub(super) fn check<'a>(roots: &'a [Root<'a>], suspects: &mut Vec<Suspect<'a>>) {
    let is_one = |kind: &str| kind == POLICY || may_make_pods(kind);
    let all = || roots.iter().flat_map(|root| root.of_kinds(is_one).map(move |by| (root, by)));
    if !all().any(|(_, by)| is_policy(by) || affinity::has_affinity(by)) {
        return;
    }
    let pods = Pods::new(roots);
    let mut look = |find: &dyn Fn(&Root<'_>, &Resource, &mut Vec<Warning>)| {
        for (root, by) in all() {
            work::check();
            let mut found = Vec::new();
            find(root, by, &mut found);
            suspects.extend(found.into_iter().map(|warning| Suspect {
                root: root.number,
                warning,
                missing: None,
            }));
        }
    };
    look(&|_, by, found| {
        if is_policy(by) {
            policies::near(&pods, by, found);
        } else if roots.len() > 1 {
            affinity::check(&pods, by, found);
        }
    });
    // Of the same place the first says more.
    look(&|root, by, found| {
        if is_policy(by) {
            policies::without_pods(&pods, (root, by), found);
        }
    });
}

fn is_policy(by: &Resource) -> bool {
    by.kind() == POLICY
}
