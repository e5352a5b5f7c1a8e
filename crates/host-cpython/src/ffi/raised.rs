//! Exceptions as Rust errors.
//!
//! They are fetched and restored with functions that 3.11 has, and that later versions deprecate.
#![allow(deprecated)]

use super::Object;
use crate::host::CPython;
use pyo3::{Python, ffi};
use pyobj::{ExceptionKind, Unallocated};
use std::ptr::{self, NonNull};

/// An exception that was taken from the interpreter's error indicator, so that host code can run
/// before it is restored. It is one word, so that results with it are returned in registers, and
/// nested calls use less of the native stack.
///
/// Not PyO3's `PyErr`, for the same reason as [`Object`].
pub struct Raised(Object);

impl Raised {
    /// Takes the exception that a failed call has set.
    #[cold]
    #[inline(never)]
    pub fn take(_: Python<'_>) -> Self {
        let (mut kind, mut value, mut traceback) =
            (ptr::null_mut(), ptr::null_mut(), ptr::null_mut());
        // SAFETY: S1, S3. All three are new references or NULL. After normalization the first two
        // are not NULL, and the value is an instance.
        unsafe {
            ffi::PyErr_Fetch(&mut kind, &mut value, &mut traceback);
            if kind.is_null() {
                // A call failed without an exception. CPython raises `SystemError` for that, too.
                kind = ffi::PyExc_SystemError;
                ffi::Py_INCREF(kind);
            }
            ffi::PyErr_NormalizeException(&mut kind, &mut value, &mut traceback);
            drop(Object::from_nullable(kind));
            if let Some(traceback) = Object::from_nullable(traceback) {
                ffi::PyException_SetTraceback(value, traceback.as_ptr());
            }
            Raised(Object::from_nonnull(NonNull::new_unchecked(value)))
        }
    }

    /// Restores the interpreter's error indicator to the exception.
    #[cold]
    #[inline(never)]
    pub(super) fn restore(self, _: Python<'_>) {
        let value = self.0.into_ptr();
        // SAFETY: S1, S3: the indicator takes over the references.
        unsafe {
            let kind = ffi::Py_TYPE(value).cast();
            ffi::Py_INCREF(kind);
            ffi::PyErr_Restore(kind, value, ffi::PyException_GetTraceback(value));
        }
    }

    /// Creates an exception with one argument. The exception that is being handled, if any, becomes
    /// its context.
    pub fn new(py: Python<'_>, kind: ExceptionKind, argument: &Object) -> Self {
        let kind = exception(py, kind);
        // SAFETY: S1, S3.
        unsafe { ffi::PyErr_SetObject(kind.as_ptr(), argument.as_ptr()) };
        Self::take(py)
    }

    /// Creates an exception with a text.
    pub fn text(py: Python<'_>, kind: ExceptionKind, text: &str) -> Self {
        match Object::from_text(py, text) {
            Ok(text) => Self::new(py, kind, &text),
            Err(error) => error,
        }
    }

    /// Creates a `MemoryError`.
    pub fn no_memory(py: Python<'_>) -> Self {
        // SAFETY: S1.
        unsafe { ffi::PyErr_NoMemory() };
        Self::take(py)
    }

    /// Reports the exception as unraisable. The report has `place` where CPython prints the object
    /// that was called.
    pub fn ignore(self, py: Python<'_>, place: &str) {
        let place = Object::from_text(py, place).unwrap_or_else(|_| Object::none(py));
        self.restore(py);
        // SAFETY: S1, S3.
        unsafe { ffi::PyErr_WriteUnraisable(place.as_ptr()) };
    }
}

/// Returns the type of an exception.
fn exception(_: Python<'_>, kind: ExceptionKind) -> Object {
    // SAFETY: S1. The interpreter sets these before it imports a module, and they live as long as
    // it does.
    unsafe {
        let kind = match kind {
            ExceptionKind::AttributeError => ffi::PyExc_AttributeError,
            ExceptionKind::ImportError => ffi::PyExc_ImportError,
            ExceptionKind::KeyError => ffi::PyExc_KeyError,
            ExceptionKind::LookupError => ffi::PyExc_LookupError,
            ExceptionKind::ModuleNotFoundError => ffi::PyExc_ModuleNotFoundError,
            ExceptionKind::RuntimeError => ffi::PyExc_RuntimeError,
            ExceptionKind::TypeError => ffi::PyExc_TypeError,
            ExceptionKind::ValueError => ffi::PyExc_ValueError,
            _ => ffi::PyExc_SystemError,
        };
        Object::from_borrowed(NonNull::new_unchecked(kind))
    }
}

/// Drops the payload.
impl<P> From<Unallocated<CPython, P>> for Raised {
    fn from(refused: Unallocated<CPython, P>) -> Raised {
        refused.error
    }
}
