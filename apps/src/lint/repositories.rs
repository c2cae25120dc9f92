//! Which repositories an AppProject permits, as Argo CD decides it.

use regex::Regex;
use serde_json::Value as Json;

/// Returns `true` if an AppProject permits a repository. A pattern with `!` in front permits what the rest does not
/// match, and forbids what it does.
pub(super) fn permits(project: &Json, url: &str) -> bool {
    let patterns = project.pointer("/spec/sourceRepos").and_then(Json::as_array);
    let url = normalized(url);
    let mut permitted = false;
    for pattern in patterns.into_iter().flatten().filter_map(Json::as_str) {
        match pattern.strip_prefix('!') {
            Some(pattern) if matches(&normalized(pattern), &url) => return false,
            Some(_) => permitted = true,
            None => permitted |= matches(&normalized(pattern), &url),
        }
    }
    permitted
}

/// Returns an address in the form in which those of one repository are equal.
fn normalized(url: &str) -> String {
    let url = url.trim().to_lowercase();
    let bare = url.strip_prefix("ssh://").unwrap_or(&url);
    let user = bare.split_once('@').map(|(user, rest)| (user, !rest.contains('@')));
    let is_ssh = user.is_some_and(|(user, is_last)| is_last && !user.contains(['/', ':']));
    let url = match is_ssh && bare.len() == url.len() {
        // What comes behind the host of `git@host:path` is a path.
        true => bare.replacen(':', "/", 1),
        false => bare.to_owned(),
    };
    url.strip_suffix(".git").unwrap_or(&url).to_owned()
}

/// Matches a pattern of which `*` and `?` stop at a `/`, and `**` does not.
fn matches(pattern: &str, url: &str) -> bool {
    // Most name one repository, and a pattern takes long to be read.
    if pattern == "*" || !pattern.contains(['*', '?', '{', '[', '\\']) {
        return pattern == "*" || pattern == url;
    }
    let mut regex = String::from("^(?s:");
    let mut chars = pattern.chars().peekable();
    let mut open = 0;
    while let Some(c) = chars.next() {
        match c {
            '*' if chars.next_if_eq(&'*').is_some() => regex.push_str(".*"),
            '*' => regex.push_str("[^/]*"),
            '?' => regex.push_str("[^/]"),
            '{' => {
                open += 1;
                regex.push_str("(?:");
            }
            ',' if open > 0 => regex.push('|'),
            '}' if open > 0 => {
                open -= 1;
                regex.push(')');
            }
            '[' => {
                regex.push('[');
                if chars.next_if_eq(&'!').is_some() {
                    regex.push('^');
                }
                for c in chars.by_ref().take_while(|c| *c != ']') {
                    regex.push_str(&if c == '-' {
                        "-".to_owned()
                    } else {
                        regex::escape(&c.to_string())
                    });
                }
                regex.push(']');
            }
            '\\' => regex.push_str(&regex::escape(&chars.next().unwrap_or('\\').to_string())),
            c => regex.push_str(&regex::escape(&c.to_string())),
        }
    }
    regex.push_str(")$");
    Regex::new(&regex).is_ok_and(|regex| regex.is_match(url))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn repositories_are_permitted_as_argo_cd_does() {
        for (patterns, url, wanted) in [
            (json!(["*"]), "https://git.example.com/a/b", true),
            (json!(["https://git.example.com/*"]), "https://git.example.com/a", true),
            (json!(["https://git.example.com/*"]), "https://git.example.com/a/b", false),
            (json!(["https://git.example.com/**"]), "https://git.example.com/a/b.git", true),
            (json!(["https://git.example.com/a/*"]), "https://Git.example.com/a/b.git", true),
            (json!(["https://git.example.com/{a,b}/[c-e]?"]), "https://git.example.com/b/d1", true),
            (
                json!(["https://git.example.com/{a,b}/[!c-e]?"]),
                "https://git.example.com/b/d1",
                false,
            ),
            (json!(["https://git.example.com/a.git"]), "https://git.example.com/a", true),
            (json!(["git@git.example.com:a/b.git"]), "ssh://git@git.example.com/a/b", true),
            (json!(["git@git.example.com:a/*"]), "git@git.example.com:a/b.git", true),
            (json!(["!https://git.example.com/x"]), "https://git.example.com/a", true),
            (json!(["*", "!https://git.example.com/x"]), "https://git.example.com/x.git", false),
            (
                json!(["!https://git.example.com/x", "https://git.example.com/x"]),
                "https://git.example.com/x",
                false,
            ),
            (json!([]), "https://git.example.com/a", false),
            (json!(["https://git.example.com/a[", "https://b"]), "https://b", true),
        ] {
            let project = json!({"spec": {"sourceRepos": patterns}});
            assert_eq!(permits(&project, url), wanted, "{patterns} {url}");
        }
    }
}
