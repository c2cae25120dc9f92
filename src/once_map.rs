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

/// A map of values that can fail to be made: one that was made is that of its key, and a failure only that
/// of who asks in the same way.
pub(crate) type TryMap<K, H, V, E> = OnceMap<K, Arc<Mutex<Tries<H, V, E>>>>;

/// What came of making a value.
#[derive(Clone, Debug)]
pub(crate) struct Tries<H, V, E> {
    made: Option<V>,
    failed: BTreeMap<H, E>,
}

impl<K: Ord, H: Ord, V: Clone, E: Clone> TryMap<K, H, V, E> {
    /// Returns the value of a key, which `make` makes if nobody has, nor failed to in the way `how`.
    pub(crate) fn try_get(
        &self,
        key: K,
        how: H,
        make: impl FnOnce() -> Result<V, E>,
    ) -> Result<V, E> {
        let new = || Arc::new(Mutex::new(Tries { made: None, failed: BTreeMap::new() }));
        let tries = self.get(key, new);
        let mut tries = tries.lock().unwrap_or_else(PoisonError::into_inner);
        match (&tries.made, tries.failed.get(&how)) {
            (Some(value), _) => return Ok(value.clone()),
            (None, Some(error)) => return Err(error.clone()),
            (None, None) => {}
        }
        let made = make();
        match &made {
            Ok(value) => tries.made = Some(value.clone()),
            Err(error) => _ = tries.failed.insert(how, error.clone()),
        }
        made
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

    #[test]
    fn failures_are_of_who_asks_so() {
        let map = TryMap::default();
        assert_eq!(map.try_get("a", 1, || Err("short")), Err("short"));
        assert_eq!(map.try_get("a", 1, || Ok(0)), Err("short"));
        assert_eq!(map.try_get("b", 1, || Ok(1)), Ok(1));
        assert_eq!(map.try_get("a", 2, || Ok(2)), Ok(2));
        assert_eq!(map.try_get("a", 1, || Ok(3)), Ok(2));
    }
}
