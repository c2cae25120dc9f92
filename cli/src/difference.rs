//! The first difference of two outputs.

use kustom::text::visible_line;

/// The first difference of two outputs.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Difference {
    /// The line, from 1.
    pub(crate) line: usize,
    /// The resource around it, as `Deployment web`.
    pub(crate) resource: String,
    /// Line and resource in words.
    pub(crate) place: String,
    /// Our lines from there on.
    pub(crate) ours: Vec<String>,
    /// The other lines from there on.
    pub(crate) theirs: Vec<String>,
}

impl Difference {
    /// Returns the first difference with up to `lines` lines of each side, or nothing if there is
    /// none.
    pub(crate) fn between(ours: &str, theirs: &str, lines: usize) -> Option<Difference> {
        if ours == theirs {
            return None;
        }
        let (ours, theirs): (Vec<&str>, Vec<&str>) =
            (ours.split_inclusive('\n').collect(), theirs.split_inclusive('\n').collect());
        let same = ours.iter().zip(&theirs).take_while(|(a, b)| a == b).count();
        let longer = if ours.len() > same { &ours } else { &theirs };
        let resource = resource_at(longer, same);
        let line = same + 1;
        let place = match resource.as_str() {
            "" => format!("line {line}"),
            resource => format!("line {line}, {resource}"),
        };
        // Nothing is gained by showing equal ends.
        let rests = (&ours[same..], &theirs[same..]);
        let tail =
            rests.0.iter().rev().zip(rests.1.iter().rev()).take_while(|(a, b)| a == b).count();
        let shown = |rest: &[&str]| {
            let until = (rest.len() - tail).min(lines);
            rest[..until].iter().map(|line| visible(line)).collect()
        };
        Some(Difference { line, resource, place, ours: shown(rests.0), theirs: shown(rests.1) })
    }
}

/// Returns kind and name of the document around a line.
fn resource_at(lines: &[&str], at: usize) -> String {
    let start = lines[..at].iter().rposition(|line| *line == "---\n").map_or(0, |i| i + 1);
    let document = lines[start..].iter().take_while(|line| **line != "---\n");
    let (mut kind, mut name, mut in_metadata) = ("", "", false);
    for line in document {
        if let Some(value) = line.strip_prefix("kind: ") {
            kind = value.trim_end();
        } else if let Some(value) = line.strip_prefix("  name: ").filter(|_| in_metadata) {
            name = value.trim_end();
        }
        if !line.starts_with(' ') {
            in_metadata = line.starts_with("metadata:");
        }
    }
    format!("{kind} {name}").trim().to_owned()
}

/// Writes what is hidden and a missing line end so that they can be seen.
fn visible(line: &str) -> String {
    let (line, end) = match line.strip_suffix('\n') {
        Some(line) => (line, ""),
        None => (line, "\\ no newline at the end"),
    };
    let line = visible_line(line);
    if end.is_empty() { line.into_owned() } else { format!("{line} {end}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_line_and_resource() {
        let ours = "a: 1\nkind: A\n---\ndata:\n  name: x\n  k: 1\nkind: B\nmetadata:\n  name: b\n";
        let theirs = ours.replace("k: 1", "k: 2\r");
        let difference = Difference::between(ours, &theirs, 3).expect("one");
        assert_eq!(difference.place, "line 6, B b");
        assert_eq!(difference.ours, ["  k: 1"]);
        assert_eq!(difference.theirs, ["  k: 2\\r"]);
        assert_eq!(Difference::between(ours, ours, 3), None);
        let shorter = Difference::between("a: 1\n", "a: 1", 3).expect("one");
        assert_eq!(shorter.theirs, ["a: 1 \\ no newline at the end"]);
        let longer = Difference::between("", "a\nb\nc\n", 2).expect("one");
        assert_eq!((longer.ours.len(), longer.theirs.len()), (0, 2));
    }
}
