//! Charts, rendered by helm.
