//! Large primes from random bytes.

use num_bigint::BigUint;

use crate::functions::sources::Derived;

/// Candidates are divided by all primes below this first, which is a hundred times cheaper than a real test.
const SIEVE_END: u32 = 8192;
/// FIPS 186-5 asks for five at the lengths that keys have.
const ROUNDS: usize = 5;
/// The exponent of every RSA key here; no prime may be one more than its multiple.
pub(super) const EXPONENT: u32 = 65_537;

/// A prime of exactly that many bits, a multiple of eight, whose two highest are set, so that the product of two has
/// exactly twice as many. It fits RSA with [`EXPONENT`].
pub(super) fn rsa_prime(source: &mut Derived, bits: usize) -> BigUint {
    let small = small_primes();
    loop {
        let mut bytes = vec![0; bits / 8];
        source.fill(&mut bytes);
        bytes[0] |= 0b1100_0000;
        let last = bytes.len() - 1;
        bytes[last] |= 1;
        if let Some(prime) = search(&BigUint::from_bytes_be(&bytes), &small, source) {
            return prime;
        }
    }
}

/// An odd prime of exactly that many bits, a multiple of eight.
pub(super) fn prime(source: &mut Derived, bits: usize) -> BigUint {
    loop {
        let candidate = random(source, bits) | BigUint::from(1_u8);
        if is_probably_prime(&candidate, source) {
            return candidate;
        }
    }
}

/// A prime of exactly that many bits that is one more than a multiple of the odd `divisor`.
pub(super) fn prime_above_multiple(source: &mut Derived, bits: usize, divisor: &BigUint) -> BigUint {
    let small = small_primes();
    let step = divisor * 2_u8;
    loop {
        let start = random(source, bits);
        let candidate = &start - &start % &step + 1_u8;
        let is_divided = || small.iter().any(|prime| rest_of(&candidate, *prime) == 0);
        if candidate.bits() == bits as u64 && !is_divided() && is_probably_prime(&candidate, source) {
            return candidate;
        }
    }
}

/// A number with exactly that many bits.
fn random(source: &mut Derived, bits: usize) -> BigUint {
    let mut bytes = vec![0; bits / 8];
    source.fill(&mut bytes);
    bytes[0] |= 0x80;
    BigUint::from_bytes_be(&bytes)
}

/// The first prime at or above an odd start, unless it is too far away or overflows the start's length.
fn search(start: &BigUint, small: &[u32], source: &mut Derived) -> Option<BigUint> {
    let rests: Vec<u32> = small.iter().map(|prime| rest_of(start, *prime)).collect();
    let of_exponent = rest_of(start, EXPONENT);
    for step in (0..1 << 20).step_by(2) {
        let is_divided = rests.iter().zip(small).any(|(rest, prime)| (rest + step) % prime == 0);
        if is_divided || (of_exponent + step) % EXPONENT <= 1 {
            continue;
        }
        let candidate = start + step;
        if candidate.bits() != start.bits() {
            return None;
        }
        if is_probably_prime(&candidate, source) {
            return Some(candidate);
        }
    }
    None
}

fn rest_of(number: &BigUint, divisor: u32) -> u32 {
    (number % divisor).iter_u32_digits().next().unwrap_or(0)
}

/// Odd primes.
fn small_primes() -> Vec<u32> {
    let mut is_composite = vec![false; SIEVE_END as usize];
    let mut primes = Vec::new();
    for number in (3..SIEVE_END).step_by(2) {
        if !is_composite[number as usize] {
            primes.push(number);
            (number * number..SIEVE_END).step_by(number as usize).for_each(|at| is_composite[at as usize] = true);
        }
    }
    primes
}

/// Miller and Rabin's test of an odd number, first with base two, which nearly all composites fail.
pub(super) fn is_probably_prime(number: &BigUint, source: &mut Derived) -> bool {
    let one = BigUint::from(1_u8);
    let before = number - &one;
    let twos = before.trailing_zeros().unwrap_or(0);
    let odd = &before >> twos;
    let is_witness = |base: &BigUint| {
        let mut power = base.modpow(&odd, number);
        if power == one || power == before {
            return false;
        }
        for _ in 1..twos {
            power = &power * &power % number;
            if power == before {
                return false;
            }
        }
        true
    };
    if is_witness(&BigUint::from(2_u8)) {
        return false;
    }
    (0..ROUNDS).all(|_| !is_witness(&random_base(&before, source)))
}

/// Between two and two below the number.
fn random_base(before: &BigUint, source: &mut Derived) -> BigUint {
    let mut bytes = vec![0; before.bits().div_ceil(8) as usize];
    source.fill(&mut bytes);
    BigUint::from_bytes_be(&bytes) % (before - 3_u8) + 2_u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::functions::sources::Sources;

    #[test]
    fn small_numbers_are_told_apart() {
        let mut source = Sources::fixed(jiff::Timestamp::UNIX_EPOCH, b"primes").stream("test").derive();
        let known = small_primes();
        for number in (5..4000_u32).step_by(2) {
            let is_prime = is_probably_prime(&BigUint::from(number), &mut source);
            assert_eq!(is_prime, known.binary_search(&number).is_ok(), "{number}");
        }
    }

    #[test]
    fn primes_have_their_length_and_fit_the_exponent() {
        let mut source = Sources::fixed(jiff::Timestamp::UNIX_EPOCH, b"primes").stream("test").derive();
        for _ in 0..3 {
            let prime = rsa_prime(&mut source, 256);
            assert_eq!(prime.bits(), 256);
            assert!(prime.bit(254));
            assert_ne!(&prime % EXPONENT, BigUint::from(1_u8));
            assert!(is_probably_prime(&prime, &mut source));
        }
    }
}
