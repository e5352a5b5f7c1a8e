//! For `contextvars` and `module`, and for the code that [`current_thread!`] expands to. Not for
//! other crates. It stays compatible within 0.1, since cargo may combine patch versions of these
//! crates. Any other version may change it.
//!
//! [`current_thread!`]: crate::current_thread

pub use crate::current::{ThreadCell, with_thread_cell};
pub use crate::id::Counter;
pub use crate::thread::AtEnd;
pub use crate::unwind::OnUnwind;

/// Locks and atomics for these crates and this one: those of `std`, or loom's under `cfg(loom)`.
pub mod sync {
    #[cfg(not(loom))]
    pub use crate::guarded::Guarded;
    pub use crate::lock::{Condvar, Mutex, WordGuard, WordLock};
    #[cfg(loom)]
    pub use crate::primitive::Guarded;
    pub use crate::primitive::sync::MutexGuard;
    pub use crate::primitive::{AtomicBool, AtomicU8, AtomicU64, Ordering, UnsafeCell, thread};
}
