//! Exact decimal numbers, as far as sprig's arithmetic on floating point numbers needs them.

use num_bigint::{BigInt, Sign};

use crate::template::{CallError, shortest_exponential};

/// Digits after the point that a division gives.
const DIVISION_DIGITS: i64 = 16;

/// `value * 10^exponent`.
#[derive(Debug, Clone)]
pub(super) struct Decimal {
    value: BigInt,
    exponent: i64,
}

impl Decimal {
    /// The shortest decimal number that reads back as this one.
    pub(super) fn from_float(float: f64) -> Result<Self, CallError> {
        if !float.is_finite() {
            let name = if float.is_nan() {
                "NaN"
            } else if float > 0.0 {
                "+Inf"
            } else {
                "-Inf"
            };
            return Err(format!("Cannot create a Decimal from {name}").into());
        }
        let written = shortest_exponential(float);
        let (mantissa, exponent) = written.split_once('e').unwrap_or((&written, "0"));
        let fraction = mantissa.split_once('.').map_or(0, |(_, fraction)| fraction.len() as i64);
        let value = mantissa.replace('.', "").parse().unwrap_or_default();
        Ok(Self { value, exponent: exponent.parse().unwrap_or(0) - fraction })
    }

    pub(super) fn add(&self, other: &Self) -> Self {
        let exponent = self.exponent.min(other.exponent);
        Self { value: self.scaled_to(exponent) + other.scaled_to(exponent), exponent }
    }

    pub(super) fn subtract(&self, other: &Self) -> Self {
        self.add(&Self { value: -&other.value, exponent: other.exponent })
    }

    pub(super) fn multiply(&self, other: &Self) -> Self {
        Self { value: &self.value * &other.value, exponent: self.exponent + other.exponent }
    }

    /// Rounded half away from zero.
    pub(super) fn divide(&self, other: &Self) -> Result<Self, CallError> {
        if other.value.sign() == Sign::NoSign {
            return Err("decimal division by 0".into());
        }
        let shift = self.exponent - other.exponent + DIVISION_DIGITS;
        let (dividend, divisor) = if shift < 0 {
            (self.value.clone(), &other.value * power_of_ten(-shift))
        } else {
            (&self.value * power_of_ten(shift), other.value.clone())
        };
        let mut quotient = &dividend / &divisor;
        let remainder = &dividend % &divisor;
        if remainder.magnitude() * 2_u32 >= *divisor.magnitude() {
            quotient += if dividend.sign() == divisor.sign() { 1 } else { -1 };
        }
        Ok(Self { value: quotient, exponent: -DIVISION_DIGITS })
    }

    /// The nearest floating point number; infinite if it is too large.
    pub(super) fn to_float(&self) -> f64 {
        format!("{}e{}", self.value, self.exponent).parse().unwrap_or(0.0)
    }

    fn scaled_to(&self, exponent: i64) -> BigInt {
        &self.value * power_of_ten(self.exponent - exponent)
    }

    /// How much memory the digits take.
    pub(super) fn size(&self) -> usize {
        self.value.bits() as usize / 8
    }
}

fn power_of_ten(exponent: i64) -> BigInt {
    BigInt::from(10).pow(u32::try_from(exponent).unwrap_or(0))
}
