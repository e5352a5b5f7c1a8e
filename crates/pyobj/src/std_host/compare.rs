//! `==`, `!=` and the ordering comparisons; `hash`, which has to agree with `==`; and truth
//! values.

use super::{Exception, Result, Value, nesting};
use crate::ExceptionKind;
use std::cmp::Ordering;
use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;

/// An ordering comparison. Exhaustive: Python has no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
}

impl Order {
    /// Returns the comparison with its operands exchanged.
    pub fn reflected(self) -> Order {
        match self {
            Order::Less => Order::Greater,
            Order::LessEqual => Order::GreaterEqual,
            Order::Greater => Order::Less,
            Order::GreaterEqual => Order::LessEqual,
        }
    }

    /// Returns `true` if the comparison is true of operands ordered like `ordering`.
    pub fn holds(self, ordering: Ordering) -> bool {
        match self {
            Order::Less => ordering.is_lt(),
            Order::LessEqual => ordering.is_le(),
            Order::Greater => ordering.is_gt(),
            Order::GreaterEqual => ordering.is_ge(),
        }
    }

    /// Returns the operator as Python spells it.
    pub fn symbol(self) -> &'static str {
        match self {
            Order::Less => "<",
            Order::LessEqual => "<=",
            Order::Greater => ">",
            Order::GreaterEqual => ">=",
        }
    }
}

impl Value {
    /// Returns the truth value of `self == other`, reflection included.
    ///
    /// Sequences are compared item by item. Identical items are equal.
    ///
    /// # Errors
    ///
    /// Whatever either `__eq__`, or the truth value of its result, raises;
    /// `RecursionError` where values are nested too deeply.
    pub fn equals(&self, other: &Value) -> Result<bool> {
        let _level = nesting::enter(" in comparison")?;
        match reflect(self, other, Value::eq_slot, Value::eq_slot)? {
            Some(result) => result.truth(),
            None => Ok(self.is(other)),
        }
    }

    /// Returns the truth value of `self != other`, reflection included.
    ///
    /// # Errors
    ///
    /// As [`equals`](Value::equals).
    pub fn differs(&self, other: &Value) -> Result<bool> {
        let _level = nesting::enter(" in comparison")?;
        match reflect(self, other, Value::ne_slot, Value::ne_slot)? {
            Some(result) => result.truth(),
            None => Ok(!self.is(other)),
        }
    }

    /// Returns the truth value of an ordering comparison, such as `self < other`,
    /// reflection included.
    ///
    /// # Errors
    ///
    /// As [`equals`](Value::equals), and `TypeError` where both operands return
    /// `NotImplemented`.
    pub fn compare(&self, order: Order, other: &Value) -> Result<bool> {
        let _level = nesting::enter(" in comparison")?;
        let forward = |left: &Value, right: &Value| left.order_slot(order, right);
        let backward = |left: &Value, right: &Value| left.order_slot(order.reflected(), right);
        match reflect(self, other, forward, backward)? {
            Some(result) => result.truth(),
            None => Err(Exception::type_error(format!(
                "'{}' not supported between instances of '{}' and '{}'",
                order.symbol(),
                self.class().full_name(),
                other.class().full_name()
            ))),
        }
    }

    fn eq_slot(&self, other: &Value) -> Result {
        Ok(match (self, other) {
            (Value::Object(object), _) => return object.eq(object, other),
            (Value::Str(text), _) if other.as_str().is_some() => {
                Value::Bool(other.as_str() == Some(text))
            }
            (Value::Tuple(a), Value::Tuple(b)) => Value::Bool(same_items(a, b)?),
            (Value::List(a), Value::List(b)) => Value::Bool(same_items(&a.to_vec(), &b.to_vec())?),
            _ => match numeric(self, other) {
                Some(ordering) => Value::Bool(ordering == Some(Ordering::Equal)),
                None => Value::NotImplemented,
            },
        })
    }

    fn ne_slot(&self, other: &Value) -> Result {
        match self {
            Value::Object(object) => object.ne(object, other),
            _ => match self.eq_slot(other)? {
                Value::Bool(equal) => Ok(Value::Bool(!equal)),
                other => Ok(other),
            },
        }
    }

    fn order_slot(&self, order: Order, other: &Value) -> Result {
        Ok(match (self, other) {
            (Value::Object(object), _) => return object.order(object, order, other),
            (Value::Str(text), _) => match other.as_str() {
                Some(other) => Value::Bool(order.holds((**text).cmp(other))),
                None => Value::NotImplemented,
            },
            (Value::Tuple(a), Value::Tuple(b)) => Value::Bool(order_items(order, a, b)?),
            (Value::List(a), Value::List(b)) => {
                Value::Bool(order_items(order, &a.to_vec(), &b.to_vec())?)
            }
            _ => match numeric(self, other) {
                Some(ordering) => Value::Bool(ordering.is_some_and(|it| order.holds(it))),
                None => Value::NotImplemented,
            },
        })
    }
}

