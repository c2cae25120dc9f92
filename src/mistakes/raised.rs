//! Hints that who raises an error gives: what they are called, and what they look at.
//!
//! The words of the hint stand where the error is made, for only there all is known; here each gets its
//! identifier and its entry in the table.

use super::Mistake;
use super::scene::{Finding, Scene};
use crate::diagnostics::Hint;

/// Declares hints: an error has a hint, one of these words in its message, and the last ones in its hint.
macro_rules! raised {
    ($($id:literal $looks_at:literal says $words:expr, $hint:literal, example: $example:literal, remedy: $remedy:literal)*) => {
        pub(super) static MISTAKES: &[Mistake] = &[$(Mistake {
            hint: Hint { id: $id, looks_at: $looks_at, example: $example, remedy: $remedy },
            find: |scene| given(scene, &$words, $hint),
        },)*];
    };
}

raised! {
    "remote-not-allowed" "Something is fetched from elsewhere, which was not allowed."
        says ["is remote", "is not allowed", "is elsewhere", "allow-remote"], "--allow-remote",
        example: "resources:\n- https://github.com/acme/infra//web?ref=v1",
        remedy: "Allow it with --allow-remote, or make copies with `kustom vendor`."
}

/// Returns the hint that an error was raised with, if message and hint have these words.
fn given(scene: &Scene<'_>, words: &[&str], in_hint: &str) -> Option<Finding> {
    let hint = scene.error.hint_text().filter(|hint| hint.contains(in_hint))?;
    words.iter().any(|words| scene.says(words)).then(|| Finding::new(hint))
}
