//! A table of recently used objects, shared by all threads under the global lock.
//!
//! It is faster than a thread-local, whose lookup from a shared library is a function call. Without
//! a global lock the table is empty.

use super::layout::{Instance, Payload};
use super::weak::{Anchored, WeakInstance};
use pyo3::Python;
use std::cell::UnsafeCell;

/// The size of the table. Objects whose numbers are equal modulo this size replace each other.
const PLACES: usize = 16;

/// Weak references to objects, each with a unique number.
pub struct Recent<P>([Place<P>; PLACES]);

struct Place<P>(UnsafeCell<Option<(u64, WeakInstance<P>)>>);

// SAFETY: S1: a thread that accesses the contents has the token, and so the lock.
unsafe impl<P> Sync for Recent<P> {}

impl<P: Payload<WeakList = Anchored>> Recent<P> {
    /// Creates an empty table.
    pub const fn new() -> Self {
        Recent([const { Place(UnsafeCell::new(None)) }; PLACES])
    }

    /// Returns the object with this number, `Some(None)` if it has died, or `None` if it is not in
    /// the table.
    #[inline]
    pub fn find(&self, py: Python<'_>, number: u64) -> Option<Option<Instance<P>>> {
        if cfg!(Py_GIL_DISABLED) {
            return None;
        }
        // SAFETY: S1; no code of the interpreter runs before this function returns.
        match unsafe { &*self.place(number) } {
            Some((found, object)) if *found == number => Some(object.upgrade(py)),
            _ => None,
        }
    }

    /// Returns the payload of the object with this number, if it is in the table and alive.
    ///
    /// # Safety
    ///
    /// There is a global lock, and no Python code runs while the result is used.
    #[cfg(not(Py_GIL_DISABLED))]
    #[inline]
    pub unsafe fn payload(&self, py: Python<'_>, number: u64) -> Option<&P> {
        // SAFETY: S1; the table does not change while the result is used, by the caller's promise.
        match unsafe { &*self.place(number) } {
            // SAFETY: the caller's promise.
            Some((found, object)) if *found == number => unsafe { object.payload(py) },
            _ => None,
        }
    }

    /// Adds an object. It may replace another one.
    pub fn put(&self, _: Python<'_>, number: u64, object: WeakInstance<P>) {
        if cfg!(Py_GIL_DISABLED) {
            return;
        }
        // SAFETY: S1; only a weak reference is dropped, so no code of the interpreter runs.
        unsafe { *self.place(number) = Some((number, object)) };
    }

    fn place(&self, number: u64) -> *mut Option<(u64, WeakInstance<P>)> {
        self.0[number as usize % PLACES].0.get()
    }
}
