//! A small value behind a lock that a child of `fork` can take over.
#![allow(unsafe_code)]

use crate::lock::WordLock;
use crate::primitive::UnsafeCell;
use std::mem::ManuallyDrop;

/// A value behind a [`WordLock`].
///
/// In a child of `fork` a value that another thread was changing at that moment may be
/// half changed. It is leaked without being read, and replaced by the default.
#[derive(Debug)]
pub struct Guarded<T> {
    lock: WordLock,
    value: UnsafeCell<ManuallyDrop<T>>,
}

// SAFETY: the value is accessed under the lock only, which one thread holds at a time.
// So it moves from thread to thread, which `Send` allows.
unsafe impl<T: Send> Sync for Guarded<T> {}

impl<T: Default> Guarded<T> {
    /// Wraps `value`.
    pub fn new(value: T) -> Self {
        Guarded {
            lock: WordLock::new(),
            value: UnsafeCell::new(ManuallyDrop::new(value)),
        }
    }

    /// Calls `f` with the value, under the lock. `f` must not use this `Guarded`: it
    /// would wait for ever.
    pub fn read<R>(&self, f: impl FnOnce(&T) -> R) -> R {
        let _locked = self.lock.lock_to_read(|| self.renew());
        // SAFETY: under the lock.
        self.value.with(|value| f(unsafe { &*value }))
    }

    /// Calls `f` with the value to change it, under the lock. `f` must not use this
    /// `Guarded`: it would wait for ever.
    pub fn change<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        let _locked = self.lock.lock_to_change(|| self.renew());
        // SAFETY: under the lock.
        self.value.with_mut(|value| f(unsafe { &mut *value }))
    }

    /// Replaces the value, which may be half changed, by the default, and leaks it.
    fn renew(&self) {
        let new = ManuallyDrop::new(T::default());
        // SAFETY: under the lock; the old value is not dropped.
        self.value.with_mut(|value| unsafe { value.write(new) });
    }
}

impl<T> Drop for Guarded<T> {
    fn drop(&mut self) {
        // If the lock is held, its holder is a thread that does not exist since a fork.
        if !self.lock.is_open() {
            return;
        }
        // SAFETY: dropped here and nowhere else, by its only owner.
        self.value
            .with_mut(|value| unsafe { ManuallyDrop::drop(&mut *value) });
    }
}
