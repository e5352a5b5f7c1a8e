//! Exceptions in flight.
//!
//! Fetched and restored in the way that 3.11 knows, which later versions deprecate.
#![allow(deprecated)]

use super::Object;
use crate::host::CPython;
use pyo3::{Python, ffi};
use pyobj::{ExceptionKind, Unallocated};
use std::ptr::{self, NonNull};

/// An exception taken from the interpreter's error indicator, so that host
/// code can run before it is put back. One word, so that results with it are
/// returned in registers: calls that nest deeply hold none on the native stack.
///
/// Not PyO3's `PyErr`, for the reason given at [`Object`].
pub struct Raised(Object);

impl Raised {
    /// Takes the exception that a failed call has left behind.
    #[cold]
    #[inline(never)]
    pub fn take(_: Python<'_>) -> Self {
        let (mut kind, mut value, mut traceback) =
            (ptr::null_mut(), ptr::null_mut(), ptr::null_mut());
        // SAFETY: S1, S3. All three come out as new references or NULL. Made normal,
        // the first two are no longer NULL, and the value is an instance.
        unsafe {
            ffi::PyErr_Fetch(&mut kind, &mut value, &mut traceback);
            if kind.is_null() {
                // An extension that fails without saying why: as CPython puts it.
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

    /// Puts the exception into the interpreter's error indicator.
    #[cold]
    #[inline(never)]
    pub(super) fn restore(self, _: Python<'_>) {
        let value = self.0.into_ptr();
        // SAFETY: S1, S3: the indicator takes over the counts.
        unsafe {
            let kind = ffi::Py_TYPE(value).cast();
            ffi::Py_INCREF(kind);
            ffi::PyErr_Restore(kind, value, ffi::PyException_GetTraceback(value));
        }
    }

    /// Raises an exception with one argument. The exception that is being
    /// handled, if any, becomes its context.
    pub fn new(py: Python<'_>, kind: ExceptionKind, argument: &Object) -> Self {
        let kind = exception(py, kind);
        // SAFETY: S1, S3.
        unsafe { ffi::PyErr_SetObject(kind.as_ptr(), argument.as_ptr()) };
        Self::take(py)
    }

    /// Raises an exception with a text.
    pub fn text(py: Python<'_>, kind: ExceptionKind, text: &str) -> Self {
        match Object::from_text(py, text) {
            Ok(text) => Self::new(py, kind, &text),
            Err(error) => error,
        }
    }

    /// Raises `MemoryError`.
    pub fn no_memory(py: Python<'_>) -> Self {
        // SAFETY: S1.
        unsafe { ffi::PyErr_NoMemory() };
        Self::take(py)
    }

    /// Reports the exception as one that nobody can catch. `place` stands in
    /// the report where CPython prints what was being called.
    pub fn ignore(self, py: Python<'_>, place: &str) {
        let place = Object::from_text(py, place).unwrap_or_else(|_| Object::none(py));
        self.restore(py);
        // SAFETY: S1, S3.
        unsafe { ffi::PyErr_WriteUnraisable(place.as_ptr()) };
    }
}

/// Returns the type of an exception.
fn exception(_: Python<'_>, kind: ExceptionKind) -> Object {
    // SAFETY: S1. The interpreter has set these before it imports anything,
    // and they live as long as it does.
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

/// The payload is let go.
impl<P> From<Unallocated<CPython, P>> for Raised {
    fn from(refused: Unallocated<CPython, P>) -> Raised {
        refused.error
    }
}
