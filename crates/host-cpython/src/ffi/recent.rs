//! Objects that were asked for lately, of all threads.
//!
//! A thread-local would do as well, but finding one from a shared library costs
//! more than all of this: the lock that the interpreter holds anyway is enough. Without
//! that lock this is empty.

use super::layout::{Instance, Payload};
use super::weak::{Anchored, WeakInstance};
use pyo3::Python;
use std::cell::UnsafeCell;

/// So many threads can take turns before one has to look for its object again.
const PLACES: usize = 16;

/// A few objects, each under a number that is its own. Keeps none of them alive.
pub struct Recent<P>([Place<P>; PLACES]);

struct Place<P>(UnsafeCell<Option<(u64, WeakInstance<P>)>>);

// SAFETY: S1: whoever gets at what is inside has the token, and the lock.
unsafe impl<P> Sync for Recent<P> {}

impl<P: Payload<WeakList = Anchored>> Recent<P> {
    /// Makes it, with nothing inside.
    pub const fn new() -> Self {
        Recent([const { Place(UnsafeCell::new(None)) }; PLACES])
    }

    /// Gives the object of this number, or `None` inside where it has died; none
    /// where it has to be looked for.
    #[inline]
    pub fn find(&self, py: Python<'_>, number: u64) -> Option<Option<Instance<P>>> {
        if cfg!(Py_GIL_DISABLED) {
            return None;
        }
        // SAFETY: S1; nothing of the interpreter's runs before the end.
        match unsafe { &*self.place(number) } {
            Some((found, object)) if *found == number => Some(object.upgrade(py)),
            _ => None,
        }
    }

    /// Returns the payload of the object of this number, if it is here and alive.
    ///
    /// # Safety
    ///
    /// There is a global lock, and no Python code runs while the result is used.
    #[cfg(not(Py_GIL_DISABLED))]
    #[inline]
    pub unsafe fn payload(&self, py: Python<'_>, number: u64) -> Option<&P> {
        // SAFETY: S1; by the caller's promise, nothing is put in meanwhile.
        match unsafe { &*self.place(number) } {
            // SAFETY: the caller's promise.
            Some((found, object)) if *found == number => unsafe { object.payload(py) },
            _ => None,
        }
    }

    /// Puts an object in, in the place of another's.
    pub fn put(&self, _: Python<'_>, number: u64, object: WeakInstance<P>) {
        if cfg!(Py_GIL_DISABLED) {
            return;
        }
        // SAFETY: S1; what is dropped is no object, so nothing of the
        // interpreter's runs.
        unsafe { *self.place(number) = Some((number, object)) };
    }

    fn place(&self, number: u64) -> *mut Option<(u64, WeakInstance<P>)> {
        self.0[number as usize % PLACES].0.get()
    }
}
