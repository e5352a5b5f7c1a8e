//! Watchers of contexts, which only code in C can add.
//!
//! The interpreter's own functions for that, which it has from 3.14 on, know nothing of
//! our contexts. So the extension's file has two that do, to be found in it by name.

use super::{Object, Raised};
use crate::thread;
use pyo3::{Python, ffi};
use pyobj::ExceptionKind::ValueError;
use std::ffi::c_int;

/// CPython 3.14's `PyContext_WatchCallback`: gets the event, and the context that is now
/// current or `None`; gives a number below zero, with an exception set, if it fails.
type Callback = unsafe extern "C" fn(c_int, *mut ffi::PyObject) -> c_int;

/// CPython 3.14's `Py_CONTEXT_SWITCHED`.
const SWITCHED: c_int = 1;

/// A watcher.
#[derive(Clone, Copy)]
pub struct Watcher(Callback);

impl Watcher {
    /// Tells it of a switch.
    ///
    /// # Errors
    ///
    /// What the watcher has raised.
    pub fn switched(self, py: Python<'_>, current: &Object) -> Result<(), Raised> {
        // SAFETY: S1; `AddWatcher` got it as what can be called so.
        match unsafe { self.0(SWITCHED, current.as_ptr()) } {
            0.. => Ok(()),
            _ => Err(Raised::take(py)),
        }
    }
}

/// Does to our contexts what CPython 3.14's `PyContext_AddWatcher` does to the
/// interpreter's; `ValueError` for NULL.
///
/// # Safety
///
/// As for that function: the calling thread must hold the interpreter's lock, and the
/// callback be callable until it has been cleared.
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

/// As [`contextvars_AddWatcher`], for `PyContext_ClearWatcher`.
///
/// # Safety
///
/// The calling thread must hold the interpreter's lock.
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
