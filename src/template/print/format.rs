//! The formats of `printf`: flags, widths, indexes of arguments, and what is wrong with them.

use super::super::quote::decode;
use super::super::value::Value;
use super::field::Field;
use super::{Outcome, Printer};

/// Widths and precisions beyond this are taken for nonsense.
const MOST: i64 = 1_000_000;

/// Where the reading of a format stands.
struct Reader<'a> {
    format: &'a [u8],
    at: usize,
    values: &'a [Value],
    /// Next argument.
    argument: usize,
    /// Whether arguments were taken out of order, so that none counts as left over.
    is_reordered: bool,
    /// Whether the last argument number could be used.
    is_number_good: bool,
    /// Whether the last thing read was an argument number.
    is_after_index: bool,
}

/// As `Sprintf`.
pub(super) fn print(printer: &mut Printer<'_>, format: &[u8], values: &[Value]) -> Outcome {
    let mut reader =
        Reader { format, at: 0, values, argument: 0, is_reordered: false, is_number_good: true, is_after_index: false };
    while reader.at < format.len() {
        let rest = &format[reader.at..];
        let literal = memchr::memchr(b'%', rest).unwrap_or(rest.len());
        printer.out.extend_from_slice(&rest[..literal]);
        reader.at += literal;
        if reader.at >= format.len() {
            break;
        }
        reader.at += 1;
        reader.is_number_good = true;
        if !reader.verb(printer)? {
            break;
        }
    }
    if !reader.is_reordered && reader.argument < values.len() {
        print_extra(printer, &values[reader.argument..])?;
    }
    printer.check()
}

/// What no verb took.
fn print_extra(printer: &mut Printer<'_>, values: &[Value]) -> Outcome {
    printer.field = Field::default();
    printer.out.extend_from_slice(b"%!(EXTRA ");
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            printer.out.extend_from_slice(b", ");
        }
        if !value.is_nil() {
            printer.out.extend_from_slice(value.go_type().as_bytes());
            printer.out.push(b'=');
        }
        printer.argument(value, 'v')?;
    }
    printer.out.push(b')');
    Ok(())
}

impl Reader<'_> {
    /// One verb, after its percent sign. False if the format ends first.
    fn verb(&mut self, printer: &mut Printer<'_>) -> Result<bool, super::Exhausted> {
        printer.field = Field::default();
        self.flags(&mut printer.field);
        if let Some(letter) = self.peek().filter(u8::is_ascii_lowercase)
            && self.argument < self.values.len()
        {
            self.at += 1;
            return self.take(printer, char::from(letter)).map(|()| true);
        }
        self.index();
        self.width(printer);
        self.precision(printer);
        if !self.is_after_index {
            self.index();
        }
        if self.at >= self.format.len() {
            printer.out.extend_from_slice(b"%!(NOVERB)");
            return Ok(false);
        }
        let (verb, width) = decode(&self.format[self.at..]);
        self.at += width;
        match verb {
            '%' => printer.out.push(b'%'),
            _ if !self.is_number_good => {
                printer.write_bad_verb(verb);
                printer.out.extend_from_slice(b"(BADINDEX)");
            }
            _ if self.argument >= self.values.len() => {
                printer.write_bad_verb(verb);
                printer.out.extend_from_slice(b"(MISSING)");
            }
            _ => self.take(printer, verb)?,
        }
        Ok(true)
    }

    fn take(&mut self, printer: &mut Printer<'_>, verb: char) -> Outcome {
        printer.field.adapt_to(verb);
        printer.argument(&self.values[self.argument], verb)?;
        self.argument += 1;
        Ok(())
    }

    fn peek(&self) -> Option<u8> {
        self.format.get(self.at).copied()
    }

    fn flags(&mut self, field: &mut Field) {
        while let Some(flag) = self.peek() {
            match flag {
                b'#' => field.is_sharp = true,
                b'0' => field.has_zeros = true,
                b'+' => field.has_plus = true,
                b'-' => field.is_left = true,
                b' ' => field.has_space = true,
                _ => return,
            }
            self.at += 1;
        }
    }

    /// `[3]`
    fn index(&mut self) {
        self.is_after_index = false;
        if self.peek() != Some(b'[') {
            return;
        }
        self.is_reordered = true;
        let rest = &self.format[self.at..];
        let close = if rest.len() < 3 { None } else { memchr::memchr(b']', rest) };
        let Some(close) = close else {
            self.is_number_good = false;
            self.at += 1;
            return;
        };
        let number = std::str::from_utf8(&rest[1..close]).ok().filter(|digits| !digits.is_empty());
        let number = number.and_then(read_number);
        self.at += close + 1;
        match number.and_then(|number| usize::try_from(number - 1).ok()) {
            Some(index) if index < self.values.len() => {
                self.argument = index;
                self.is_after_index = true;
            }
            _ => {
                self.is_number_good = false;
                self.is_after_index = number.is_some();
            }
        }
    }

    fn width(&mut self, printer: &mut Printer<'_>) {
        if self.peek() == Some(b'*') {
            self.at += 1;
            match self.integer_argument() {
                None => printer.out.extend_from_slice(b"%!(BADWIDTH)"),
                Some(width) => {
                    printer.field.width = Some(width.unsigned_abs() as usize);
                    if width < 0 {
                        printer.field.is_left = true;
                        printer.field.has_zeros = false;
                    }
                }
            }
            self.is_after_index = false;
            return;
        }
        printer.field.width = self.number();
        if self.is_after_index && printer.field.width.is_some() {
            self.is_number_good = false;
        }
    }

    fn precision(&mut self, printer: &mut Printer<'_>) {
        if self.at + 1 >= self.format.len() || self.peek() != Some(b'.') {
            return;
        }
        self.at += 1;
        if self.is_after_index {
            self.is_number_good = false;
        }
        self.index();
        if self.peek() == Some(b'*') {
            self.at += 1;
            let precision = self.integer_argument().and_then(|precision| usize::try_from(precision).ok());
            printer.field.precision = precision;
            if precision.is_none() {
                printer.out.extend_from_slice(b"%!(BADPREC)");
            }
            self.is_after_index = false;
        } else {
            printer.field.precision = Some(self.number().unwrap_or(0));
        }
    }

    /// A width or precision that an argument gives.
    fn integer_argument(&mut self) -> Option<i64> {
        let value = self.values.get(self.argument)?;
        self.argument += 1;
        let Value::Integer(integer) = value else { return None };
        if integer.bits.unsigned_abs() > MOST as u64 || (integer.is_unsigned() && integer.bits < 0) {
            return None;
        }
        Some(integer.bits)
    }

    /// Digits of the format. A number too long for sense ends the format, as in Go.
    fn number(&mut self) -> Option<usize> {
        let mut number: i64 = 0;
        let mut found = false;
        while let Some(digit) = self.peek().filter(u8::is_ascii_digit) {
            if number > MOST {
                self.at = self.format.len();
                return None;
            }
            number = number * 10 + i64::from(digit - b'0');
            found = true;
            self.at += 1;
        }
        usize::try_from(number).ok().filter(|_| found)
    }
}

fn read_number(digits: &str) -> Option<i64> {
    let mut number: i64 = 0;
    for digit in digits.bytes() {
        if !digit.is_ascii_digit() || number > MOST {
            return None;
        }
        number = number * 10 + i64::from(digit - b'0');
    }
    Some(number)
}
