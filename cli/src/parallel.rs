//! Does the same work on many items, on several threads.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

/// Returns how many threads to use if nobody says otherwise.
pub(crate) fn default_jobs() -> usize {
    thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

/// Does `work` on all `items` with up to `jobs` threads, and hands over the results in the order of
/// the items, each as soon as it and all before it are there, until `done` breaks.
///
/// `progress` hears of each item as it is finished, in no particular order.
pub(crate) fn in_order<'a, T: Sync, R: Send>(
    items: &'a [T],
    jobs: usize,
    work: impl Fn(&T) -> R + Sync,
    mut progress: impl FnMut(&T),
    mut done: impl FnMut(&'a T, R) -> ControlFlow<()>,
) {
    let next = AtomicUsize::new(0);
    let (sender, results) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..jobs.clamp(1, items.len().max(1)) {
            let (sender, next, work) = (sender.clone(), &next, &work);
            scope.spawn(move || {
                loop {
                    let i = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(i) else { break };
                    if sender.send((i, item, work(item))).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        let mut due = 0;
        let mut waiting = BTreeMap::new();
        for (i, item, result) in &results {
            progress(item);
            waiting.insert(i, (item, result));
            while let Some((item, result)) = waiting.remove(&due) {
                due += 1;
                if done(item, result).is_break() {
                    next.store(items.len(), Ordering::Relaxed);
                    return;
                }
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_order_and_stops() {
        let items: Vec<usize> = (0..100).collect();
        let (mut finished, mut seen) = (0, Vec::new());
        let work = |&i: &usize| {
            thread::sleep(std::time::Duration::from_micros((i * 37 % 100) as u64));
            i * 2
        };
        in_order(
            &items,
            8,
            work,
            |_| finished += 1,
            |_, double| {
                seen.push(double);
                if double == 100 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            },
        );
        assert_eq!(seen, (0..=50).map(|i| i * 2).collect::<Vec<_>>());
        assert!(finished >= 51);
        in_order(&[0; 0], 8, |_| (), |_| (), |_, ()| ControlFlow::Continue(()));
    }
}
