//! The functions that Argo CD adds to templates.

use crate::document;
use crate::letters;
use crate::template::{Args, Failure, Function, Value, function};

pub(crate) const FUNCTIONS: &[Function] = &[
    function("normalize", "s", |args| Ok(Value::str(normalize(args.str(0))))),
    function("slugify", "a*", slugify),
    function("toYaml", "a", |args| {
        let json = args.any(0).to_json(args)?;
        let mut text = document::print(&json)?;
        // A block that stands for itself is indented, too.
        if json.is_string() && text.starts_with(['|', '>']) {
            text = text.replace('\n', "\n  ").replace("\n  \n", "\n\n");
        }
        args.will_make(text.len())?;
        Ok(Value::str(text))
    }),
    function("fromYaml", "s", |args| match from_yaml(args)? {
        serde_json::Value::Null => Ok(Value::map::<&str>([])),
        json @ serde_json::Value::Object(_) => Ok(Value::from(&json)),
        other => Err(format!("cannot read {} as a map", kind(&other)).into()),
    }),
    function("fromYamlArray", "s", |args| match from_yaml(args)? {
        serde_json::Value::Null => Ok(Value::list(Vec::new())),
        json @ serde_json::Value::Array(_) => Ok(Value::from(&json)),
        other => Err(format!("cannot read {} as a list", kind(&other)).into()),
    }),
];

fn from_yaml(args: &Args<'_>) -> Result<serde_json::Value, Failure> {
    document::read_made(args.str(0), args.budget())
}

/// Returns what a value is, for people.
pub(crate) fn kind(json: &serde_json::Value) -> &'static str {
    match json {
        serde_json::Value::Null => "null",
        serde_json::Value::Bool(_) => "a boolean",
        serde_json::Value::Number(_) => "a number",
        serde_json::Value::String(_) => "a string",
        serde_json::Value::Array(_) => "a list",
        serde_json::Value::Object(_) => "a map",
    }
}

/// The longest name that DNS has.
const LONGEST_NAME: usize = 253;

/// Makes a text a name that Kubernetes accepts: lower case, other characters become `-`.
pub(crate) fn normalize(text: &str) -> String {
    let lower = text.chars().map(letters::lower);
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
    let mut name: String = lower.map(|c| if allowed(c) { c } else { '-' }).collect();
    name.truncate(LONGEST_NAME);
    name.trim_matches(['-', '.']).to_owned()
}

/// `slugify [LENGTH] [WHOLE WORDS] NAME`: a name of letters, digits and single dashes.
fn slugify(args: &Args<'_>) -> Result<Value, Failure> {
    let (mut longest, mut whole_words, mut name) = (50, false, "");
    let last = args.all().len().saturating_sub(1);
    for (i, value) in args.all().iter().enumerate() {
        match (i, value) {
            (i, Value::Str(text)) if i == last => name = text,
            (0, Value::Int(length, _)) if i < last => {
                longest = usize::try_from(*length)
                    .map_err(|_| "the length must not be negative".to_owned())?;
            }
            (1, Value::Bool(whole)) if i < last => whole_words = *whole,
            _ => return Err(format!("argument {} has the wrong type", i + 1).into()),
        }
    }
    let mut name = normalize(name);
    if !whole_words {
        name.truncate(longest);
    }
    let mut slug = String::with_capacity(name.len());
    for c in name.chars() {
        let c = if c.is_ascii_alphanumeric() { c } else { '-' };
        if c != '-' || !slug.ends_with('-') {
            slug.push(c);
        }
    }
    let slug = slug.trim_matches('-');
    if whole_words && longest > 0 && slug.len() > longest {
        let cut = slug[..=longest].rfind('-').unwrap_or(longest);
        return Ok(Value::str(&slug[..cut]));
    }
    Ok(Value::str(slug))
}
