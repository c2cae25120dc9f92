//! Schemas of values, which helm follows wherever they lead.
//!
//! helm reads what a schema refers to: any file of the machine, any address. A chart is data of a stranger, so
//! only what stays in the schema is let through, and the schemas that define JSON Schema, which helm has.

use std::path::Path;

use kustom::outside::{Failure, FailureKind, FileTree};
use serde_json::Value;

use super::packed::{self, MOST_UNPACKED};

/// The file that holds the schema of a chart.
const FILE: &str = "values.schema.json";
/// What helm has of JSON Schema itself, below `json-schema.org/`.
const KNOWN: [&str; 19] = [
    "draft-04/schema",
    "draft-06/schema",
    "draft-07/schema",
    "draft/2019-09/schema",
    "draft/2019-09/meta/core",
    "draft/2019-09/meta/applicator",
    "draft/2019-09/meta/validation",
    "draft/2019-09/meta/meta-data",
    "draft/2019-09/meta/format",
    "draft/2019-09/meta/content",
    "draft/2020-12/schema",
    "draft/2020-12/meta/core",
    "draft/2020-12/meta/applicator",
    "draft/2020-12/meta/unevaluated",
    "draft/2020-12/meta/validation",
    "draft/2020-12/meta/meta-data",
    "draft/2020-12/meta/format-annotation",
    "draft/2020-12/meta/format-assertion",
    "draft/2020-12/meta/content",
];

/// Checks that no schema of a chart, nor of those that it brings, packed or not, leads out of it.
///
/// # Errors
/// If one does, or that cannot be told.
pub(super) fn check(chart: &FileTree) -> Result<(), Failure> {
    let mut left = MOST_UNPACKED;
    chart.iter().try_for_each(|(path, content)| file(path, content, &mut left, 0))
}

fn file(path: &Path, content: &[u8], left: &mut usize, depth: usize) -> Result<(), Failure> {
    let shown = path.display();
    if path.file_name().is_some_and(|name| name == FILE) {
        return match leading_away(content) {
            Ok(None) => Ok(()),
            Ok(Some((key, value))) => Err(refused(format!(
                "the chart's schema {shown} leads elsewhere: {key} is '{value}'"
            ))),
            Err(e) => {
                Err(refused(format!("where the chart's schema {shown} leads cannot be told: {e}")))
            }
        };
    }
    if path.extension().is_none_or(|extension| extension != "tgz") {
        return Ok(());
    }
    packed::files(content, left, depth, &mut |name, content, left| {
        file(&path.join(name), content, left, depth + 1)
    })
    .map_err(|why| why.unwrap_or_else(|| refused(format!("the chart {shown} is packed strangely"))))
}

fn refused(message: String) -> Failure {
    Failure::new(FailureKind::Refused, message).hint(
        "helm would read it, whatever it is; write what is meant into the schema, as in `#/$defs/name`, or use a \
         copy of the chart without the schema",
    )
}

/// Returns what of a schema leads out of it, with the keyword that says so.
///
/// # Errors
/// If the schema is no JSON.
fn leading_away(schema: &[u8]) -> serde_json::Result<Option<(String, String)>> {
    // As Go reads it.
    let text = String::from_utf8_lossy(schema);
    if text.trim().is_empty() {
        return Ok(None);
    }
    let schema: Value = serde_json::from_str(&text)?;
    let mut waiting = vec![&schema];
    while let Some(value) = waiting.pop() {
        match value {
            Value::Array(items) => waiting.extend(items),
            Value::Object(map) => {
                for (key, value) in map {
                    match value {
                        Value::String(text) if !stays(key, text) => {
                            return Ok(Some((key.clone(), text.clone())));
                        }
                        value => waiting.push(value),
                    }
                }
            }
            _ => {}
        }
    }
    Ok(None)
}

/// Returns `true` if a keyword with this value leads to nothing but the schema itself, or what helm has.
///
/// A path leads out too: it counts from the root of the machine's files.
fn stays(key: &str, value: &str) -> bool {
    match key {
        "$ref" | "$dynamicRef" | "$recursiveRef" => {
            let plain = value.split('#').next().unwrap_or_default();
            value.starts_with('#') || value.is_empty() || is_known(plain)
        }
        "$schema" => {
            let plain = value.strip_suffix('#').unwrap_or(value);
            is_known(plain) || below(plain) == Some("schema")
        }
        "$id" | "id" => !value.trim_start().to_ascii_lowercase().starts_with("file:"),
        _ => true,
    }
}

