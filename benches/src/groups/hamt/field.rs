//! The fields of this group: a bound is against the best peer of one.

/// Maps that threads may share.
pub const ARC: &str = "Arc";
/// Maps for one thread.
pub const RC: &str = "Rc";
/// CPython's map, in C.
pub const CPYTHON: &str = "CPython";
