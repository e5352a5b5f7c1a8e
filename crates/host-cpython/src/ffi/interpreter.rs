//! The interpreter and its threads.

use super::{Object, Raised};
use pyo3::{Python, ffi};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, Ordering};

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

/// Returns `true` in the first interpreter that asks, each time: in no other one of the process,
/// also where the first has ended.
///
/// # Errors
///
/// `MemoryError`.
pub fn is_first(py: Python<'_>) -> Result<bool, Raised> {
    /// Whether one has asked.
    static ASKED: AtomicBool = AtomicBool::new(false);
    let key = Object::from_text(py, "contextvars_rs")?;
    // SAFETY: S1; borrowed from the interpreter, which keeps it to its end.
    let dict = unsafe {
        let dict = ffi::PyInterpreterState_GetDict(ffi::PyInterpreterState_Get());
        let dict = NonNull::new(dict).ok_or_else(|| Raised::no_memory(py))?;
        Object::from_borrowed(dict)
    };
    if dict.dict_item(py, &key)?.is_some() {
        return Ok(true);
    }
    if ASKED.swap(true, Ordering::Relaxed) {
        return Ok(false);
    }
    let noted = dict.set_dict_item(py, &key, &Object::none(py));
    ASKED.store(noted.is_ok(), Ordering::Relaxed);
    noted.map(|()| true)
}
