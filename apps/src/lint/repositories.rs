//! Which repositories an AppProject permits, as Argo CD decides it.

use serde_json::Value as Json;

use crate::globs::Globs;

/// Returns `true` if an AppProject permits a repository. A pattern with `!` in front permits what the rest does not
/// match, and forbids what it does.
pub(super) fn permits(project: &Json, url: &str, globs: &Globs) -> bool {
    let patterns = project.pointer("/spec/sourceRepos").and_then(Json::as_array);
    let url = normalized(url);
    let matches = |pattern: &str| globs.takes_address(pattern, &url, normalized);
    let mut permitted = false;
    for pattern in patterns.into_iter().flatten().filter_map(Json::as_str) {
        match pattern.strip_prefix('!') {
            Some(pattern) if matches(pattern) => return false,
            Some(_) => permitted = true,
            None => permitted |= matches(pattern),
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
            assert_eq!(permits(&project, url, &Globs::default()), wanted, "{patterns} {url}");
        }
    }
}
