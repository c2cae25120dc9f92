//! The single values of a file that a Secret keeps whole: each may be a secret by itself.

use std::borrow::Cow;

use super::values::PART_FROM;

/// Returns what the lines of a text say that may be secrets by themselves.
///
/// Left is what everybody may know where it says by its key and its form that it is such: `"host": "db1.example.com"`. That
/// is the value of `key=value`, `key = value`, `export KEY=value` or `"key": "value"`, each text of JSON on one line,
/// or a line of a key or certificate, which may stand elsewhere behind blanks.
pub(super) fn single_values(text: &str) -> impl Iterator<Item = Cow<'_, str>> {
    text.lines().flat_map(|line| {
        let (line, key, value) = value_of(line);
        // A line is JSON as a whole, or its value is.
        let json = [line, value].into_iter().find(|text| text.starts_with(['{', '[']));
        let texts = json.into_iter().flat_map(json_texts);
        [value, before_comment(value)]
            .into_iter()
            .map(move |value| (key, Cow::Borrowed(value.trim().trim_matches(QUOTES))))
            .chain(texts)
            .filter(|(key, value)| is_telling(value) && !is_ordinary(key, value))
            .map(|(_, value)| value)
    })
}

const QUOTES: [char; 2] = ['"', '\''];

/// Returns a line without what stands around it, its key, and its value: what comes after the key, or all.
fn value_of(line: &str) -> (&str, &str, &str) {
    let line = line.trim().trim_end_matches(',');
    let line = line.strip_prefix("export ").map_or(line, str::trim_start);
    match line.split_once(['=', ':']) {
        Some((key, value))
            if !value.is_empty() && !key.trim_end().contains(char::is_whitespace) =>
        {
            (line, key.trim().trim_matches(QUOTES), value.trim())
        }
        _ => (line, "", line),
    }
}

/// Returns a value without the comment behind it.
fn before_comment(value: &str) -> &str {
    let is_quote = |c: &char| matches!(c, '"' | '\'');
    if let Some(quote) = value.chars().next().filter(is_quote)
        && let Some((inner, after)) = value.get(1..).and_then(|rest| rest.split_once(quote))
    {
        let after = after.trim_start();
        return if after.starts_with(['#', ';']) { inner } else { value };
    }
    let comment = value.find(" #").or_else(|| value.find(" ;"));
    comment.and_then(|at| value.get(..at)).unwrap_or(value)
}

/// Returns `true` for what a message or a field is not likely to have by chance: long enough, one word, with letters and
/// digits.
fn is_telling(value: &str) -> bool {
    let has = |of: fn(char) -> bool| value.contains(of);
    let is_random = has(|c| c.is_ascii_digit()) && has(char::is_alphabetic);
    value.len() >= PART_FROM && !has(char::is_whitespace) && is_random
}

/// Returns `true` for what names a host, a region or a user, by the last word of its key and by its form: it may stand
/// anywhere and is no secret there. What has a form of its own but another key, or the key and another form, may be one.
fn is_ordinary(key: &str, value: &str) -> bool {
    let key = key.rsplit(['_', '-', '.', '/']).next().unwrap_or_default().to_ascii_lowercase();
    match &*key {
        "host" | "hostname" | "server" | "endpoint" | "domain" | "registry" => is_host(value),
        "region" | "zone" | "location" | "user" | "username" => is_name(value),
        _ => false,
    }
}

/// Returns `true` for the name of a host, with or without a port.
fn is_host(value: &str) -> bool {
    let (name, port) = value.split_once(':').unwrap_or((value, ""));
    let top = name.rsplit('.').next().unwrap_or_default();
    let is_top = (2..=8).contains(&top.len()) && top.bytes().all(|b| b.is_ascii_lowercase());
    let is_port = port.len() <= 5 && port.bytes().all(|b| b.is_ascii_digit());
    is_top && is_port && name.contains('.') && name.split('.').all(is_name)
}

/// Returns `true` for words with few digits behind them, such as `eu-west-1` or `db01-replica`.
fn is_name(value: &str) -> bool {
    let is_word = |word: &str| {
        let digits = word.trim_start_matches(|c: char| c.is_ascii_lowercase());
        let letter = digits.trim_start_matches(|c: char| c.is_ascii_digit());
        let digits = digits.len() - letter.len();
        // As in the zone `eu-west-1a`.
        let is_letter = letter.len() <= 1 && letter.bytes().all(|b| b.is_ascii_lowercase());
        !word.is_empty() && digits <= 3 && is_letter
    };
    value.len() <= 64 && value.split('-').all(is_word)
}

/// Returns the texts of JSON but those that are keys, with the last key before each.
fn json_texts(json: &str) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
    let (mut rest, mut key) = (json, "");
    std::iter::from_fn(move || {
        loop {
            let (_, inner) = rest.split_once('"')?;
            let end = end_of_text(inner)?;
            let (text, after) = (inner.get(..end)?, inner.get(end + 1..)?);
            rest = after;
            if after.trim_start().starts_with(':') {
                key = text;
                continue;
            }
            let plain = match text.contains('\\') {
                true => {
                    serde_json::from_str(&format!("\"{text}\"")).map_or(text.into(), Cow::Owned)
                }
                false => Cow::Borrowed(text),
            };
            // A second text behind a key is one of a list.
            return Some((std::mem::take(&mut key), plain));
        }
    })
}

