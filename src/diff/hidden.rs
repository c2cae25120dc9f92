//! What tells hidden values apart: two changes that look the same once they are masked need not be the same.

use std::fmt;

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::mask::{TOKEN, TOKEN_END};
use super::path::{ChangePath, PathStep};

/// A digest of the values that a mask stands for, in their order; none where nothing is masked, and where nobody knows
/// them any more.
///
/// It counts only where changes of several roots are told as one: it is no part of a difference, and never shown.
#[derive(Clone, Default)]
pub(super) struct Hidden(Option<Box<[u8; 32]>>);

impl Hidden {
    /// Returns what the tokens in a value stand for.
    pub(super) fn of_value(value: &Value) -> Hidden {
        let mut tokens = Tokens::default();
        tokens.add(value);
        tokens.hidden()
    }

    /// Returns what the tokens in a change stand for.
    pub(super) fn of_change(
        path: &ChangePath,
        before: Option<&Value>,
        after: Option<&Value>,
    ) -> Hidden {
        let mut tokens = Tokens::default();
        for step in &path.0 {
            if let PathStep::Key { key, .. } = step {
                key.iter().for_each(|(_, value)| tokens.add(value));
            }
        }
        for side in [before, after] {
            // What is before is not to be taken for what is after.
            tokens.digest.update([0]);
            side.into_iter().for_each(|value| tokens.add(value));
        }
        tokens.hidden()
    }

    /// Returns what this stands for and what was hidden later.
    #[must_use]
    pub(super) fn and(&self, later: Hidden) -> Hidden {
        match (&self.0, &later.0) {
            (_, None) => self.clone(),
            (None, _) => later,
            (Some(one), Some(other)) => {
                let both = Sha256::new().chain_update(**one).chain_update(**other);
                Hidden(Some(Box::new(both.finalize().into())))
            }
        }
    }

    /// Returns `true` if nothing is masked, or nobody knows what is.
    #[cfg(feature = "reports")]
    pub(super) fn is_none(&self) -> bool {
        self.0.is_none()
    }

    /// Returns the digest, to be compared with others.
    #[cfg(feature = "reports")]
    pub(super) fn digest(&self) -> Option<&[u8; 32]> {
        self.0.as_deref()
    }
}

impl PartialEq for Hidden {
    fn eq(&self, _: &Hidden) -> bool {
        true
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hidden")
    }
}

/// The tokens that were met so far.
#[derive(Default)]
struct Tokens {
    digest: Sha256,
    is_any: bool,
}

impl Tokens {
    fn add(&mut self, value: &Value) {
        match value {
            Value::String(text) => {
                let mut rest = text.as_str();
                while let Some((token, after)) =
                    rest.split_once(TOKEN).and_then(|(_, token)| token.split_once(TOKEN_END))
                {
                    self.digest.update(token);
                    self.digest.update([1]);
                    self.is_any = true;
                    rest = after;
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.add(item)),
            Value::Object(map) => map.values().for_each(|value| self.add(value)),
            _ => {}
        }
    }

    fn hidden(self) -> Hidden {
        Hidden(self.is_any.then(|| Box::new(self.digest.finalize().into())))
    }
}
