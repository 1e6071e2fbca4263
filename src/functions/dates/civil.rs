//! The calendar: days, months and years of an instant, over Go's whole range of years.

/// Seconds from the start of Go's "absolute" years (the first of March of a far year) to 1970. Go counts from there
/// without a sign and lets the sum wrap; so do we, for times that no calendar has.
const UNIX_TO_ABSOLUTE: u64 = (DAYS_TO_YEAR_ONE + MARCH_TO_DECEMBER) * SECONDS_PER_DAY + YEAR_ONE_TO_UNIX;
const DAYS_TO_YEAR_ONE: u64 = 292_277_022_400 / 400 * 146_097;
const MARCH_TO_DECEMBER: u64 = 306;
const YEAR_ONE_TO_UNIX: u64 = 62_135_596_800;
const SECONDS_PER_DAY: u64 = 86_400;

pub(super) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
pub(super) const WEEKDAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// An instant as a calendar and a clock on the wall show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Civil {
    pub(super) year: i64,
    /// 1 to 12.
    pub(super) month: u8,
    pub(super) day: u8,
    /// 1 to 366.
    pub(super) year_day: u16,
    /// 0 is Sunday.
    pub(super) weekday: u8,
    pub(super) hour: u8,
    pub(super) minute: u8,
    pub(super) second: u8,
}

impl Civil {
    /// Of seconds since 1970, already shifted by the zone's offset.
    pub(super) fn of(local_seconds: i64) -> Self {
        let absolute = (local_seconds as u64).wrapping_add(UNIX_TO_ABSOLUTE);
        let of_day = absolute % SECONDS_PER_DAY;
        let days = i128::from(absolute / SECONDS_PER_DAY) - i128::from(UNIX_TO_ABSOLUTE / SECONDS_PER_DAY);
        let days = days as i64;
        let (year, month, day) = date_of(days);
        Self {
            year,
            month,
            day,
            year_day: (days - days_to(year, 1, 1) + 1) as u16,
            weekday: (days + 4).rem_euclid(7) as u8,
            hour: (of_day / 3600) as u8,
            minute: (of_day / 60 % 60) as u8,
            second: (of_day % 60) as u8,
        }
    }
}

/// The date that many days after 1970 begins.
fn date_of(days: i64) -> (i64, u8, u8) {
    // Years that begin in March: the odd day of February is the last one.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month as u8, day as u8)
}

/// Days from 1970 to a date. The month is 1 to 12, the day any number.
pub(super) fn days_to(year: i64, month: u8, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let from_march = (i64::from(month) + 9) % 12;
    let of_year = (153 * from_march + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + of_year - 719_468
}

pub(super) const fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

pub(super) const fn days_in(month: u8, year: i64) -> u8 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}
