//! Names of Unicode classes in RE2 patterns: `Greek` of `\p{Greek}`.
//!
//! Go knows the general categories by all their names and the scripts by their long ones, and heeds neither case nor
//! `_`, `-` and blanks. The crate knows more, and how much more depends on the features that other crates of a
//! program ask for. So every name is looked up here as a category or a script, and written as such.

use regex_syntax::Parser;

/// The scripts whose name is as long as a code of ISO 15924; the codes themselves, such as `Grek`, Go does not know.
const FOUR_LETTERS: [&str; 9] =
    ["ahom", "cham", "kawi", "lisu", "miao", "modi", "newa", "thai", "toto"];

/// Returns the class of a name without braces, as the crate writes it outside and inside of brackets.
pub(super) fn class(name: &str, negated: bool) -> Option<String> {
    let letters = |b: u8| b.is_ascii_alphanumeric() || b"_ -".contains(&b);
    if !name.bytes().all(letters) {
        return None;
    }
    let mut name = name.to_ascii_lowercase();
    name.retain(|c| c.is_ascii_alphanumeric());
    match name.as_str() {
        // The crate drops this prefix, as Perl does.
        _ if name.starts_with("is") => None,
        // Surrogates are no characters: nothing is one, and everything is none.
        "cs" | "surrogate" => Some(if negated { r"[\s\S]" } else { r"[\s&&\S]" }.to_owned()),
        _ => ["gc", "sc"].into_iter().find_map(|property| {
            if property == "sc" && name.len() == 4 && !FOUR_LETTERS.contains(&name.as_str()) {
                return None;
            }
            let class = format!("\\{}{{{property}={name}}}", if negated { 'P' } else { 'p' });
            Parser::new().parse(&class).is_ok().then_some(class)
        }),
    }
}
