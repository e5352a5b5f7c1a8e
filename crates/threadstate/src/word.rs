//! The word that holds a context's claim.

use crate::primitive::{AtomicU64, Ordering};
use std::cell::Cell;

mod sealed {
    pub trait Sealed {}
}
use sealed::Sealed;

/// A word of 64 bits: an `AtomicU64` where threads share contexts, or a `Cell<u64>` where one
/// thread at a time uses a context. A context with a cell in it is not `Sync`.
pub trait Word: Sealed + Default + 'static {
    /// Whether another thread may change the word.
    const IS_SHARED: bool;

    /// Returns the value.
    fn load(&self, ordering: Ordering) -> u64;

    /// Replaces the value.
    fn store(&self, value: u64, ordering: Ordering);

    /// Replaces the value by `new` if it is `current`, and returns `true`. Returns `false`
    /// otherwise, after a relaxed load.
    fn replace(&self, current: u64, new: u64, ordering: Ordering) -> bool;
}

impl Sealed for AtomicU64 {}

impl Word for AtomicU64 {
    const IS_SHARED: bool = true;

    #[inline(always)]
    fn load(&self, ordering: Ordering) -> u64 {
        AtomicU64::load(self, ordering)
    }

    #[inline(always)]
    fn store(&self, value: u64, ordering: Ordering) {
        AtomicU64::store(self, value, ordering);
    }

    #[inline(always)]
    fn replace(&self, current: u64, new: u64, ordering: Ordering) -> bool {
        self.compare_exchange(current, new, ordering, Ordering::Relaxed)
            .is_ok()
    }
}

impl Sealed for Cell<u64> {}

impl Word for Cell<u64> {
    const IS_SHARED: bool = false;

    #[inline(always)]
    fn load(&self, _: Ordering) -> u64 {
        self.get()
    }

    #[inline(always)]
    fn store(&self, value: u64, _: Ordering) {
        self.set(value);
    }

    #[inline(always)]
    fn replace(&self, current: u64, new: u64, _: Ordering) -> bool {
        let is_current = self.get() == current;
        if is_current {
            self.set(new);
        }
        is_current
    }
}