/// Calls the comparison of `left`, then that of `right`; in the other order if the type
/// of `right` derives from that of `left`. Returns `None` if both return
/// `NotImplemented`.
fn reflect(
    left: &Value,
    right: &Value,
    forward: impl Fn(&Value, &Value) -> Result,
    backward: impl Fn(&Value, &Value) -> Result,
) -> Result<Option<Value>> {
    let derived = left.class() != right.class() && right.is_instance(left.class());
    let known = |result| match result {
        Value::NotImplemented => None,
        result => Some(result),
    };
    if derived {
        if let Some(result) = known(backward(right, left)?) {
            return Ok(Some(result));
        }
    }
    if let Some(result) = known(forward(left, right)?) {
        return Ok(Some(result));
    }
    if derived {
        return Ok(None);
    }
    Ok(known(backward(right, left)?))
}

fn same(a: &Value, b: &Value) -> Result<bool> {
    Ok(a.is(b) || a.equals(b)?)
}

fn same_items(a: &[Value], b: &[Value]) -> Result<bool> {
    if a.len() != b.len() {
        return Ok(false);
    }
    for (a, b) in a.iter().zip(b) {
        if !same(a, b)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Compares two sequences by their first items that differ, else by length.
fn order_items(order: Order, a: &[Value], b: &[Value]) -> Result<bool> {
    for (a, b) in a.iter().zip(b) {
        if !same(a, b)? {
            return a.compare(order, b);
        }
    }
    Ok(order.holds(a.len().cmp(&b.len())))
}

/// Compares two numbers exactly. The inner `None` stands for a NaN, the outer one
/// for an operand that is not a number.
fn numeric(a: &Value, b: &Value) -> Option<Option<Ordering>> {
    Some(match (a, b) {
        (Value::Float(a), Value::Float(b)) => a.partial_cmp(b),
        (Value::Float(a), _) => int_to_float(b.as_int()?, *a).map(Ordering::reverse),
        (_, Value::Float(b)) => int_to_float(a.as_int()?, *b),
        (Value::Int(_) | Value::Bool(_), Value::Int(_) | Value::Bool(_)) => {
            Some(a.as_int()?.cmp(&b.as_int()?))
        }
        _ => return None,
    })
}

/// Compares an integer and a float without rounding the integer.
fn int_to_float(int: i64, float: f64) -> Option<Ordering> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0; // 2**63
    if float.is_nan() {
        None
    } else if float >= LIMIT {
        Some(Ordering::Less)
    } else if float < -LIMIT {
        Some(Ordering::Greater)
    } else {
        let whole = int.cmp(&(float.trunc() as i64));
        Some(whole.then(0.0.partial_cmp(&float.fract())?))
    }
}

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
        let _level = nesting::enter("")?;
        Ok(match self {
            Value::None => 0xFCA8_6420,
            Value::Bool(_) | Value::Int(_) => hash_int(self.as_int().unwrap_or_default()),
            Value::Float(number) if number.is_nan() => hash_address(self.address()),
            Value::Float(number) => hash_float(*number),
            Value::Str(text) => hash_str(text),
            Value::Tuple(items) => hash_tuple(items)?,
            Value::List(_) => return Err(self.class().unhashable()),
            Value::NotImplemented | Value::Type(_) => hash_address(self.address()),
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
pub(super) fn hash_address(address: usize) -> i64 {
    valid(address.rotate_right(4) as i64)
}

static STRINGS: LazyLock<RandomState> = LazyLock::new(RandomState::new);

pub(super) fn hash_str(text: &str) -> i64 {
    valid(STRINGS.hash_one(text) as i64)
}

/// Replaces −1, which signals an error in CPython, by −2.
fn valid(hash: i64) -> i64 {
    if hash == -1 { -2 } else { hash }
}

fn hash_int(number: i64) -> i64 {
    signed(number.unsigned_abs() % MODULUS, number < 0)
}

/// Hashes a number other than a NaN as CPython 3.14's `_Py_HashDouble` does:
/// modulo a Mersenne prime, so that an integral float hashes like the integer.
fn hash_float(number: f64) -> i64 {
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
fn hash_tuple(items: &[Value]) -> Result<i64> {
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
