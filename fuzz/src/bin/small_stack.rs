//! Builds a folder through the library alone, on a thread with a small stack, for suites of attacks.
//!
//! ```text
//! STACK=262144 small_stack build DIR
//! ```

use std::io::Write;
use std::process::ExitCode;
use std::thread;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [command, folder] = &arguments[..] else { return ExitCode::from(2) };
    if command != "build" || folder.starts_with('-') {
        return ExitCode::from(2);
    }
    let stack = std::env::var("STACK").ok().and_then(|bytes| bytes.parse().ok());
    let folder = folder.clone();
    let thread = thread::Builder::new()
        .stack_size(stack.unwrap_or(256 << 10))
        .spawn(move || kustom::build(folder).map(|build| build.to_yaml()));
    match thread.map(thread::JoinHandle::join) {
        Ok(Ok(Ok(text))) if std::io::stdout().write_all(text.as_bytes()).is_ok() => {
            ExitCode::SUCCESS
        }
        Ok(Ok(Err(error))) => {
            // No line of a message may look like the beginning of one.
            let text = error.to_string();
            eprintln!("Error: {}", kustom::text::visible(&text).replace('\n', "\n  "));
            ExitCode::FAILURE
        }
        _ => ExitCode::from(101),
    }
}
