//! Takes out of what was found of one root what the Secrets of other roots have.
//!
//! The values of the own Secrets are masked before anything is compared ([`mask`](super::mask)). Those of others are
//! looked for in what differs only, so that a root without Secrets costs no more than it did.

use std::sync::Arc;

use super::mask::hide_both;
use super::model::{Diff, ResourceDiff};
use super::path::PathStep;
use super::redact::SecretValues;

impl Diff {
    /// Puts the [mask](super::MASK) in the place of values that no Secret of the two sides has, such as those of the
    /// Secrets of other roots.
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use kustom::diff::{Options, SecretValues, compare, read};
    ///
    /// let secret = read(b"{apiVersion: v1, kind: Secret, metadata: {name: s}, stringData: {p: hunter2}}")?;
    /// let map = |url: &str| {
    ///     let map = format!("{{apiVersion: v1, kind: ConfigMap, metadata: {{name: m}}, data: {{u: {url}}}}}");
    ///     read(map.as_bytes())
    /// };
    /// let mut diff = compare(&map("pg://hunter2@a")?, &map("pg://hunter2@b")?, &Options::new())?;
    /// diff.hide(&Arc::new(SecretValues::with_resources([("", ""); 0], secret.iter())));
    /// assert!(diff.to_string().contains("pg://***@a"));
    /// # Ok::<(), kustom::Error>(())
    /// ```
    pub fn hide(&mut self, values: &Arc<SecretValues>) {
        if !values.is_empty() {
            self.resources.iter_mut().for_each(|resource| resource.hide(values));
        }
    }
}

impl ResourceDiff {
    fn hide(&mut self, values: &Arc<SecretValues>) {
        if let Some(object) = &mut self.object {
            object.0.hide(values);
        }
        self.whole.0.0.hide(values);
        for change in &mut self.fields {
            let mut fields = change.path.0.iter().filter_map(|step| match step {
                PathStep::Field(name) => Some(name.as_str()),
                _ => None,
            });
            let field = fields.next_back().unwrap_or_default().to_owned();
            for value in [&mut change.before, &mut change.after].into_iter().flatten() {
                values.tokens(value, &field);
            }
            for step in &mut change.path.0 {
                if let PathStep::Key { key, .. } = step {
                    key.iter_mut().for_each(|(name, value)| values.tokens(value, name));
                }
            }
            hide_both(&mut change.before, &mut change.after);
            change.strip();
        }
    }
}
