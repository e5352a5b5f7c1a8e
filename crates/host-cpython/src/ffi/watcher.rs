//! Context watchers, which code in C adds.
//!
//! The interpreter's own functions, from 3.14 on, watch its own contexts only. So the extension's
//! file exports two functions for these contexts.

use super::{Object, Raised};
use crate::thread;
use pyo3::{Python, ffi};
use pyobj::ExceptionKind::ValueError;
use std::ffi::c_int;

/// CPython 3.14's `PyContext_WatchCallback`. Its arguments are the event, and the context that is
/// now current or `None`. It returns a negative number, with an exception set, if it fails.
type Callback = unsafe extern "C" fn(c_int, *mut ffi::PyObject) -> c_int;

/// CPython 3.14's `Py_CONTEXT_SWITCHED`.
const SWITCHED: c_int = 1;

/// A watcher.
#[derive(Clone, Copy)]
pub struct Watcher(Callback);

impl Watcher {
    /// Calls the watcher after a switch, with the context that is now current or `None`.
    ///
    /// # Errors
    ///
    /// What the watcher raises.
    pub fn switched(self, py: Python<'_>, current: &Object) -> Result<(), Raised> {
        // SAFETY: S1; the caller of `AddWatcher` promised that this call is sound.
        match unsafe { self.0(SWITCHED, current.as_ptr()) } {
            0.. => Ok(()),
            _ => Err(Raised::take(py)),
        }
    }
}

/// Adds a watcher of these contexts, as CPython 3.14's `PyContext_AddWatcher` does for the
/// interpreter's. Returns its id, or −1 with an exception set: `ValueError` for NULL.
///
/// # Safety
///
/// As for that function: the calling thread must be attached, and the callback must be callable
/// until it is cleared.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn contextvars_AddWatcher(callback: Option<Callback>) -> c_int {
    // SAFETY: S1, by the caller.
    let py = unsafe { Python::assume_attached() };
    let Some(callback) = callback else {
        let text = "a context watcher must be a function, not NULL";
        return fail(py, Raised::text(py, ValueError, text));
    };
    match thread::add_watcher(py, Watcher(callback)) {
        Ok(id) => id,
        Err(error) => fail(py, error),
    }
}

/// Clears a watcher of these contexts, as CPython 3.14's `PyContext_ClearWatcher` does for the
/// interpreter's. Returns 0, or −1 with an exception set.
///
/// # Safety
///
/// The calling thread must be attached.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn contextvars_ClearWatcher(id: c_int) -> c_int {
    // SAFETY: S1, by the caller.
    let py = unsafe { Python::assume_attached() };
    match thread::clear_watcher(py, id) {
        Ok(()) => 0,
        Err(error) => fail(py, error),
    }
}

fn fail(py: Python<'_>, error: Raised) -> c_int {
    error.restore(py);
    -1
}
