//! Shows where two texts part.

/// How many lines around the first difference are shown.
const AROUND: usize = 4;

/// Describes the first difference of two texts, with the lines around it.
pub(crate) fn first(expected: &str, got: &str) -> String {
    let same = expected.lines().zip(got.lines()).take_while(|(e, g)| e == g).count();
    let start = same.saturating_sub(AROUND);
    let excerpt = |text: &str, sign: char| -> String {
        let lines = text.split_inclusive('\n').skip(start).take(same - start + AROUND);
        lines.map(|line| format!("  {sign} {}\n", visible(line))).collect()
    };
    let (expected, got) = (excerpt(expected, '-'), excerpt(got, '+'));
    format!("from line {}, expected (-) and got (+):\n{expected}{got}", start + 1)
}

/// Writes control characters and line ends so that they can be seen.
fn visible(line: &str) -> String {
    let escape = |c: char| {
        if c.is_ascii_graphic() || c == ' ' { c.to_string() } else { escaped(c) }
    };
    line.chars().map(escape).collect()
}

fn escaped(c: char) -> String {
    c.escape_debug().collect()
}
