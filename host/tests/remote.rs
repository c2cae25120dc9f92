//! Fetching is bounded.

#![allow(missing_docs)]
#![allow(clippy::disallowed_methods)] // the test starts git itself

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use kustom::outside::{FailureKind, FileAnswer, FileRequest, RemoteSource, TreeRequest};
use kustom_host::remote::{Allowed, FetchLimits, Remote};

/// Serves one connection after the other with `answer`.
fn serve(answer: impl Fn(TcpStream) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || listener.incoming().flatten().for_each(answer));
    format!("http://{address}")
}

fn remote(limits: FetchLimits) -> Remote {
    let allowed = Allowed::nothing()
        .public()
        .place("127.0.0.1")
        .and_then(|allowed| allowed.place("file:///"))
        .expect("places");
    Remote::new(allowed).limits(limits)
}

#[test]
fn a_server_that_never_answers() {
    let url = serve(std::mem::forget);
    let mut limits = FetchLimits::default();
    limits.file_time = Duration::from_millis(300);
    let start = Instant::now();
    let failure = remote(limits).file(&FileRequest::new(format!("{url}/a"))).unwrap_err();
    assert_eq!(failure.kind(), FailureKind::Limit, "{failure}");
    assert!(start.elapsed() < Duration::from_secs(20));
}

#[test]
fn a_server_that_answers_drop_by_drop() {
    let url = serve(|mut stream| {
        _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
        thread::spawn(move || {
            while stream.write_all(b"x").is_ok() {
                thread::sleep(Duration::from_millis(50));
            }
        });
    });
    let mut limits = FetchLimits::default();
    limits.file_time = Duration::from_millis(500);
    let start = Instant::now();
    let failure = remote(limits).file(&FileRequest::new(format!("{url}/a"))).unwrap_err();
    assert_eq!(failure.kind(), FailureKind::Limit, "{failure}");
    assert!(start.elapsed() < Duration::from_secs(20));
}

#[test]
fn a_huge_file() {
    let url = serve(|mut stream| {
        _ = stream.read(&mut [0; 1024]);
        _ = stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
        let much = [b'x'; 4096];
        while stream.write_all(&much).is_ok() {}
    });
    let mut limits = FetchLimits::default();
    limits.file_bytes = 100_000;
    let failure = remote(limits).file(&FileRequest::new(format!("{url}/a.tar.gz"))).unwrap_err();
    assert_eq!(failure.kind(), FailureKind::Limit, "{failure}");
    assert!(failure.message().contains("more than 100000 bytes"), "{failure}");
}

/// Returns bytes as gzip packs them.
fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(bytes).expect("memory");
    packed.finish().expect("memory")
}

#[test]
fn answers_are_unpacked_as_upstreams_client_does() {
    let text: &[u8] = b"some text, some text, some text";
    let whole = packed(text);
    let found = |bytes: &[u8]| Ok(FileAnswer::Found(bytes.to_vec()));
    for (encoding, body, expected) in [
        ("gzip", whole.clone(), found(text)),
        ("GZIP", whole.clone(), found(text)),
        ("gzip", [packed(&text[..9]), packed(&text[9..])].concat(), found(text)),
        ("gzip", Vec::new(), found(b"")),
        ("x-gzip", whole.clone(), found(&whole)),
        ("identity", whole.clone(), found(&whole)),
        ("gzip", text.to_vec(), Err(FailureKind::Failed)),
        ("gzip", whole[..whole.len() - 6].to_vec(), Err(FailureKind::Failed)),
        ("gzip", [&whole, &b"more"[..]].concat(), Err(FailureKind::Failed)),
        ("gzip", packed(&[b'x'; 100_001]), Err(FailureKind::Limit)),
    ] {
        let (asked, heard) = mpsc::channel();
        let answer = body.clone();
        let url = serve(move |mut stream| {
            let mut request = [0; 1024];
            let length = stream.read(&mut request).expect("a request");
            _ = asked.send(String::from_utf8_lossy(&request[..length]).to_ascii_lowercase());
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Encoding: {encoding}\r\nContent-Length: {}\r\n\r\n",
                answer.len()
            );
            _ = stream.write_all(&[head.as_bytes(), &answer].concat());
        });
        let mut limits = FetchLimits::default();
        limits.file_bytes = 100_000;
        let got = remote(limits).file(&FileRequest::new(format!("{url}/a")));
        assert_eq!(got.map_err(|failure| failure.kind()), expected, "{encoding} {}", body.len());
        let request = heard.recv().expect("a request");
        assert!(request.contains("accept-encoding: gzip\r\n"), "{request}");
    }
}

/// Serves the repositories of a folder as git servers do; what lies below `/old/` has moved to `/new/`, and what
/// lies below `/away/` to another address.
fn serve_git(top: &Path, away: &str) -> String {
    let (top, away) = (top.to_path_buf(), away.to_owned());
    serve(move |stream| drop(answer_git(&stream, &top, &away)))
}

