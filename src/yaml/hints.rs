//! What to do about the commonest mistakes in the text of a document.

/// For braces that were meant as text.
pub(crate) const BRACES: &str = "a text with braces, such as `{{ .x }}`, needs quotes";

/// Words of a message, and what to do.
const SYNTAX: &[(&str, &str)] = &[
    (
        "cannot start any token",
        "indent with spaces, not with tabs; a text that starts with `@`, `%` or a backquote needs \
         quotes",
    ),
    (
        "did not find expected alphabetic or numeric character",
        "a text that starts with `*` or `&` needs quotes, as in `\"*.example.com\"`",
    ),
    ("tab character", "indent with spaces, not with tabs"),
    (
        "mapping values are not allowed",
        "indent this line like its neighbours, or put the value into quotes if it contains `: `",
    ),
    ("did not find expected ','", "close the bracket or brace, or put a comma before this"),
    ("found unexpected end of stream", "close the quote"),
    ("did not find expected key", "indent this line like the other keys of its mapping"),
    ("did not find expected '-'", "indent this line like the other elements of its list"),
    ("could not find expected ':'", "a key needs `: ` after it; indent text of several lines"),
    (
        "unknown anchor",
        "define it before, in the same document, with `&`; a text that starts with `*` needs quotes",
    ),
    ("control characters", "is this a text file?"),
    ("invalid document separator", "put `---` on a line of its own"),
    ("did not find expected node content", "a value is missing here"),
    ("sequence entries are not allowed", "put the first element on a line of its own"),
    ("unknown escape character", "in single quotes a backslash is just a backslash"),
    ("found undefined tag handle", "a text that starts with `!` needs quotes"),
    ("already defined", "take one of the two away"),
    ("member name must be a string", "put the key into quotes"),
    ("invalid map key: {", BRACES),
    ("unsupported value", "JSON has no such number; put it into quotes if it is text"),
    ("invalid leading UTF-8", "save the file as UTF-8"),
];

/// Returns what to do about a text that is not YAML or does not become any, as the message says.
pub(super) fn syntax_hint(message: &str) -> Option<&'static str> {
    SYNTAX.iter().find(|(words, _)| message.contains(words)).map(|(_, hint)| *hint)
}
