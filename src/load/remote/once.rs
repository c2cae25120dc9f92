//! Values that are made once for each key, however many threads ask.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Values that are made when they are first asked for; whoever asks meanwhile waits.
#[derive(Debug)]
pub(super) struct OnceMap<K, V>(Mutex<BTreeMap<K, Arc<OnceLock<V>>>>);

impl<K: Ord, V: Clone> OnceMap<K, V> {
    /// Returns the value of a key, made by `make` if it is the first to ask.
    pub(super) fn get(&self, key: K, make: impl FnOnce() -> V) -> V {
        let slot = {
            let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(slots.entry(key).or_default())
        };
        slot.get_or_init(make).clone()
    }
}

impl<K, V> Default for OnceMap<K, V> {
    fn default() -> Self {
        OnceMap(Mutex::default())
    }
}
