//! Whether there is a stdout at all.
//!
//! Before `main`, Rust opens `/dev/null` in the place of standard streams that are closed, so that a file which is
//! opened later does not become one by accident. What is written after `kustom build >&-` would then be lost without
//! a word, and looks the same as output that is wanted nowhere (`> /dev/null`, `DEVNULL` of Python). So the question
//! is asked earlier, by the only means that there is: a function in the list of those that are run before `main`.

use std::sync::atomic::{AtomicBool, Ordering};

static IS_OPEN: AtomicBool = AtomicBool::new(true);

// That nothing of the standard library is at hand yet is what the word `unsafe` acknowledges here, where no operation
// is: this asks the kernel one question, and keeps the answer.
#[cfg(any(target_os = "linux", target_os = "macos"))]
ctor_lite::ctor! {
    unsafe fn look() {
        let is_open = rustix::io::fcntl_getfd(rustix::stdio::stdout()).is_ok();
        IS_OPEN.store(is_open, Ordering::Relaxed);
    }
}

/// Returns `true` if the program was started without a stdout.
pub(crate) fn is_stdout_closed() -> bool {
    !IS_OPEN.load(Ordering::Relaxed)
}