fn is_known(url: &str) -> bool {
    below(url).is_some_and(|below| KNOWN.contains(&below))
}

/// Returns what stands behind the host of JSON Schema.
fn below(url: &str) -> Option<&str> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
    rest.strip_prefix("json-schema.org/")
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn schemas_stay_in_the_chart() {
        for (schema, leads_away) in [
            (r##"{"$ref": "#/$defs/a"}"##, false),
            (r#"{"$schema": "http://json-schema.org/draft-07/schema#"}"#, false),
            (r#"{"$schema": "http://json-schema.org/schema#"}"#, false),
            (r#"{"$schema": "https://json-schema.org/draft/2020-12/schema"}"#, false),
            (r#"{"$id": "https://example.com/values.json", "type": "object"}"#, false),
            (r#"{"properties": {"$ref": {"type": "string"}, "id": {}}}"#, false),
            (
                r#"{"a": [{"$ref": "https://json-schema.org/draft-07/schema#/definitions/x"}]}"#,
                false,
            ),
            (" \n", false),
            (r#"{"$ref": "file:///etc/hostname"}"#, true),
            (r#"{"$ref": "/etc/hostname"}"#, true),
            (r#"{"$ref": "etc/hostname#/a"}"#, true),
            (r#"{"$ref": "//127.0.0.1/a"}"#, true),
            (r#"{"\u0024ref": "http:\/\/127.0.0.1/a"}"#, true),
            (r#"{"allOf": [{"$dynamicRef": "http://127.0.0.1/a"}]}"#, true),
            (r#"{"$recursiveRef": "https://example.com/a"}"#, true),
            (r#"{"const": {"$ref": "https://example.com/a"}}"#, true),
            (r#"{"$schema": "https://example.com/meta"}"#, true),
            (r#"{"$schema": "https://json-schema.org/draft-07/other"}"#, true),
            (r#"{"$ref": "https://json-schema.org.example.com/draft-07/schema"}"#, true),
            (r#"{"$id": "file:///etc/hostname"}"#, true),
            ("{} {}", true),
        ] {
            let found = leading_away(schema.as_bytes());
            assert_eq!(!matches!(found, Ok(None)), leads_away, "{schema}: {found:?}");
        }
    }

    /// Returns the header of a file in an archive, and the file.
    fn entry(name: &str, kind: u8, content: &[u8]) -> Vec<u8> {
        let mut block = vec![0; 512];
        block[..name.len()].copy_from_slice(name.as_bytes());
        block[124..135].copy_from_slice(format!("{:011o}", content.len()).as_bytes());
        block[156] = kind;
        block.extend(content);
        block.resize(block.len().next_multiple_of(512), 0);
        block
    }

    fn packed(entries: &[Vec<u8>]) -> Vec<u8> {
        let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        out.write_all(&entries.concat()).unwrap();
        out.finish().unwrap()
    }

    #[test]
    fn packed_charts_are_looked_into() {
        let of = |archive: Vec<u8>| {
            let mut chart = FileTree::new();
            chart.insert("charts/a-1.0.0.tgz", archive);
            check(&chart).map_err(|failure| failure.message().to_owned())
        };
        let away: &[u8] = br#"{"$ref": "http://127.0.0.1/a"}"#;
        let first = entry("a/Chart.yaml", b'0', b"name: a");
        assert_eq!(of(packed(&[first.clone(), entry("a/values.schema.json", 0, b"{}")])), Ok(()));
        let inner = packed(&[entry("b/values.schema.json", b'0', away)]);
        let long = entry("././@LongLink", b'L', b"a/charts/b/values.schema.json\0");
        let record: &[u8] = b"36 path=a/charts/values.schema.json\n";
        for archive in [
            packed(&[first.clone(), entry("a/values.schema.json", b'0', away)]),
            packed(&[first.clone(), entry("a/charts/b-1.0.0.tgz", b'0', &inner)]),
            packed(&[first.clone(), long, entry("a/short", b'0', away)]),
            packed(&[entry("x", b'x', record), entry("a/short", b'0', away)]),
            packed(&[entry("a\\values.schema.json", b'0', away)]),
            packed(&[entry("a/values.schema.json", b'S', b"")]),
        ] {
            assert!(of(archive).is_err());
        }
        // Helm is to say what it thinks of it.
        assert_eq!(of(b"no archive".to_vec()), Ok(()));
    }
}
