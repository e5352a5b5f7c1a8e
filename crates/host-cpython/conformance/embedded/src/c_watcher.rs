//! A watcher with C's calling convention, which calls Python code.
//!
//! A watcher may be called while an exception is set, which it must preserve. A callback made
//! by `ctypes` would lose it.
#![allow(unsafe_code)]

use pyo3::ffi;
use pyo3::prelude::*;
use std::ffi::c_int;
use std::sync::Mutex;

static CALLED: Mutex<Option<Py<PyAny>>> = Mutex::new(None);

/// Sets the callback of the watcher, which gets the event and the context that is now
/// current, or `None`. Returns the watcher's address.
#[pyfunction]
pub fn watcher_that_calls(callback: Py<PyAny>) -> usize {
    let last = CALLED.lock().map(|mut called| called.replace(callback));
    drop(last);
    let watcher: unsafe extern "C" fn(c_int, *mut ffi::PyObject) -> c_int = watcher;
    watcher as usize
}

/// Calls the callback.
///
/// # Safety
///
/// It must be called as CPython calls a `PyContext_WatchCallback`: attached, with an object.
unsafe extern "C" fn watcher(event: c_int, context: *mut ffi::PyObject) -> c_int {
    Python::attach(|py| {
        let pending = PyErr::take(py);
        let called = CALLED
            .lock()
            .ok()
            .and_then(|called| Some(called.as_ref()?.clone_ref(py)));
        // SAFETY: guaranteed by the caller; borrowed during the call.
        let context = unsafe { Bound::from_borrowed_ptr(py, context) };
        let done = called.map(|called| called.call1(py, (event, context)));
        if let Some(Err(error)) = done {
            error.write_unraisable(py, None);
        }
        if let Some(pending) = pending {
            pending.restore(py);
        }
    });
    0
}
