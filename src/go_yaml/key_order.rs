//! The order in which go-yaml writes keys: numbers inside of them count as numbers, letters come last.

use unicode_general_category::{GeneralCategory, get_general_category};

use super::resolve::Version;
use crate::go_json::replace_invalid;
use crate::template::{Text, Value};

/// Puts entries in go-yaml's order.
pub(super) fn sort(entries: Vec<(Text, Value)>, version: Version) -> Vec<(Text, Value)> {
    let is_less = |a: &(Text, Value), b: &(Text, Value)| is_less(a.0.as_bytes(), b.0.as_bytes(), version);
    if entries.windows(2).all(|pair| !is_less(&pair[1], &pair[0])) {
        return entries;
    }
    merge_sort(entries, &is_less)
}

/// The rules contradict themselves for some keys, and the standard library may refuse to sort by such rules.
fn merge_sort<T>(mut entries: Vec<T>, is_less: &impl Fn(&T, &T) -> bool) -> Vec<T> {
    if entries.len() < 2 {
        return entries;
    }
    let right = entries.split_off(entries.len() / 2);
    let mut left = merge_sort(entries, is_less).into_iter().peekable();
    let mut right = merge_sort(right, is_less).into_iter().peekable();
    let mut sorted = Vec::with_capacity(left.len() + right.len());
    while let (Some(first), Some(second)) = (left.peek(), right.peek()) {
        let next = if is_less(second, first) { right.next() } else { left.next() };
        sorted.extend(next);
    }
    sorted.extend(left);
    sorted.extend(right);
    sorted
}

fn is_less(a: &[u8], b: &[u8], version: Version) -> bool {
    // Equal beginnings need no look at what they are, unless they end with digits.
    if let (Some(x), Some(y)) = (a.first(), b.first())
        && x != y
        && x.is_ascii_alphabetic()
        && y.is_ascii_alphabetic()
    {
        return x < y;
    }
    let characters = |bytes| replace_invalid(bytes).chars().collect::<Vec<_>>();
    is_less_by_characters(&characters(a), &characters(b), version)
}

fn is_less_by_characters(a: &[char], b: &[char], version: Version) -> bool {
    let mut is_after_digit = false;
    for (index, (&x, &y)) in a.iter().zip(b).enumerate() {
        if x == y {
            is_after_digit = is_digit(x);
            continue;
        }
        let (is_x_letter, is_y_letter) = (is_letter(x), is_letter(y));
        if is_x_letter && is_y_letter {
            return x < y;
        }
        if is_x_letter || is_y_letter {
            return if version == Version::V3 && is_after_digit { is_x_letter } else { is_y_letter };
        }
        return is_less_by_number(a, b, index);
    }
    a.len() < b.len()
}

/// Compares the numbers that stand where the two differ, and the characters if there are none.
fn is_less_by_number(a: &[char], b: &[char], index: usize) -> bool {
    // A zero within a number weighs as much as any other digit.
    let is_inside = (a[index] == '0' || b[index] == '0')
        && a[..index].iter().rev().take_while(|&&character| is_digit(character)).any(|&character| character != '0');
    let start = i64::from(is_inside);
    let number = |text: &[char]| {
        let digits = text[index..].iter().take_while(|&&character| is_digit(character));
        digits.fold((start, 0), |(value, length): (i64, usize), &digit| {
            let digit = i64::from(u32::from(digit)) - i64::from(u32::from('0'));
            (value.wrapping_mul(10).wrapping_add(digit), length + 1)
        })
    };
    let (x, y) = (number(a), number(b));
    if x == y { a[index] < b[index] } else { x < y }
}

fn is_letter(character: char) -> bool {
    if character.is_ascii() {
        return character.is_ascii_alphabetic();
    }
    matches!(
        get_general_category(character),
        GeneralCategory::UppercaseLetter
            | GeneralCategory::LowercaseLetter
            | GeneralCategory::TitlecaseLetter
            | GeneralCategory::ModifierLetter
            | GeneralCategory::OtherLetter
    )
}

fn is_digit(character: char) -> bool {
    if character.is_ascii() {
        return character.is_ascii_digit();
    }
    get_general_category(character) == GeneralCategory::DecimalNumber
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_count_as_numbers() {
        let keys = ["a1b", "a10", "a2", "B", "b", "0", "10", "9", "_x", "x01", "x1", "10a", "1.5"];
        let entries = keys.iter().map(|&key| (Text::from(key), Value::Nil)).collect();
        let sorted: Vec<_> = sort(entries, Version::V2).iter().map(|(key, _)| key.to_string()).collect();
        assert_eq!(sorted.join(" "), "_x 0 1.5 9 10 10a B a1b a2 a10 b x1 x01");
    }
}
