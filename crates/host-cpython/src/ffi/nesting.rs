//! Limiting the depth of nested calls into objects.
//!
//! The interpreter counts how deep calls of C functions are nested, and raises `RecursionError`
//! before the native stack ends. It counts calls, not bytes. A context that compares its values, or
//! a variable that prints its default, needs several times the stack of one of the interpreter's
//! own functions. So each such call counts as several.

use super::Raised;
use pyo3::{Python, ffi};
use std::ffi::CStr;

/// How many of the interpreter's calls one of these calls counts as.
const WEIGHT: usize = 8;

/// A call into an object that is in progress.
pub(super) struct Nested {
    /// How many calls were added to the interpreter's count.
    counted: usize,
}

impl Nested {
    /// Begins a call. `doing` is the end of the `RecursionError`'s text.
    ///
    /// # Errors
    ///
    /// `RecursionError` if calls are nested too deeply.
    pub(super) fn begin(py: Python<'_>, doing: &'static CStr) -> Result<Self, Raised> {
        let mut nested = Nested { counted: 0 };
        while nested.counted < WEIGHT {
            // SAFETY: S1.
            if unsafe { ffi::Py_EnterRecursiveCall(doing.as_ptr()) } != 0 {
                return Err(Raised::take(py));
            }
            nested.counted += 1;
        }
        Ok(nested)
    }
}

impl Drop for Nested {
    fn drop(&mut self) {
        for _ in 0..self.counted {
            // SAFETY: S1; as many calls were added.
            unsafe { ffi::Py_LeaveRecursiveCall() }
        }
    }
}
