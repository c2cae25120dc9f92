//! The JSON form of a place: the file as it is shown, with line and column, 0 for what is not known.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::diagnostics::Location;

#[derive(Serialize, Deserialize)]
struct Wire {
    file: String,
    #[serde(default)]
    line: u32,
    #[serde(default)]
    column: u32,
}

pub(super) fn serialize<S: Serializer>(place: &Option<Location>, to: S) -> Result<S::Ok, S::Error> {
    let wire = place.as_ref().map(|Location { file, line, column }| Wire {
        file: file.display().to_string(),
        line: *line,
        column: *column,
    });
    wire.serialize(to)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(
    from: D,
) -> Result<Option<Location>, D::Error> {
    let wire = Option::<Wire>::deserialize(from)?;
    Ok(wire.map(|Wire { file, line, column }| Location::new(file, line, column)))
}
