//! What a build depends on besides its files.

use crate::diagnostics::WarningFilter;
use crate::finish::Reorder;
use crate::load::LoadRestriction;
use crate::outside::Outside;

/// The version that the managed-by label names.
const REFERENCE_VERSION: &str = "v5.8.2";

/// The options of a build; the defaults are those of `kustomize build`.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub(crate) load_restriction: LoadRestriction,
    pub(crate) reorder: Reorder,
    pub(crate) managed_by_label: bool,
    pub(crate) managed_by: String,
    pub(crate) outside: Outside,
    /// Whether the text of the output is wanted.
    pub(crate) is_printed: bool,
    /// The kinds of warnings that are wanted, if there is a lint.
    pub(crate) lint: Option<WarningFilter>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            load_restriction: LoadRestriction::default(),
            reorder: Reorder::default(),
            managed_by_label: false,
            managed_by: format!("kustomize-{REFERENCE_VERSION}"),
            outside: Outside::default(),
            is_printed: true,
            lint: None,
        }
    }
}
