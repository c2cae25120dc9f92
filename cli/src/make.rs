//! Rules for make, which reads them as a program.

use std::borrow::Cow;
use std::path::Path;

use kustom::InputKind;
use kustom::text::visible_line;

use crate::paths::Shown;

/// Returns a rule for a target that depends on what a build looked at, directories aside.
///
/// # Errors
/// If make has no way to write one of the names.
pub(crate) fn rule<'p>(
    target: &str,
    paths: impl Iterator<Item = (&'p Path, InputKind)>,
    shown: &Shown,
) -> Result<String, String> {
    let mut rule = format!("{}:", escaped(target)?);
    let mut alone = String::new();
    for (path, kind) in paths {
        if !matches!(kind, InputKind::File | InputKind::Link | InputKind::Missing) {
            continue;
        }
        let name = shown.short(path);
        let path = escaped(&name)?;
        if kind == InputKind::Missing {
            // Once there is such a file, make reads what comes out as words of a rule.
            let drive = if cfg!(windows) { 2 } else { 0 };
            if name.get(drive..).is_some_and(|name| name.contains(':')) {
                return Err(refusal(&name));
            }
            rule.push_str(&format!(" \\\n  $(wildcard {path})"));
        } else {
            rule.push_str(&format!(" \\\n  {path}"));
            alone.push_str(&format!("\n{path}:\n"));
        }
    }
    Ok(format!("{rule}\n{alone}"))
}

/// Words that begin a line of make which is no rule.
const DIRECTIVES: [&str; 17] = [
    "-include", "define", "else", "endef", "endif", "export", "ifdef", "ifeq", "ifndef", "ifneq",
    "include", "load", "override", "private", "sinclude", "undefine", "unexport",
];

/// Escapes what make would take for something else.
///
/// Line breaks end a rule, `=` makes an assignment of it, `;` begins a recipe, `|` and `&` have a
/// meaning between names, brackets end a function, and the rest is patterns of `wildcard` or
/// archives: make has no way to quote any of these everywhere. A `%` makes a pattern of a target, and `\%` is no better:
/// there, make keeps the backslash. What a backslash stands for depends on what follows, and on where.
///
/// # Errors
/// If a name has one of these or something that does not show, is a directive, or tells make how to work, as
/// `.IGNORE` does.
fn escaped(path: &str) -> Result<String, String> {
    let path =
        if cfg!(windows) { Cow::Owned(path.replace('\\', "/")) } else { Cow::Borrowed(path) };
    let is_wrong = |c: char| {
        c.is_control()
            || matches!(
                c,
                '=' | ';' | '|' | '&' | '(' | ')' | '*' | '?' | '[' | ']' | '~' | '%' | '\\'
            )
    };
    let is_special = |name: &str| {
        let word = name.strip_prefix('.').unwrap_or_default();
        !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
    };
    let bare = path.trim_start_matches("./");
    let is_hidden = matches!(visible_line(&path), Cow::Owned(_));
    if path.contains(is_wrong)
        || is_hidden
        || bare.is_empty()
        || DIRECTIVES.contains(&bare)
        || is_special(bare)
    {
        return Err(refusal(&path));
    }
    let mut out = String::with_capacity(path.len());
    for c in path.chars() {
        match c {
            '$' => out.push('$'),
            ' ' | '#' | ':' => out.push('\\'),
            _ => {}
        }
        out.push(c);
    }
    Ok(out)
}

fn refusal(path: &str) -> String {
    format!("make cannot express the name `{}`", visible_line(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_escaped_or_refused() {
        assert_eq!(escaped("a b#c:d$e").as_deref(), Ok(r"a\ b\#c\:d$$e"));
        assert_eq!(escaped(".env").as_deref(), Ok(".env"));
        for name in [
            "a\nSHELL=x",
            "SHELL=x",
            "a;touch x",
            "a\tb",
            "",
            "a|b",
            "$(shell x)",
            "a*",
            "a%b",
            "a\u{202e}b",
            "%",
            "a\\b",
            "a\\",
            "define",
            "./include",
            ".SECONDEXPANSION",
            "././.IGNORE",
        ] {
            assert!(escaped(name).is_err(), "{name}");
        }
    }
}
