//! Which charts come to the same tomorrow.

use std::path::Path;

use kustom::outside::ChartTemplate;

use super::templates_of_texts::{Texts, has_no_order};

/// Functions of templates, of sprig and of helm's own, whose result depends on more than their arguments:
/// the clock, the time zone, chance, the machine, a cluster.
const UNREPEATABLE: [&str; 26] = [
    "ago",
    "bcrypt",
    "date",
    "dateInZone",
    "dateModify",
    "date_in_zone",
    "date_modify",
    "duration",
    "durationRound",
    "encryptAES",
    "env",
    "expandenv",
    "getHostByName",
    "htmlDate",
    "htmlDateInZone",
    "htpasswd",
    "lookup",
    "mustDateModify",
    "mustToDate",
    "must_date_modify",
    "now",
    "shuffle",
    "toDate",
    "unixEpoch",
    "uuid",
    "uuidv4",
];

/// How the names of others begin: keys and certificates, and whatever is random.
const UNREPEATABLE_STARTS: [&str; 5] = ["genCA", "genPrivateKey", "genSelf", "genSigned", "rand"];

/// Returns `true` if a chart surely comes to the same whenever it is rendered: the release has a name,
/// and no template, nor a value that may be one, uses chance or the clock.
pub(super) fn is_repeatable(template: &ChartTemplate) -> bool {
    let is_named = template.release_name.is_some();
    is_named
        && !uses_chance(template.name_template.as_deref().unwrap_or_default().as_bytes())
        && template.values.iter().all(|file| !uses_chance(&file.content))
        && template.chart.iter().all(|(path, content)| !is_packed(path) && !uses_chance(content))
}

/// Returns `true` if a file may hold templates that cannot be read here.
fn is_packed(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "tgz" || extension == "gz")
}

/// Returns `true` if an action of a template names a function of chance, renders a text that is made by others, or
/// depends on the order of a map.
fn uses_chance(text: &[u8]) -> bool {
    let text = String::from_utf8_lossy(text);
    let text = &*text;
    let (mut rest, mut texts) = (text, Texts::new(text));
    while let Some(start) = rest.find("{{") {
        rest = &rest[start + 2..];
        let end = end_of_action(rest);
        let action = &rest[..end];
        let mut depends =
            || names_chance(action) || has_no_order(action) || texts.makes_templates(action);
        if !is_comment(rest) && depends() {
            return true;
        }
        rest = &rest[end..];
    }
    false
}

fn is_comment(action: &str) -> bool {
    action.strip_prefix('-').unwrap_or(action).trim_start().starts_with("/*")
}

/// Returns where an action ends: not in a text of its own. What cannot be told has no end.
fn end_of_action(action: &str) -> usize {
    if is_comment(action) {
        return action.find("*/").unwrap_or(action.len());
    }
    let bytes = action.as_bytes();
    let (mut quote, mut i) = (None, 0);
    while let Some(&byte) = bytes.get(i) {
        match quote {
            // An action in a text of YAML: which quotes are whose cannot be told.
            None if byte == b'\\' => return action.len(),
            None if matches!(byte, b'"' | b'\'' | b'`') => quote = Some(byte),
            None if bytes[i..].starts_with(b"}}") => return i,
            Some(b'"' | b'\'') if byte == b'\\' => i += 1,
            Some(open) if open == byte => quote = None,
            _ => {}
        }
        i += 1;
    }
    action.len()
}

/// Returns `true` if a function of chance is named, in a text too, which may become a template; fields and
/// variables of such a name are none.
fn names_chance(action: &str) -> bool {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let is_chance = |word: &str| {
        UNREPEATABLE.contains(&word)
            || UNREPEATABLE_STARTS.iter().any(|start| word.starts_with(start))
    };
    let mut before = ' ';
    let mut rest = action;
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        let word = &rest[..end];
        let is_one = match before {
            '.' | '$' => false,
            // The end of `\n` is none of the word; what `\x` and the like stand for may be.
            '\\' => match word.get(1..) {
                Some(after) if !word.starts_with(['x', 'u', 'U']) => is_chance(after),
                written => written.is_some(),
            },
            _ => is_chance(word),
        };
        if is_one {
            return true;
        }
        before = if end > 0 { 'a' } else { first };
        rest = &rest[if end > 0 { end } else { first.len_utf8() }..];
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_into_actions_only() {
        for (text, expected) in [
            ("a: {{ randAlphaNum 8 | b64enc }}", true),
            ("a: {{- now | date \"2006\" -}}", true),
            ("a: {{now}}", true),
            ("a: {{ (now).Unix }}", true),
            ("a: {{ $ca := genCA \"x\" 1 }}", true),
            ("a: {{ htmlDateInZone .Values.then \"UTC\" }}", true),
            ("a: {{ print \"}}\" (uuidv4) }}", true),
            ("a: {{ print `}}` `\\` (uuidv4) }}", true),
            ("a: {{ tpl \"{{\\nnow }}\" . }}", true),
            ("a: {{ tpl \"{{ n\\u006fw }}\" . }}", true),
            ("a: \"{{ print \\\"}}\\\" now }}\"", true),
            ("{{/* it's now */}}\na: {{ .Values.b }} # it's now", false),
            ("{{- /* }} */ -}}\na: {{ now }}", true),
            ("# now {{ .Values.known }}", false),
            ("a: {{ .Values.nowhere }} rand", false),
            ("a: {{ .Values.env }}{{ range $date := .Values.dates }}", false),
            ("a: {{ regexMatch \"^\\\\d+$\" .Values.b | derivePassword }}", false),
            ("a: {{ print \"\\n\" | trim }}é{{ \"é\" }}", false),
            ("a: {{", false),
        ] {
            assert_eq!(uses_chance(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn knows_the_functions() {
        for function in [
            "now",
            "date",
            "ago",
            "htmlDate",
            "htmlDateInZone",
            "dateInZone",
            "date_in_zone",
            "dateModify",
            "date_modify",
            "mustDateModify",
            "must_date_modify",
            "duration",
            "durationRound",
            "randAlpha",
            "randAlphaNum",
            "randAscii",
            "randNumeric",
            "randBytes",
            "randInt",
            "shuffle",
            "uuidv4",
            "genPrivateKey",
            "genCA",
            "genCAWithKey",
            "genSelfSignedCert",
            "genSelfSignedCertWithKey",
            "genSignedCert",
            "genSignedCertWithKey",
            "bcrypt",
            "htpasswd",
            "encryptAES",
            "lookup",
            "getHostByName",
            "env",
            "expandenv",
            "toDate",
            "mustToDate",
            "unixEpoch",
        ] {
            assert!(uses_chance(format!("{{{{ {function} .a }}}}").as_bytes()), "{function}");
        }
        for function in ["derivePassword", "decryptAES", "buildCustomCert", "default", "sortAlpha"]
        {
            assert!(!uses_chance(format!("{{{{ {function} .a }}}}").as_bytes()), "{function}");
        }
    }
}
