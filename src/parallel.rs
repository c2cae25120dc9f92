//! Work on several threads, with results in the order of the work.

use std::num::NonZeroUsize;

/// How many threads a build may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Threads(Option<NonZeroUsize>);

impl Threads {
    /// Returns as many as the machine runs at once, one without the feature `parallel`.
    ///
    /// The machine is asked when there is work for several: on Linux that reads three files.
    pub(crate) fn available() -> Threads {
        Threads(None)
    }

    /// Returns at most `count`.
    #[cfg(feature = "parallel")]
    pub(crate) fn at_most(count: NonZeroUsize) -> Threads {
        Threads(Some(count))
    }

    /// Returns as many as it takes for work that mostly waits for others.
    pub(crate) fn for_waiting(self) -> Threads {
        Threads(self.0.or(NonZeroUsize::new(8)).filter(|_| cfg!(feature = "parallel")))
    }

    /// Returns `true` if there is only one.
    pub(crate) fn is_one(self) -> bool {
        self.count() == 1
    }

    fn count(self) -> usize {
        let found =
            || std::thread::available_parallelism().ok().filter(|_| cfg!(feature = "parallel"));
        self.0.or_else(found).map_or(1, NonZeroUsize::get)
    }

    /// Calls `work` on every item and returns the results in order.
    ///
    /// Neighbours mostly have things in common, so each thread takes `block` items at a time.
    #[cfg(feature = "parallel")]
    pub(crate) fn map<T: Sync, R: Send>(
        self,
        items: &[T],
        block: usize,
        work: impl Fn(&T) -> R + Sync,
    ) -> Vec<R> {
        use std::sync::atomic::{AtomicUsize, Ordering};

        let blocks: Vec<&[T]> = items.chunks(block.max(1)).collect();
        let helpers = if blocks.len() < 2 { 0 } else { self.count().min(blocks.len()) - 1 };
        if helpers == 0 {
            return items.iter().map(work).collect();
        }
        let next = AtomicUsize::new(0);
        let take_blocks = || {
            let mut done = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let Some(block) = blocks.get(number) else { return done };
                done.push((number, block.iter().map(&work).collect::<Vec<R>>()));
            }
        };
        let mut done = std::thread::scope(|scope| {
            // A thread that the system does not give is a thread fewer.
            let spawn = |_| std::thread::Builder::new().spawn_scoped(scope, take_blocks).ok();
            let helpers: Vec<_> = (0..helpers).filter_map(spawn).collect();
            let mut done = take_blocks();
            for helper in helpers {
                match helper.join() {
                    Ok(more) => done.extend(more),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            done
        });
        done.sort_unstable_by_key(|(number, _)| *number);
        done.into_iter().flat_map(|(_, results)| results).collect()
    }

    /// Calls `work` on every item and returns the results in order.
    #[cfg(not(feature = "parallel"))]
    pub(crate) fn map<T, R>(self, items: &[T], _: usize, work: impl Fn(&T) -> R) -> Vec<R> {
        items.iter().map(work).collect()
    }
}

/// The depth of trees that recursion may follow on any stack: on that of a caller, of whom nothing is known.
pub(crate) const SHALLOW: usize = 64;

/// The stack of a thread for trees of any depth. It is only reserved: what is not needed is never there.
const LARGE_STACK: usize = 512 << 20;

/// Runs `work` on a thread with a stack for trees of any depth.
///
/// # Errors
/// If the system does not give one.
pub(crate) fn on_large_stack<T: Send>(work: impl FnOnce() -> T + Send) -> std::io::Result<T> {
    on_stack_of(LARGE_STACK, work)
}

/// Runs `work` on a thread with a stack of so many bytes.
///
/// # Errors
/// If the system does not give one.
pub(crate) fn on_stack_of<T: Send>(
    bytes: usize,
    work: impl FnOnce() -> T + Send,
) -> std::io::Result<T> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(bytes).spawn_scoped(scope, work)?;
        Ok(thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })
}
