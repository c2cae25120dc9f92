//! Which directory is which app in which environment.

use std::collections::BTreeSet;
use std::path::{Component, Path};

/// Directories that hold one directory for each environment.
pub(super) const HOLDERS: [&str; 5] = ["overlays", "overlay", "environments", "envs", "env"];

/// Names of environments, for trees without such a directory.
const ENVIRONMENTS: [&str; 14] = [
    "dev",
    "development",
    "test",
    "testing",
    "qa",
    "int",
    "integration",
    "uat",
    "stage",
    "staging",
    "preprod",
    "prod",
    "production",
    "sandbox",
];

/// The order in which environments are shown: as they come before one another on the way of a change.
const STAGES: [&str; 14] = [
    "sandbox",
    "dev",
    "development",
    "int",
    "integration",
    "test",
    "testing",
    "qa",
    "uat",
    "stage",
    "staging",
    "preprod",
    "prod",
    "production",
];

/// A pattern of paths, such as `apps/{app}/overlays/{env}`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Layout(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Text(String),
    /// Any one name.
    Any,
    App,
    Env,
}

/// One place of the matrix.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) app: String,
    pub(crate) env: String,
}

impl std::str::FromStr for Layout {
    type Err = String;

    fn from_str(text: &str) -> Result<Layout, String> {
        let parts: Vec<Part> = names(Path::new(text))
            .map(|name| match name.as_str() {
                "{app}" => Part::App,
                "{env}" => Part::Env,
                "*" => Part::Any,
                _ => Part::Text(name),
            })
            .collect();
        let unknown = |part: &Part| match part {
            Part::Text(text) => text.contains(['{', '}']).then(|| text.clone()),
            _ => None,
        };
        if let Some(unknown) = parts.iter().find_map(unknown) {
            return Err(format!(
                "{unknown:?} means nothing: {{app}} and {{env}} stand for names of directories, as a whole, and \
                 * for any other"
            ));
        }
        for part in [Part::App, Part::Env] {
            if parts.iter().filter(|other| **other == part).count() != 1 {
                return Err("expected {app} and {env} once each, as whole names of \
                            directories, such as apps/{app}/overlays/{env}"
                    .to_owned());
            }
        }
        Ok(Layout(parts))
    }
}

impl std::fmt::Display for Layout {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (i, part) in self.0.iter().enumerate() {
            let text = match part {
                Part::Text(text) => text,
                Part::Any => "*",
                Part::App => "{app}",
                Part::Env => "{env}",
            };
            write!(f, "{}{text}", if i > 0 { "/" } else { "" })?;
        }
        Ok(())
    }
}

impl Layout {
    /// Returns the place of a directory, if its path ends as the pattern says.
    pub(crate) fn place(&self, dir: &Path) -> Option<Place> {
        let names: Vec<String> = names(dir).collect();
        let names = names.get(names.len().checked_sub(self.0.len())?..)?;
        let mut place = Place { app: String::new(), env: String::new() };
        for (part, name) in self.0.iter().zip(names) {
            match part {
                Part::Text(text) if text != name => return None,
                Part::Text(_) | Part::Any => {}
                Part::App => place.app.clone_from(name),
                Part::Env => place.env.clone_from(name),
            }
        }
        Some(place)
    }

    /// Returns the patterns that directories seem to follow.
    pub(crate) fn guess<'a>(dirs: impl Iterator<Item = &'a Path>) -> Vec<Layout> {
        let layouts: BTreeSet<Layout> = dirs.filter_map(Layout::of).collect();
        layouts.into_iter().collect()
    }

    fn of(dir: &Path) -> Option<Layout> {
        let names: Vec<String> = names(dir).collect();
        let holder = names.iter().rposition(|name| HOLDERS.contains(&name.as_str()));
        let (app, env) = match holder {
            // apps/web/overlays/prod
            Some(holder) if holder > 0 && holder + 2 == names.len() => (holder - 1, holder + 1),
            // envs/prod/web
            Some(holder) if holder + 3 == names.len() => (holder + 2, holder + 1),
            Some(_) => return None,
            None => {
                let is_env = |name: &String| ENVIRONMENTS.contains(&name.as_str());
                match names.iter().rposition(is_env)? {
                    // web/prod
                    env if env > 0 && env + 1 == names.len() => (env - 1, env),
                    // prod/web
                    env if env + 2 == names.len() => (env + 1, env),
                    _ => return None,
                }
            }
        };
        let parts = names.into_iter().enumerate().map(|(i, name)| match i {
            _ if i == app => Part::App,
            _ if i == env => Part::Env,
            _ => Part::Text(name),
        });
        Some(Layout(parts.collect()))
    }
}

fn names(path: &Path) -> impl Iterator<Item = String> + '_ {
    path.components().filter_map(|part| match part {
        Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
        _ => None,
    })
}

/// Returns what environments are sorted by.
pub(crate) fn stage(env: &str) -> (usize, &str) {
    let known =
        STAGES.iter().position(|stage| env == *stage || env.starts_with(&format!("{stage}-")));
    (known.unwrap_or(STAGES.len()), env)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(app: &str, env: &str) -> Option<Place> {
        Some(Place { app: app.to_owned(), env: env.to_owned() })
    }

    #[test]
    fn patterns_say_what_is_what() {
        let layout: Layout = "apps/{app}/overlays/{env}".parse().unwrap();
        assert_eq!(layout.place(Path::new("apps/web/overlays/dev")), place("web", "dev"));
        assert_eq!(layout.place(Path::new("./r/apps/web/overlays/dev")), place("web", "dev"));
        assert_eq!(layout.place(Path::new("apps/web/base")), None);
        assert_eq!(layout.to_string(), "apps/{app}/overlays/{env}");
        let layout: Layout = "{env}/*/{app}".parse().unwrap();
        assert_eq!(layout.place(Path::new("dev/eu/web")), place("web", "dev"));
        assert!("apps/{app}".parse::<Layout>().is_err());
        for (text, said) in [
            ("{app}-{env}", r#""{app}-{env}" means nothing"#),
            ("{region}/{app}/{env}", r#""{region}" means nothing"#),
            ("{app}/{app}/{env}", "once each"),
        ] {
            assert!(text.parse::<Layout>().unwrap_err().contains(said), "{text}");
        }
    }

    #[test]
    fn patterns_are_guessed() {
        for (dir, layout) in [
            ("apps/web/overlays/dev", Some("apps/{app}/overlays/{env}")),
            ("web/overlays/eu-1", Some("{app}/overlays/{env}")),
            ("envs/prod/web", Some("envs/{env}/{app}")),
            ("web/prod", Some("{app}/{env}")),
            ("clusters/prod/web", Some("clusters/{env}/{app}")),
            ("apps/web/base", None),
            ("apps/web/overlays", None),
        ] {
            let guessed = Layout::guess([Path::new(dir)].into_iter());
            let shown: Vec<String> = guessed.iter().map(ToString::to_string).collect();
            assert_eq!(shown, layout.into_iter().collect::<Vec<_>>(), "{dir}");
        }
    }

    #[test]
    fn environments_come_in_the_order_of_a_change() {
        let mut envs = ["prod", "canary", "staging", "dev", "prod-eu"];
        envs.sort_by_key(|env| stage(env));
        assert_eq!(envs, ["dev", "staging", "prod", "prod-eu", "canary"]);
    }
}
