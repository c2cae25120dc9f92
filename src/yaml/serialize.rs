//! The tree as a source of serde: values typed as in the output.

use serde::ser::{Error, Serialize, SerializeMap, Serializer};

use super::entries::{Entries, Sort};
use super::node::Node;
use super::round_trip::{self, Surroundings};
use super::scalar::Value;

impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Placed { node: self, place: Surroundings::ROOT }.serialize(serializer)
    }
}

struct Placed<'a> {
    node: &'a Node,
    place: Surroundings,
}

impl Serialize for Placed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let place = self.place;
        match self.node {
            Node::Scalar { style, pos, text, .. } => {
                match round_trip::value(text, *style, self.node.printed_tag(), *pos, place.flow)
                    .map_err(S::Error::custom)?
                {
                    Value::Null => serializer.serialize_unit(),
                    Value::Bool(value) => serializer.serialize_bool(value),
                    Value::Int(value) => serializer.serialize_i64(value),
                    Value::Uint(value) => serializer.serialize_u64(value),
                    Value::Float(value) => serializer.serialize_f64(value),
                    Value::Timestamp(moment) => serializer.serialize_str(&moment),
                    Value::Str(text) => serializer.serialize_str(&text),
                }
            }
            Node::Seq { flow, items, .. } => {
                let place = place.inside(*flow);
                serializer.collect_seq(items.iter().map(|node| Placed { node, place }))
            }
            Node::Map { flow, map, .. } => {
                let mut entries = Entries::default();
                let frame =
                    entries.push(map, place.keys(*flow), Sort::Bytes).map_err(S::Error::custom)?;
                let place = place.inside(*flow);
                let mut members = serializer.serialize_map(Some(frame.len))?;
                for keyed in (0..frame.len).filter_map(|i| entries.get(frame, i)) {
                    let node = &keyed.entry.value;
                    members.serialize_entry(&*keyed.key, &Placed { node, place })?;
                }
                members.end()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::yaml::{Node, from_value, to_value};

    #[test]
    fn serde_sees_the_printed_values() {
        let node = from_value(&serde_json::json!({"b": [1, 1.5, null, {"c": "5"}], "a": true}));
        assert_eq!(serde_json::to_value(&node).unwrap(), to_value(&node).unwrap());
        assert!(serde_json::to_value(Node::plain(".inf")).is_err());
    }
}