/// Returns where the quote is that ends a text of JSON.
fn end_of_text(text: &str) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + text.get(from..)?.find(['"', '\\'])?;
        match text.as_bytes().get(at)? {
            b'"' => return Some(at),
            // What is escaped may be a letter of several bytes in what is no JSON.
            _ => from = at + 1 + text.get(at + 1..)?.chars().next()?.len_utf8(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::single_values;

    fn of(text: &str) -> Vec<String> {
        let mut values: Vec<String> = single_values(text).map(Cow::into_owned).collect();
        values.dedup();
        values
    }

    #[test]
    fn values_of_all_kinds_of_files_are_found() {
        for (line, value) in [
            ("PASSWORD=hunter2hunter2", "hunter2hunter2"),
            ("\"password\": \"hunter2hunter2\",", "hunter2hunter2"),
            ("password = hunter2hunter2", "hunter2hunter2"),
            ("password = \"hunter2hunter2\"", "hunter2hunter2"),
            ("password = 'hunter2hunter2' # of the db", "hunter2hunter2"),
            ("password = hunter2hunter2 ; of the db", "hunter2hunter2"),
            ("password : hunter2hunter2", "hunter2hunter2"),
            ("export PASSWORD=hunter2hunter2", "hunter2hunter2"),
            ("  export   PASSWORD='hunter2hunter2'", "hunter2hunter2"),
            ("MIIEvQIBADANBgkqhkiG9w0BAQEFAASC", "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC"),
        ] {
            assert_eq!(of(&format!("# a file\n{line}\n")), [value], "{line}");
        }
    }

    #[test]
    fn texts_of_json_on_one_line_are_found() {
        let has = |text: &str, wanted: &[&str]| {
            let found = of(text);
            assert!(wanted.iter().all(|w| found.iter().any(|f| f == w)), "{text}: {found:?}");
        };
        has(
            r#"{"auths":{"r.example.com":{"username":"u","password":"hunter2hunter2","auth":"dTpodW50ZXIyaHVudGVyMg=="}}}"#,
            &["hunter2hunter2", "dTpodW50ZXIyaHVudGVyMg=="],
        );
        has(r#"["hunter2hunter2", "hunter3hunter3"]"#, &["hunter2hunter2", "hunter3hunter3"]);
        has(r#"CONFIG={"a": "hunter2\"\u0026hunter"}"#, &["hunter2\"&hunter"]);
        has(r#"{"a": {"password1word": "hunter2hunter2"}, "#, &["hunter2hunter2"]);
        assert!(!of(r#"{"password1word" : 5}"#).contains(&"password1word".to_owned()));
    }

    #[test]
    fn names_of_hosts_and_regions_are_left_where_the_key_says_that_they_are() {
        for (key, value) in [
            ("host", "db1.example.com"),
            ("DB_HOST", "db01-replica.prod.svc.cluster.local:5432"),
            ("registry", "registry2.example.com"),
            ("region", "eu-west-1"),
            ("aws.region", "europe-west4"),
            ("zone", "eu-west-1a"),
            ("username", "app-user1"),
        ] {
            for line in [
                format!("{key}={value}"),
                format!("  \"{key}\": \"{value}\","),
                format!("{{\"{key}\": \"{value}\", \"n\": 1}}"),
            ] {
                assert_eq!(of(&line), Vec::<String>::new(), "{line}");
                let other = line.replacen(key, "password", 1);
                assert_eq!(of(&other), [value], "{other}");
            }
        }
        for value in [
            "hunter2hunter2",
            "Ab1.example.com",
            "abcdef.0123456789abcdef",
            "db1.exampleofalongtop",
        ] {
            let found = of(&format!("{{\"host\": \"{value}\"}}"));
            assert!(found.contains(&value.to_owned()), "{value}: {found:?}");
        }
        for value in ["a1b2c3d4e5", "summer2024", "AKIA1234abcd", "0123456789ab"] {
            let found = of(&format!("{{\"user\": \"{value}\"}}"));
            assert!(found.contains(&value.to_owned()), "{value}: {found:?}");
        }
        let list = r#"{"host": ["db1.example.com", "db2.example.com"]}"#;
        assert_eq!(of(list), ["db2.example.com"]);
    }

    #[test]
    fn what_may_be_anything_is_left() {
        for line in [
            "password = short1",
            "mode = production",
            "port = 5432543254",
            "a word of 12345678words",
            "title = a text with blanks and 1",
            r#"{"mode": "production", "n": 12345678, "text": "with blanks 1"}"#,
            "\\",
            "\"",
            "{\"\\é",
        ] {
            assert_eq!(of(line), Vec::<String>::new(), "{line}");
        }
    }
}
