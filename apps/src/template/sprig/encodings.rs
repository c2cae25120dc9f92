//! Encodings and digests.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::Digest;

use super::super::function::{Args, Function, function};
use super::super::strings::from_bytes;
use super::{Outcome, text};

pub(super) const FUNCTIONS: &[Function] = &[
    function("b64enc", "s", |args| {
        args.will_make(args.str(0).len().saturating_mul(2))?;
        text(STANDARD.encode(args.str(0)))
    }),
    function("b64dec", "s", b64dec),
    function("b32enc", "s", |args| {
        args.will_make(args.str(0).len().saturating_mul(2))?;
        text(base32(args.str(0).as_bytes()))
    }),
    function("b32dec", "s", |args| match from_base32(args.str(0)) {
        Ok(bytes) => text(from_bytes(&bytes).as_ref()),
        Err(at) => text(format!("illegal base32 data at input byte {at}")),
    }),
    function("sha1sum", "s", |args| text(hex(&sha1::Sha1::digest(args.str(0))))),
    function("sha256sum", "s", |args| text(hex(&sha2::Sha256::digest(args.str(0))))),
    function("sha512sum", "s", |args| text(hex(&sha2::Sha512::digest(args.str(0))))),
    function("adler32sum", "s", |args| text(adler32(args.str(0).as_bytes()).to_string())),
];

fn hex(bytes: &[u8]) -> String {
    let digit = |four: u8| char::from_digit(u32::from(four & 15), 16).unwrap_or_default();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]).collect()
}

/// Odd: what cannot be decoded yields the message.
fn b64dec(args: &Args<'_>) -> Outcome {
    let source: String = args.str(0).chars().filter(|c| !matches!(c, '\n' | '\r')).collect();
    match STANDARD.decode(&source) {
        Ok(bytes) => text(from_bytes(&bytes).as_ref()),
        Err(e) => {
            let at = match e {
                base64::DecodeError::InvalidByte(at, _) => at,
                _ => source.len() / 4 * 4,
            };
            text(format!("illegal base64 data at input byte {at}"))
        }
    }
}

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

fn base32(bytes: &[u8]) -> String {
    let mut out = String::new();
    for chunk in bytes.chunks(5) {
        let mut block = [0; 8];
        block[3..3 + chunk.len()].copy_from_slice(chunk);
        let bits = u64::from_be_bytes(block);
        let digits = (chunk.len() * 8).div_ceil(5);
        for i in 0..8 {
            let index = bits >> (35 - 5 * i) & 31;
            let digit = usize::try_from(index).ok().and_then(|index| BASE32.get(index));
            out.push(if i < digits { digit.map_or('=', |d| char::from(*d)) } else { '=' });
        }
    }
    out
}

fn base32_digit(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'2'..=b'7' => Some(byte - b'2' + 26),
        _ => None,
    }
}

/// Decodes base32; the error is where it is wrong.
fn from_base32(text: &str) -> Result<Vec<u8>, usize> {
    let mut bytes = Vec::new();
    let source: Vec<u8> = text.bytes().filter(|b| !matches!(b, b'\n' | b'\r')).collect();
    for (i, chunk) in source.chunks(8).enumerate() {
        let digits = chunk.iter().position(|b| *b == b'=').unwrap_or(chunk.len());
        let last = (i + 1) * 8 >= source.len();
        let padding = &chunk[digits..];
        if let Some(j) = chunk[..digits].iter().position(|b| base32_digit(*b).is_none()) {
            return Err(i * 8 + j);
        }
        if chunk.len() < 8 {
            return Err(i * 8);
        }
        if (digits < 8 && !last) || padding.iter().any(|b| *b != b'=') {
            return Err(i * 8 + digits);
        }
        if matches!(digits, 0 | 1 | 3 | 6) {
            return Err(i * 8 + digits);
        }
        let mut bits = 0u64;
        for (j, byte) in chunk[..digits].iter().enumerate() {
            let digit = base32_digit(*byte).ok_or(i * 8 + j)?;
            bits |= u64::from(digit) << (35 - 5 * j);
        }
        bytes.extend(&bits.to_be_bytes()[3..3 + digits * 5 / 8]);
    }
    Ok(bytes)
}

fn adler32(bytes: &[u8]) -> u32 {
    const BASE: u32 = 65521;
    let (mut a, mut b) = (1, 0);
    for byte in bytes {
        a = (a + u32::from(*byte)) % BASE;
        b = (b + a) % BASE;
    }
    b << 16 | a
}
