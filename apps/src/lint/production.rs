//! Which Applications are for production.

use serde_json::Value as Json;

use crate::application::Application;

/// Returns `true` for an Application that is for production, by the names in it: its cluster decides, or
/// else its namespace, its own name and the folders of its sources.
pub(super) fn is_production(application: &Application) -> bool {
    if let Some(says) = says(application.cluster()) {
        return says;
    }
    let paths = application.sources().into_iter();
    let paths = paths.filter_map(|source| source.get("path").and_then(Json::as_str));
    let texts = [application.destination_namespace(), application.name()].into_iter().chain(paths);
    let said: Vec<bool> = texts.filter_map(says).collect();
    !said.is_empty() && said.into_iter().all(|is_production| is_production)
}

/// Says whether a name is one of production; nothing if it is about something else.
fn says(name: &str) -> Option<bool> {
    let name = name.to_lowercase();
    let mut words = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let mut before = "";
    words.find_map(|word| {
        let previous = std::mem::replace(&mut before, word);
        let bare = word.trim_end_matches(|c: char| c.is_ascii_digit());
        let (rest, is_it) =
            match ["production", "prod", "prd"].iter().find_map(|end| bare.strip_suffix(end)) {
                Some("") => (previous, true),
                Some(rest) => (rest, false),
                None => return None,
            };
        match rest {
            "non" | "not" | "no" | "pre" | "post" => Some(false),
            _ => is_it.then_some(true),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_whether_they_are_of_production() {
        for name in [
            "prod",
            "prod1",
            "prd",
            "PRD2",
            "eu-prod-01",
            "production",
            "apps/web/overlays/prod",
            "web.prod.example.com",
        ] {
            assert_eq!(says(name), Some(true), "{name}");
        }
        for name in
            ["non-prod", "nonprod", "pre-prod", "preprod", "no-production", "NonProd1", "not_prd"]
        {
            assert_eq!(says(name), Some(false), "{name}");
        }
        for name in ["", "dev", "product", "prodigy", "reproduction", "products-prodded"] {
            assert_eq!(says(name), None, "{name}");
        }
    }
}
