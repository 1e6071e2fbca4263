//! Base 64, base 32 and checksums. A text that cannot be decoded gives Go's error as its result.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

use super::Table;
use super::arguments::bytes;
use crate::template::{Function, Parameter, Value};

use Parameter::String;

pub(super) fn table() -> Table {
    vec![
        ("adler32sum", Function::new(&[String], |_, a| Ok(Value::string(adler32(bytes(a, 0)).to_string())))),
        ("b32dec", Function::new(&[String], |_, a| Ok(decoded("base32", decode_base32(bytes(a, 0)))))),
        ("b32enc", Function::new(&[String], |_, a| Ok(Value::string(encode_base32(bytes(a, 0)))))),
        ("b64dec", Function::new(&[String], |_, a| Ok(decoded("base64", decode_base64(bytes(a, 0)))))),
        ("b64enc", Function::new(&[String], |_, a| Ok(Value::string(STANDARD.encode(bytes(a, 0)))))),
        ("sha1sum", Function::new(&[String], |_, a| Ok(Value::string(hexadecimal(&Sha1::digest(bytes(a, 0))))))),
        ("sha256sum", Function::new(&[String], |_, a| Ok(Value::string(hexadecimal(&Sha256::digest(bytes(a, 0))))))),
        ("sha512sum", Function::new(&[String], |_, a| Ok(Value::string(hexadecimal(&Sha512::digest(bytes(a, 0))))))),
    ]
}

fn hexadecimal(digest: &[u8]) -> Vec<u8> {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    digest.iter().flat_map(|byte| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]).collect()
}

fn adler32(text: &[u8]) -> u32 {
    let (mut low, mut high) = (1_u32, 0_u32);
    // As many bytes as can be added before either sum may overflow (RFC 1950).
    for chunk in text.chunks(5552) {
        for byte in chunk {
            low += u32::from(*byte);
            high += low;
        }
        low %= 65521;
        high %= 65521;
    }
    high << 16 | low
}

fn decoded(encoding: &str, result: Result<Vec<u8>, usize>) -> Value {
    match result {
        Ok(text) => Value::string(text),
        Err(place) => Value::string(format!("illegal {encoding} data at input byte {place}")),
    }
}

/// Line ends are skipped. The error is where Go says that the text is wrong.
fn decode_base64(text: &[u8]) -> Result<Vec<u8>, usize> {
    let mut decoded = Vec::with_capacity(text.len() / 4 * 3);
    let mut symbols = text.iter().enumerate().filter(|(_, byte)| !matches!(byte, b'\r' | b'\n'));
    loop {
        let (mut quantum, mut count) = (0_u32, 0_usize);
        while count < 4 {
            let Some((place, byte)) = symbols.next() else {
                return if count == 0 { Ok(decoded) } else { Err(text.len() - count) };
            };
            if let Some(value) = base64_value(*byte) {
                quantum = quantum << 6 | value;
                count += 1;
                continue;
            }
            if *byte != b'=' || count < 2 {
                return Err(place);
            }
            if count == 2 {
                match symbols.next() {
                    None => return Err(text.len()),
                    Some((_, b'=')) => {}
                    Some((place, _)) => return Err(place - 1),
                }
            }
            if let Some((place, _)) = symbols.next() {
                return Err(place);
            }
            let bytes = (quantum << (6 * (4 - count))).to_be_bytes();
            decoded.extend_from_slice(&bytes[1..count]);
            return Ok(decoded);
        }
        decoded.extend_from_slice(&quantum.to_be_bytes()[1..]);
    }
}

fn base64_value(byte: u8) -> Option<u32> {
    Some(match byte {
        b'A'..=b'Z' => u32::from(byte - b'A'),
        b'a'..=b'z' => u32::from(byte - b'a') + 26,
        b'0'..=b'9' => u32::from(byte - b'0') + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    })
}

fn encode_base32(text: &[u8]) -> Vec<u8> {
    const SYMBOLS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut encoded = Vec::with_capacity(text.len().div_ceil(5) * 8);
    for chunk in text.chunks(5) {
        let mut block = [0; 8];
        block[3..3 + chunk.len()].copy_from_slice(chunk);
        let bits = u64::from_be_bytes(block);
        let used = (chunk.len() * 8).div_ceil(5);
        encoded.extend((0..used).map(|index| SYMBOLS[(bits >> (35 - 5 * index) & 31) as usize]));
        encoded.extend(std::iter::repeat_n(b'=', 8 - used));
    }
    encoded
}

/// Line ends are skipped and do not count in the error's place.
fn decode_base32(text: &[u8]) -> Result<Vec<u8>, usize> {
    let text: Vec<u8> = text.iter().copied().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect();
    let mut decoded = Vec::with_capacity(text.len() / 8 * 5);
    let mut place = 0;
    while place < text.len() {
        let (mut quantum, mut count) = (0_u64, 0_usize);
        while count < 8 {
            let Some(byte) = text.get(place) else { return Err(text.len() - count) };
            place += 1;
            let rest = &text[place..];
            if *byte == b'=' && count >= 2 && rest.len() < 8 {
                check_padding(rest, count, text.len())?;
                place = text.len();
                break;
            }
            quantum = quantum << 5 | base32_value(*byte).ok_or(place - 1)?;
            count += 1;
        }
        let bytes = (quantum << (5 * (8 - count))).to_be_bytes();
        decoded.extend_from_slice(&bytes[3..3 + count * 5 / 8]);
    }
    Ok(decoded)
}

/// After the first `=`: as many more as fill the eight, and no count of symbols that no encoder writes.
fn check_padding(rest: &[u8], count: usize, length: usize) -> Result<(), usize> {
    if rest.len() + count < 7 {
        return Err(length);
    }
    if let Some(wrong) = rest.iter().take(7 - count).position(|byte| *byte != b'=') {
        return Err(length - rest.len() + wrong - 1);
    }
    if matches!(count, 1 | 3 | 6) { Err(length - rest.len() - 1) } else { Ok(()) }
}

fn base32_value(byte: u8) -> Option<u64> {
    match byte {
        b'A'..=b'Z' => Some(u64::from(byte - b'A')),
        b'2'..=b'7' => Some(u64::from(byte - b'2') + 26),
        _ => None,
    }
}
