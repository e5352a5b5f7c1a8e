//! A small value behind a lock that a child of `fork` can take over.
#![allow(unsafe_code)]

use crate::sync::{UnsafeCell, WordLock};
use std::mem::ManuallyDrop;

/// A value behind a [`WordLock`].
///
/// In a child of `fork` a value that another thread was changing at that moment may be
/// half changed. It is never looked at again: it is leaked, and the default takes its
/// place.
#[derive(Debug)]
pub struct Guarded<T> {
    lock: WordLock,
    value: UnsafeCell<ManuallyDrop<T>>,
}

// SAFETY: a thread gets at the value under the lock only, which one thread has at a
// time; so it goes from thread to thread.
unsafe impl<T: Send> Sync for Guarded<T> {}

impl<T: Default> Guarded<T> {
    /// Wraps `value`.
    pub fn new(value: T) -> Self {
        Guarded {
            lock: WordLock::new(),
            value: UnsafeCell::new(ManuallyDrop::new(value)),
        }
    }

    /// Calls `f` with the value, under the lock. `f` must not come back here.
    pub fn read<R>(&self, f: impl FnOnce(&T) -> R) -> R {
        let _locked = self.lock.lock_to_read(|| self.renew());
        // SAFETY: under the lock.
        self.value.with(|value| f(unsafe { &*value }))
    }

    /// Calls `f` with the value to change it, under the lock. `f` must not come back
    /// here.
    pub fn change<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        let _locked = self.lock.lock_to_change(|| self.renew());
        // SAFETY: under the lock.
        self.value.with_mut(|value| f(unsafe { &mut *value }))
    }

    /// Leaks the value, which may be half changed.
    fn renew(&self) {
        let new = ManuallyDrop::new(T::default());
        // SAFETY: under the lock; the old value is not dropped.
        self.value.with_mut(|value| unsafe { value.write(new) });
    }
}

impl<T> Drop for Guarded<T> {
    fn drop(&mut self) {
        // A lock that is held now was held by a thread that a fork has left behind.
        if !self.lock.is_open() {
            return;
        }
        // SAFETY: dropped here and nowhere else, by its only owner.
        self.value
            .with_mut(|value| unsafe { ManuallyDrop::drop(&mut *value) });
    }
}
