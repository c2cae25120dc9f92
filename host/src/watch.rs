//! Tells listeners what is being fetched.

use std::any::Any;
use std::sync::Arc;

/// Hears what is being fetched when it begins, and hands out what is dropped when it ends.
pub type Watch = Arc<dyn Fn(&str) -> Box<dyn Any> + Send + Sync>;
