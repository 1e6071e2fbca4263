//! DER, as far as keys and certificates need it.

/// Tags with their class and form.
pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const OBJECT: u8 = 0x06;
pub(super) const UTF8_STRING: u8 = 0x0c;
pub(super) const PRINTABLE_STRING: u8 = 0x13;
pub(super) const UTC_TIME: u8 = 0x17;
pub(super) const GENERALIZED_TIME: u8 = 0x18;
pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const SET: u8 = 0x31;
pub(super) const NULL: &[u8] = &[0x05, 0x00];

/// The tag of a context, whose value is built of others.
pub(super) const fn context(number: u8) -> u8 {
    0xa0 | number
}

/// The tag of a context, whose value is plain bytes.
pub(super) const fn context_plain(number: u8) -> u8 {
    0x80 | number
}

/// A tag, a length and a value that is made of parts.
pub(super) fn element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut out = Vec::with_capacity(length + 6);
    out.push(tag);
    if length < 0x80 {
        out.push(length as u8);
    } else {
        let bytes = length.to_be_bytes();
        let skipped = bytes.iter().take_while(|byte| **byte == 0).count();
        out.push(0x80 | (bytes.len() - skipped) as u8);
        out.extend_from_slice(&bytes[skipped..]);
    }
    for part in parts {
        out.extend_from_slice(part);
    }
    out
}

/// A number without a sign.
pub(super) fn unsigned(big_endian: &[u8]) -> Vec<u8> {
    let zeros = big_endian.iter().take_while(|byte| **byte == 0).count();
    let digits = &big_endian[zeros..];
    let needs_zero = digits.first().is_none_or(|first| *first >= 0x80);
    element(INTEGER, &[if needs_zero { &[0] } else { &[] }, digits])
}

/// Whole bytes as bits.
pub(super) fn bit_string(bytes: &[u8]) -> Vec<u8> {
    element(BIT_STRING, &[&[0], bytes])
}

/// What Go says of bytes that are no structure of that name, as far as their first element tells.
pub(super) fn problem(bytes: &[u8], structure: &str) -> String {
    const PARAMETERS: &str = "{optional:false explicit:false application:false private:false defaultValue:<nil> \
                              tag:<nil> stringType:0 timeType:0 set:false omitEmpty:false}";
    let Some((tag, value)) = Reader::new(bytes).any() else {
        return "asn1: syntax error: data truncated".to_owned();
    };
    if tag == SEQUENCE {
        return "asn1: syntax error: sequence truncated".to_owned();
    }
    let (class, number, is_compound, length) = (tag >> 6, tag & 0x1f, tag & 0x20 != 0, value.len());
    let found = format!("{{class:{class} tag:{number} length:{length} isCompound:{is_compound}}}");
    format!("asn1: structure error: tags don't match (16 vs {found}) {PARAMETERS} {structure} @2")
}

/// Reads one element after another.
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next tag and value.
    pub(super) fn any(&mut self) -> Option<(u8, &'a [u8])> {
        let (&[tag, first], rest) = self.0.split_first_chunk::<2>()?;
        let (length, rest) = if first < 0x80 {
            (usize::from(first), rest)
        } else {
            let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            let is_shortest = digits.first().is_some_and(|digit| *digit != 0) && digits.len() <= 4;
            let length = digits.iter().fold(0, |length: usize, digit| length << 8 | usize::from(*digit));
            (is_shortest && length >= 0x80).then_some((length, rest))?
        };
        let (value, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some((tag, value))
    }

    /// The next value, which must have this tag.
    pub(super) fn value(&mut self, tag: u8) -> Option<&'a [u8]> {
        let before = self.0;
        match self.any() {
            Some((found, value)) if found == tag => Some(value),
            _ => {
                self.0 = before;
                None
            }
        }
    }

    pub(super) fn nested(&mut self, tag: u8) -> Option<Reader<'a>> {
        self.value(tag).map(Reader)
    }

    /// The next element with its tag and length, as it stands.
    pub(super) fn whole(&mut self) -> Option<&'a [u8]> {
        let before = self.0;
        self.any()?;
        Some(&before[..before.len() - self.0.len()])
    }

    /// A number without a sign, without leading zeros.
    pub(super) fn unsigned(&mut self) -> Option<&'a [u8]> {
        match self.value(INTEGER)? {
            [0, rest @ ..] => Some(rest),
            value if value.first().is_some_and(|first| *first < 0x80) => Some(value),
            _ => None,
        }
    }
}
