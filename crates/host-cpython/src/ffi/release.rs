//! Freeing long chains of objects without a deep stack.
//!
//! A context may bind a variable to a context, that one to another, and so on,
//! and dropping the first drops them all, each inside the other. CPython has a
//! trashcan for this, which is not in the stable ABI.

use pyo3::ffi;
use std::cell::{Cell, RefCell};

/// How many objects may be freed inside each other.
const DEEPEST: u32 = 100;

type Finish = unsafe fn(*mut ffi::PyObject);

thread_local! {
    /// How many objects are being freed inside each other, and whether any wait.
    /// Needs no destructor, so it is there as long as the thread.
    static NOW: (Cell<u32>, Cell<bool>) = const { (Cell::new(0), Cell::new(false)) };

    static WAITING: RefCell<Vec<(*mut ffi::PyObject, Finish)>> = const { RefCell::new(Vec::new()) };
}

/// Frees a dead object with `finish`, now or when less deep.
///
/// # Safety
///
/// `finish` may be called with `object`, once, on this thread, attached.
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

/// Has an object wait, unless the thread's locals are gone: such a thread frees
/// at once.
#[cold]
fn wait(object: *mut ffi::PyObject, finish: Finish) -> bool {
    WAITING
        .try_with(|waiting| waiting.borrow_mut().push((object, finish)))
        .is_ok()
}

/// Frees what waits, one at a time, and what comes to wait meanwhile.
#[cold]
fn free_waiting() {
    while let Ok(Some((object, finish))) = WAITING.try_with(|waiting| waiting.borrow_mut().pop()) {
        // SAFETY: the promise of the call that made it wait.
        unsafe { finish(object) };
    }
}
