//! The names of time zones, and the few that are at the same distance from UTC all year by their name.

/// All names of the time zone database, by area; `-` for those without one.
const NAMES: &str = include_str!("zones.txt");

/// A time zone that there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Zone {
    pub(super) name: String,
}

impl Zone {
    /// Returns the zone of a name; the empty one is UTC.
    pub(super) fn of(name: &str) -> Option<Zone> {
        let (area, place) = name.split_once('/').unwrap_or(("-", name));
        let mut current = "";
        let is_known = name.is_empty()
            || name == "Local"
            || NAMES.split_whitespace().any(|word| match word.strip_suffix(':') {
                Some(heading) => {
                    current = heading;
                    false
                }
                None => current == area && word == place,
            });
        (is_known && !name.starts_with('-')).then(|| Zone { name: name.to_owned() })
    }

    /// Returns by how many minutes it is ahead of UTC, if that is the same all year.
    pub(super) fn offset(&self) -> Option<i64> {
        let name = self.name.strip_prefix("Etc/").unwrap_or(&self.name);
        match name {
            "" | "UTC" | "UCT" | "GMT" | "GMT0" | "Greenwich" | "Universal" | "Zulu" => Some(0),
            // What is ahead has a minus.
            name => {
                name.strip_prefix("GMT").and_then(|rest| rest.parse::<i64>().ok()).map(|n| -n * 60)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_have_names() {
        for name in ["", "UTC", "Europe/Berlin", "America/Argentina/Salta", "EST5EDT", "Etc/GMT+5"]
        {
            assert!(Zone::of(name).is_some(), "{name}");
        }
        for name in ["Europe/Berln", "berlin", "Europe", "-/UTC", "Berlin", "+02:00", "Europe/"] {
            assert_eq!(Zone::of(name), None);
        }
        let offset = |name| Zone::of(name).and_then(|zone| zone.offset());
        assert_eq!(offset("Etc/GMT+5"), Some(-300));
        assert_eq!(offset("Etc/GMT-2"), Some(120));
        assert_eq!((offset("Etc/UCT"), offset("Europe/Berlin")), (Some(0), None));
    }
}
