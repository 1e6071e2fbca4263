//! Go's layouts: texts in which pieces of the reference time stand for fields.

/// A field of a layout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    LongMonth,
    Month,
    NumberMonth,
    ZeroMonth,
    LongWeekday,
    Weekday,
    Day,
    UnderDay,
    ZeroDay,
    UnderYearDay,
    ZeroYearDay,
    Hour,
    Hour12,
    ZeroHour12,
    Minute,
    ZeroMinute,
    Second,
    ZeroSecond,
    LongYear,
    Year,
    UpperHalf,
    LowerHalf,
    ZoneName,
    Offset(Offset),
    /// With trailing zeros (`.000`) or without (`.999`).
    Fraction {
        digits: usize,
        separator: u8,
        trims: bool,
    },
}

/// How a numeric zone is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Offset {
    /// `Z` stands for no offset.
    pub(super) is_iso: bool,
    pub(super) has_colons: bool,
    pub(super) precision: OffsetPrecision,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OffsetPrecision {
    Hours,
    Minutes,
    Seconds,
}

/// The first field of a layout, with what stands before, its own text and what follows.
pub(super) struct Chunk<'a> {
    pub(super) before: &'a [u8],
    pub(super) field: Option<Field>,
    pub(super) text: &'a [u8],
    pub(super) after: &'a [u8],
}

/// Cuts the layout at its first field.
pub(super) fn next_chunk(layout: &[u8]) -> Chunk<'_> {
    for start in 0..layout.len() {
        if let Some((field, skipped, length)) = field_at(&layout[start..]) {
            let (from, to) = (start + skipped, start + skipped + length);
            return Chunk {
                before: &layout[..from],
                field: Some(field),
                text: &layout[from..to],
                after: &layout[to..],
            };
        }
    }
    Chunk { before: layout, field: None, text: b"", after: b"" }
}

/// The field that begins here, how many bytes of plain text come first, and its length.
fn field_at(rest: &[u8]) -> Option<(Field, usize, usize)> {
    let simple = |field, length| Some((field, 0, length));
    match rest[0] {
        b'J' => name_at(rest, b"January", Field::LongMonth, Field::Month),
        b'M' => name_at(rest, b"Monday", Field::LongWeekday, Field::Weekday)
            .or_else(|| rest.starts_with(b"MST").then_some((Field::ZoneName, 0, 3))),
        b'0' => zero_field(rest),
        b'1' if rest.get(1) == Some(&b'5') => simple(Field::Hour, 2),
        b'1' => simple(Field::NumberMonth, 1),
        b'2' if rest.starts_with(b"2006") => simple(Field::LongYear, 4),
        b'2' => simple(Field::Day, 1),
        // The underscore of `_2006` stands for itself.
        b'_' if rest.starts_with(b"_2006") => Some((Field::LongYear, 1, 4)),
        b'_' if rest.starts_with(b"_2") => simple(Field::UnderDay, 2),
        b'_' if rest.starts_with(b"__2") => simple(Field::UnderYearDay, 3),
        b'3' => simple(Field::Hour12, 1),
        b'4' => simple(Field::Minute, 1),
        b'5' => simple(Field::Second, 1),
        b'P' if rest.get(1) == Some(&b'M') => simple(Field::UpperHalf, 2),
        b'p' if rest.get(1) == Some(&b'm') => simple(Field::LowerHalf, 2),
        b'-' | b'Z' => offset_at(rest),
        b'.' | b',' => fraction_at(rest),
        _ => None,
    }
}

/// A name, long or cut to three letters. `Month` is no short Monday, so a small letter must not follow.
fn name_at(rest: &[u8], long: &[u8], long_field: Field, short_field: Field) -> Option<(Field, usize, usize)> {
    if rest.starts_with(long) {
        return Some((long_field, 0, long.len()));
    }
    let is_short = rest.starts_with(&long[..3]) && !rest.get(3).is_some_and(u8::is_ascii_lowercase);
    is_short.then_some((short_field, 0, 3))
}

fn zero_field(rest: &[u8]) -> Option<(Field, usize, usize)> {
    let field = match rest.get(1)? {
        b'1' => Field::ZeroMonth,
        b'2' => Field::ZeroDay,
        b'3' => Field::ZeroHour12,
        b'4' => Field::ZeroMinute,
        b'5' => Field::ZeroSecond,
        b'6' => Field::Year,
        _ => return rest.starts_with(b"002").then_some((Field::ZeroYearDay, 0, 3)),
    };
    Some((field, 0, 2))
}

fn offset_at(rest: &[u8]) -> Option<(Field, usize, usize)> {
    use OffsetPrecision::{Hours, Minutes, Seconds};
    let forms: [(&[u8], bool, OffsetPrecision); 5] = [
        (b"070000", false, Seconds),
        (b"07:00:00", true, Seconds),
        (b"0700", false, Minutes),
        (b"07:00", true, Minutes),
        (b"07", false, Hours),
    ];
    let is_iso = rest[0] == b'Z';
    forms.into_iter().find(|(form, ..)| rest[1..].starts_with(form)).map(|(form, has_colons, precision)| {
        (Field::Offset(Offset { is_iso, has_colons, precision }), 0, form.len() + 1)
    })
}

/// A run of one digit that nothing but a fraction can be: no other digit may follow.
fn fraction_at(rest: &[u8]) -> Option<(Field, usize, usize)> {
    let digit = *rest.get(1).filter(|digit| matches!(digit, b'0' | b'9'))?;
    let digits = rest[1..].iter().take_while(|byte| **byte == digit).count();
    if rest.get(1 + digits).is_some_and(u8::is_ascii_digit) {
        return None;
    }
    // Go keeps the count in twelve bits.
    let fraction = Field::Fraction { digits: digits & 0xfff, separator: rest[0], trims: digit == b'9' };
    Some((fraction, 0, digits + 1))
}
