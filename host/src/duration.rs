//! Durations as Go writes them, and with it upstream.

use std::time::Duration;

/// Returns `1ns`, `1.5µs`, `300ms`, `27s`, `1m30s` or `2h0m0.5s`.
pub(crate) fn go(time: Duration) -> String {
    let part = |nanoseconds: u128, unit: u128| {
        let (whole, rest) = (nanoseconds / unit, nanoseconds % unit);
        let width = unit.ilog10() as usize;
        let fraction = format!("{rest:0width$}");
        match fraction.trim_end_matches('0') {
            "" => whole.to_string(),
            fraction => format!("{whole}.{fraction}"),
        }
    };
    let all = time.as_nanos();
    match all {
        0 => "0s".to_owned(),
        1..1_000 => format!("{all}ns"),
        1_000..1_000_000 => format!("{}µs", part(all, 1_000)),
        1_000_000..1_000_000_000 => format!("{}ms", part(all, 1_000_000)),
        _ => {
            let minutes = time.as_secs() / 60;
            let seconds = part(all % 60_000_000_000, 1_000_000_000);
            match (minutes / 60, minutes % 60) {
                (0, 0) => format!("{seconds}s"),
                (0, minutes) => format!("{minutes}m{seconds}s"),
                (hours, minutes) => format!("{hours}h{minutes}m{seconds}s"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_durations_as_go_does() {
        for (nanoseconds, text) in [
            (0, "0s"),
            (1, "1ns"),
            (999, "999ns"),
            (1_100, "1.1µs"),
            (2_200_000, "2.2ms"),
            (100_000_000, "100ms"),
            (1_000_000_000, "1s"),
            (1_990_741_369, "1.990741369s"),
            (27_000_000_000, "27s"),
            (60_000_000_000, "1m0s"),
            (90_500_000_000, "1m30.5s"),
            (600_000_000_000, "10m0s"),
            (3_600_000_000_000, "1h0m0s"),
            (18_367_001_000_000, "5h6m7.001s"),
        ] {
            assert_eq!(go(Duration::from_nanos(nanoseconds)), text);
        }
    }
}
