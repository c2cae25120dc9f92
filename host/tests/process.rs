//! Programs and their limits.

#![cfg(unix)]
#![allow(clippy::unwrap_used)] // a test

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use kustom::Cancel;
use kustom_host::process::{Limits, MAX_STDERR, Program};

fn script(text: &str) -> Program {
    Program::new("sh").args(["-c", text])
}

#[test]
fn gives_what_was_written_and_how_it_ended() {
    let run = script("cat; echo oops >&2; exit 3").run(b"in", &Limits::default()).unwrap();
    assert_eq!((&*run.stdout, &*run.stderr_text()), (&b"in"[..], "oops\n"));
    assert_eq!(run.ending(), "exit status 3");
}

#[test]
fn stdin_is_not_that_of_the_caller() {
    let run = script("cat").run(b"", &Limits::default()).unwrap();
    assert!(run.stdout.is_empty() && run.status.success());
}

#[cfg(target_os = "linux")]
#[test]
fn memory_is_bounded() {
    let limits = Limits::default().memory(1 << 10);
    let error = script("exec sleep 20").run(b"", &limits).unwrap_err();
    assert!(error.is_limit() && error.to_string().contains("in memory"), "{error}");
}

#[test]
fn one_that_does_not_read_is_no_error() {
    let much = vec![b'x'; 1 << 20];
    assert!(script("exit 0").run(&much, &Limits::default()).unwrap().status.success());
}

#[test]
fn what_is_said_beside_the_output_is_bounded_too() {
    let limits = Limits::default().output(4 << 20);
    let start = Instant::now();
    let error = script("cat /dev/zero >&2; true").run(b"", &limits).unwrap_err();
    assert!(error.is_limit() && error.to_string().contains("bytes of output"), "{error}");
    // Also of one that has closed its output.
    let error = script("exec cat /dev/zero >&2").run(b"", &limits).unwrap_err();
    assert!(error.is_limit(), "{error}");
    assert!(start.elapsed() < Duration::from_secs(20));
}

#[test]
fn stops_what_takes_too_long_with_all_it_has_started() {
    let limits = Limits::default().time(Duration::from_millis(100));
    let marker = tempfile::tempdir().unwrap();
    let file = marker.path().join("late");
    let start = Instant::now();
    let error = script(&format!("(sleep 0.5; touch {}) & sleep 60", file.display()))
        .run(b"", &limits)
        .unwrap_err();
    assert!(error.is_limit() && error.to_string().contains("no end after 100ms"), "{error}");
    assert!(start.elapsed() < Duration::from_secs(2));
    #[cfg(target_os = "linux")]
    {
        thread::sleep(Duration::from_millis(600));
        assert!(!file.exists());
    }
}

#[test]
fn who_holds_the_output_open_is_waited_for_as_long_as_the_limit_allows() {
    let start = Instant::now();
    // As ssh does it, which keeps a connection for later.
    let kept = script("echo out; echo err >&2; sleep 60 >/dev/null &").run(b"", &Limits::default());
    let kept = kept.unwrap();
    assert_eq!((&*kept.stdout, &*kept.stderr_text()), (&b"out\n"[..], "err\n"));
    let failed = script("echo out; sleep 61 & exit 3").run(b"", &Limits::default()).unwrap();
    assert_eq!((failed.ending(), &*failed.stdout), ("exit status 3".to_owned(), &b"out\n"[..]));
    // What is still to come belongs to the output, so that it is not known.
    let error = script("echo out; sleep 62 &");
    let error = error.run(b"", &Limits::default().time(Duration::from_secs(2))).unwrap_err();
    assert!(error.to_string().contains("holds its output open"), "{error}");
    assert!(start.elapsed() < Duration::from_secs(20));
    // Until then it is waited for.
    let late = script("(sleep 5.5; echo late) & echo soon").run(b"", &Limits::default()).unwrap();
    assert_eq!(late.stdout, b"soon\nlate\n");
}

#[test]
fn stops_what_writes_without_end() {
    let error = script("yes").run(b"", &Limits::default().output(1000)).unwrap_err();
    assert!(error.to_string().contains("more than 1000 bytes of output"), "{error}");
    let loud = script("yes | head -c 5000000 >&2").run(b"", &Limits::default()).unwrap();
    assert_eq!(loud.stderr.len(), MAX_STDERR);
}

