//! Turns a difference round.

use super::apply;
use super::model::{ChangeKind, Diff, FieldChange, ResourceDiff, Whole};

impl Diff {
    /// Returns the differences in the other direction.
    ///
    /// ```
    /// use kustom::diff::{Options, compare, read};
    ///
    /// let a = read(b"{apiVersion: v1, kind: Namespace, metadata: {name: a}}")?;
    /// let b = read(b"{apiVersion: v1, kind: Namespace, metadata: {name: b}}")?;
    /// let options = Options::default();
    /// assert_eq!(compare(&a, &b, &options)?.mirrored(), compare(&b, &a, &options)?);
    /// # Ok::<(), kustom::Error>(())
    /// ```
    #[must_use]
    pub fn mirrored(&self) -> Diff {
        let mut diff =
            Diff { resources: self.resources.iter().map(ResourceDiff::mirrored).collect() };
        diff.sort();
        diff
    }
}

impl ResourceDiff {
    pub(super) fn mirrored(&self) -> ResourceDiff {
        let fields: Vec<FieldChange> = self.fields.iter().map(FieldChange::mirrored).collect();
        ResourceDiff {
            change: match self.change {
                ChangeKind::Added => ChangeKind::Removed,
                ChangeKind::Removed => ChangeKind::Added,
                ChangeKind::Changed => ChangeKind::Changed,
            },
            before: self.after.clone(),
            after: self.before.clone(),
            object: self.object.clone(),
            images: self.images.clone(),
            // What cannot be taken back (there is nothing of the kind) leaves the context as it is.
            whole: Whole(
                apply::fields(&self.whole.value(), &fields)
                    .unwrap_or_else(|_| self.whole.value().into_owned())
                    .into(),
            ),
            fields,
        }
    }
}

impl FieldChange {
    pub(super) fn mirrored(&self) -> FieldChange {
        FieldChange {
            path: self.path.mirrored(),
            before: self.after.clone(),
            after: self.before.clone(),
            ..self.clone()
        }
    }
}
