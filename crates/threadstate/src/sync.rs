//! Locks and atomics for this crate and its siblings: those of `std`, or loom's under
//! `cfg(loom)`.

#[cfg(not(loom))]
pub use crate::guarded::Guarded;
pub use crate::lock::{Condvar, Mutex, WordGuard, WordLock};
#[cfg(loom)]
pub use crate::primitive::Guarded;
pub use crate::primitive::sync::MutexGuard;
pub use crate::primitive::{AtomicBool, AtomicU8, AtomicU64, Ordering, UnsafeCell, thread};
