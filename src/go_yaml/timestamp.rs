//! Which texts go-yaml takes for a point in time: strings that look so are quoted when written.

/// `2001-1-2`, `2001-1-2 3:4:5.6`, and RFC 3339 with short fields and either `T` or `t`.
pub(super) fn is_timestamp(text: &[u8]) -> bool {
    let [y1, y2, y3, y4, b'-', rest @ ..] = text else { return false };
    let digits = [y1, y2, y3, y4];
    if !digits.iter().all(|digit| digit.is_ascii_digit()) {
        return false;
    }
    let year = digits.iter().fold(0, |year, digit| year * 10 + u32::from(**digit - b'0'));
    date(year, rest).is_some_and(|rest| match rest {
        [] => true,
        [b'T' | b't', rest @ ..] => time(rest).is_some_and(is_zone),
        [b' ', ..] => {
            let blanks = rest.iter().take_while(|&&byte| byte == b' ').count();
            time(&rest[blanks..]).is_some_and(<[u8]>::is_empty)
        }
        _ => false,
    })
}

/// What follows month and day, if they are.
fn date(year: u32, text: &[u8]) -> Option<&[u8]> {
    let (month, rest) = number(text)?;
    let (day, rest) = number(rest.strip_prefix(b"-")?)?;
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    (1..=days).contains(&day).then_some(rest)
}

/// What follows hours, minutes, seconds and their fraction, if they are.
fn time(text: &[u8]) -> Option<&[u8]> {
    let (hours, rest) = number(text)?;
    let (minutes, rest) = number(rest.strip_prefix(b":")?)?;
    let (seconds, rest) = number(rest.strip_prefix(b":")?)?;
    if hours > 23 || minutes > 59 || seconds > 59 {
        return None;
    }
    let [b'.' | b',', fraction @ ..] = rest else { return Some(rest) };
    match fraction.iter().take_while(|byte| byte.is_ascii_digit()).count() {
        0 => Some(rest),
        digits => Some(&fraction[digits..]),
    }
}

/// `Z` or `+01:00`. As many hours as 24 and minutes as 60 are let through.
fn is_zone(text: &[u8]) -> bool {
    match text {
        b"Z" => true,
        [b'+' | b'-', h1, h2, b':', m1, m2] => {
            let pair =
                |a: &u8, b: &u8| (a.is_ascii_digit() && b.is_ascii_digit()).then(|| (a - b'0') * 10 + (b - b'0'));
            pair(h1, h2).is_some_and(|hours| hours <= 24) && pair(m1, m2).is_some_and(|minutes| minutes <= 60)
        }
        _ => false,
    }
}

/// One or two digits.
fn number(text: &[u8]) -> Option<(u32, &[u8])> {
    match text {
        [a, b, rest @ ..] if a.is_ascii_digit() && b.is_ascii_digit() => {
            Some((u32::from(a - b'0') * 10 + u32::from(b - b'0'), rest))
        }
        [a, rest @ ..] if a.is_ascii_digit() => Some((u32::from(a - b'0'), rest)),
        _ => None,
    }
}
