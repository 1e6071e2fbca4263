//! The fewest digits that tell a floating point number from all others.

/// As Rust's `{:e}`, but where two decimal numbers of that length are equally near, the even one is taken, as Go's
/// `strconv` does and Rust does not.
pub fn shortest_exponential(float: f64) -> String {
    let text = format!("{float:e}");
    let Some((mantissa, _)) = text.split_once('e') else { return text };
    let digits = mantissa.bytes().filter(u8::is_ascii_digit).count();
    // Numbers of fifteen digits are never that near to each other.
    if digits < 16 {
        return text;
    }
    // More digits than a tie can have: it is a fraction of few bits.
    let exact = format!("{float:.40e}");
    let Some((exact_mantissa, exponent)) = exact.split_once('e') else { return text };
    let after: Vec<u8> = exact_mantissa.bytes().filter(u8::is_ascii_digit).skip(digits).collect();
    let is_tie = after.first() == Some(&b'5') && after[1..].iter().all(|digit| *digit == b'0');
    let is_odd = mantissa.ends_with(['1', '3', '5', '7', '9']);
    if is_tie && is_odd {
        let point = exact_mantissa.find('.').unwrap_or(exact_mantissa.len());
        // Rounded up, the digit is odd; cut off, it is even.
        return format!("{}e{exponent}", &exact_mantissa[..point + digits]);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::shortest_exponential;

    #[test]
    fn takes_the_even_number_of_two_as_go_does() {
        for (float, expected) in [
            ("1715817741035179.25", "1.7158177410351792e15"),
            ("-1000000000000475.25", "-1.0000000000004752e15"),
            ("-4053271130360239.5", "-4.0532711303602395e15"),
            ("0.1", "1e-1"),
            ("5e-324", "5e-324"),
            ("1.7976931348623157e308", "1.7976931348623157e308"),
            ("9007199254740993", "9.007199254740992e15"),
        ] {
            let float: f64 = float.parse().unwrap();
            assert_eq!(shortest_exponential(float), expected);
            assert_eq!(expected.parse::<f64>().unwrap().to_bits(), float.to_bits());
        }
    }
}
