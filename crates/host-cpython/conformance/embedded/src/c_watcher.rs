//! A watcher as code in C has it, which tells Python code.
//!
//! In C, since a watcher may be called while an exception is on its way, and has to leave
//! it there: what `ctypes` makes of Python code loses it.
#![allow(unsafe_code)]

use pyo3::ffi;
use pyo3::prelude::*;
use std::ffi::c_int;
use std::sync::Mutex;

static CALLED: Mutex<Option<Py<PyAny>>> = Mutex::new(None);

/// Has the watcher call this from now on, with the event and the context that is now
/// current, or None; gives the watcher's address.
#[pyfunction]
pub fn watcher_that_calls(callback: Py<PyAny>) -> usize {
    let last = CALLED.lock().map(|mut called| called.replace(callback));
    drop(last);
    let told: unsafe extern "C" fn(c_int, *mut ffi::PyObject) -> c_int = told;
    told as usize
}

/// # Safety
///
/// To be called as CPython calls a `PyContext_WatchCallback`: attached, with an object.
unsafe extern "C" fn told(event: c_int, context: *mut ffi::PyObject) -> c_int {
    Python::attach(|py| {
        let pending = PyErr::take(py);
        let called = CALLED
            .lock()
            .ok()
            .and_then(|called| Some(called.as_ref()?.clone_ref(py)));
        // SAFETY: by the caller; borrowed for the length of the call.
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
