//! Comments of entries with several fields stay with their entry and their field when `fix` moves them.

use kustom::MemoryFs;
use kustom::edit::Edit;
use proptest::prelude::*;

/// A field whose entries move: `#` stands for the number of the entry, `@` for a value or an alias of one.
struct Kind {
    old: &'static str,
    new: &'static str,
    /// What an entry says before, and what the line begins with that says it afterwards; nothing if there is none.
    fields: &'static [(&'static str, &'static str)],
    /// An entry that is there already.
    there: &'static str,
}

const KINDS: [Kind; 6] = [
    Kind {
        old: "imageTags",
        new: "images",
        fields: &[
            ("name: n#", "name: n#"),
            ("newTag: @", "newTag: v1"),
            ("newName: m#", "newName: m#"),
        ],
        there: "name: z",
    },
    Kind {
        old: "helmChartInflationGenerator",
        new: "helmCharts",
        fields: &[
            ("chartName: n#", "name: n#"),
            ("helmBin: @", ""),
            ("values: x#", "valuesFile: x#"),
            ("releaseName: @", "releaseName: v1"),
            ("helmHome: ''", ""),
        ],
        there: "name: z",
    },
    Kind {
        old: "patchesJson6902",
        new: "patches",
        fields: &[
            ("target: {kind: A, name: n#}", "target:"),
            ("path: @", "path: v1"),
            ("options: {allowNameChange: true}", "options:"),
        ],
        there: "path: z",
    },
    Kind {
        old: "configMapGenerator",
        new: "",
        fields: &[("name: n#", "name: n#"), ("env: @", "envs:"), ("literals: [a=b]", "literals:")],
        there: "",
    },
    Kind {
        old: "commonLabels",
        new: "labels",
        fields: &[("n#: @", "n#: v1"), ("m#: b", "m#: b")],
        there: "pairs: {z: z}",
    },
    Kind {
        old: "vars",
        new: "replacements",
        fields: &[
            ("name: V#", ""),
            ("objref: {kind: ConfigMap, name: n#, apiVersion: v1}", ""),
            ("fieldref: {fieldpath: metadata.name}", ""),
        ],
        there: "source: {kind: ConfigMap, name: n0}\n  targets: [{select: {name: n1}, fieldPaths: [data.b]}]",
    },
];

/// How a kustomization is written.
#[derive(Clone, Debug)]
struct Shape {
    entries: usize,
    /// Whether an entry has lines of its own, one line in brackets, or several.
    style: u8,
    /// By how much the order of the fields of an entry is turned.
    turned: usize,
    /// A bit for each place: whether there is a comment.
    comments: u64,
    alias: bool,
    blank_lines: bool,
    /// Whether entries are there already: none, before or after what moves.
    there: u8,
}

fn shapes() -> impl Strategy<Value = Shape> {
    (1..4usize, 0..3u8, 0..5usize, any::<u64>(), any::<bool>(), any::<bool>(), 0..3u8).prop_map(
        |(entries, style, turned, comments, alias, blank_lines, there)| Shape {
            entries,
            style,
            turned,
            comments,
            alias,
            blank_lines,
            there,
        },
    )
}

/// A comment, and what it is about.
#[derive(Clone, Debug)]
struct Comment {
    text: String,
    /// What the line begins with that it stands behind or above; nothing if that is for the entry to say.
    line: String,
    /// Whether it stands on a line of its own: above what it is about (`Some(true)`) or below.
    above: Option<bool>,
    entry: usize,
}

