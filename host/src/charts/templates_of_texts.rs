//! Templates that a template makes: `tpl` renders a text, and what that says may be made of anything.

use std::collections::BTreeMap;

/// Functions that make no text of their own of a value, or put whole templates and values beside each other.
const PLAIN: [&str; 20] = [
    "cat", "default", "dict", "else", "false", "get", "if", "indent", "index", "kindIs", "nindent",
    "quote", "range", "ternary", "toJson", "toString", "toYaml", "trim", "true", "typeIs",
];

/// A template, and what is known of its variables.
pub(super) struct Texts<'t> {
    file: &'t str,
    /// Whether what is assigned to a variable is plain.
    variables: BTreeMap<String, bool>,
}

/// How many variables of a template are looked at.
const MOST_VARIABLES: usize = 16;

/// The longest value that is looked at, in bytes.
const LONGEST: usize = 4096;

impl<'t> Texts<'t> {
    pub(super) fn new(file: &'t str) -> Texts<'t> {
        Texts { file, variables: BTreeMap::new() }
    }

    /// Returns `true` if an action of the template renders a text that is neither written down nor a value as it
    /// is: values and templates are looked into, and nothing else that a text may be made of.
    pub(super) fn makes_templates(&mut self, action: &str) -> bool {
        let mut rest = action;
        while let Some(at) = find_word(rest, "tpl") {
            rest = rest.get(at + "tpl".len()..).unwrap_or_default();
            if !self.is_plain(first_argument(rest)) {
                return true;
            }
        }
        false
    }

    /// Returns `true` if an argument is a text, a field, a variable that is one of these, or made of such by
    /// functions that keep it as it is.
    fn is_plain(&mut self, argument: &str) -> bool {
        // Half an action in a text could have its other half in a value.
        if argument.matches("{{").count() != argument.matches("}}").count() {
            return false;
        }
        let argument = without_texts(argument);
        Words(&argument).all(|(before, word)| match before {
            '.' => true,
            '$' => word.is_empty() || self.is_plain_variable(word),
            _ => PLAIN.contains(&word) || word.starts_with(|c: char| c.is_ascii_digit()),
        })
    }

    /// Returns `true` if all that is assigned to a variable is plain.
    fn is_plain_variable(&mut self, name: &str) -> bool {
        if let Some(known) = self.variables.get(name) {
            return *known;
        }
        if self.variables.len() >= MOST_VARIABLES {
            return false;
        }
        // What it is assigned itself changes nothing.
        self.variables.insert(name.to_owned(), true);
        let variable = format!("${name}");
        let mut rest = self.file;
        while let Some(at) = rest.find(&variable) {
            rest = rest.get(at + variable.len()..).unwrap_or_default();
            if rest.starts_with(is_of_word) {
                continue;
            }
            // `$a, $b := range …` assigns to both.
            let other = |c: char| c == ',' || c == '$' || c == ' ' || is_of_word(c);
            let assigned = match rest.trim_start().strip_prefix(',') {
                Some(others) => others.trim_start_matches(other),
                None => rest.trim_start(),
            };
            let value = assigned.strip_prefix(":=").or_else(|| assigned.strip_prefix('='));
            let Some(value) = value else { continue };
            // What has no end soon is none that is looked at.
            let end = value.bytes().take(LONGEST).zip(value.bytes().skip(1));
            let end = end.enumerate().find(|(_, pair)| *pair == (b'}', b'}'));
            let value = end.and_then(|(end, _)| value.get(..end));
            let value = value.map(|value| value.trim_end().trim_end_matches('-'));
            if !value.is_some_and(|value| self.is_plain(value)) {
                self.variables.insert(name.to_owned(), false);
                return false;
            }
        }
        true
    }
}

/// Returns `true` if an action uses the keys or the values of a map in no certain order.
pub(super) fn has_no_order(action: &str) -> bool {
    let action = without_texts(action);
    let uses = |word| find_word(&action, word).is_some();
    (uses("keys") || uses("values")) && !uses("sortAlpha")
}

/// Returns what comes first in the arguments of a function.
fn first_argument(text: &str) -> &str {
    let text = text.trim_start();
    let mut depth = 0_usize;
    let mut quote = None;
    let mut is_escaped = false;
    for (i, c) in text.char_indices() {
        match quote {
            Some(_) if is_escaped => is_escaped = false,
            Some('"') if c == '\\' => is_escaped = true,
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if matches!(c, '"' | '`') => quote = Some(c),
            None if c == '(' => depth += 1,
            None if c == ')' => depth = depth.saturating_sub(1),
            None if depth == 0 && c.is_whitespace() => return text.get(..i).unwrap_or(text),
            None => {}
        }
    }
    text
}

/// Returns an action without the texts in it.
fn without_texts(action: &str) -> String {
    let (mut out, mut quote, mut is_escaped) = (String::new(), None, false);
    for c in action.chars() {
        match quote {
            Some(_) if is_escaped => is_escaped = false,
            Some('"') if c == '\\' => is_escaped = true,
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if matches!(c, '"' | '`') => {
                quote = Some(c);
                out.push(' ');
            }
            None => out.push(c),
        }
    }
    out
}

fn is_of_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// Returns where a word is a function, and no field nor variable.
fn find_word(text: &str, word: &str) -> Option<usize> {
    let mut from = 0;
    while let Some(at) = text.get(from..)?.find(word).map(|at| from + at) {
        let end = at + word.len();
        let before = text.get(..at)?.chars().next_back();
        let after = text.get(end..)?.chars().next();
        let is_own = |c: Option<char>| c.is_none_or(|c| !is_of_word(c));
        if is_own(before) && is_own(after) && !matches!(before, Some('.' | '$')) {
            return Some(at);
        }
        from = end;
    }
    None
}

/// The words of an action, each with what stands before it.
struct Words<'a>(&'a str);

