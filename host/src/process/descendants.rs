//! Stops a process with all that it has started.
//!
//! Programs stay in the process group of the caller, so that an interrupt at the terminal reaches them
//! all. So those that a stopped one has started are looked up; without `/proc` only itself is stopped.

use std::process::Child;

/// Stops a process and its descendants.
pub(super) fn stop(child: &mut Child) {
    #[cfg(unix)]
    let found = descendants(child.id());
    // That it has ended before is as good.
    let _ = child.kill();
    #[cfg(unix)]
    for process in found {
        let process = i32::try_from(process).ok().and_then(rustix::process::Pid::from_raw);
        let _ = process.map(|p| rustix::process::kill_process(p, rustix::process::Signal::KILL));
    }
    let _ = child.wait();
}

/// Returns the descendants of a process, as far as they are known.
#[cfg(unix)]
fn descendants(process: u32) -> Vec<u32> {
    let mut found = Vec::new();
    let mut waiting = vec![process];
    while let Some(process) = waiting.pop() {
        let children = children(process);
        found.extend(&children);
        waiting.extend(children);
    }
    found
}

#[cfg(unix)]
fn children(process: u32) -> Vec<u32> {
    let Ok(threads) = std::fs::read_dir(format!("/proc/{process}/task")) else { return Vec::new() };
    let of_thread = |thread: std::fs::DirEntry| {
        std::fs::read_to_string(thread.path().join("children")).unwrap_or_default()
    };
    let listed: Vec<String> = threads.flatten().map(of_thread).collect();
    listed.iter().flat_map(|list| list.split_whitespace()).flat_map(str::parse).collect()
}