fn answer_git(mut stream: &TcpStream, top: &Path, away: &str) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split_whitespace();
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let (mut length, mut kind, mut protocol) = (0, String::new(), String::new());
    loop {
        let mut header = String::new();
        reader.read_line(&mut header)?;
        match header.trim_end().split_once(": ") {
            None => break,
            Some(("Content-Length", value)) => length = value.parse().unwrap_or_default(),
            Some(("Content-Type", value)) => kind = value.to_owned(),
            Some(("Git-Protocol", value)) => protocol = value.to_owned(),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let moved = match path {
        path if path.starts_with("/old/") => Some(target.replacen("/old/", "/new/", 1)),
        path if path.starts_with("/away/") => Some(format!("{away}{}", &target["/away".len()..])),
        _ => None,
    };
    if let Some(moved) = moved {
        let head = "HTTP/1.1 301 Moved\r\nConnection: close\r\nContent-Length: 0";
        return write!(stream, "{head}\r\nLocation: {moved}\r\n\r\n");
    }
    let mut git = Command::new("git");
    git.arg("http-backend").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    git.env("GIT_PROJECT_ROOT", top).env("GIT_HTTP_EXPORT_ALL", "1").env("PATH_INFO", path);
    git.env("QUERY_STRING", query).env("REQUEST_METHOD", method).env("CONTENT_TYPE", kind);
    let mut child = git.env("GIT_PROTOCOL", protocol).spawn()?;
    child.stdin.take().expect("piped").write_all(&body)?;
    let output = child.wait_with_output()?.stdout;
    stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n")?;
    stream.write_all(&output)
}

#[test]
fn a_repository_that_has_moved_is_followed_only_to_where_it_may() {
    let top = tempfile::tempdir().expect("a folder");
    let folder = top.path().join("new/base");
    std::fs::create_dir_all(&folder).expect("a folder");
    repository(&folder, 1, 10);
    let other = tempfile::tempdir().expect("a folder");
    let away = serve_git(other.path(), "").replace("127.0.0.1", "localhost");
    let url = serve_git(top.path(), &away);
    let tree = |path: &str| {
        let request = TreeRequest::parse(&format!("{url}/{path}")).expect("an address");
        remote(FetchLimits::default()).tree(&request.expect("a request"))
    };
    let (there, moved) = (tree("new/base/.git"), tree("old/base/.git"));
    assert_eq!(moved.expect("a tree").commit(), there.expect("a tree").commit());
    let failure = tree("away/base/.git").unwrap_err();
    assert_eq!(failure.kind(), FailureKind::Refused, "{failure}");
    assert!(failure.message().contains("redirects: 'http://localhost:"), "{failure}");
    assert!(failure.hint_text().unwrap_or_default().contains("=localhost:"), "{failure}");
}

/// Makes a repository of some files.
fn repository(top: &Path, files: usize, size: usize) -> TreeRequest {
    let git = |words: &[&str]| {
        let mut git = Command::new("git");
        git.current_dir(top).args(["-c", "user.name=t", "-c", "user.email=t@example.invalid"]);
        let done = git.args(words).output().expect("git runs");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    };
    git(&["init", "--quiet"]);
    for i in 0..files {
        // Texts that cannot be made much smaller.
        let seed = i as u64 * 7919 + 1;
        let bytes = (0..size as u64).map(|n| {
            let mixed = (n ^ seed.rotate_left(17)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            (mixed >> 56) as u8
        });
        std::fs::write(top.join(format!("f{i}")), bytes.collect::<Vec<u8>>()).expect("a file");
    }
    git(&["add", "--all"]);
    git(&["commit", "--quiet", "-m", "all"]);
    let url = format!("file://{}", top.display());
    TreeRequest::parse(&url).expect("a request").expect("an address")
}

#[test]
fn a_tree_of_too_many_files_or_bytes() {
    let top = tempfile::tempdir().expect("a folder");
    let request = repository(top.path(), 20, 2000);
    let tree = remote(FetchLimits::default()).tree(&request).expect("a tree");
    assert!(tree.files().read(&tree.root().join("f3")).is_ok());
    assert!(!tree.root().join(".git").exists());
    let root = tree.root().to_path_buf();
    drop(tree);
    assert!(!root.exists(), "it is still there");
    let mut limits = FetchLimits::default();
    limits.tree_files = 10;
    let failure = remote(limits).tree(&request).unwrap_err();
    assert!(failure.message().contains("the tree has 20 files"), "{failure}");
    let mut limits = FetchLimits::default();
    limits.tree_bytes = 10_000;
    let failure = remote(limits).tree(&request).unwrap_err();
    assert_eq!(failure.kind(), FailureKind::Limit, "{failure}");
}

#[test]
fn a_tree_that_is_asked_for_again_is_the_same() {
    let top = tempfile::tempdir().expect("a folder");
    let request = repository(top.path(), 1, 10);
    let remote = remote(FetchLimits::default());
    let first = remote.tree(&request).expect("a tree");
    assert_eq!(first.root(), remote.tree(&request).expect("a tree").root());
}

#[test]
fn no_time_for_one_request_is_no_answer_for_others() {
    let folder = || tempfile::tempdir().expect("a folder");
    let (top, another) = (folder(), folder());
    let other = repository(another.path(), 1, 10);
    repository(top.path(), 1, 10);
    let remote = remote(FetchLimits::default());
    let request = |query: &str| {
        let url = format!("file://{}?{query}", top.path().display());
        TreeRequest::parse(&url).expect("a request").expect("an address")
    };
    let failure = remote.tree(&request("timeout=1ns")).unwrap_err();
    assert_eq!(failure.kind(), FailureKind::Limit, "{failure}");
    // Neither of the same repository, nor of another one.
    let fetched = remote.tree(&request("timeout=1m")).expect("a tree");
    remote.tree(&other).expect("a tree");
    // And enough time for one is none for the first: what comes of it is the same in any order.
    let again = remote.tree(&request("timeout=1ns")).unwrap_err();
    assert_eq!(again.kind(), FailureKind::Limit, "{again}");
    let same = remote.tree(&request("timeout=60s")).expect("a tree");
    assert_eq!(same.root(), fetched.root());
}
