//! The names of those who take part.

use super::field;
use crate::report::Entrant;

/// The engine, with the thread's state as an argument.
pub const AT_HAND: Entrant = subject("contextvars");
/// The engine, with the thread's state looked up.
pub const LOOKED_UP: Entrant = subject("contextvars, current thread");
/// The types at the root of the crate.
pub const ROOT: Entrant = subject("contextvars, root types");
/// A subject stands among CPython's peers where it is alone.
const fn subject(name: &'static str) -> Entrant {
    Entrant {
        name,
        field: field::CPYTHON,
    }
}