/// Writes a kustomization and returns it with its comments.
fn written(kind: &Kind, shape: &Shape) -> (String, Vec<Comment>) {
    let mut places = (0..64).map(|bit| shape.comments & (1 << bit) != 0);
    let mut comments: Vec<Comment> = Vec::new();
    let mut comment = |line: &str, above, entry| -> Option<String> {
        let text = format!("# c{}.", 64 - places.len());
        places.next().filter(|has| *has)?;
        comments.push(Comment { text: text.clone(), line: line.to_owned(), above, entry });
        Some(text)
    };
    let behind = |comment: Option<String>| comment.map(|it| format!(" {it}")).unwrap_or_default();
    let is_map = kind.old == "commonLabels";
    let mut moved = format!("{}:\n", kind.old);
    for n in 0..shape.entries {
        let filled = |text: &str| {
            let value = if shape.alias { "*t" } else { "v1" };
            text.replace('#', &n.to_string()).replace('@', value)
        };
        let mut fields: Vec<(String, String)> =
            kind.fields.iter().map(|(old, new)| (filled(old), filled(new))).collect();
        fields.rotate_left(shape.turned % kind.fields.len());
        if n > 0 && shape.blank_lines {
            moved.push('\n');
        }
        let (in_brackets, last) = (shape.style > 0 && !is_map, fields.len() - 1);
        if !is_map && let Some(above) = comment("", Some(true), n) {
            moved += &format!("{above}\n");
        }
        for (i, (old, new)) in fields.iter().enumerate() {
            let line = if shape.style == 1 && !is_map { "" } else { new };
            let has_place = shape.style != 1 || is_map;
            if (i > 0 || is_map)
                && has_place
                && let Some(above) = comment(line, Some(true), n)
            {
                moved += &format!("  {above}\n");
            }
            moved += match (i, in_brackets, shape.style) {
                _ if is_map => "  ",
                (0, false, _) => "- ",
                (0, true, _) => "- {",
                (_, true, 1) => "",
                _ => "  ",
            };
            moved += old;
            match (in_brackets, i == last, shape.style) {
                (true, false, 1) => moved += ", ",
                (true, false, _) => moved += &format!(",{}\n", behind(comment(line, None, n))),
                (true, true, _) => moved += &format!("}}{}\n", behind(comment("", None, n))),
                (false, ..) => moved += &format!("{}\n", behind(comment(line, None, n))),
            }
        }
        if let Some(below) = comment("", Some(false), n).filter(|_| !is_map) {
            moved += &format!("  {below}\n");
        }
    }
    let comments: Vec<Comment> =
        comments.into_iter().filter(|it| moved.contains(&it.text)).collect();
    let there = format!("{}:\n- {}\n", kind.new, kind.there);
    let text = match shape.there {
        _ if kind.new.is_empty() => moved,
        0 => moved,
        1 => format!("{there}{moved}"),
        _ => format!("{moved}{there}"),
    };
    (format!("namePrefix: &t v1\nresources: [d.yaml]\n{text}nameSuffix: -b\n"), comments)
}

fn fixed(text: &str) -> String {
    let mut files = MemoryFs::new();
    let object = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: d}\ndata: {a: $(V0), b: $(V1), c: $(V2)}\n";
    files.insert("/app/d.yaml", object);
    files.insert("/app/kustomization.yaml", text);
    let mut edit = Edit::open(files, "/app").unwrap_or_else(|e| panic!("{text}: {e}"));
    edit.fix().unwrap();
    if edit.has_field("vars") {
        edit.fix_vars().unwrap();
    }
    edit.finish().unwrap_or_else(|e| panic!("{text}: {e}")).text
}

fn is_remark(line: &str) -> bool {
    line.trim().is_empty() || line.trim_start().starts_with('#')
}

/// Returns the lines of the entry that a line is part of, or stands above.
fn entry_of<'t>(lines: &[&'t str], at: usize) -> Vec<&'t str> {
    let is_start = |i: &usize| lines[*i] == "-" || lines[*i].starts_with("- ");
    let start = match lines[at].starts_with('#') {
        true => (at..lines.len()).find(|i| !is_remark(lines[*i])).filter(is_start),
        false => {
            (0..=at).rev().find(|i| !lines[*i].starts_with(' ') && !lines[*i].trim().is_empty())
        }
    };
    let Some(start) = start else { return Vec::new() };
    let rest =
        lines[start + 1..].iter().take_while(|line| line.is_empty() || line.starts_with(' '));
    lines[start..=start].iter().chain(rest).copied().collect()
}

fn check(kind: &Kind, shape: &Shape) {
    let (before, comments) = written(kind, shape);
    let after = fixed(&before);
    let lines: Vec<&str> = after.lines().collect();
    for comment in &comments {
        let shown = format!("{comment:?} of\n{before}\nin\n{after}");
        let places: Vec<usize> =
            (0..lines.len()).filter(|i| lines[*i].ends_with(&comment.text)).collect();
        assert!(places.len() == 1, "{shown}");
        let at = places[0];
        // Each entry has a name of its own.
        let name = format!("n{}", comment.entry);
        let has_name = |line: &&str| line.contains(&name);
        assert!(entry_of(&lines, at).iter().any(has_name), "not with its entry: {shown}");
        let said = |line: &str| {
            // What stays in its place keeps its alias.
            let line = line.trim_start_matches([' ', '-', '{']).replace("*t", "v1");
            line.starts_with(&comment.line)
        };
        let is_alone = is_remark(lines[at]);
        // Between brackets there may be no place beside a field; above the entry there always is.
        let is_free = shape.style > 0 || comment.line.is_empty();
        match comment.above {
            None => assert!(said(lines[at]) && !is_alone || is_free, "not behind: {shown}"),
            Some(true) => {
                let next = lines[at..].iter().find(|line| !is_remark(line));
                assert!(is_alone && (is_free || next.is_some_and(|line| said(line))), "{shown}");
            }
            Some(false) => assert!(is_alone, "{shown}"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn comments_stay_with_their_entry_and_field(which in 0..KINDS.len(), shape in shapes()) {
        check(&KINDS[which], &shape);
    }
}
