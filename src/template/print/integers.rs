//! Integers and characters.

use super::super::quote::write_escaped;
use super::super::unicode::is_print;
use super::super::value::{Integer, Value};
use super::{Outcome, Printer};

/// A character that an integer names; U+FFFD if it names none.
fn character(code: u64) -> char {
    u32::try_from(code).ok().and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER)
}

impl Printer<'_> {
    pub(super) fn integer(&mut self, integer: Integer, verb: char) -> Outcome {
        let bits = integer.unsigned();
        let is_signed = !integer.is_unsigned();
        match verb {
            'v' if self.field.is_go_syntax && !is_signed => self.prefixed_hexadecimal(bits),
            'v' | 'd' => self.digits(bits, is_signed, 10, verb, false),
            'b' => self.digits(bits, is_signed, 2, verb, false),
            'o' | 'O' => self.digits(bits, is_signed, 8, verb, false),
            'x' => self.digits(bits, is_signed, 16, verb, false),
            'X' => self.digits(bits, is_signed, 16, verb, true),
            'c' => self.pad(character(bits).encode_utf8(&mut [0; 4]).as_bytes()),
            'q' => {
                let mut text = String::from("'");
                write_escaped(&mut text, character(bits), '\'', self.field.has_plus);
                text.push('\'');
                self.pad(text.as_bytes());
            }
            'U' => self.code_point(bits),
            _ => return self.bad_verb(&Value::Integer(integer), verb),
        }
        self.check()
    }

    /// `0x` and digits, whatever the sharp flag says.
    pub(super) fn prefixed_hexadecimal(&mut self, bits: u64) {
        self.hexadecimal_number(bits, true);
    }

    pub(super) fn hexadecimal_number(&mut self, bits: u64, has_prefix: bool) {
        let is_sharp = std::mem::replace(&mut self.field.is_sharp, has_prefix);
        self.digits(bits, false, 16, 'v', false);
        self.field.is_sharp = is_sharp;
    }

    pub(super) fn digits(&mut self, bits: u64, is_signed: bool, base: u64, verb: char, is_upper: bool) {
        let is_negative = is_signed && bits.cast_signed() < 0;
        let mut rest = if is_negative { bits.wrapping_neg() } else { bits };
        let mut least = 0;
        if let Some(precision) = self.field.precision {
            least = precision;
            if precision == 0 && rest == 0 {
                let has_zeros = std::mem::replace(&mut self.field.has_zeros, false);
                self.fill(self.field.width.unwrap_or(0));
                self.field.has_zeros = has_zeros;
                return;
            }
        } else if self.field.has_zeros && !self.field.is_left {
            least = self.field.width.unwrap_or(0);
            if is_negative || self.field.has_plus || self.field.has_space {
                least = least.saturating_sub(1);
            }
        }
        let digits: &[u8; 16] = if is_upper { b"0123456789ABCDEF" } else { b"0123456789abcdef" };
        let mut text = Vec::with_capacity(24.max(least + 3));
        loop {
            text.push(digits[(rest % base) as usize]);
            rest /= base;
            if rest == 0 {
                break;
            }
        }
        if text.len() < least {
            text.resize(least, b'0');
        }
        self.prefix(&mut text, base, verb, is_upper);
        if is_negative {
            text.push(b'-');
        } else if self.field.has_plus {
            text.push(b'+');
        } else if self.field.has_space {
            text.push(b' ');
        }
        text.reverse();
        self.pad_with_spaces(&text);
    }

    /// In reverse order, as the digits are.
    fn prefix(&self, text: &mut Vec<u8>, base: u64, verb: char, is_upper: bool) {
        if self.field.is_sharp {
            match base {
                2 => text.extend_from_slice(b"b0"),
                8 if text.last() != Some(&b'0') => text.push(b'0'),
                16 => text.extend_from_slice(if is_upper { b"X0" } else { b"x0" }),
                _ => {}
            }
        }
        if verb == 'O' {
            text.extend_from_slice(b"o0");
        }
    }

    /// `U+0078`, with the sharp flag `U+0078 'x'`.
    fn code_point(&mut self, bits: u64) {
        let least = self.field.precision.filter(|precision| *precision > 4).unwrap_or(4);
        let digits = format!("{bits:X}");
        let mut text = String::from("U+");
        text.extend(std::iter::repeat_n('0', least.saturating_sub(digits.len())));
        text.push_str(&digits);
        if self.field.is_sharp
            && let Some(character) = u32::try_from(bits).ok().and_then(char::from_u32).filter(|found| is_print(*found))
        {
            text.push_str(" '");
            text.push(character);
            text.push('\'');
        }
        self.pad_with_spaces(text.as_bytes());
    }
}
