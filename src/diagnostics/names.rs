//! Values that are read by their names.

use std::fmt;
use std::str::FromStr;

use super::error::{Error, Result};
use super::error_kind::ErrorKind;
use super::hints::UNKNOWN_NAME;

/// Returns the one of `values` that is called `text`.
///
/// # Errors
/// If none is; the hint names them.
pub(crate) fn parse_name<T: Copy + fmt::Display>(
    what: &str,
    values: &[T],
    text: &str,
) -> Result<T> {
    values.iter().copied().find(|value| value.to_string() == text).ok_or_else(|| {
        let names: Vec<String> = values.iter().map(T::to_string).collect();
        Error::new(ErrorKind::Option, format!("unknown {what} `{text}`"))
            .hint(UNKNOWN_NAME.with(format!("it is one of {}", names.join(", "))))
    })
}

/// Reads what [`as_str`](ErrorKind::as_str) returns.
impl FromStr for ErrorKind {
    type Err = Error;

    fn from_str(text: &str) -> Result<ErrorKind> {
        parse_name("class of errors", &ErrorKind::all().collect::<Vec<_>>(), text)
    }
}
