//! The interpreter and its threads.

use super::{Object, Raised};
use pyo3::{Python, ffi};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, Ordering};

/// Returns the id of the running interpreter. The main one has 0.
pub fn interpreter_id(_: Python<'_>) -> i64 {
    // SAFETY: S1.
    unsafe { ffi::PyInterpreterState_GetID(ffi::PyInterpreterState_Get()) }
}

/// Returns the id of the running thread's state. The interpreter never uses an id again.
pub fn thread_state_id(_: Python<'_>) -> u64 {
    // SAFETY: S1, so there is a thread state.
    unsafe { ffi::PyThreadState_GetID(ffi::PyThreadState_Get()) as u64 }
}

/// Returns the running thread's dict, for extensions. The interpreter drops it, with the thread
/// attached, when the thread ends.
///
/// # Errors
///
/// `MemoryError`.
pub fn thread_dict(py: Python<'_>) -> Result<Object, Raised> {
    // SAFETY: S1; borrowed from the thread's own state.
    unsafe {
        match NonNull::new(ffi::PyThreadState_GetDict()) {
            Some(dict) => Ok(Object::from_borrowed(dict)),
            // It fails only if there is no memory, and sets no exception.
            None => Err(Raised::no_memory(py)),
        }
    }
}

/// Returns `true` in the first interpreter of the process that calls this, each time. In any other
/// one it returns `false`, also after the first has ended.
///
/// # Errors
///
/// `MemoryError`.
pub fn is_first(py: Python<'_>) -> Result<bool, Raised> {
    /// Whether an interpreter has called this.
    static CALLED: AtomicBool = AtomicBool::new(false);
    let key = Object::from_text(py, "contextvars_rs")?;
    // SAFETY: S1; borrowed from the interpreter, which keeps it until it ends.
    let dict = unsafe {
        let dict = ffi::PyInterpreterState_GetDict(ffi::PyInterpreterState_Get());
        let dict = NonNull::new(dict).ok_or_else(|| Raised::no_memory(py))?;
        Object::from_borrowed(dict)
    };
    if dict.dict_item(py, &key)?.is_some() {
        return Ok(true);
    }
    if CALLED.swap(true, Ordering::Relaxed) {
        return Ok(false);
    }
    let noted = dict.set_dict_item(py, &key, &Object::none(py));
    CALLED.store(noted.is_ok(), Ordering::Relaxed);
    noted.map(|()| true)
}
