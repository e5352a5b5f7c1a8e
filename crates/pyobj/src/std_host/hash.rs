//! `hash` and truth values.

use super::{Exception, Result, Value, depth};
use crate::ExceptionKind;
use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;

const BITS: u32 = 61;
const MODULUS: u64 = (1 << BITS) - 1;

impl Value {
    /// Returns `hash(value)`. Equal numbers have equal hashes, whatever their
    /// type. Hashes are CPython's, except that those of strings are chosen at
    /// random for each process.
    ///
    /// # Errors
    ///
    /// Whatever `__hash__` raises; `TypeError` where the value, or an item of
    /// a tuple, is not hashable; `RecursionError` where tuples are nested too
    /// deeply.
    pub fn hash(&self) -> Result<i64> {
        let _level = depth::enter("")?;
        Ok(match self {
            Value::None => 0xFCA8_6420,
            Value::Bool(_) | Value::Int(_) => of_int(self.as_int().unwrap_or_default()),
            Value::Float(number) if number.is_nan() => of_address(self.address()),
            Value::Float(number) => of_float(*number),
            Value::Str(text) => of_str(text),
            Value::Tuple(items) => of_tuple(items)?,
            Value::List(_) => return Err(self.class().unhashable()),
            Value::NotImplemented | Value::Type(_) => of_address(self.address()),
            Value::Object(object) => return Ok(valid(object.hash(object)?)),
        })
    }

    /// Returns `bool(value)`.
    ///
    /// # Errors
    ///
    /// Whatever `__bool__` raises; `TypeError` for `NotImplemented`.
    pub fn truth(&self) -> Result<bool> {
        Ok(match self {
            Value::None => false,
            Value::NotImplemented => {
                return Err(Exception::text(
                    ExceptionKind::TypeError,
                    "NotImplemented should not be used in a boolean context",
                ));
            }
            Value::Bool(truth) => *truth,
            Value::Int(number) => *number != 0,
            Value::Float(number) => *number != 0.0,
            Value::Str(text) => !text.is_empty(),
            Value::Tuple(items) => !items.is_empty(),
            Value::List(items) => !items.is_empty(),
            Value::Type(_) => true,
            Value::Object(object) => return object.truth(object),
        })
    }
}

/// Returns CPython 3.14's `Py_HashPointer`: allocations are aligned, so the low
/// bits go to the top.
pub(super) fn of_address(address: usize) -> i64 {
    valid(address.rotate_right(4) as i64)
}

static STRINGS: LazyLock<RandomState> = LazyLock::new(RandomState::new);

pub(super) fn of_str(text: &str) -> i64 {
    valid(STRINGS.hash_one(text) as i64)
}

/// Replaces −1, which signals an error in CPython, by −2.
fn valid(hash: i64) -> i64 {
    if hash == -1 { -2 } else { hash }
}

fn of_int(number: i64) -> i64 {
    signed(number.unsigned_abs() % MODULUS, number < 0)
}

/// Hashes a number other than a NaN as CPython 3.14's `_Py_HashDouble` does:
/// modulo a Mersenne prime, so that an integral float hashes like the integer.
fn of_float(number: f64) -> i64 {
    if number.is_infinite() {
        return if number > 0.0 { 314_159 } else { -314_159 };
    }
    let bits = number.to_bits();
    let fraction = bits & ((1 << 52) - 1);
    let biased = (bits >> 52 & 0x7FF) as i32;
    let (mantissa, exponent) = match biased {
        0 => (fraction, -1074),
        _ => (fraction | 1 << 52, biased - 1075),
    };
    // Multiplying by 2**n modulo 2**61 - 1 rotates the 61 bits by n.
    let shift = exponent.rem_euclid(BITS as i32) as u32;
    let rotated = (mantissa << shift & MODULUS) | mantissa >> (BITS - shift);
    signed(rotated, number < 0.0)
}

fn signed(remainder: u64, negative: bool) -> i64 {
    let hash = remainder as i64;
    valid(if negative { -hash } else { hash })
}

/// Combines the items' hashes as CPython 3.14's tuples do (xxHash's round).
fn of_tuple(items: &[Value]) -> Result<i64> {
    const PRIME_1: u64 = 11_400_714_785_074_694_791;
    const PRIME_2: u64 = 14_029_467_366_897_019_727;
    const PRIME_5: u64 = 2_870_177_450_012_600_261;
    let mut hash = PRIME_5;
    for item in items {
        let lane = (item.hash()? as u64).wrapping_mul(PRIME_2);
        hash = hash
            .wrapping_add(lane)
            .rotate_left(31)
            .wrapping_mul(PRIME_1);
    }
    hash = hash.wrapping_add(items.len() as u64 ^ (PRIME_5 ^ 3_527_539));
    Ok(if hash == u64::MAX {
        1_546_275_796
    } else {
        hash as i64
    })
}
