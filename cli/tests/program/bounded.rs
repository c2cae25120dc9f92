//! What takes too long, and what is left when the program is told to end.
#![cfg(unix)]

use std::fs;
use std::net::TcpListener;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::elsewhere::{Elsewhere, executable};
use super::{Ran, folder, program, write};

/// Returns a folder with programs `git` and `helm` that hang where they would work.
fn hanging(test: &str) -> PathBuf {
    let top = folder(test, &[("tmp/.keep", "")]);
    fs::remove_file(top.join("tmp/.keep")).expect("a file");
    let work = format!("touch {}/started; sleep 60; touch {0}/ended", top.display());
    let git = format!("#!/bin/sh\ncase \"$*\" in *' fetch '*) {work} ;; esac\nexit 0\n");
    let helm = format!("#!/bin/sh\n[ \"$1\" = version ] && echo v3.18.4 && exit\n{work}\n");
    for (name, script) in [("git", git), ("helm", helm)] {
        write(&top, &format!("bin/{name}"), &script);
        executable(&top.join("bin").join(name));
    }
    let chart = "apiVersion: v2\nname: web\nversion: 1.0.0\n";
    for (path, text) in [
        ("tree/kustomization.yaml", "resources: ['https://github.com/acme/infra.git//base']\n"),
        ("chart/kustomization.yaml", "helmCharts: [{name: web, releaseName: r}]\n"),
        ("chart/charts/web/Chart.yaml", chart),
        ("chart/charts/web/values.yaml", "{}\n"),
        ("function/kustomization.yaml", "transformers: [fn.yaml]\n"),
        (
            "function/fn.yaml",
            "apiVersion: ex.io/v1\nkind: Fn\nmetadata:\n  name: fn\n  annotations:\n    \
             config.kubernetes.io/function: '{exec: {path: ./helm}}'\n",
        ),
    ] {
        write(&top, path, text);
    }
    fs::copy(top.join("bin/helm"), top.join("function/helm")).expect("a copy");
    top
}

/// Returns the program with these programs first in `PATH`, and all switched on.
fn start(top: &Path, args: &[&str]) -> Command {
    let on = ["--allow-remote", "--enable-helm", "--enable-alpha-plugins", "--enable-exec"];
    let mut command = program(top, &[&["build"], args, &on].concat());
    let path = std::env::var("PATH").expect("a path");
    command.env("PATH", format!("{}:{path}", top.join("bin").display()));
    command.env("TMPDIR", top.join("tmp")).env("HTTPS_PROXY", "http://127.0.0.1:9");
    command
}

fn is_clean(top: &Path) -> bool {
    fs::read_dir(top.join("tmp")).expect("a folder").count() == 0
}

#[test]
fn a_program_that_hangs_is_stopped() {
    let top = hanging("bounded-hangs");
    for (flags, what, limit) in [
        (["--process-timeout", "1"], "tree", "hit 1s timeout of the whole fetch"),
        (["--process-timeout", "1"], "chart", "no end after 1s"),
        (["--process-timeout", "1"], "function", "no end after 1s"),
        (["--timeout", "1s"], "tree", "it took longer than 1s (--timeout)"),
        (["--timeout", "1s"], "chart", "it took longer than 1s (--timeout)"),
        (["--timeout", "1s"], "function", "it took longer than 1s (--timeout)"),
    ] {
        let begin = Instant::now();
        let ran: Ran = start(&top, &[what, flags[0], flags[1]]).output().expect("it runs").into();
        assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""));
        assert!(ran.err.contains(limit), "{what}: {}", ran.err);
        let names_flag = ran.err.contains("--process-timeout allows more time");
        assert_eq!(names_flag, flags[0] == "--process-timeout", "{}", ran.err);
        assert!(begin.elapsed() < Duration::from_secs(20), "{what} {flags:?}");
        assert!(is_clean(&top));
    }
}

#[test]
fn a_server_that_hangs_is_left_alone() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/a.yaml", listener.local_addr().expect("an address"));
    let top = hanging("bounded-server");
    write(&top, "file/kustomization.yaml", &format!("resources: ['{url}']\n"));
    for (flags, words) in [
        (["--process-timeout", "1"], "no answer within the time limit"),
        (["--timeout", "1s"], "it took longer than 1s (--timeout)"),
    ] {
        let begin = Instant::now();
        let args = ["file", "--allow-remote=127.0.0.1", flags[0], flags[1]];
        let ran: Ran = start(&top, &args).output().expect("it runs").into();
        assert!(ran.code == Some(1) && ran.err.contains(words), "{}", ran.err);
        assert!(begin.elapsed() < Duration::from_secs(15), "{flags:?}");
    }
}

