//! Folds warnings and errors that are one finding to people: one mistake in many places.

use std::collections::HashMap;
use std::path::Path;

use kustom::{Error, ErrorKind, Location, Warning, WarningKind};

/// From how many on such warnings are one.
const MANY: usize = 3;

/// How many places are named beside the first.
const SHOWN: usize = 8;

/// Returns for each warning `None` if an earlier one stands for it, else the places of those that it stands for.
pub(crate) fn fold<'a>(warnings: &[&'a Warning]) -> Vec<Option<Vec<&'a Location>>> {
    let mut groups: HashMap<(WarningKind, String), Vec<usize>> = HashMap::new();
    for (i, warning) in warnings.iter().enumerate() {
        if warning.kind().is_lint() && warning.location().is_some() {
            groups.entry((warning.kind(), gist(warning))).or_default().push(i);
        }
    }
    // What is left of the same place, such as the hosts of one text, is one as well.
    let mut places: HashMap<(WarningKind, &Path, u32, u32), Vec<usize>> = HashMap::new();
    let (many, few): (Vec<_>, Vec<_>) = groups.into_values().partition(|group| group.len() >= MANY);
    for i in few.into_iter().flatten() {
        let Some((kind, place)) = warnings.get(i).and_then(|it| Some((it.kind(), it.location()?)))
        else {
            continue;
        };
        places.entry((kind, &place.file, place.line, place.column)).or_default().push(i);
    }
    let groups = many.into_iter().chain(places.into_values().map(|mut group| {
        group.sort_unstable();
        group
    }));
    join(warnings.len(), groups, |i| warnings.get(i)?.location())
}

/// A file, and line and column in it.
type Place<'a> = (&'a Path, u32, u32);

/// Returns for each error `None` if an earlier one stands for it, else the places of those that it stands for: of what
/// many builds read, or of one mistake in many files.
///
/// The number is that of other builds that are refused for what stands at the same place, or in the same words without one.
pub(crate) fn errors<'a>(errors: &[&'a Error]) -> Vec<Option<(usize, Vec<&'a Location>)>> {
    let mut groups: HashMap<(ErrorKind, Option<&str>, String), Vec<usize>> = HashMap::new();
    let mut firsts: HashMap<(Option<Place<'_>>, &str), usize> = HashMap::new();
    // How many are refused for each, and none for those that another stands for.
    let mut counts = vec![1_usize; errors.len()];
    for (i, error) in errors.iter().enumerate() {
        let place = error.location();
        let key = (place.map(|at| (at.file.as_path(), at.line, at.column)), error.message());
        let first = *firsts.entry(key).or_insert(i);
        if first == i {
            if place.is_some() {
                let key = (error.kind(), error.hint_id(), without_paths(error.message()));
                groups.entry(key).or_default().push(i);
            }
        } else if let Ok([first, own]) = counts.get_disjoint_mut([first, i]) {
            (*first, *own) = (*first + 1, 0);
        }
    }
    let folded = join(errors.len(), groups.into_values(), |i| errors.get(i)?.location());
    let all = folded.into_iter().zip(counts);
    all.map(|(places, count)| Some((count.checked_sub(1)?, places?))).collect()
}

/// Joins groups of three or more: their first stands for the others.
fn join<'a>(
    count: usize,
    groups: impl Iterator<Item = Vec<usize>>,
    place: impl Fn(usize) -> Option<&'a Location>,
) -> Vec<Option<Vec<&'a Location>>> {
    let mut folded: Vec<Option<Vec<&Location>>> = vec![Some(Vec::new()); count];
    for group in groups.filter(|group| group.len() >= MANY) {
        let Some((first, rest)) = group.split_first() else { continue };
        let places = rest.iter().filter_map(|i| place(*i)).collect();
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

/// Returns the words of a message without paths and what stands in quotes.
fn without_paths(message: &str) -> String {
    let outside = message.split(['\'', '"']).step_by(2);
    let words = outside.flat_map(str::split_whitespace);
    words.filter(|word| !word.contains(['/', '.', '['])).collect::<Vec<_>>().join(" ")
}

/// Returns what warnings have in common that are one finding: of images that nothing here has, the kustomization.
fn gist(warning: &Warning) -> String {
    // The hint of those that have nothing near.
    let is_far = |hint: &str| hint.starts_with("the name must") || hint.starts_with("no resource");
    let is_near = !warning.hint_text().is_some_and(is_far);
    match warning.location() {
        Some(place) if warning.kind() == WarningKind::UnusedImage && !is_near => {
            place.file.display().to_string()
        }
        _ => warning.gist(),
    }
}

/// Returns a line that names the places of others.
pub(crate) fn line(places: &[&Location]) -> Option<String> {
    let count = places.len();
    let mut shown: Vec<String> = Vec::new();
    for place in places {
        let place = match place.line {
            0 => place.file.display().to_string(),
            line => format!("{}:{line}", place.file.display()),
        };
        if !shown.contains(&place) {
            shown.push(place);
        }
    }
    let all = shown.len();
    shown.truncate(SHOWN);
    let rest = match all.saturating_sub(SHOWN) {
        0 => String::new(),
        rest => format!("\nand {rest} more"),
    };
    (count > 0).then(|| format!("and the same {count} more times:\n{}{rest}", shown.join("\n")))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // a test

    use kustom::Reorder;

    #[test]
    fn what_is_said_of_no_place_in_the_same_words_is_said_once() {
        let of = |word: &str| word.parse::<Reorder>().unwrap_err();
        let all = [of("lifo"), of("fifo"), of("lifo"), of("lifo")];
        let folded = super::errors(&all.each_ref());
        let counts: Vec<_> = folded.iter().map(|it| it.as_ref().map(|(count, _)| *count)).collect();
        assert_eq!(counts, [Some(2), Some(0), None, None]);
    }
}
