//! The interpreter and its threads.

use super::{Object, Raised};
use pyo3::{Python, ffi};
use std::ptr::NonNull;

/// Gives the number of the running interpreter; the main one has 0.
pub fn interpreter_id(_: Python<'_>) -> i64 {
    // SAFETY: S1.
    unsafe { ffi::PyInterpreterState_GetID(ffi::PyInterpreterState_Get()) }
}

/// Gives the number of the running thread's state, which its interpreter never
/// gives to another.
pub fn thread_state_id(_: Python<'_>) -> u64 {
    // SAFETY: S1, so there is a thread state.
    unsafe { ffi::PyThreadState_GetID(ffi::PyThreadState_Get()) as u64 }
}

/// Gives the dict in which extensions keep what belongs to the running thread.
/// The interpreter drops it, attached, when the thread ends.
///
/// # Errors
///
/// `MemoryError`.
pub fn thread_dict(py: Python<'_>) -> Result<Object, Raised> {
    // SAFETY: S1; borrowed from the thread state, which is ours.
    unsafe {
        match NonNull::new(ffi::PyThreadState_GetDict()) {
            Some(dict) => Ok(Object::from_borrowed(dict)),
            // It fails without an exception; this one says why.
            None => Err(Raised::no_memory(py)),
        }
    }
}

/// Has `f` called when the interpreter has ended. `f` must not use it any
/// more. False where the interpreter can remember no more of these.
pub fn at_exit(_: Python<'_>, f: extern "C" fn()) -> bool {
    // SAFETY: S1.
    unsafe { ffi::Py_AtExit(Some(f)) == 0 }
}
