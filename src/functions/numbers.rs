//! Arithmetic. Arguments of any kind become numbers first, and wrap around as Go's do.

use super::Table;
use super::arguments::{Outcome, allocate_elements, bytes, int};
use super::cast::{IntegerError, parse_int, to_float, to_int};
use super::decimal::Decimal;
use super::printing::print;
use crate::template::{CallError, ElementType, Function, List, Parameter, Runtime, Value};

use Parameter::{Any, Float64, Int, String};

pub(super) fn table() -> Table {
    let mut table = integers();
    table.extend(floats());
    table.extend(sequences());
    table
}

fn integers() -> Table {
    vec![
        ("add", Function::variadic(&[Any], |_, a| Ok(folded(0, a, i64::wrapping_add)))),
        ("add1", Function::new(&[Any], |_, a| Ok(Value::int64(to_int(&a[0]).wrapping_add(1))))),
        ("atoi", Function::new(&[String], |_, a| Ok(Value::int(atoi(bytes(a, 0)))))),
        ("biggest", Function::variadic(&[Any, Any], |_, a| Ok(folded(i64::MIN, a, i64::max)))),
        ("div", Function::new(&[Any, Any], |_, a| divided(a, i64::wrapping_div))),
        ("int", Function::new(&[Any], |_, a| Ok(Value::int(to_int(&a[0]))))),
        ("int64", Function::new(&[Any], |_, a| Ok(Value::int64(to_int(&a[0]))))),
        ("max", Function::variadic(&[Any, Any], |_, a| Ok(folded(i64::MIN, a, i64::max)))),
        ("min", Function::variadic(&[Any, Any], |_, a| Ok(folded(i64::MAX, a, i64::min)))),
        ("mod", Function::new(&[Any, Any], |_, a| divided(a, i64::wrapping_rem))),
        ("mul", Function::variadic(&[Any, Any], |_, a| Ok(folded(1, a, i64::wrapping_mul)))),
        ("sub", Function::new(&[Any, Any], |_, a| Ok(Value::int64(to_int(&a[0]).wrapping_sub(to_int(&a[1])))))),
        ("toDecimal", Function::new(&[Any], |_, a| octal(&a[0]))),
    ]
}

fn floats() -> Table {
    vec![
        ("add1f", Function::new(&[Any], |r, a| computed(r, &[a[0].clone(), Value::int(1)], |x, y| Ok(x.add(y))))),
        ("addf", Function::variadic(&[Any], |r, a| computed(r, &with_zero(a), |x, y| Ok(x.add(y))))),
        ("ceil", Function::new(&[Any], |_, a| Ok(Value::Float(to_float(&a[0]).ceil())))),
        ("divf", Function::variadic(&[Any, Any], |r, a| computed(r, a, Decimal::divide))),
        ("float64", Function::new(&[Any], |_, a| Ok(Value::Float(to_float(&a[0]))))),
        ("floor", Function::new(&[Any], |_, a| Ok(Value::Float(to_float(&a[0]).floor())))),
        ("maxf", Function::variadic(&[Any, Any], |_, a| Ok(Value::Float(extreme(a, larger))))),
        ("minf", Function::variadic(&[Any, Any], |_, a| Ok(Value::Float(extreme(a, smaller))))),
        ("mulf", Function::variadic(&[Any, Any], |r, a| computed(r, a, |x, y| Ok(x.multiply(y))))),
        ("round", Function::variadic(&[Any, Int, Float64], |_, a| Ok(Value::Float(round(a))))),
        ("subf", Function::variadic(&[Any, Any], |r, a| computed(r, a, |x, y| Ok(x.subtract(y))))),
    ]
}

fn sequences() -> Table {
    vec![
        ("seq", Function::variadic(&[Int], sequence)),
        ("until", Function::new(&[Int], |r, a| listed(until(r, 0, int(a, 0), if int(a, 0) < 0 { -1 } else { 1 })?))),
        ("untilStep", Function::new(&[Int, Int, Int], |r, a| listed(until(r, int(a, 0), int(a, 1), int(a, 2))?))),
    ]
}

fn folded(start: i64, arguments: &[Value], operation: fn(i64, i64) -> i64) -> Value {
    Value::int64(arguments.iter().map(to_int).fold(start, operation))
}

fn divided(arguments: &[Value], operation: fn(i64, i64) -> i64) -> Outcome {
    match to_int(&arguments[1]) {
        0 => Err("runtime error: integer divide by zero".into()),
        divisor => Ok(Value::int64(operation(to_int(&arguments[0]), divisor))),
    }
}

/// Numbers out of range give the nearest one that fits.
fn atoi(text: &[u8]) -> i64 {
    match parse_int(text, 10) {
        Ok(number) | Err(IntegerError::Range(number)) => number,
        Err(IntegerError::Syntax) => 0,
    }
}

/// What the value prints, read as an octal number.
fn octal(value: &Value) -> Outcome {
    Ok(Value::int64(parse_int(print(value)?.as_bytes(), 8).unwrap_or(0)))
}

fn with_zero(arguments: &[Value]) -> Vec<Value> {
    std::iter::once(Value::Float(0.0)).chain(arguments.iter().cloned()).collect()
}

