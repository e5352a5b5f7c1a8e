//! The fields of this group: a bound is against the best peer of one.

/// CPython's C API.
pub const CPYTHON: &str = "CPython";
/// The same operation as the parts that it falls into.
pub const PARTS: &str = "parts";
/// What the operation cannot do without.
pub const FLOOR: &str = "floor";
/// The same operation in a small context.
pub const FEW: &str = "few";
/// The same operation while no other thread does anything.
pub const ALONE: &str = "alone";
