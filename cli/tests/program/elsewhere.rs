//! The other end of remote bases: repositories that git finds under public addresses, and a server.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use super::{Ran, folder, program, write};

/// Repositories below `https://github.com/` and a git that writes down how it is called.
pub(crate) struct Elsewhere {
    pub(crate) top: PathBuf,
}

impl Elsewhere {
    /// Starts without repositories.
    pub(crate) fn new(test: &str) -> Elsewhere {
        let top = folder(&format!("elsewhere-{test}"), &[]);
        // A git that is found first, notes its arguments and goes on to the real one.
        let real = Command::new("sh").args(["-c", "command -v git"]).output().expect("sh");
        let real = String::from_utf8(real.stdout).expect("UTF-8");
        let log = top.join("git.log");
        let script =
            format!("#!/bin/sh\necho \"$@\" >> {}\nexec {} \"$@\"\n", log.display(), real.trim());
        write(&top, "bin/git", &script);
        executable(&top.join("bin/git"));
        Elsewhere { top }
    }

    /// Adds a commit to a repository, and a tag.
    pub(crate) fn commit(&self, repository: &str, tag: &str, files: &[(&str, &str)]) {
        let work = self.top.join("bare").join(repository);
        if !work.join(".git").exists() {
            fs::create_dir_all(&work).expect("a folder");
            self.git(&work, &["init", "--quiet", "--initial-branch=main"]);
            self.git(&work, &["config", "uploadpack.allowAnySHA1InWant", "true"]);
        }
        for (path, text) in files {
            match text.strip_prefix("-> ") {
                #[cfg(unix)]
                Some(target) => {
                    _ = fs::remove_file(work.join(path));
                    std::os::unix::fs::symlink(target, work.join(path)).expect("a link");
                }
                _ => {
                    write(&work, path, text);
                    if text.starts_with("#!") {
                        executable(&work.join(path));
                    }
                }
            }
        }
        self.git(&work, &["add", "--all"]);
        self.git(&work, &["commit", "--quiet", "--allow-empty", "-m", tag]);
        self.git(&work, &["tag", "--force", tag]);
    }

    /// Runs the real git in a directory.
    pub(crate) fn git(&self, directory: &Path, words: &[&str]) -> String {
        let mut git = Command::new("git");
        git.current_dir(directory).args([
            "-c",
            "user.name=t",
            "-c",
            "user.email=t@example.invalid",
        ]);
        git.args(["-c", "protocol.file.allow=always"]).args(words);
        git.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
        for name in ["GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"] {
            git.env(name, "2026-01-01T00:00:00Z");
        }
        let output = git.output().expect("git runs");
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {words:?}: {error}");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// Returns the program with these repositories behind `https://github.com/`, and settings of git.
    pub(crate) fn program(&self, dir: &Path, args: &[&str], settings: &[(&str, &str)]) -> Command {
        let mut command = program(dir, args);
        let path = std::env::var("PATH").expect("a path");
        command.env("PATH", format!("{}:{path}", self.top.join("bin").display()));
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
        let instead = format!("url.file://{}/bare/.insteadOf", self.top.display());
        let given = [(instead.as_str(), "https://github.com/"), ("protocol.file.allow", "always")];
        let settings: Vec<_> = given.iter().chain(settings).collect();
        command.env("GIT_CONFIG_COUNT", settings.len().to_string());
        for (i, (key, value)) in settings.iter().enumerate() {
            command.env(format!("GIT_CONFIG_KEY_{i}"), key);
            command.env(format!("GIT_CONFIG_VALUE_{i}"), value);
        }
        // What is asked of the web goes nowhere.
        command.env("HTTPS_PROXY", "http://127.0.0.1:9").env("NO_PROXY", "127.0.0.1");
        command.env("TMPDIR", folder_in(&self.top, "tmp"));
        command
    }

    /// Runs the program with these repositories behind `https://github.com/`.
    pub(crate) fn kustom(&self, dir: &Path, args: &[&str]) -> Ran {
        let ran: Ran = self.program(dir, args, &[]).output().expect("it runs").into();
        let left = fs::read_dir(self.top.join("tmp")).expect("a folder").count();
        assert_eq!(left, 0, "something is left in the temporary folder");
        ran
    }

    /// Removes what a program that was killed has left in the temporary folder, where what it had started may go on
    /// for a moment.
    #[cfg(unix)]
    pub(crate) fn clear_temporary(&self) {
        let folder = self.top.join("tmp");
        for _ in 0..100 {
            let is_gone = fs::remove_dir_all(&folder).is_ok();
            thread::sleep(std::time::Duration::from_millis(20));
            if is_gone && !folder.exists() {
                return;
            }
        }
        panic!("{} does not stay empty", folder.display());
    }

    /// Returns how git was called: a line for each call.
    pub(crate) fn calls(&self) -> Vec<String> {
        let log = fs::read_to_string(self.top.join("git.log")).unwrap_or_default();
        log.lines().map(str::to_owned).collect()
    }

    /// Returns how often something was fetched.
    pub(crate) fn fetches(&self) -> usize {
        self.calls().iter().filter(|call| call.contains(" fetch ")).count()
    }
}

fn folder_in(top: &Path, name: &str) -> PathBuf {
    let folder = top.join(name);
    fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// Makes a file executable.
pub(crate) fn executable(path: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("a file");
    }
    let _ = path;
}

/// A server on the loopback that answers as it is told, until it is dropped.
pub(crate) struct Server {
    /// Its host and port.
    pub(crate) address: String,
    /// The paths that were asked for.
    asked: Arc<Mutex<Vec<String>>>,
    is_over: Arc<AtomicBool>,
}

/// How a connection is spoken to.
pub(crate) trait Talk: Read + Write {}
impl<T: Read + Write> Talk for T {}

impl Server {
    /// Starts a server; `answer` returns status, headers and the body for a path.
    pub(crate) fn start<B: Into<Vec<u8>>>(
        answer: impl Fn(&str) -> (u16, String, B) + Send + 'static,
    ) -> Server {
        Server::start_behind(|stream| Box::new(stream), answer)
    }

    /// As [`start`](Self::start), with what `wrap` puts around each connection.
    pub(crate) fn start_behind<B: Into<Vec<u8>>>(
        wrap: impl Fn(TcpStream) -> Box<dyn Talk> + Send + 'static,
        answer: impl Fn(&str) -> (u16, String, B) + Send + 'static,
    ) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let is_over = Arc::<AtomicBool>::default();
        let (log, ends) = (Arc::clone(&asked), Arc::clone(&is_over));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if ends.load(Ordering::SeqCst) {
                    return;
                }
                let mut stream = BufReader::new(wrap(stream));
                let mut line = || {
                    let mut line = String::new();
                    _ = stream.read_line(&mut line);
                    line.trim_end().to_owned()
                };
                let first = line();
                while !line().is_empty() {}
                let mut words = first.split(' ');
                let is_head = words.next() == Some("HEAD");
                let path = words.next().unwrap_or_default().to_owned();
                log.lock().expect("a log").push(path.clone());
                let (status, headers, body) = answer(&path);
                let body: Vec<u8> = body.into();
                let head = format!(
                    "HTTP/1.1 {status} X\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n",
                    body.len()
                );
                let stream = stream.get_mut();
                _ = stream.write_all(head.as_bytes());
                _ = if is_head { Ok(()) } else { stream.write_all(&body) };
                _ = stream.flush();
            }
        });
        Server { address, asked, is_over }
    }

    /// Returns the paths that were asked for.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("a log").clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        // Who waits for a connection sees it.
        _ = TcpStream::connect(&self.address);
    }
}
