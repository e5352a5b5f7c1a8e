//! Nesting calls into objects no deeper than the stack goes.
//!
//! The interpreter counts how deep C functions call each other, and raises
//! `RecursionError` before its stack ends. It counts calls, not bytes, by what
//! its own functions need; a context that compares its values or a variable
//! that prints its default needs several times as much. So one call of ours
//! counts as several.

use super::Raised;
use pyo3::{Python, ffi};
use std::ffi::CStr;

/// How many of the interpreter's calls one of ours counts for.
const WEIGHT: usize = 8;

/// A call into an object that is under way.
pub(super) struct Nested {
    /// How many calls the interpreter has been told of.
    counted: usize,
}

impl Nested {
    /// Begins a call; `doing` is the end of the `RecursionError`'s text.
    ///
    /// # Errors
    ///
    /// `RecursionError` where it is nested too deeply.
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
            // SAFETY: S1; it has been told of as many.
            unsafe { ffi::Py_LeaveRecursiveCall() }
        }
    }
}
