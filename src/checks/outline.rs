//! Which fields a Pod has, so that what looks for others need not look at it.

use crate::yaml::{Mapping, Node};

/// The fields that a Pod and its containers have, as bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Outline(u32);

macro_rules! fields {
    ($($(#[$doc:meta])* $name:ident = $bit:literal),* $(,)?) => {
        impl Outline {
            $($(#[$doc])* pub(super) const $name: Outline = Outline(1 << $bit);)*
        }
    };
}

fields! {
    AFFINITY = 0,
    ARGUMENTS = 1,
    CONTAINERS = 2,
    ENV = 3,
    ENV_FROM = 4,
    INIT_CONTAINERS = 5,
    LIFECYCLE = 6,
    MOUNTS = 7,
    PORTS = 8,
    PROBES = 9,
    /// Of the Pod or of a container.
    SECURITY = 10,
    SPREAD = 11,
    VOLUMES = 12,
}

impl Outline {
    /// Returns the fields of the `spec` of a Pod and of all its containers.
    pub(super) fn of(spec: &Mapping) -> Outline {
        let mut all = Outline::default();
        for entry in spec {
            let Some(key) = entry.key.text() else { continue };
            let field = match key {
                "affinity" => Outline::AFFINITY,
                "securityContext" => Outline::SECURITY,
                "topologySpreadConstraints" => Outline::SPREAD,
                "volumes" => Outline::VOLUMES,
                "containers" | "initContainers" | "ephemeralContainers" => {
                    for container in entry.value.as_seq().into_iter().flatten() {
                        all = all.with(Outline::of_container(container));
                    }
                    match key {
                        "containers" => Outline::CONTAINERS,
                        "initContainers" => Outline::INIT_CONTAINERS,
                        _ => continue,
                    }
                }
                _ => continue,
            };
            all = all.with(field);
        }
        all
    }

    fn of_container(container: &Node) -> Outline {
        let mut all = Outline::default();
        for entry in container.as_map().into_iter().flatten() {
            all = all.with(match entry.key.text() {
                Some("args" | "command") => Outline::ARGUMENTS,
                Some("env") => Outline::ENV,
                Some("envFrom") => Outline::ENV_FROM,
                Some("lifecycle") => Outline::LIFECYCLE,
                Some("livenessProbe" | "readinessProbe" | "startupProbe") => Outline::PROBES,
                Some("ports") => Outline::PORTS,
                Some("securityContext") => Outline::SECURITY,
                Some("volumeMounts") => Outline::MOUNTS,
                _ => continue,
            });
        }
        all
    }

    /// Returns the fields of both.
    pub(super) const fn with(self, other: Outline) -> Outline {
        Outline(self.0 | other.0)
    }

    /// Returns `true` if one of some fields is there.
    pub(super) const fn any(self, any: Outline) -> bool {
        self.0 & any.0 != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::Entry;

    fn map(key: &str, value: Node) -> Node {
        Node::map([Entry { key: Node::plain(key), value }].into_iter().collect())
    }

    #[test]
    fn fields_of_all_containers_are_there() {
        let containers = ["env", "livenessProbe"].map(|key| map(key, Node::plain("x")));
        let spec = map("initContainers", Node::seq(containers.into_iter().collect()));
        let has = Outline::of(spec.as_map().expect("a mapping"));
        assert_eq!(has, Outline::INIT_CONTAINERS.with(Outline::ENV).with(Outline::PROBES));
        assert!(has.any(Outline::ENV.with(Outline::PORTS)) && !has.any(Outline::PORTS));
    }
}
