//! Variables in the way of a shell, as Flux replaces them after a build.

use std::collections::BTreeMap;

/// How deep defaults may hold variables themselves.
const DEEPEST: usize = 16;

/// Replaces `${NAME}` and its forms with an operator. `$NAME` stays, and `$${` is `${`.
///
/// An unknown name is empty.
pub(super) fn replaced(text: &str, variables: &BTreeMap<String, String>) -> Result<String, String> {
    replace(text, variables, 0)
}

fn replace(
    text: &str,
    variables: &BTreeMap<String, String>,
    depth: usize,
) -> Result<String, String> {
    if depth > DEEPEST {
        return Err("variables are nested too deeply".to_owned());
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let (before, after) = (&rest[..at], &rest[at + 2..]);
        if let Some(escaped) = before.strip_suffix('$') {
            out.push_str(escaped);
            out.push_str("${");
            rest = after;
            continue;
        }
        out.push_str(before);
        let end = closing(after).ok_or_else(|| {
            let shown: String = after.chars().take(20).collect();
            format!("missing closing brace behind ${{{shown}")
        })?;
        out.push_str(&value(&after[..end], variables, depth)?);
        rest = &after[end + 1..];
    }
    out.push_str(rest);
    Ok(out)
}

/// Returns where the brace closes that is open at the start.
fn closing(text: &str) -> Option<usize> {
    let mut open = 0_usize;
    let bytes = text.as_bytes();
    for (i, byte) in bytes.iter().enumerate() {
        match byte {
            b'{' if i > 0 && bytes[i - 1] == b'$' => open += 1,
            b'}' if open == 0 => return Some(i),
            b'}' => open -= 1,
            _ => {}
        }
    }
    None
}

/// Returns the value of what stands in braces.
fn value(
    inside: &str,
    variables: &BTreeMap<String, String>,
    depth: usize,
) -> Result<String, String> {
    let get = |name: &str| variables.get(name).map_or("", String::as_str);
    if let Some(name) = inside.strip_prefix('#') {
        return Ok(get(name).len().to_string());
    }
    let end = inside.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(inside.len());
    let (name, operator) = inside.split_at(end);
    if name.is_empty() {
        return Err(format!("${{{inside}}} names no variable"));
    }
    let found = get(name);
    let operand = |mark: &str| -> Option<Result<String, String>> {
        operator.strip_prefix(mark).map(|text| replace(text, variables, depth + 1))
    };
    let first = |change: fn(char) -> String| {
        let mut chars = found.chars();
        chars.next().map(|c| change(c) + chars.as_str()).unwrap_or_default()
    };
    match operator {
        "" => return Ok(found.to_owned()),
        "^^" => return Ok(found.to_uppercase()),
        ",," => return Ok(found.to_lowercase()),
        "^" => return Ok(first(|c| c.to_uppercase().collect())),
        "," => return Ok(first(|c| c.to_lowercase().collect())),
        _ => {}
    }
    // Odd: all of them put the text there if the variable is empty or missing.
    for mark in [":-", ":=", ":?", ":+", "-", "=", "?", "+"] {
        if let Some(default) = operand(mark) {
            return if found.is_empty() { default } else { Ok(found.to_owned()) };
        }
    }
    if let Some(range) = operator.strip_prefix(':') {
        return part(found, range).ok_or_else(|| format!("${{{inside}}} is no part of a text"));
    }
    for mark in ["##", "#", "%%", "%"] {
        if let Some(text) = operand(mark) {
            let text = text?;
            if text.contains(['*', '?', '[']) {
                return Err(format!("the pattern of ${{{inside}}} is not known here"));
            }
            let cut = match mark.starts_with('#') {
                true => found.strip_prefix(&*text),
                false => found.strip_suffix(&*text),
            };
            return Ok(cut.unwrap_or(found).to_owned());
        }
    }
    if let Some(text) = operator.strip_prefix('/') {
        let (way, text) = text.split_at(usize::from(text.starts_with(['/', '#', '%'])));
        let (old, new) = text.split_once('/').unwrap_or((text, ""));
        let new = replace(new, variables, depth + 1)?;
        return Ok(match way {
            "/" => found.replace(old, &new),
            "#" => found.strip_prefix(old).map_or(found.to_owned(), |rest| new + rest),
            "%" => found.strip_suffix(old).map_or(found.to_owned(), |rest| rest.to_owned() + &new),
            _ => found.replacen(old, &new, 1),
        });
    }
    Err(format!("${{{inside}}} is no form of a variable"))
}

/// Returns the part of a text that `POSITION` or `POSITION:LENGTH` names.
fn part(text: &str, range: &str) -> Option<String> {
    let (from, length) = range.split_once(':').unwrap_or((range, ""));
    let from: usize = from.trim().parse().ok()?;
    let length = if length.is_empty() { usize::MAX } else { length.trim().parse().ok()? };
    Some(text.chars().skip(from).take(length).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_replaced_as_flux_does() {
        let variables = [("env", "Prod"), ("empty", ""), ("path", "a/b/a")];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        for (text, wanted) in [
            ("x-${env}-$env-$${env}", "x-Prod-$env-${env}"),
            ("${none}|${none:=d}|${empty:-${env}}|${env:-d}", "|d|Prod|Prod"),
            ("${env^^} ${env,,} ${env,} ${#env}", "PROD prod prod 4"),
            ("${env:1:2} ${env:2} ${env#P} ${env%od}", "ro od rod Pr"),
            ("${path/a/x} ${path//a/x} ${path/%a/x}", "x/b/a x/b/x a/b/x"),
        ] {
            assert_eq!(replaced(text, &variables).as_deref(), Ok(wanted), "{text}");
        }
        for text in ["${env", "${}", "${env!}", "${env##*/}"] {
            assert!(replaced(text, &variables).is_err(), "{text}");
        }
    }
}
