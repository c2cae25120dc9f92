//! Folds warnings that are one finding to people: one mistake in many places.

use std::collections::HashMap;

use kustom::{Location, Warning, WarningKind};

/// From how many on such warnings are one.
const MANY: usize = 3;

/// How many places are named beside the first.
const SHOWN: usize = 8;

/// Returns for each warning `None` if an earlier one stands for it, else the places of those that it stands for.
pub(crate) fn fold<'a>(warnings: &[&'a Warning]) -> Vec<Option<Vec<&'a Location>>> {
    let mut groups: HashMap<(WarningKind, String), Vec<usize>> = HashMap::new();
    for (i, warning) in warnings.iter().enumerate() {
        if warning.kind().is_lint() && warning.location().is_some() {
            groups.entry((warning.kind(), warning.gist())).or_default().push(i);
        }
    }
    let mut folded: Vec<Option<Vec<&Location>>> = vec![Some(Vec::new()); warnings.len()];
    for group in groups.into_values().filter(|group| group.len() >= MANY) {
        let Some((first, rest)) = group.split_first() else { continue };
        let places = rest.iter().filter_map(|i| warnings.get(*i)?.location()).collect();
        for i in rest {
            if let Some(other) = folded.get_mut(*i) {
                *other = None;
            }
        }
        if let Some(first) = folded.get_mut(*first) {
            *first = Some(places);
        }
    }
    folded
}

/// Returns a line that names the places of others.
pub(crate) fn line(places: &[&Location]) -> Option<String> {
    let count = places.len();
    let shown = places.iter().take(SHOWN).map(|place| match place.line {
        0 => place.file.display().to_string(),
        line => format!("{}:{line}", place.file.display()),
    });
    let shown: Vec<String> = shown.collect();
    let rest = match count.saturating_sub(SHOWN) {
        0 => String::new(),
        rest => format!("\nand {rest} more"),
    };
    (count > 0).then(|| format!("and the same {count} more times:\n{}{rest}", shown.join("\n")))
}
