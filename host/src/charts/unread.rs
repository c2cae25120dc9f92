//! What helm prints although it fails: with `--debug`, the templates that it could not read.

/// The most bytes of it in a message.
const MOST: usize = 64 << 10;

/// Returns what helm has printed, without Secrets and without what is too long for a message; nothing if nothing
/// is left.
pub(super) fn shown(stdout: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(stdout);
    let mut shown = String::new();
    for document in text.split_inclusive("\n---\n") {
        match may_be_secret(document) {
            // Its values belong into no message, and what cannot be read cannot be masked.
            true => shown.push_str("# a Secret, which is not shown\n---\n"),
            false => shown.push_str(document),
        }
        if shown.len() > MOST {
            let end = (0..=MOST).rev().find(|end| shown.is_char_boundary(*end));
            shown.truncate(end.unwrap_or_default());
            shown.push_str("\n# and more");
            break;
        }
    }
    let shown = shown.trim_end();
    (!shown.is_empty()).then(|| shown.to_owned())
}

fn may_be_secret(document: &str) -> bool {
    let is_named = |line: &str| {
        let (_, after) = line.split_once("kind")?;
        let after = after.trim_start_matches(['"', '\'']).trim_start().strip_prefix(':')?;
        Some(after.trim_start_matches([' ', '\t', '"', '\'']).starts_with("Secret"))
    };
    document.lines().any(|line| is_named(line) == Some(true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_gets_into_a_message() {
        let map = "---\nkind: ConfigMap\na: {b\n";
        assert_eq!(shown(map.as_bytes()).as_deref(), Some(map.trim_end()));
        for kind in [
            "kind: Secret",
            "\"kind\" : \"Secret\"",
            "{kind: Secret, a: b}",
            "kind:   'SecretList'",
        ] {
            let text = format!("{map}---\n{kind}\ndata: {{a: hidden\n");
            let shown = shown(text.as_bytes()).unwrap_or_default();
            assert!(shown.starts_with(map) && !shown.contains("hidden"), "{shown}");
        }
        assert_eq!(shown(b"\n"), None);
        assert!(shown(&[b'a'; 100_000]).is_some_and(|shown| shown.len() < MOST + 20));
    }
}
