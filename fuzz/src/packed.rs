//! Whole trees of files in one text, which a fuzzer can change byte by byte.
//!
//! Parts are divided by the byte `0xff`, which no file here needs. The first line of a part is a path below
//! [`TARGET`](crate::tree::TARGET), the rest its content.

use std::fs;
use std::path::Path;

use kustom::MemoryFs;

use crate::tree::TARGET;

/// Divides the parts.
const BORDER: u8 = 0xff;

/// Returns the files that a text holds.
pub fn unpack(bytes: &[u8]) -> MemoryFs {
    let mut files = MemoryFs::new();
    for part in bytes.split(|byte| *byte == BORDER) {
        let end = part.iter().position(|byte| *byte == b'\n').unwrap_or(part.len());
        let path = String::from_utf8_lossy(&part[..end]);
        files.insert(format!("{TARGET}/{path}"), part.get(end + 1..).unwrap_or_default());
    }
    files
}

/// Returns a folder as such a text, or nothing if it holds neither a kustomization nor Applications or is too large.
pub fn pack(folder: &Path, most: usize) -> Option<Vec<u8>> {
    if !["kustomization.yaml", "apps.yaml"].iter().any(|name| folder.join(name).is_file()) {
        return None;
    }
    let (mut packed, mut folders) = (Vec::new(), vec![folder.to_path_buf()]);
    while let Some(dir) = folders.pop() {
        let mut paths: Vec<_> =
            fs::read_dir(dir).ok()?.flatten().map(|entry| entry.path()).collect();
        paths.sort();
        for path in paths {
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(folder).ok()?.to_str()?;
            let content = fs::read(&path).ok()?;
            if name.starts_with("expected.") || name == "case.toml" || content.contains(&BORDER) {
                continue;
            }
            if !packed.is_empty() {
                packed.push(BORDER);
            }
            packed.extend([name.as_bytes(), b"\n", &content].concat());
            if packed.len() > most {
                return None;
            }
        }
    }
    Some(packed)
}
