//! Names of environments, and of the directories that hold them.

/// Directories that hold one directory for each environment.
pub(super) const HOLDERS: [&str; 5] = ["overlays", "overlay", "environments", "envs", "env"];

/// The names that environments have most often, as they come before one another on the way of a change.
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

/// Directories that hold what is deployed of an app, and say nothing of which app it is.
const INSIDE: [&str; 10] = [
    "k8s",
    "kube",
    "kubernetes",
    "kustomize",
    "deploy",
    "deployment",
    "deployments",
    "manifest",
    "manifests",
    "variants",
];

/// Returns `true` for the name of a directory inside of an app that does not say which app it is.
pub(super) fn is_inside(name: &str) -> bool {
    INSIDE.contains(&name)
}

/// Returns `true` for a name that environments have most often.
pub(super) fn is_stage(name: &str) -> bool {
    STAGES.contains(&name)
}

/// Returns `true` for such a name with something behind it, such as a region.
pub(super) fn is_environment(name: &str) -> bool {
    words(name).next().is_some_and(is_stage)
}

/// Returns what environments are sorted by.
pub(super) fn stage(env: &str) -> (usize, &str) {
    let known = words(env).find_map(|word| STAGES.iter().position(|stage| word == *stage));
    (known.unwrap_or(STAGES.len()), env)
}

fn words(name: &str) -> impl Iterator<Item = &str> {
    name.split(['-', '_', '.', '/'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn environments_come_in_the_order_of_a_change() {
        let mut envs =
            ["prod", "canary", "staging", "dev", "prod-eu", "staging/us", "eu-dev", "staging/eu"];
        envs.sort_by_key(|env| stage(env));
        assert_eq!(
            envs,
            ["dev", "eu-dev", "staging", "staging/eu", "staging/us", "prod", "prod-eu", "canary"]
        );
    }
}
