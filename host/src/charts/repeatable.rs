//! Which charts come to the same tomorrow.

use std::path::Path;

use kustom::outside::ChartTemplate;

/// Functions of templates whose result depends on more than their arguments.
const UNREPEATABLE: [&str; 21] = [
    "ago",
    "bcrypt",
    "date",
    "dateInZone",
    "date_in_zone",
    "encryptAES",
    "genCA",
    "genCAWithKey",
    "genPrivateKey",
    "genSelfSignedCert",
    "genSelfSignedCertWithKey",
    "genSignedCert",
    "genSignedCertWithKey",
    "getHostByName",
    "htmlDate",
    "htpasswd",
    "now",
    "randBytes",
    "shuffle",
    "toDate",
    "uuidv4",
];

/// Returns `true` if a chart surely comes to the same whenever it is rendered: the release has a name,
/// and no template, nor a value that may be one, uses chance or the clock.
pub(super) fn is_repeatable(template: &ChartTemplate) -> bool {
    let is_named = !template.release_name.is_empty();
    is_named
        && !uses_chance(template.name_template.as_bytes())
        && template.values.iter().all(|file| !uses_chance(&file.content))
        && template.chart.iter().all(|(path, content)| !is_packed(path) && !uses_chance(content))
}

/// Returns `true` if a file may hold templates that cannot be read here.
fn is_packed(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "tgz" || extension == "gz")
}

/// Returns `true` if an action of a template names a function of chance.
fn uses_chance(text: &[u8]) -> bool {
    let text = String::from_utf8_lossy(text);
    let actions = text.split("{{").skip(1).map(|rest| rest.split("}}").next().unwrap_or_default());
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    actions
        .flat_map(|action| action.split(|c| !is_word(c)))
        .any(|word| UNREPEATABLE.contains(&word) || word.starts_with("rand"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_into_actions_only() {
        for (text, expected) in [
            ("a: {{ randAlphaNum 8 | b64enc }}", true),
            ("a: {{- now | date \"2006\" -}}", true),
            ("a: {{ $ca := genCA \"x\" 1 }}", true),
            ("# now {{ .Values.known }}", false),
            ("a: {{ .Values.nowhere }} rand", false),
            ("a: {{", false),
        ] {
            assert_eq!(uses_chance(text.as_bytes()), expected, "{text}");
        }
    }
}
