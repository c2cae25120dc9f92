//! Which values of Secrets are no secrets: placeholders, what is around them, and certificates.

/// What values that SOPS encrypted begin with.
pub(super) const ENCRYPTED: &str = "ENC[AES256_GCM,";

/// What values that something else fills in begin with: references to a vault, say.
const REFERENCES: [&str; 5] = ["<path:", "vault:", "ref+", "op://", "secretref+"];

/// What people write where a value belongs, in lower case and without `-`, `_` and blanks.
const STAND_INS: [&str; 8] =
    ["changeme", "replaceme", "replace", "placeholder", "todo", "tbd", "fixme", "redacted"];

/// Words in the names of what is secret, in lower case.
const SECRET_WORDS: [&str; 9] =
    ["auth", "cred", "key", "pass", "private", "pwd", "salt", "secret", "token"];

/// What a piece of a text has at least if it may be a key or a token.
const LONG: usize = 16;

/// What PEM says of what everybody may see.
const PUBLIC: [&str; 5] =
    ["CERTIFICATE", "TRUSTED CERTIFICATE", "CERTIFICATE REQUEST", "PUBLIC KEY", "X509 CRL"];

/// Returns `true` for a value that is neither empty nor encrypted, and is a secret.
pub(super) fn is_plain(text: &str) -> bool {
    !text.is_empty() && !text.contains(ENCRYPTED) && !is_open(text)
}

/// Returns `true` for a value that is no secret.
pub(super) fn is_open(text: &str) -> bool {
    is_placeholder(text) || is_filled_in(text) || is_around_placeholders(text) || is_public(text)
}

/// Returns `true` for what stands in the place of a value: a variable, a reference, or a word that says so.
fn is_placeholder(text: &str) -> bool {
    let text = text.trim();
    let is_within = |start: &str, end: &str| {
        text.strip_prefix(start).and_then(|rest| rest.strip_suffix(end)).is_some_and(|inside| {
            !inside.is_empty() && !inside.contains(start) && !inside.contains('\n')
        })
    };
    let word: String = text.chars().filter(|c| !"-_ ".contains(*c)).collect();
    let is_filler = |c: char| text.chars().all(|own| own == c);
    [("${", "}"), ("$(", ")"), ("{{", "}}"), ("<", ">"), ("__", "__")]
        .into_iter()
        .any(|(start, end)| is_within(start, end))
        || REFERENCES.iter().any(|start| text.starts_with(start))
        || STAND_INS.contains(&word.to_lowercase().as_str())
        || ['x', 'X', '*', '.', '-'].into_iter().any(is_filler)
}

/// Returns `true` for a whole file in which something else fills in what is secret.
fn is_filled_in(text: &str) -> bool {
    text.trim_end().contains('\n') && REFERENCES.iter().any(|start| text.contains(start))
}

/// Returns `true` for a text with placeholders in it, the rest of which is no secret.
fn is_around_placeholders(text: &str) -> bool {
    let mut has_any = false;
    for line in text.lines().map(str::trim) {
        let comments = ["#", ";", "//"];
        if line.is_empty() || comments.iter().any(|start| line.starts_with(start)) {
            continue;
        }
        let (rest, found) = without_placeholders(line);
        has_any |= found;
        if has_password(&rest) || rest.split(|c| !is_of_token(c)).any(is_token) {
            return false;
        }
        let (name, value) = line.split_once(['=', ':']).unwrap_or(("", line));
        let name = name.to_lowercase();
        let value = value.trim_matches(|c: char| c.is_whitespace() || "\"',{}[]|>".contains(c));
        let is_value =
            !found && !["", "true", "false", "null"].contains(&value) && !is_placeholder(value);
        if is_value && SECRET_WORDS.iter().any(|word| name.contains(word)) {
            return false;
        }
    }
    has_any
}

/// Returns a line with marks where its placeholders were, and whether there are any.
fn without_placeholders(line: &str) -> (String, bool) {
    let mut out = String::with_capacity(line.len());
    let (mut rest, mut found) = (line, false);
    loop {
        let starts = [("${", "}"), ("$(", ")"), ("{{", "}}")].into_iter();
        let first = starts.filter_map(|(start, end)| Some((rest.find(start)?, start, end))).min();
        let inside = first.and_then(|(at, start, end)| {
            let (before, after) = rest.split_at_checked(at)?;
            let (_, after) = after.strip_prefix(start)?.split_once(end)?;
            Some((before, after))
        });
        let Some((before, after)) = inside else { break };
        out.push_str(before);
        out.push('$');
        (rest, found) = (after, true);
    }
    out.push_str(rest);
    (out, found)
}

/// Returns `true` if a URL in a text has a password that is no placeholder.
fn has_password(text: &str) -> bool {
    text.split("://").skip(1).any(|rest| {
        let authority = rest.split(['/', ' ', '"', '\'']).next().unwrap_or_default();
        let user = authority.rsplit_once('@').map_or("", |(user, _)| user);
        let password = user.split_once(':').map_or("", |(_, password)| password);
        !password.is_empty() && !password.contains('$')
    })
}

fn is_of_token(c: char) -> bool {
    c.is_ascii_alphanumeric() || "+/=".contains(c)
}

/// Returns `true` for a long piece with letters and digits in it.
fn is_token(piece: &str) -> bool {
    let has = |is_it: fn(&char) -> bool| piece.chars().any(|c| is_it(&c));
    piece.split('/').any(|part| part.len() >= LONG)
        && has(char::is_ascii_digit)
        && has(char::is_ascii_alphabetic)
}

/// Returns `true` for certificates and public keys, and nothing else.
fn is_public(text: &str) -> bool {
    let (mut inside, mut has_any) = (None, false);
    for line in text.lines().map(str::trim) {
        let marked = |start: &str| line.strip_prefix(start)?.strip_suffix("-----");
        match inside {
            None => match marked("-----BEGIN ") {
                Some(what) if PUBLIC.contains(&what) => (inside, has_any) = (Some(what), true),
                Some(_) => return false,
                None if line.is_empty() || line.starts_with('#') => {}
                None => return false,
            },
            Some(what) if marked("-----END ") == Some(what) => inside = None,
            Some(_) => {}
        }
    }
    has_any && inside.is_none()
}
