//! Freeing long chains of objects without a deep native stack.
//!
//! A context may bind a variable to a context, which binds one to another, and so on. Dropping the
//! first drops all of them, each inside the drop of the one before. CPython has its trashcan for
//! this, which is not in the stable ABI.

use pyo3::ffi;
use std::cell::{Cell, RefCell};

/// The greatest depth at which an object is freed at once. Deeper ones wait.
const DEEPEST: u32 = 100;

type Finish = unsafe fn(*mut ffi::PyObject);

thread_local! {
    /// How many objects are being freed, each inside the drop of another, and whether any wait.
    /// Without a destructor, so that it exists until the thread ends.
    static NOW: (Cell<u32>, Cell<bool>) = const { (Cell::new(0), Cell::new(false)) };

    static WAITING: RefCell<Vec<(*mut ffi::PyObject, Finish)>> = const { RefCell::new(Vec::new()) };
}

/// Frees a dead object with `finish`: at once, or later if too many are being freed.
///
/// # Safety
///
/// `finish` may be called with `object` once, on this thread while it is attached.
#[inline]
pub(super) unsafe fn release(object: *mut ffi::PyObject, finish: Finish) {
    NOW.with(|(depth, any)| {
        let outer = depth.get();
        if outer >= DEEPEST && wait(object, finish) {
            any.set(true);
            return;
        }
        depth.set(outer + 1);
        // SAFETY: the caller's promise.
        unsafe { finish(object) };
        if outer == 0 && any.replace(false) {
            free_waiting();
        }
        depth.set(outer);
    });
}

/// Adds an object to those that wait. Returns `false` if the thread's locals are destroyed: the
/// caller then frees it at once.
#[cold]
fn wait(object: *mut ffi::PyObject, finish: Finish) -> bool {
    WAITING
        .try_with(|waiting| waiting.borrow_mut().push((object, finish)))
        .is_ok()
}

/// Frees the objects that wait, one after the other, also those that are added in that time.
#[cold]
fn free_waiting() {
    while let Ok(Some((object, finish))) = WAITING.try_with(|waiting| waiting.borrow_mut().pop()) {
        // SAFETY: the promise to `release`.
        unsafe { finish(object) };
    }
}