fn computed(
    runtime: &mut dyn Runtime,
    arguments: &[Value],
    operation: impl Fn(&Decimal, &Decimal) -> Result<Decimal, CallError>,
) -> Outcome {
    let mut result = Decimal::from_float(arguments.first().map_or(0.0, to_float))?;
    for argument in arguments.iter().skip(1) {
        runtime.spend(1 + result.size() as u64 / 1024)?;
        result = operation(&result, &Decimal::from_float(to_float(argument))?)?;
    }
    Ok(Value::Float(result.to_float()))
}

fn extreme(arguments: &[Value], choose: fn(f64, f64) -> f64) -> f64 {
    arguments.iter().map(to_float).reduce(choose).unwrap_or(0.0)
}

/// `math.Max`: infinity wins over what is no number, and that over numbers.
fn larger(left: f64, right: f64) -> f64 {
    if left == f64::INFINITY || right == f64::INFINITY {
        f64::INFINITY
    } else if left.is_nan() || right.is_nan() {
        f64::NAN
    } else if left == 0.0 && right == 0.0 {
        if left.is_sign_negative() { right } else { left }
    } else {
        left.max(right)
    }
}

/// `math.Min`.
fn smaller(left: f64, right: f64) -> f64 {
    -larger(-left, -right)
}

/// To decimal places; what is at least `roundOn` (a half unless given) goes up.
fn round(arguments: &[Value]) -> f64 {
    let round_on = match arguments.get(2) {
        Some(Value::Float(float)) => *float,
        _ => 0.5,
    };
    let power = power_of_ten(int(arguments, 1) as f64);
    let digit = power * to_float(&arguments[0]);
    // Go's Modf says that infinity has no fraction that is a number.
    let fraction = if digit.is_infinite() { f64::NAN } else { digit.fract() };
    (if fraction >= round_on { digit.ceil() } else { digit.floor() }) / power
}

/// `math.Pow(10, places)` for whole places. Go multiplies squares, and its last digits differ from the nearest number.
fn power_of_ten(places: f64) -> f64 {
    if places == 0.0 {
        return 1.0;
    }
    if places.abs() >= 9_223_372_036_854_775_808.0 {
        return if places > 0.0 { f64::INFINITY } else { 0.0 };
    }
    let (mut product, mut exponent) = (1.0, 0_i64);
    // 10 = 0.625 * 2^4
    let (mut square, mut square_exponent) = (0.625_f64, 4_i64);
    let mut rest = places.abs() as i64;
    while rest != 0 {
        if !(-(1 << 12)..=1 << 12).contains(&square_exponent) {
            exponent += square_exponent;
            break;
        }
        if rest & 1 == 1 {
            product *= square;
            exponent += square_exponent;
        }
        square *= square;
        square_exponent <<= 1;
        if square < 0.5 {
            square += square;
            square_exponent -= 1;
        }
        rest >>= 1;
    }
    if places < 0.0 {
        product = 1.0 / product;
        exponent = -exponent;
    }
    scale(product, exponent)
}

/// `number * 2^exponent`, rounded once.
fn scale(number: f64, exponent: i64) -> f64 {
    let exponent = exponent.clamp(-3000, 3000) as i32;
    // The first factor is exact; only the second may round or overflow.
    let half = exponent.clamp(-1000, 1000);
    number * 2_f64.powi(half) * 2_f64.powi((exponent - half).clamp(-1022, 1023))
}

/// The numbers from `start` to before `stop`.
fn until(runtime: &mut dyn Runtime, start: i64, stop: i64, step: i64) -> Result<Vec<i64>, CallError> {
    if (stop < start && step >= 0) || (stop >= start && step <= 0) {
        return Ok(Vec::new());
    }
    let count = start.abs_diff(stop).div_ceil(step.unsigned_abs());
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    allocate_elements(runtime, count)?;
    runtime.spend(count as u64 / 256)?;
    Ok((0..count as i64).map(|index| start.wrapping_add(index.wrapping_mul(step))).collect())
}

fn listed(numbers: Vec<i64>) -> Outcome {
    Ok(Value::List(List::typed(numbers.into_iter().map(Value::int).collect(), ElementType::Int)))
}

/// Like the program `seq`: start, step and stop, the last one included.
fn sequence(runtime: &mut dyn Runtime, arguments: &[Value]) -> Outcome {
    let parameters: Vec<i64> = (0..arguments.len()).map(|index| int(arguments, index)).collect();
    let direction = |start: i64, stop: i64| if stop < start { -1 } else { 1 };
    let numbers = match parameters[..] {
        [stop] => until(runtime, 1, stop.wrapping_add(direction(1, stop)), direction(1, stop))?,
        [start, stop] => until(runtime, start, stop.wrapping_add(direction(start, stop)), direction(start, stop))?,
        [start, step, stop] if stop >= start || step <= 0 => {
            until(runtime, start, stop.wrapping_add(direction(start, stop)), step)?
        }
        _ => Vec::new(),
    };
    let written: Vec<std::string::String> = numbers.iter().map(i64::to_string).collect();
    Ok(Value::string(written.join(" ")))
}
