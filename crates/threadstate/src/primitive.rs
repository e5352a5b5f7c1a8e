//! The types that models check: those of `std`, or loom's under `cfg(loom)`, so that models
//! check the code that ships.

#[cfg(loom)]
pub use loom::{cell::UnsafeCell, sync, thread};
#[cfg(not(loom))]
pub use std::{sync, thread};

pub use sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};

/// A cell with the interface of loom's. Its users rule out data races.
#[cfg(not(loom))]
#[derive(Debug, Default)]
pub struct UnsafeCell<T>(std::cell::UnsafeCell<T>);

#[cfg(not(loom))]
impl<T> UnsafeCell<T> {
    /// Wraps `value`.
    pub const fn new(value: T) -> Self {
        UnsafeCell(std::cell::UnsafeCell::new(value))
    }

    /// Calls `f` with the address to read from.
    #[inline(always)]
    pub fn with<R>(&self, f: impl FnOnce(*const T) -> R) -> R {
        f(self.0.get())
    }

    /// Calls `f` with the address to write to.
    #[inline(always)]
    pub fn with_mut<R>(&self, f: impl FnOnce(*mut T) -> R) -> R {
        f(self.0.get())
    }
}

/// A value behind a lock. The model checker has no `fork`, and its mutex makes fewer
/// executions than a lock that spins.
#[cfg(loom)]
#[derive(Debug)]
pub struct Guarded<T>(sync::Mutex<T>);

#[cfg(loom)]
impl<T> Guarded<T> {
    /// Wraps `value`.
    pub fn new(value: T) -> Self {
        Guarded(sync::Mutex::new(value))
    }

    /// Calls `f` with the value, under the lock.
    pub fn read<R>(&self, f: impl FnOnce(&T) -> R) -> R {
        f(&self.0.lock().unwrap())
    }

    /// Calls `f` with the value to change it, under the lock.
    pub fn change<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        f(&mut self.0.lock().unwrap())
    }
}
