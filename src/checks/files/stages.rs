//! The stages that overlays are for, by the names of their folders.

/// Words for the same stage.
const STAGES: &[&[&str]] = &[
    &["dev", "develop", "development"],
    &["test", "testing", "tst"],
    &["qa"],
    &["uat"],
    &["stage", "staging", "stg"],
    &["preprod", "preproduction"],
    &["sandbox"],
    &["prod", "production", "prd"],
];

/// Keys of labels whose value is a stage.
const LABELS: &[&str] = &["env", "environment", "stage", "app.kubernetes.io/environment"];

/// Names of variables whose value is a stage.
const VARIABLES: &[&str] =
    &["DD_ENV", "DEPLOY_ENV", "ENV", "ENVIRONMENT", "STAGE", "DEPLOYMENT_ENVIRONMENT"];

/// Two overlays, one of which may have what is of the other.
pub(in crate::checks) struct Stage {
    /// The words of the one and of the other.
    own: Vec<String>,
    other: Vec<String>,
    /// The word that is in the name of the one.
    own_word: String,
    are_known: bool,
}

impl Stage {
    /// Returns how the overlay `own` differs from each: `None` for itself, and for those whose names have all words
    /// of its own.
    pub(in crate::checks) fn of_each(names: &[String], own: usize) -> Vec<Option<Stage>> {
        let Some(mine) = names.get(own) else { return Vec::new() };
        let between =
            |(i, name): (usize, &String)| (i != own).then(|| Stage::between(mine, name))?;
        names.iter().enumerate().map(between).collect()
    }

    /// Returns how one differs from another, by the names of their folders.
    pub(in crate::checks) fn of_two(own: &str, other: &str) -> Option<Stage> {
        Stage::between(own, other)
    }

    /// Returns `true` if the own is production.
    pub(in crate::checks) fn is_production(&self) -> bool {
        self.own.iter().any(|word| word == "prod")
    }

    fn between(own: &str, other: &str) -> Option<Stage> {
        if let (Some(one), Some(two)) = (known(own), known(other))
            && one != two
        {
            let words = |stage: &[&str]| stage.iter().map(|word| (*word).to_owned()).collect();
            let word = one.iter().find(|word| has_word(own, word)).copied().unwrap_or(own);
            let own_word = word.to_owned();
            return Some(Stage { own: words(one), other: words(two), own_word, are_known: true });
        }
        let is_short = own.len().min(other.len()) < 3;
        if is_short || has_word(own, other) || has_word(other, own) {
            return None;
        }
        let (own, other) = (own.to_owned(), other.to_owned());
        Some(Stage { own: vec![own.clone()], other: vec![other], own_word: own, are_known: false })
    }

    /// Returns `true` if both are stages that many have.
    pub(in crate::checks) fn are_known(&self) -> bool {
        self.are_known
    }

    /// Returns `true` if one of both is production.
    pub(in crate::checks) fn is_about_production(&self) -> bool {
        [&self.own, &self.other].into_iter().any(|words| words.iter().any(|word| word == "prod"))
    }

    /// Returns `true` if a text names the other at all.
    pub(in crate::checks) fn other_is_in(&self, text: &str) -> bool {
        self.other.iter().any(|word| has_word(text, word))
    }

    /// Returns `true` if a text names the other, and not the own.
    pub(in crate::checks) fn is_of_other(&self, text: &str) -> bool {
        self.other_is_in(text) && !self.is_of_own(text)
    }

    /// Returns `true` if a text names the own.
    pub(in crate::checks) fn is_of_own(&self, text: &str) -> bool {
        self.own.iter().any(|word| has_word(text, word))
    }

    /// Returns a text with a gap for each word of the other.
    pub(in crate::checks) fn pattern(&self, text: &str) -> String {
        with_gaps(text, &self.other, "\0")
    }

    /// Returns `true` if the text of an overlay has its own words in the gaps of a pattern.
    pub(in crate::checks) fn has_pattern(name: &str, text: &str, pattern: &str) -> bool {
        let stage: Vec<String> =
            known(name).into_iter().flatten().map(|word| (*word).to_owned()).collect();
        let has = |words: &[String]| with_gaps(text, words, "\0") == pattern;
        has(&[name.to_owned()]) || has(&stage)
    }

    /// Returns a text with the words of the own for those of the other.
    pub(in crate::checks) fn as_own(&self, text: &str) -> String {
        with_gaps(text, &self.other, &self.own_word)
    }
}

/// Returns `true` if a name says a stage that many have.
pub(in crate::checks) fn is_known(name: &str) -> bool {
    known(name).is_some()
}

/// Returns `true` if the value of a label is a stage.
pub(in crate::checks) fn is_label(key: &str) -> bool {
    LABELS.contains(&key)
}

/// Returns `true` if the value of a variable is a stage.
pub(in crate::checks) fn is_variable(name: &str) -> bool {
    VARIABLES.contains(&name)
}

/// Returns the words for the stage in a name, or `None` if there are several or the name negates it.
fn known(name: &str) -> Option<&'static [&'static str]> {
    let words = || name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    if words().any(|word| ["non", "no", "not", "pre"].contains(&word)) {
        return None;
    }
    let is_in = |stage: &&&[&str]| words().any(|word| stage.contains(&word));
    let mut stages = STAGES.iter().filter(is_in);
    stages.next().filter(|_| stages.next().is_none()).copied()
}

/// Returns `true` if a text has a word, and not only as a part of a longer one.
fn has_word(text: &str, word: &str) -> bool {
    starts(text, word).next().is_some()
}

/// Returns where a word starts in a text.
fn starts<'t>(text: &'t str, word: &'t str) -> impl Iterator<Item = usize> + 't {
    let is_part = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = text.as_bytes();
    memchr::memmem::find_iter(bytes, word).filter(move |start| {
        let before = start.checked_sub(1).and_then(|before| bytes.get(before));
        !is_part(before) && !is_part(bytes.get(start + word.len()))
    })
}

/// Puts something in the place of each of some words of a text.
fn with_gaps(text: &str, words: &[String], gap: &str) -> String {
    let mut text = text.to_owned();
    for word in words {
        let all: Vec<usize> = starts(&text, word).collect();
        for start in all.into_iter().rev() {
            text.replace_range(start..start + word.len(), gap);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_are_told_by_whole_words() {
        let stage = Stage::between("staging-eu", "prod-eu").unwrap();
        assert!(stage.are_known() && stage.is_about_production());
        assert!(stage.is_of_other("shop.prod.example.com"));
        assert!(stage.is_of_other("payments/production/db"));
        assert!(!stage.is_of_other("product.example.com"));
        assert!(!stage.is_of_other("prod-staging"));
        assert_eq!(stage.as_own("shop.prod.example.com"), "shop.staging.example.com");
        assert!(Stage::has_pattern("dev", "shop.dev.com", &stage.pattern("shop.prod.com")));
        assert!(!Stage::has_pattern("dev", "shop.test.com", &stage.pattern("shop.prod.com")));
    }

    #[test]
    fn names_with_the_same_words_are_not_compared() {
        for (one, other) in [("prod", "prod-eu"), ("prod", "non-prod"), ("a", "b")] {
            assert!(Stage::between(one, other).is_none(), "{one} {other}");
        }
        let regions = Stage::between("prod-eu", "prod-us").unwrap();
        assert!(!regions.are_known() && regions.is_of_other("db.prod-us.example.com"));
    }
}