#[test]
fn stops_when_told_to() {
    let start = Instant::now();
    let mut asked = 0;
    let mut goes_on = || {
        asked += 1;
        asked < 3
    };
    let error = script("sleep 60").run_while(b"", &Limits::default(), &mut goes_on).unwrap_err();
    assert!(error.is_cut_short() && start.elapsed() < Duration::from_secs(30), "{error}");
}

#[test]
fn says_that_there_is_no_such_program() {
    let error = Program::new("no-such-program").run(b"", &Limits::default()).unwrap_err();
    assert!(error.is_missing());
    assert_eq!(error.to_string(), "exec: \"no-such-program\": executable file not found in $PATH");
}

/// Returns the path of a file that a process of its own makes later, and a text that starts it so that its
/// parent is gone.
fn escaped(folder: &Path) -> (std::path::PathBuf, String) {
    let file = folder.join("late");
    let late = format!("(sleep 1; touch {}) >/dev/null 2>&1 &", file.display());
    (file, format!("setsid sh -c '{late} exit'"))
}

#[cfg(target_os = "linux")]
#[test]
fn stops_what_has_left_its_parent_and_its_session() {
    let marker = tempfile::tempdir().unwrap();
    let (file, escape) = escaped(marker.path());
    let limits = Limits::default().time(Duration::from_millis(300));
    script(&format!("{escape}; exec sleep 60")).run(b"", &limits).unwrap_err();
    thread::sleep(Duration::from_millis(1500));
    assert!(!file.exists());
}

#[cfg(target_os = "linux")]
#[test]
fn stops_what_has_an_environment_of_its_own() {
    let marker = tempfile::tempdir().unwrap();
    let file = marker.path().join("late");
    let cleared = format!("env -i sh -c \"sleep 1; touch {}\"", file.display());
    // What has started it has left its parent.
    let escape = format!("setsid sh -c '({cleared}; true) >/dev/null 2>&1 & exit'");
    let limits = Limits::default().time(Duration::from_millis(300));
    script(&format!("{escape}; exec sleep 60")).run(b"", &limits).unwrap_err();
    thread::sleep(Duration::from_millis(1500));
    assert!(!file.exists());
}

#[cfg(target_os = "linux")]
#[test]
fn what_goes_well_leaves_running_what_it_has_started() {
    // Such as the agents of ssh and gpg, which the next program asks.
    let marker = tempfile::tempdir().unwrap();
    let (file, escape) = escaped(marker.path());
    assert!(script(&escape).run(b"", &Limits::default()).unwrap().status.success());
    thread::sleep(Duration::from_millis(1500));
    assert!(file.exists());
}

#[cfg(target_os = "linux")]
#[test]
fn memory_of_what_it_has_started_counts() {
    let limits = Limits::default().memory(30 << 20).time(Duration::from_secs(20));
    // One that holds fifty megabytes: a child, and one whose parent has gone.
    let hold = "head -c 50000000 /dev/zero | tail -c 50000000 | sleep 30";
    for text in
        [format!("{hold}; true"), format!("(setsid sh -c '({hold}) >/dev/null 2>&1 &'); sleep 30")]
    {
        let start = Instant::now();
        let error = script(&text).run(b"", &limits).unwrap_err();
        assert!(error.to_string().contains("in memory"), "{error}");
        assert!(start.elapsed() < Duration::from_secs(10), "{text}");
    }
}

#[test]
fn limits_hold_where_nothing_is_read_any_more() {
    let text = "exec >/dev/null 2>&1; sleep 60";
    let start = Instant::now();
    let limits = Limits::default().time(Duration::from_millis(300));
    assert!(script(text).run(b"", &limits).unwrap_err().is_too_long());
    let cancel = Cancel::new();
    cancel_soon(&cancel);
    let error = script(text).cancel(&cancel).run(b"", &Limits::default()).unwrap_err();
    assert_eq!(error.to_string(), "the build was cancelled: no need any more");
    assert!(start.elapsed() < Duration::from_secs(20));
}

fn cancel_soon(cancel: &Cancel) {
    let cancel = cancel.clone();
    thread::spawn(move || {
        thread::sleep(Duration::from_millis(200));
        cancel.stop_because("no need any more");
    });
}

#[test]
fn nothing_is_started_once_it_is_cancelled() {
    let marker = tempfile::tempdir().unwrap();
    let file = marker.path().join("made");
    let cancel = Cancel::new();
    cancel.stop();
    let touch = script(&format!("touch {}", file.display())).cancel(&cancel);
    assert_eq!(
        touch.run(b"", &Limits::default()).unwrap_err().to_string(),
        "the build was cancelled"
    );
    assert!(!file.exists());
}
