//! Content hashes of generated objects (spec page generators, section 5).

use sha2::{Digest, Sha256};

use crate::error::{Error, ErrorKind, Result};
use crate::yaml::{self, Node, Numbers};

/// Returns the ten characters that tell one content from another.
///
/// Odd: the name never counts, since upstream looks for it in the wrong place (case
/// generators/hash-ignores-name).
///
/// # Errors
/// If the content has no JSON form.
pub(crate) fn content_hash(node: &Node) -> Result<String> {
    let kind = node.get("kind").and_then(Node::text).unwrap_or_default();
    let mut json = String::from("{");
    match kind {
        "ConfigMap" => {
            map_member(node, "binaryData", &mut json)?;
            data_member(node, &mut json)?;
            json.push_str(",\"kind\":\"ConfigMap\",\"name\":\"\"}");
        }
        "Secret" => {
            data_member(node, &mut json)?;
            json.push_str(",\"kind\":\"Secret\",\"name\":\"\",");
            map_member(node, "stringData", &mut json)?;
            json.push_str("\"type\":");
            yaml::write_string(
                node.get("type").and_then(Node::text).unwrap_or_default(),
                &mut json,
            );
            json.push('}');
        }
        _ => {
            json.clear();
            write(node, &mut json)?;
        }
    }
    Ok(shorten(&Sha256::digest(json)))
}

/// Writes `"data":…`: the map, the text of a scalar, nothing as an empty string.
fn data_member(node: &Node, out: &mut String) -> Result<()> {
    out.push_str("\"data\":");
    match node.get("data") {
        None => out.push_str("\"\""),
        Some(Node::Scalar { text, .. }) => yaml::write_string(text, out),
        Some(Node::Seq { .. }) => out.push_str("null"),
        Some(map) => write(map, out)?,
    }
    Ok(())
}

/// Writes a member with a comma after it, if it is a map.
fn map_member(node: &Node, key: &str, out: &mut String) -> Result<()> {
    if let Some(map @ Node::Map { .. }) = node.get(key) {
        yaml::write_string(key, out);
        out.push(':');
        write(map, out)?;
        out.push(',');
    }
    Ok(())
}

fn write(node: &Node, out: &mut String) -> Result<()> {
    yaml::write_json(node, Numbers::Floats, out)
        .map_err(|e| Error::new(ErrorKind::Generator, e.message).at(e.pos))
}

/// Returns the first ten hexadecimal digits, with those replaced that could make a bad word.
fn shorten(digest: &[u8]) -> String {
    let digit = |d: u8| match d {
        0 => 'g',
        1 => 'h',
        3 => 'k',
        10 => 'm',
        14 => 't',
        d => char::from_digit(d.into(), 16).unwrap_or('x'),
    };
    digest.iter().take(5).flat_map(|b| [digit(b >> 4), digit(b & 15)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_what_the_reference_hashes() {
        for (object, hash) in [
            (r#"{"kind":"ConfigMap"}"#, "6ct58987ht"),
            (r#"{"kind":"ConfigMap","data":{"a":"b"}}"#, "4h2mbtbbt6"),
            (r#"{"kind":"ConfigMap","data":{"b":"2","a":"1"}}"#, "7gdc49gk6d"),
            (r#"{"kind":"Secret","data":{"a":"Yg=="},"type":"Opaque"}"#, "k695gkmbtk"),
            (r#"{"kind":"Secret","data":{},"type":"Opaque"}"#, "46f8b28mk5"),
        ] {
            let node = crate::test_support::json(object);
            assert_eq!(content_hash(&node).expect("it has JSON"), hash, "{object}");
        }
    }
}
