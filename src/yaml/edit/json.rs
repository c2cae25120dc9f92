//! A document as JSON.

use super::super::node::{Mapping, Node};
use super::super::pos::Pos;
use super::super::reader::{self, Limits, Merges};
use super::super::source_tree::Document;
use super::super::{RenderError, json};

impl Document {
    /// Returns the document as JSON: keys sorted, in one line or with two spaces per level.
    ///
    /// # Errors
    /// If it has something that JSON does not have.
    pub(crate) fn to_json(&self, indented: bool) -> Result<String, RenderError> {
        // As upstream does it, through the printed text.
        let text = self.to_yaml();
        let limits = Limits::default();
        let root = reader::read_document(&text, Pos::NONE, Merges::Resource, &limits)
            .map_err(|e| RenderError::new(e.message))?
            .unwrap_or_default();
        // The keys at the top of a resource are special, so this must not be the top.
        let mut map = Mapping::new();
        map.set("", root);
        let json = json::to_json(&Node::map(map))?;
        let json = json.strip_prefix("{\"\":").and_then(|json| json.strip_suffix('}'));
        let json = json.unwrap_or_default();
        Ok(if indented { indent(json) } else { json.to_owned() })
    }
}

/// Breaks compact JSON into lines.
fn indent(json: &str) -> String {
    let mut out = String::with_capacity(json.len() * 2);
    let mut depth = 0_usize;
    let mut in_string = false;
    let mut escaped = false;
    let mut chars = json.chars().peekable();
    while let Some(c) = chars.next() {
        if in_string {
            in_string = escaped || c != '"';
            escaped = !escaped && c == '\\';
            out.push(c);
            continue;
        }
        match c {
            '{' | '[' => {
                out.push(c);
                if let Some(end) = chars.next_if(|next| matches!(next, '}' | ']')) {
                    out.push(end);
                } else {
                    depth += 1;
                    break_line(&mut out, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                break_line(&mut out, depth);
                out.push(c);
            }
            ',' => {
                out.push(c);
                break_line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            c => {
                in_string = c == '"';
                out.push(c);
            }
        }
    }
    out
}

fn break_line(out: &mut String, depth: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", depth));
}
