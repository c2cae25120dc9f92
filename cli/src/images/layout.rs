//! Patterns of paths that say which directory is which app in which environment.

use std::path::{Component, Path, PathBuf};

use super::stages::{HOLDERS, is_environment};

/// A pattern of paths, such as `apps/{app}/overlays/{env}`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Layout(Vec<Part>);

/// What one name of a path is to be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    /// Any name.
    Any,
    /// Texts and what stands between them.
    Pieces(Vec<Piece>),
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Piece {
    Text(String),
    App,
    Env,
}

/// One place of the matrix.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) app: String,
    pub(crate) env: String,
}

/// A directory that is an app in an environment.
#[derive(Clone, Debug)]
pub(crate) struct Placed {
    pub(crate) dir: PathBuf,
    pub(crate) place: Place,
}

impl Part {
    /// Returns what is that name, or stands for an app or an environment as a whole.
    pub(super) fn of(name: &str) -> Part {
        Part::Pieces(match name {
            "{app}" => vec![Piece::App],
            "{env}" => vec![Piece::Env],
            _ => vec![Piece::Text(name.to_owned())],
        })
    }

    fn parse(name: &str) -> Option<Part> {
        if name == "*" {
            return Some(Part::Any);
        }
        let mut pieces = Vec::new();
        let mut rest = name;
        while !rest.is_empty() {
            let (piece, length) = match rest.find('{') {
                Some(0) if rest.starts_with("{app}") => (Piece::App, "{app}".len()),
                Some(0) if rest.starts_with("{env}") => (Piece::Env, "{env}".len()),
                Some(0) => return None,
                end => {
                    let length = end.unwrap_or(rest.len());
                    (Piece::Text(rest[..length].to_owned()), length)
                }
            };
            // Nothing tells where the one ends and the other begins.
            let touches =
                |last: &Piece| !matches!((last, &piece), (Piece::Text(_), _) | (_, Piece::Text(_)));
            if pieces.last().is_some_and(touches) || pieces.len() > 4 {
                return None;
            }
            pieces.push(piece);
            rest = &rest[length..];
        }
        let count = |wanted| pieces.iter().filter(|piece| **piece == wanted).count();
        let is_known = !name.contains(['}', '*']) || count(Piece::App) + count(Piece::Env) > 0;
        let texts = pieces.iter().all(|piece| match piece {
            Piece::Text(text) => !text.contains(['{', '}', '*']),
            _ => true,
        });
        (is_known && texts && count(Piece::App) < 2 && count(Piece::Env) < 2)
            .then_some(Part::Pieces(pieces))
    }

    /// Returns the app and the environment that a name says, as far as it is to say them.
    fn read<'n>(&self, name: &'n str) -> Option<(Option<&'n str>, Option<&'n str>)> {
        let Part::Pieces(pieces) = self else { return Some((None, None)) };
        let mut pieces = pieces.as_slice();
        let mut rest = name;
        if let [Piece::Text(text), others @ ..] = pieces {
            (pieces, rest) = (others, rest.strip_prefix(text.as_str())?);
        }
        if let [others @ .., Piece::Text(text)] = pieces {
            (pieces, rest) = (others, rest.strip_suffix(text.as_str())?);
        }
        match pieces {
            [] => rest.is_empty().then_some((None, None)),
            _ if rest.is_empty() => None,
            [Piece::App] => Some((Some(rest), None)),
            [Piece::Env] => Some((None, Some(rest))),
            [first, Piece::Text(between), _] => {
                let is_env_first = *first == Piece::Env;
                let splits = rest.match_indices(between.as_str()).filter_map(|(at, _)| {
                    let (one, other) = (&rest[..at], &rest[at + between.len()..]);
                    let (app, env) = if is_env_first { (other, one) } else { (one, other) };
                    (!app.is_empty() && !env.is_empty()).then_some((app, env))
                });
                let splits: Vec<_> = splits.collect();
                // The shortest name of an environment, if there is one.
                let known = splits.iter().filter(|(_, env)| is_environment(env));
                let best = known.min_by_key(|(_, env)| env.len());
                let other = splits.iter().min_by_key(|(_, env)| env.len());
                best.or(other).map(|(app, env)| (Some(*app), Some(*env)))
            }
            _ => None,
        }
    }

    fn is_of_env(&self) -> bool {
        matches!(self, Part::Pieces(pieces) if pieces.contains(&Piece::Env))
    }
}

impl std::str::FromStr for Layout {
    type Err = String;

    fn from_str(text: &str) -> Result<Layout, String> {
        let parse = |name: String| {
            Part::parse(&name).ok_or_else(|| {
                format!(
                    "{name:?} means nothing: {{app}} and {{env}} stand for names of directories or parts of such, as in \
                     {{app}}-{{env}}, and * for any other name"
                )
            })
        };
        let parts: Vec<Part> = names(Path::new(text)).map(parse).collect::<Result<_, _>>()?;
        let has = |piece| {
            let is_it =
                |part: &Part| matches!(part, Part::Pieces(pieces) if pieces.contains(&piece));
            parts.iter().any(is_it)
        };
        if !has(Piece::Env) {
            let expected = "expected {env}, such as apps/{app}/overlays/{env} or overlays/{env}";
            return Err(expected.to_owned());
        }
        // The folder that holds all of it is the app, if nothing else is.
        let app = (!has(Piece::App)).then(|| Part::of("{app}"));
        Ok(Layout(app.into_iter().chain(parts).collect()))
    }
}

