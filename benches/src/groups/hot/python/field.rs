//! The fields of these rows: a bound is against the only peer of one.

/// CPython's own module.
pub const BUILT_IN: &str = "built-in";
/// An extension that does nothing, but makes the objects that it gives, and passes arguments on.
pub const STUB: &str = "stub";
/// An extension that does nothing, makes nothing and passes nothing on.
pub const BARE: &str = "bare call";
