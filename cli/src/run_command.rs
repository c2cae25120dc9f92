//! Runs a program and waits for it, but not for ever.

use std::io::{self, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// How a program ended.
pub(crate) enum Ended {
    /// Well, with this on stdout.
    Success(Vec<u8>),
    /// Not well, with this on stderr.
    Failure(String),
    /// It was killed because it took too long.
    TimedOut,
}

/// Runs a program without input.
///
/// # Errors
/// If it cannot be started or waited for.
pub(crate) fn run(mut command: Command, timeout: Duration) -> io::Result<Ended> {
    let deadline = Instant::now() + timeout;
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    let stdout = read(child.stdout.take());
    let stderr = read(child.stderr.take());
    // The pipes close when the program ends, or earlier; they stay open if it leaves a child behind.
    let (Some(stdout), Some(stderr)) = (until(deadline, &stdout), until(deadline, &stderr)) else {
        return kill(child);
    };
    let mut pause = Duration::from_micros(100);
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if Instant::now() >= deadline {
            return kill(child);
        }
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(20));
    };
    if status.success() {
        return Ok(Ended::Success(stdout));
    }
    let message = String::from_utf8_lossy(&stderr);
    let message = message.trim().trim_start_matches("Error: ");
    Ok(Ended::Failure(if message.is_empty() { status.to_string() } else { message.to_owned() }))
}

fn kill(mut child: Child) -> io::Result<Ended> {
    child.kill()?;
    child.wait()?;
    Ok(Ended::TimedOut)
}

/// Reads a pipe to its end on a thread of its own.
fn read(pipe: Option<impl Read + Send + 'static>) -> mpsc::Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            _ = pipe.read_to_end(&mut bytes);
        }
        _ = sender.send(bytes);
    });
    receiver
}

fn until(deadline: Instant, receiver: &mpsc::Receiver<Vec<u8>>) -> Option<Vec<u8>> {
    receiver.recv_timeout(deadline.saturating_duration_since(Instant::now())).ok()
}