impl std::fmt::Display for Layout {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (i, part) in self.0.iter().enumerate() {
            f.write_str(if i > 0 { "/" } else { "" })?;
            match part {
                Part::Any => f.write_str("*")?,
                Part::Pieces(pieces) => pieces.iter().try_for_each(|piece| match piece {
                    Piece::Text(text) => f.write_str(text),
                    Piece::App => f.write_str("{app}"),
                    Piece::Env => f.write_str("{env}"),
                })?,
            }
        }
        Ok(())
    }
}

impl Layout {
    pub(super) fn new(parts: Vec<Part>) -> Layout {
        Layout(parts)
    }

    /// Returns how many names it is about.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns `true` if a name of it, or a part of one, is given.
    pub(super) fn has_text(&self) -> bool {
        self.0.iter().any(|part| match part {
            Part::Any => false,
            Part::Pieces(pieces) => {
                pieces.iter().any(|piece| matches!(piece, Piece::Text(text) if text != "-"))
            }
        })
    }

    /// Returns the place of a directory, if its path ends as the pattern says; several names of an app or an
    /// environment make one, with slashes.
    pub(crate) fn place(&self, dir: &Path) -> Option<Place> {
        let names: Vec<String> = names(dir).collect();
        let names = names.get(names.len().checked_sub(self.0.len())?..)?;
        let (mut app, mut env) = (Vec::new(), Vec::new());
        for (part, name) in self.0.iter().zip(names) {
            let (of_app, of_env) = part.read(name)?;
            app.extend(of_app);
            env.extend(of_env);
        }
        Some(Place { app: app.join("/"), env: env.join("/") })
    }

    /// Returns the path of the app in a directory that has a place: all names but those of the environment.
    pub(crate) fn path_of_app(&self, dir: &Path) -> String {
        let names: Vec<String> = names(dir).collect();
        let above = names.len().saturating_sub(self.0.len());
        let part = |i: usize| i.checked_sub(above).and_then(|i| self.0.get(i));
        let is_env = |i: usize| part(i).is_some_and(Part::is_of_env);
        let said = names.iter().enumerate().filter_map(|(i, name)| match part(i) {
            // What only holds the environments says nothing of the app.
            _ if !is_env(i) && is_env(i + 1) && HOLDERS.contains(&name.as_str()) => None,
            Some(part) if part.is_of_env() => part.read(name)?.0,
            _ => Some(name.as_str()),
        });
        said.collect::<Vec<_>>().join("/")
    }
}

/// Returns the names that a path is made of.
pub(super) fn names(path: &Path) -> impl Iterator<Item = String> + '_ {
    path.components().filter_map(|part| match part {
        Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(app: &str, env: &str) -> Option<Place> {
        Some(Place { app: app.to_owned(), env: env.to_owned() })
    }

    #[test]
    fn patterns_say_what_is_what() {
        for (pattern, dir, expected) in [
            ("apps/{app}/overlays/{env}", "apps/web/overlays/dev", place("web", "dev")),
            ("apps/{app}/overlays/{env}", "./r/apps/web/overlays/dev", place("web", "dev")),
            ("apps/{app}/overlays/{env}", "apps/web/base", None),
            ("{env}/*/{app}", "dev/eu/web", place("web", "dev")),
            ("{app}/overlays/{env}/{env}", "web/overlays/prod/eu", place("web", "prod/eu")),
            ("apps/{app}-{env}", "apps/payments-api-dev", place("payments-api", "dev")),
            ("apps/{app}-{env}", "apps/web-prod-eu", place("web", "prod-eu")),
            ("apps/{app}-{env}", "apps/web-green", place("web", "green")),
            ("apps/{app}-{env}", "apps/web", None),
            ("{env}-{app}", "prod-payments-api", place("payments-api", "prod")),
            ("{env}-{app}", "eu-payments-api", place("payments-api", "eu")),
            ("k8s-{env}/{app}.d", "k8s-dev/web.d", place("web", "dev")),
            ("k8s-{env}/{app}.d", "k8s-/web.d", None),
        ] {
            let layout: Layout = pattern.parse().expect(pattern);
            assert_eq!(layout.place(Path::new(dir)), expected, "{pattern} {dir}");
            assert_eq!(layout.to_string(), pattern);
        }
        let above: Layout = "overlays/{env}".parse().expect("a pattern");
        assert_eq!(above.to_string(), "{app}/overlays/{env}");
        for (text, said) in [
            ("apps/{app}", "expected {env}, such as"),
            ("{app}{env}", r#""{app}{env}" means nothing"#),
            ("{app}-*/{env}", r#""{app}-*" means nothing"#),
            ("{region}/{app}/{env}", r#""{region}" means nothing"#),
            ("{app}/x}/{env}", r#""x}" means nothing"#),
            ("{app}-{app}/{env}", r#""{app}-{app}" means nothing"#),
        ] {
            assert!(text.parse::<Layout>().unwrap_err().contains(said), "{text}");
        }
    }

    #[test]
    fn apps_have_paths() {
        for (pattern, dir, path) in [
            ("{app}/overlays/{env}", "team/web/overlays/dev", "team/web"),
            ("{app}/overlays/{env}", "env/web/overlays/dev", "env/web"),
            ("{app}/overlays/{env}/{env}", "web/overlays/dev/eu", "web"),
            ("envs/{env}/apps/{app}", "envs/dev/apps/web", "apps/web"),
            ("{app}-{env}", "team/web-dev", "team/web"),
        ] {
            let layout: Layout = pattern.parse().expect(pattern);
            assert_eq!(layout.path_of_app(Path::new(dir)), path, "{pattern} {dir}");
        }
    }
}
