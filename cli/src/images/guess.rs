//! Which patterns the directories of a tree seem to follow.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::layout::{Layout, Part, Piece, names};
use super::stages::{HOLDERS, is_inside, is_stage};

/// Directories that hold one directory for each cluster, which is an environment as well.
pub(super) const CLUSTERS: [&str; 2] = ["clusters", "cluster"];

/// Directories beside those of environments that are none.
const SHARED: [&str; 6] = ["base", "bases", "common", "component", "components", "shared"];

/// The kustomizations of a tree, and the patterns that they seem to follow.
#[derive(Debug)]
pub(super) struct Guess {
    dirs: BTreeSet<PathBuf>,
    /// Each with the apps that follow it.
    layouts: BTreeMap<Layout, BTreeSet<String>>,
}

impl Guess {
    /// Looks at the directories of kustomizations.
    pub(super) fn of<'a>(dirs: impl Iterator<Item = &'a Path>) -> Guess {
        let dirs = dirs.map(|dir| names(dir).collect()).collect();
        let mut guess = Guess { dirs, layouts: BTreeMap::new() };
        let mut layouts: BTreeMap<Layout, BTreeSet<String>> = BTreeMap::new();
        for dir in &guess.dirs {
            let Some(layout) = guess.layout_of(dir) else { continue };
            let place = layout.place(dir);
            layouts.entry(layout).or_default().extend(place.map(|place| place.app));
        }
        guess.layouts = layouts;
        guess
    }

    /// Returns the pattern that a directory follows: its own, or that of another one.
    pub(super) fn layout(&self, dir: &Path) -> Option<Layout> {
        let dir: PathBuf = names(dir).collect();
        self.layout_of(&dir).or_else(|| {
            let count = dir.iter().count();
            // Another name for an environment of an app that has such as are known.
            let fits = |(layout, apps): &(&Layout, &BTreeSet<String>)| {
                let place = layout.place(&dir).filter(|_| layout.len() == count);
                place.is_some_and(|place| {
                    apps.contains(&place.app) && !SHARED.contains(&place.env.as_str())
                })
            };
            self.layouts.iter().find(fits).map(|(layout, _)| layout.clone())
        })
    }

    /// Returns the pattern that the names of a directory say.
    fn layout_of(&self, dir: &Path) -> Option<Layout> {
        let names: Vec<String> = names(dir).collect();
        let position =
            |known: &[&str]| names.iter().rposition(|name| known.contains(&name.as_str()));
        let stage = || names.iter().rposition(|name| is_stage(name));
        let (app, envs) = if let Some(holder) = position(&HOLDERS) {
            match names.len() - holder - 1 {
                // apps/web/overlays/prod
                1 if holder > 0 => (holder - 1, holder + 1..holder + 2),
                // apps/web/overlays/prod/eu
                2 if self.has_base(&names, holder) => (holder - 1, holder + 1..holder + 3),
                // envs/prod/web, envs/prod/apps/web
                2 | 3 => (names.len() - 1, holder + 1..holder + 2),
                _ => return None,
            }
        } else if let Some(clusters) = position(&CLUSTERS) {
            match names.len() - clusters - 1 {
                // clusters/prod-eu-1/web, clusters/prod-eu-1/apps/web
                2 | 3 => (names.len() - 1, clusters + 1..clusters + 2),
                _ => return None,
            }
        } else if let Some(env) = stage() {
            match names.len() - env - 1 {
                // web/prod
                0 if env > 0 => (env - 1, env..env + 1),
                // web/prod/eu
                1 if self.has_base(&names, env) => (env - 1, env..env + 2),
                // prod/web, prod/apps/web
                1 | 2 => (names.len() - 1, env..env + 1),
                _ => return None,
            }
        } else {
            return self.with_env_behind(dir);
        };
        // services/web/k8s/overlays/prod
        let says_app = |i: &usize| app > envs.start || names.get(*i).is_some_and(|n| !is_inside(n));
        let app = (0..=app).rev().find(says_app).unwrap_or(app);
        let is_one =
            |known: &[&str], i: usize| names.get(i).is_some_and(|n| known.contains(&n.as_str()));
        if is_one(&["base", "bases"], app) || envs.clone().any(|env| is_one(&SHARED, env)) {
            return None;
        }
        let parts = names.iter().enumerate().map(|(i, name)| match i {
            _ if i == app => Part::of("{app}"),
            _ if envs.contains(&i) => Part::of("{env}"),
            _ => Part::of(name),
        });
        Some(Layout::new(parts.collect()))
    }

    /// Returns `true` if the directory above some name has a base of its own, as an app does; not one that has a base
    /// for each app, as `base/web` beside `envs/prod/web`.
    fn has_base(&self, names: &[String], below: usize) -> bool {
        let above: PathBuf = names.iter().take(below).collect();
        let has = |base: &str| {
            let base = above.join(base);
            let of_app = names.last().is_some_and(|last| self.dirs.contains(&base.join(last)));
            self.dirs.contains(&base) && !of_app
        };
        below > 0 && ["base", "bases", "common"].into_iter().any(has)
    }

    /// Returns the pattern of `web-prod`, if there is a `web-dev` or the like.
    fn with_env_behind(&self, dir: &Path) -> Option<Layout> {
        let name = dir.file_name()?.to_str()?;
        let (app, env) =
            name.rsplit_once('-').filter(|(app, env)| !app.is_empty() && is_stage(env))?;
        let beside = dir.parent()?;
        let start = format!("{app}-");
        let mut others = self.dirs.range(beside.join(&start)..).map_while(|other| {
            let name = other.strip_prefix(beside).ok()?.to_str()?;
            name.strip_prefix(&start)
        });
        let has_other = others.any(|other| other != env && is_stage(other));
        let mut parts: Vec<Part> = names(beside).map(|name| Part::of(&name)).collect();
        parts.push(Part::Pieces(vec![Piece::App, Piece::Text("-".to_owned()), Piece::Env]));
        has_other.then(|| Layout::new(parts))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(dirs: &[(&str, Option<&str>)]) {
        let guess = Guess::of(dirs.iter().map(|(dir, _)| Path::new(*dir)));
        for (dir, place) in dirs {
            let layout = guess.layout(Path::new(dir));
            let found = layout.and_then(|layout| layout.place(Path::new(dir)));
            let found = found.map(|place| format!("{} {}", place.app, place.env));
            assert_eq!(found.as_deref(), *place, "{dir}");
        }
    }

    #[test]
    fn environments_below_apps() {
        check(&[
            ("apps/web/base", None),
            ("apps/web/overlays", None),
            ("apps/web/overlays/dev", Some("web dev")),
            ("apps/web/overlays/eu-1", Some("web eu-1")),
            ("apps/shop/cart/overlays/dev", Some("cart dev")),
            ("apps/web/components/debug", None),
        ]);
        check(&[
            ("web/base", None),
            ("web/prod", Some("web prod")),
            ("web/canary", Some("web canary")),
            ("web/deeper/canary", None),
        ]);
    }

    #[test]
    fn folders_inside_of_apps() {
        check(&[
            ("services/web/k8s/base", None),
            ("services/web/k8s/overlays/dev", Some("web dev")),
            ("services/cart/deploy/kustomize/prod", Some("cart prod")),
            ("shop/k8s/overlays/dev", Some("shop dev")),
            ("k8s/overlays/dev", Some("k8s dev")),
            ("k8s/apps/web/overlays/dev", Some("web dev")),
            ("deploy/envs/dev/k8s", Some("k8s dev")),
        ]);
    }

    #[test]
    fn regions_below_environments() {
        check(&[
            ("apps/web/base", None),
            ("apps/web/overlays/base", None),
            ("env/apps/web/base", None),
            ("env/apps/web/overlays/prod", Some("web prod")),
            ("apps/web/overlays/prod", Some("web prod")),
            ("apps/web/overlays/prod/eu", Some("web prod/eu")),
            ("apps/web/overlays/staging/eu", Some("web staging/eu")),
        ]);
        check(&[("web/base", None), ("web/prod/eu", Some("web prod/eu"))]);
    }

    #[test]
    fn apps_below_environments() {
        check(&[
            ("envs/prod/web", Some("web prod")),
            ("envs/eu/apps/web", Some("web eu")),
            ("prod/web", Some("web prod")),
            ("eu/web", Some("web eu")),
            ("base/web", None),
            ("prod/apps/web", Some("web prod")),
            ("clusters/prod-eu-1/web", Some("web prod-eu-1")),
            ("clusters/prod-eu-1/apps/web", Some("web prod-eu-1")),
            ("clusters/prod-eu-1", None),
        ]);
        // All have one base.
        check(&[
            ("deploy/base", None),
            ("deploy/base/web", None),
            ("deploy/overlays/prod/web", Some("web prod")),
        ]);
    }

    #[test]
    fn environments_behind_apps() {
        check(&[
            ("apps/payments-api-dev", Some("payments-api dev")),
            ("apps/payments-api-prod", Some("payments-api prod")),
            ("apps/payments-api-green", Some("payments-api green")),
            ("apps/payments-api-base", None),
            ("apps/smoke-test", None),
            ("tools/load-test", None),
        ]);
    }
}
