//! Durations as people read them.

/// `0.4 s`, `41 s`, `2 min 10 s`, `1 h 02 min`.
pub(super) fn spelled(seconds: f64) -> String {
    let seconds = seconds.max(0.0);
    if seconds < 9.95 {
        return format!("{seconds:.1} s");
    }
    let whole = whole(seconds);
    match whole {
        0..60 => format!("{whole} s"),
        60..3600 => format!("{} min {:02} s", whole / 60, whole % 60),
        _ => format!("{} h {:02} min", whole / 3600, whole / 60 % 60),
    }
}

/// `0:41`, `2:10`, `1:02:03`: for a clock that runs.
pub(super) fn clock(seconds: f64) -> String {
    // A clock does not show a second that has not passed.
    let whole = whole(seconds.max(0.0).floor());
    match whole {
        0..3600 => format!("{}:{:02}", whole / 60, whole % 60),
        _ => format!("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60),
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative, and no run lasts that long")]
fn whole(seconds: f64) -> u64 {
    seconds.round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_as_exact_as_they_are_long() {
        let table = [
            (0.04, "0.0 s"),
            (2.94, "2.9 s"),
            (9.96, "10 s"),
            (59.6, "1 min 00 s"),
            (130.0, "2 min 10 s"),
            (3720.0, "1 h 02 min"),
        ];
        for (seconds, expected) in table {
            assert_eq!(spelled(seconds), expected);
        }
        assert_eq!([clock(0.9), clock(41.0), clock(130.2), clock(3723.0)], ["0:00", "0:41", "2:10", "1:02:03"]);
    }
}
