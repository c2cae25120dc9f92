//! Charts that are packed: the files of a `.tgz`, as far as somebody has to look at them.

use std::borrow::Cow;
use std::io::Read;

use flate2::read::MultiGzDecoder;
use kustom::outside::Failure;

/// The most bytes that all packed charts of a chart may have.
pub(super) const MOST_UNPACKED: usize = 256 << 20;
/// How deep archives may lie in archives.
const MOST_LEVELS: usize = 8;
/// The size of a header, to which files are filled up.
const BLOCK: usize = 512;

/// What looks at a file: its name, its content, and how much may still be unpacked.
type Look<'l> = dyn FnMut(&str, &[u8], &mut usize) -> Result<(), Failure> + 'l;

/// Shows each file of an archive; what is none has no files.
///
/// # Errors
/// What `look` says, and nothing if the archive is too large, or written in a way that could be read otherwise.
pub(super) fn files(
    archive: &[u8],
    left: &mut usize,
    depth: usize,
    look: &mut Look<'_>,
) -> Result<(), Option<Failure>> {
    if depth >= MOST_LEVELS {
        return Err(None);
    }
    let mut tar = Vec::new();
    let most = *left as u64;
    // What is broken further on may be a chart before.
    let _ = MultiGzDecoder::new(archive).take(most.saturating_add(1)).read_to_end(&mut tar);
    *left = left.checked_sub(tar.len()).ok_or(None)?;
    let (mut rest, mut long) = (&*tar, Told::default());
    while let Some((header, after)) = rest.split_at_checked(BLOCK) {
        rest = after;
        if header.iter().all(|byte| *byte == 0) {
            continue;
        }
        let kind = header.get(156).copied().unwrap_or_default();
        let size = match (kind, long.size) {
            // Links and folders have no content, whatever they say.
            (b'1'..=b'6', _) => 0,
            (0 | b'0', Some(size)) => size,
            _ => number(header)?,
        };
        let content = rest.get(..size.min(rest.len())).unwrap_or_default();
        rest = rest.get(size.next_multiple_of(BLOCK).max(size)..).unwrap_or_default();
        match kind {
            0 | b'0' => {
                // Which of several names holds is not for us to say.
                let mut names = std::mem::take(&mut long).names;
                names.push(text(header.get(..100).unwrap_or_default()).into_owned());
                for name in names {
                    look(&name.replace('\\', "/"), content, left)?;
                }
            }
            b'1'..=b'6' => long = Told::default(),
            b'L' => long.names.push(text(content).into_owned()),
            b'x' => long.read(content)?,
            b'K' | b'g' => {}
            _ => return Err(None),
        }
    }
    Ok(())
}

/// What is told of the next file before it.
#[derive(Default)]
struct Told {
    names: Vec<String>,
    size: Option<usize>,
}

impl Told {
    /// Reads records of the form `LENGTH KEY=VALUE`.
    fn read(&mut self, mut records: &[u8]) -> Result<(), Option<Failure>> {
        while !records.is_empty() {
            let digits = records.iter().take_while(|byte| byte.is_ascii_digit()).count();
            let length: usize =
                text(records.get(..digits).unwrap_or_default()).parse().map_err(|_| None)?;
            let (record, rest) = records.split_at_checked(length).ok_or(None)?;
            records = rest;
            let record = String::from_utf8_lossy(record.get(digits + 1..).unwrap_or_default());
            let (key, value) =
                record.strip_suffix('\n').and_then(|record| record.split_once('=')).ok_or(None)?;
            match key {
                "path" => self.names.push(value.to_owned()),
                "size" => self.size = Some(value.parse().map_err(|_| None)?),
                key if key.starts_with("GNU.sparse") => return Err(None),
                _ => {}
            }
        }
        Ok(())
    }
}

/// Returns the size that a header says.
fn number(header: &[u8]) -> Result<usize, Option<Failure>> {
    let field = text(header.get(124..136).unwrap_or_default());
    let digits = field.trim_matches([' ', '\0']);
    if digits.is_empty() {
        return Ok(0);
    }
    usize::from_str_radix(digits, 8).map_err(|_| None)
}

/// Returns a text up to its first zero.
fn text(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes.split(|byte| *byte == 0).next().unwrap_or_default())
}
