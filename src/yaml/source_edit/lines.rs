//! Lines of a text.

/// Returns where the line that `at` lies in starts.
pub(super) fn start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |newline| newline + 1)
}

/// Returns where the line that `at` lies in ends, without its line break.
pub(super) fn end(text: &str, at: usize) -> usize {
    let end = text[at..].find('\n').map_or(text.len(), |newline| at + newline);
    // The place may be that of the line feed itself.
    if end > at && text[..end].ends_with('\r') { end - 1 } else { end }
}

/// Returns where the line after the one that `at` lies in starts; the end of the text if there is none.
pub(super) fn next(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |newline| at + newline + 1)
}

/// Returns the column of `at`, from 0. All that stands before it must be ASCII, as indentation is.
pub(super) fn column(text: &str, at: usize) -> usize {
    at - start(text, at)
}

/// Returns `true` if only blanks stand before `at` on its line.
pub(super) fn is_first(text: &str, at: usize) -> bool {
    text[start(text, at)..at].bytes().all(|byte| byte == b' ' || byte == b'\t')
}

/// Returns the end of the last of the comment lines that directly follow the line of `at`.
pub(super) fn end_of_comments(text: &str, at: usize) -> usize {
    let mut last = end(text, at);
    loop {
        let following = next(text, last);
        let line = &text[following..end(text, following)];
        if following == last || !line.trim_start().starts_with('#') {
            return last;
        }
        last = end(text, following);
    }
}

/// Returns the end of the last of the comment lines that follow the line of `at`, from the column on, with or without
/// blank lines between.
pub(super) fn end_of_deeper_comments(text: &str, at: usize, column: usize) -> usize {
    let mut last = end(text, at);
    let mut following = next(text, last);
    while following < text.len() {
        let line = &text[following..end(text, following)];
        let comment = line.trim_start_matches(' ');
        match comment.chars().next() {
            Some('#') if line.len() - comment.len() >= column => last = end(text, following),
            None => {}
            Some(_) => break,
        }
        following = next(text, following);
    }
    last
}

/// Returns the place of the first character from `at` on that is neither blank nor part of a comment.
pub(super) fn skip_blank(text: &str, mut at: usize) -> usize {
    loop {
        let rest = &text[at..];
        at += rest.len() - rest.trim_start().len();
        if !text[at..].starts_with('#') {
            return at;
        }
        at = next(text, at);
    }
}

/// Returns so many blanks; the width of `format!` ends at 65,535.
pub(super) fn blanks(n: usize) -> String {
    " ".repeat(n)
}

/// Returns where a comment begins in a part of a line that has no quotes before it.
pub(super) fn comment_in(part: &str) -> Option<usize> {
    let is_comment = |at: &usize| part[..*at].ends_with([' ', '\t']);
    part.match_indices('#').map(|(at, _)| at).find(is_comment)
}

/// Returns the end of the header of a block scalar, before the comment behind it and its blanks, and where that
/// comment begins; `None` if no block scalar starts at `start`.
pub(super) fn block_header(text: &str, start: usize) -> Option<(usize, Option<usize>)> {
    let header = &text[start..end(text, start)];
    if !header.starts_with(['|', '>']) {
        return None;
    }
    let comment = comment_in(header);
    let indicators = header[..comment.unwrap_or(header.len())].trim_end();
    Some((start + indicators.len(), comment.map(|at| start + at)))
}
