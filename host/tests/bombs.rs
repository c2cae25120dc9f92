//! Charts that are there to do harm, from a repository on loopback, for the helm that is installed.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::disallowed_methods)] // a test looks for what it needs

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use kustom::{Builder, ErrorKind};
use kustom_host::charts::Helm;
use kustom_host::process::Limits;

/// A stream of deflate in gzip's clothes, whose checksum nobody gets to.
#[derive(Default)]
struct Packed {
    bytes: Vec<u8>,
    bits: u32,
    count: u32,
}

impl Packed {
    fn new() -> Packed {
        Packed { bytes: vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff], ..Packed::default() }
    }

    fn put(&mut self, bits: u32, count: u32) {
        self.bits |= bits << self.count;
        self.count += count;
        while self.count >= 8 {
            self.bytes.push(self.bits.to_le_bytes()[0]);
            self.bits >>= 8;
            self.count -= 8;
        }
    }

    fn align(&mut self) {
        self.put(0, (8 - self.count) % 8);
    }

    /// Adds bytes as they are.
    fn stored(&mut self, bytes: &[u8]) {
        for part in bytes.chunks(0xffff) {
            self.put(0, 3);
            self.align();
            let length = u16::try_from(part.len()).unwrap();
            self.bytes.extend(length.to_le_bytes());
            self.bytes.extend((!length).to_le_bytes());
            self.bytes.extend(part);
        }
    }

    /// Adds one and many times 258 zeros, each of these in 13 bits.
    fn zeros(&mut self, times: usize) {
        self.put(0b010, 3);
        self.put(0x30_u32.reverse_bits() >> 24, 8);
        for _ in 0..times {
            self.put(0xc5_u32.reverse_bits() >> 24, 8);
            self.put(0, 5);
        }
        self.put(0, 7);
    }

    /// Ends it, with its checksum.
    fn finish(mut self, content: &[u8]) -> Vec<u8> {
        self.put(1, 3);
        self.align();
        self.bytes.extend([0, 0, 0xff, 0xff]);
        let crc = content.iter().fold(!0_u32, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
                if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 }
            })
        });
        self.bytes.extend((!crc).to_le_bytes());
        self.bytes.extend(u32::try_from(content.len()).unwrap().to_le_bytes());
        self.bytes
    }
}

/// Returns the header of an entry of a tar archive.
fn header(name: &str, kind: u8, link: &str, size: usize) -> Vec<u8> {
    let mut header = vec![0; 512];
    let mut write = |at: usize, text: &str| {
        header[at..at + text.len()].copy_from_slice(text.as_bytes());
    };
    write(0, name);
    write(100, "0000644\x000000000\x000000000\x00");
    write(124, &format!("{size:011o}\x0000000000000\x00        "));
    write(157, link);
    write(257, "ustar\x0000");
    header[156] = kind;
    let sum: usize = header.iter().map(|byte| usize::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\x00 ").as_bytes());
    header
}

fn file(name: &str, text: &str) -> Vec<u8> {
    let mut entry = header(name, b'0', "", text.len());
    entry.extend(text.as_bytes());
    entry.resize(entry.len().next_multiple_of(512), 0);
    entry
}

/// Returns the entries of a chart that prints a ConfigMap.
fn chart() -> Vec<u8> {
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\n";
    [
        file("web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n"),
        file("web/values.yaml", "a: 1\n"),
        file("web/templates/m.yaml", map),
    ]
    .concat()
}

fn packed(mut entries: Vec<u8>) -> Vec<u8> {
    entries.extend([0; 1024]);
    let mut packed = Packed::new();
    packed.stored(&entries);
    packed.finish(&entries)
}

/// Serves a chart; nothing stands for one without end.
fn serve(chart: Option<Vec<u8>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // Who goes away has seen enough.
            let _ = answer(stream, chart.as_deref());
        }
    });
    address
}

