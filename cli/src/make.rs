//! Rules for make, which reads them as a program.

use kustom::text::visible_line;
use kustom::{InputKind, Inputs};

use crate::paths::Shown;

/// Returns a rule for a target that depends on what a build looked at.
///
/// # Errors
/// If make has no way to write one of the names.
pub(crate) fn rule(target: &str, inputs: &Inputs, shown: &Shown) -> Result<String, String> {
    let mut rule = format!("{}:", escaped(target)?);
    let mut alone = String::new();
    for (path, kind) in inputs.paths() {
        if !matches!(kind, InputKind::File | InputKind::Link | InputKind::Missing) {
            continue;
        }
        let path = escaped(&shown.path(path))?;
        if kind == InputKind::Missing {
            rule.push_str(&format!(" \\\n  $(wildcard {path})"));
        } else {
            rule.push_str(&format!(" \\\n  {path}"));
            alone.push_str(&format!("\n{path}:\n"));
        }
    }
    Ok(format!("{rule}\n{alone}"))
}

/// Escapes what make would take for something else.
///
/// Line breaks end a rule, `=` makes an assignment of it, `;` begins a recipe, `|` and `&` have a
/// meaning between names, brackets end a function, and the rest is patterns of `wildcard` or
/// archives: make has no way to quote any of these everywhere.
fn escaped(path: &str) -> Result<String, String> {
    let is_wrong = |c: char| {
        c.is_control()
            || matches!(c, '=' | ';' | '|' | '&' | '(' | ')' | '*' | '?' | '[' | ']' | '~')
    };
    if path.contains(is_wrong) || path.is_empty() {
        return Err(format!("make cannot express the name `{}`", visible_line(path)));
    }
    let mut out = String::with_capacity(path.len());
    for c in path.chars() {
        match c {
            '$' => out.push('$'),
            ' ' | '#' | ':' | '%' | '\\' => out.push('\\'),
            _ => {}
        }
        out.push(c);
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_escaped_or_refused() {
        assert_eq!(escaped("a b#c:d%e$f").as_deref(), Ok(r"a\ b\#c\:d\%e$$f"));
        for name in ["a\nSHELL=x", "SHELL=x", "a;touch x", "a\tb", "", "a|b", "$(shell x)", "a*"] {
            assert!(escaped(name).is_err(), "{name}");
        }
    }
}
