//! Functions that give another value with each call.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::Table;
use super::arguments::{Outcome, bytes, int, made};
use super::sources::{Sources, Stream};
use crate::template::{CallError, Function, Parameter, Runtime, Value};

const DIGITS: &str = "0123456789";
const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

pub(super) fn table(sources: &Sources) -> Table {
    let alphanumeric = format!("{LETTERS}{DIGITS}").into_bytes();
    let printable: Vec<u8> = (b' '..=b'~').collect();
    vec![
        ("randAlphaNum", letters("randAlphaNum", alphanumeric, sources)),
        ("randAlpha", letters("randAlpha", LETTERS.into(), sources)),
        ("randAscii", letters("randAscii", printable, sources)),
        ("randNumeric", letters("randNumeric", DIGITS.into(), sources)),
        ("randBytes", drawing("randBytes", &[Parameter::Int], sources, random_bytes)),
        ("randInt", drawing("randInt", &[Parameter::Int, Parameter::Int], sources, random_integer)),
        ("shuffle", drawing("shuffle", &[Parameter::String], sources, shuffled)),
        ("uuidv4", drawing("uuidv4", &[], sources, uuid)),
    ]
}

/// A function that draws from a stream of its own.
pub(super) fn drawing(
    name: &'static str,
    parameters: &'static [Parameter],
    sources: &Sources,
    call: impl Fn(&mut Stream, &mut dyn Runtime, &[Value]) -> Outcome + 'static,
) -> Function {
    let sources = sources.clone();
    Function::new(parameters, move |runtime, arguments| call(&mut sources.stream(name), runtime, arguments))
}

/// A text of that many characters of an alphabet; an empty one for a negative count, as sprig drops that error.
fn letters(name: &'static str, alphabet: Vec<u8>, sources: &Sources) -> Function {
    drawing(name, &[Parameter::Int], sources, move |stream, runtime, arguments| {
        let count = usize::try_from(int(arguments, 0)).unwrap_or(0);
        prepare(runtime, count)?;
        let text: Vec<u8> = (0..count).map(|_| alphabet[stream.below(alphabet.len() as u64) as usize]).collect();
        Ok(Value::string(text))
    })
}

fn random_bytes(stream: &mut Stream, runtime: &mut dyn Runtime, arguments: &[Value]) -> Outcome {
    let Ok(count) = usize::try_from(int(arguments, 0)) else {
        return Err("runtime error: makeslice: len out of range".into());
    };
    prepare(runtime, count)?;
    let mut bytes = vec![0; count];
    stream.fill(&mut bytes);
    made(runtime, STANDARD.encode(bytes).into_bytes())
}

/// From the first number, included, to the second, excluded.
fn random_integer(stream: &mut Stream, _: &mut dyn Runtime, arguments: &[Value]) -> Outcome {
    let (least, end) = (int(arguments, 0), int(arguments, 1));
    let span = end.wrapping_sub(least);
    if span <= 0 {
        return Err("invalid argument to Intn".into());
    }
    Ok(Value::int(least.wrapping_add(stream.below(span as u64) as i64)))
}

fn shuffled(stream: &mut Stream, runtime: &mut dyn Runtime, arguments: &[Value]) -> Outcome {
    let text = String::from_utf8_lossy(bytes(arguments, 0));
    prepare(runtime, text.len())?;
    let mut characters: Vec<char> = text.chars().collect();
    for last in (1..characters.len()).rev() {
        characters.swap(last, stream.below(last as u64 + 1) as usize);
    }
    Ok(Value::string(characters.into_iter().collect::<String>()))
}

fn uuid(stream: &mut Stream, _: &mut dyn Runtime, _: &[Value]) -> Outcome {
    let mut bytes = [0; 16];
    stream.fill(&mut bytes);
    // Version 4, variant of RFC 9562.
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let parts = [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]];
    Ok(Value::string(parts.join("-")))
}

/// Pays for drawing that many characters, about ten in a microsecond.
fn prepare(runtime: &mut dyn Runtime, count: usize) -> Result<(), CallError> {
    runtime.allocate(count)?;
    runtime.spend(count as u64 / 10)
}