fn answer(mut stream: TcpStream, chart: Option<&[u8]>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut asked = String::new();
    reader.read_line(&mut asked)?;
    let mut line = String::from("-");
    while !line.trim().is_empty() {
        line.clear();
        reader.read_line(&mut line)?;
    }
    stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")?;
    if asked.contains("index.yaml") {
        let index = "apiVersion: v1\nentries:\n  web:\n  - {name: web, version: 1.0.0, apiVersion: v2, \
                     urls: [web.tgz]}\n";
        return stream.write_all(index.as_bytes());
    }
    match chart {
        Some(chart) => stream.write_all(chart),
        None => loop {
            stream.write_all(&[0; 1 << 16])?;
        },
    }
}

/// Builds what uses the chart, with the helm that `HELM` names or `PATH` has; nothing where none is.
fn build(chart: Option<Vec<u8>>, limits: Limits) -> Option<kustom::Result<String>> {
    let named = std::env::var_os("HELM").map(PathBuf::from);
    let in_path = || {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path).map(|folder| folder.join("helm")).find(|helm| helm.is_file())
    };
    let helm = Helm::new(named.or_else(in_path)?).limits(limits);
    let top = tempfile::tempdir().unwrap();
    let kustomization =
        format!("helmCharts: [{{name: web, repo: 'http://{}', releaseName: r}}]\n", serve(chart));
    fs::write(top.path().join("kustomization.yaml"), kustomization).unwrap();
    let built = Builder::new().charts(Arc::new(helm)).build(top.path());
    assert_eq!(fs::read_dir(top.path()).unwrap().count(), 1, "something lies in the tree");
    Some(built.map(|build| build.to_string()))
}

#[test]
fn one_that_unpacks_to_a_gigabyte_is_refused() {
    let size: usize = 1 + 258 * (4 << 20);
    let mut bomb = Packed::new();
    bomb.stored(&chart());
    bomb.stored(&header("web/files/zeros", b'0', "", size));
    bomb.zeros(4 << 20);
    let bomb = bomb.finish(&[]);
    assert!(bomb.len() < 8 << 20, "it is small: {}", bomb.len());
    let Some(built) = build(Some(bomb), Limits::default()) else { return };
    let error = built.unwrap_err();
    assert!(error.message().contains("helm pull"), "{error}");
}

#[test]
fn one_of_very_many_files_is_refused() {
    let mut entries = chart();
    for i in 0..25_000 {
        entries.extend(header(&format!("web/files/{i}"), b'0', "", 0));
    }
    let start = Instant::now();
    let Some(built) = build(Some(packed(entries)), Limits::default()) else { return };
    let error = built.unwrap_err();
    assert!(error.message().contains("or 20000 files"), "{error}");
    assert_eq!(error.kind(), ErrorKind::Limit);
    assert!(start.elapsed() < Duration::from_secs(60));
}

#[test]
fn one_without_end_is_stopped() {
    let limits = Limits::default().memory(300 << 20).time(Duration::from_secs(60));
    let Some(built) = build(None, limits) else { return };
    let error = built.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Limit, "{error}");
}

#[test]
fn entries_lead_nowhere_else() {
    let evil = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: evil}\n";
    let place = std::env::temp_dir().join(format!("kustom-evil-{}", std::process::id()));
    let place = place.to_string_lossy();
    for (entry, is_refused) in [
        (header("web/templates/l.yaml", b'2', "/etc/hosts", 0), false),
        (header("web/templates/l.yaml", b'1', "/etc/hosts", 0), false),
        (header("web/templates/fifo.yaml", b'6', "", 0), false),
        (header("web/templates/dev.yaml", b'3', "", 0), false),
        (file(&place, evil), false),
        (file("../evil", evil), false),
        (file("web/../../evil", evil), true),
        (file("web\\..\\..\\evil", evil), true),
    ] {
        let entries = [chart(), entry].concat();
        let Some(built) = build(Some(packed(entries)), Limits::default()) else { return };
        assert_eq!(built.is_err(), is_refused, "{built:?}");
        if let Ok(text) = built {
            assert_eq!(text.matches("kind: ConfigMap\n").count(), 1, "{text}");
            assert!(text.contains("  name: m\n"), "{text}");
        }
        assert!(!std::path::Path::new(&*place).exists());
    }
}