impl<'a> Iterator for Words<'a> {
    type Item = (char, &'a str);

    fn next(&mut self) -> Option<(char, &'a str)> {
        let text = self.0;
        let at = text.find(|c| is_of_word(c) || c == '$')?;
        let (skipped, rest) = text.split_at(at);
        let before = skipped.chars().next_back().unwrap_or(' ');
        let (before, rest) = match rest.strip_prefix('$') {
            Some(rest) => ('$', rest),
            None => (before, rest),
        };
        let end = rest.find(|c| !is_of_word(c)).unwrap_or(rest.len());
        let (word, rest) = rest.split_at(end);
        self.0 = rest;
        Some((before, word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_template_is_made_of_is_known() {
        for (action, expected) in [
            (r#"tpl "{{ .Values.a }}" ."#, false),
            ("tpl .Values.a .", false),
            ("tpl $.Values.a $", false),
            ("tpl (toYaml .value) .context", false),
            ("tpl (.Values.a | toYaml) $", false),
            ("tpl (.Files.Get \"a(b\") . | indent 4", false),
            ("tpl (default \"x\" .Values.a) . | b64enc", false),
            ("tpl $plain .", false),
            (r#"tpl (cat "{{- with $.A -}}" $plain "{{- end }}") ."#, false),
            ("tpl (ternary .a (.a | toYaml) (typeIs \"string\" .a)) .", false),
            ("range $i, $each := .Values.a }}{{ tpl $each $ }}", false),
            ("tpl (printf \"{{ %s 5 }}\" .Values.f) .", true),
            ("tpl (b64dec \"e3sgfX0=\") .", true),
            ("tpl (include \"x\" .) .", true),
            ("tpl $made .", true),
            ("tpl $again .", true),
            ("print (tpl .Values.a .) (tpl (cat \"{{\" .x) .)", true),
            ("include \"x\" . | tpl", false),
            (".tpl (printf)", false),
        ] {
            let file = format!(
                "{{{{ $plain := .Values.b }}}}{{{{- $made = printf \"{{{{\" -}}}}{{{{ $again := $made }}}}{{{{{action}}}}}"
            );
            assert_eq!(Texts::new(&file).makes_templates(action), expected, "{action}");
        }
    }

    #[test]
    fn maps_have_no_order() {
        for (action, expected) in [
            ("keys .Values.a | join \"-\"", true),
            ("range values .Values.a", true),
            ("range keys .Values.a | sortAlpha", false),
            ("include \"common.keys\" .", false),
            (".Values.keys", false),
            ("fail \"set the values\"", false),
        ] {
            assert_eq!(has_no_order(action), expected, "{action}");
        }
    }
}
