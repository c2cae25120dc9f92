//! Values that are made once each, however many threads ask for them.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// A map whose values are made when they are first asked for; whoever asks meanwhile waits.
pub(crate) struct OnceMap<K, V>(Mutex<BTreeMap<K, Arc<OnceLock<V>>>>);

impl<K: Ord, V: Clone> OnceMap<K, V> {
    /// Returns the value of a key, which `make` makes if nobody has.
    pub(crate) fn get(&self, key: K, make: impl FnOnce() -> V) -> V {
        let cell = {
            let mut cells = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(cells.entry(key).or_default())
        };
        cell.get_or_init(make).clone()
    }
}

impl<K, V> Default for OnceMap<K, V> {
    fn default() -> Self {
        OnceMap(Mutex::default())
    }
}

impl<K, V> fmt::Debug for OnceMap<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cells = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        write!(f, "OnceMap of {}", cells.len())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn makes_each_value_once() {
        let (map, made) = (OnceMap::default(), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for i in 0..8 {
                let (map, made) = (&map, &made);
                scope.spawn(move || {
                    let value = map.get(i % 2, || {
                        made.fetch_add(1, Ordering::Relaxed);
                        i % 2 + 10
                    });
                    assert_eq!(value, i % 2 + 10);
                });
            }
        });
        assert_eq!(made.into_inner(), 2);
    }
}