#[test]
fn nothing_is_left_when_it_is_told_to_end() {
    let top = hanging("bounded-signal");
    for (signal, number, what) in
        [("TERM", 15, "tree"), ("INT", 2, "chart"), ("HUP", 1, "function")]
    {
        // One that whoever started the tests ignores, as behind nohup, stays ignored.
        if is_ignored(number) {
            continue;
        }
        _ = fs::remove_file(top.join("started"));
        let mut command = start(&top, &[what]);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
        while !top.join("started").exists() {
            thread::sleep(Duration::from_millis(10));
        }
        let kill = format!("kill -{signal} {}", child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().expect("sh").success());
        let begin = Instant::now();
        let ended = child.wait_with_output().expect("it ends");
        assert_eq!(ended.status.signal(), Some(number), "{ended:?}");
        assert!(begin.elapsed() < Duration::from_secs(10), "{what}");
        assert!(is_clean(&top), "{what}");
        assert!(!top.join("ended").exists());
        #[cfg(target_os = "linux")]
        assert!(!is_running(&top), "{what}");
    }
}

/// As `timeout` sends it, to the process and to its group.
#[cfg(target_os = "linux")]
#[test]
fn two_signals_at_once_leave_nothing_either() {
    let top = hanging("bounded-signals");
    if is_ignored(2) {
        return;
    }
    for what in ["chart", "function", "tree"] {
        _ = fs::remove_file(top.join("started"));
        let mut command = start(&top, &[what]);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
        while !top.join("started").exists() {
            thread::sleep(Duration::from_millis(10));
        }
        let kill = format!("kill -INT {0}; sleep 0.005; kill -INT {0}", child.id());
        Command::new("sh").args(["-c", &kill]).status().expect("sh");
        let ended = child.wait_with_output().expect("it ends");
        assert_eq!(ended.status.signal(), Some(2), "{ended:?}");
        assert!(!is_running(&top), "{what}");
        assert!(is_clean(&top), "{what}");
    }
}

/// Returns `true` if this process ignores a signal, as far as the system tells.
fn is_ignored(number: i32) -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    ignored.is_some_and(|mask| mask >> (number - 1) & 1 == 1)
}

/// Returns `true` if one of the programs in a folder is running.
#[cfg(target_os = "linux")]
fn is_running(top: &Path) -> bool {
    let top = top.join("bin").display().to_string();
    let processes = fs::read_dir("/proc").expect("processes").flatten();
    let mut lines = processes.map(|process| fs::read(process.path().join("cmdline")));
    lines.any(|line| String::from_utf8_lossy(&line.unwrap_or_default()).contains(&top))
}

#[test]
fn the_steps_of_one_fetch_share_its_time() {
    let elsewhere = Elsewhere::new("bounded-steps");
    let map = super::config_map("infra");
    let files = [("base/kustomization.yaml", "resources: [map.yaml]\n"), ("base/map.yaml", &*map)];
    elsewhere.commit("acme/infra", "v1", &files);
    let real = fs::read_to_string(elsewhere.top.join("bin/git")).expect("a script");
    // Each step takes less than its own time.
    let slow = real.replacen("#!/bin/sh\n", "#!/bin/sh\nsleep 0.7\n", 1);
    fs::write(elsewhere.top.join("bin/git"), slow).expect("a script");
    let base = "resources: ['github.com/acme/infra//base?ref=v1']\n";
    let top = folder("bounded-steps", &[("kustomization.yaml", base)]);
    let begin = Instant::now();
    let ran = elsewhere.kustom(&top, &["build", ".", "--allow-remote", "--process-timeout", "1"]);
    assert!(ran.err.contains("hit 1s timeout of the whole fetch"), "{}", ran.err);
    assert!(begin.elapsed() < Duration::from_secs(10));
    // Also the first one, which looks up what git is set to do, and has what the rest has left.
    let slower = real.replacen("#!/bin/sh\n", "#!/bin/sh\nsleep 5\n", 1);
    fs::write(elsewhere.top.join("bin/git"), slower).expect("a script");
    let ran = elsewhere.kustom(&top, &["build", ".", "--allow-remote", "--process-timeout", "1"]);
    let words = "hit 1s timeout of the whole fetch running 'git config'";
    assert!(ran.err.contains(words), "{}", ran.err);
}
