//! Context variables, as C code uses them.

use std::ffi::CStr;
use std::ptr;

use pyo3_ffi as ffi;

use super::{Interpreter, Object, Raised};

impl Interpreter {
    /// Makes a variable without a default.
    ///
    /// # Errors
    ///
    /// `MemoryError`.
    #[inline]
    pub fn variable(&self, name: &CStr) -> Result<Object<'_>, Raised> {
        // SAFETY: S1, S3; null says that there is no default.
        unsafe { Object::taken(ffi::PyContextVar_New(name.as_ptr(), ptr::null_mut())) }
    }

    /// Makes an empty context.
    ///
    /// # Errors
    ///
    /// `MemoryError`.
    pub fn context(&self) -> Result<Object<'_>, Raised> {
        // SAFETY: S1, S3.
        unsafe { Object::taken(ffi::PyContext_New()) }
    }

    /// Copies the current context.
    ///
    /// # Errors
    ///
    /// `MemoryError`.
    #[inline]
    pub fn copy_current(&self) -> Result<Object<'_>, Raised> {
        // SAFETY: S1, S3.
        unsafe { Object::taken(ffi::PyContext_CopyCurrent()) }
    }
}

impl<'py> Object<'py> {
    /// The value of this variable in the current context, else `default`, else none.
    ///
    /// # Errors
    ///
    /// `TypeError` where this is no variable.
    #[inline]
    pub fn value(&self, default: Option<&Object<'py>>) -> Result<Option<Object<'py>>, Raised> {
        let default = default.map_or(ptr::null_mut(), Object::as_ptr);
        let mut value = ptr::null_mut();
        // SAFETY: S1, S2. What is found is a new reference; null is no failure here, since the
        // call says by its result whether it raised.
        unsafe {
            if ffi::PyContextVar_Get(self.as_ptr(), default, &raw mut value) < 0 {
                return Err(Raised::take());
            }
            if value.is_null() {
                return Ok(None);
            }
            Object::taken(value).map(Some)
        }
    }

    /// Sets this variable in the current context and gives the token.
    ///
    /// # Errors
    ///
    /// `TypeError` where this is no variable.
    #[inline]
    pub fn set(&self, value: &Object<'py>) -> Result<Object<'py>, Raised> {
        // SAFETY: S1, S2, S3.
        unsafe { Object::taken(ffi::PyContextVar_Set(self.as_ptr(), value.as_ptr())) }
    }

    /// Resets this variable by a token.
    ///
    /// # Errors
    ///
    /// `RuntimeError` and `ValueError` where the token is not to be used here; `TypeError` where
    /// this is no variable.
    #[inline]
    pub fn reset(&self, token: &Object<'py>) -> Result<(), Raised> {
        // SAFETY: S1, S2.
        done(unsafe { ffi::PyContextVar_Reset(self.as_ptr(), token.as_ptr()) })
    }

    /// Enters this context.
    ///
    /// # Errors
    ///
    /// `RuntimeError` where it is entered; `TypeError` where this is no context.
    #[inline]
    pub fn enter(&self) -> Result<(), Raised> {
        // SAFETY: S1, S2.
        done(unsafe { ffi::PyContext_Enter(self.as_ptr()) })
    }

    /// Leaves this context.
    ///
    /// # Errors
    ///
    /// `RuntimeError` where it is not the current one; `TypeError` where this is no context.
    #[inline]
    pub fn exit(&self) -> Result<(), Raised> {
        // SAFETY: S1, S2.
        done(unsafe { ffi::PyContext_Exit(self.as_ptr()) })
    }

    /// Makes an iterator over the values in this context.
    ///
    /// # Errors
    ///
    /// `AttributeError` where it has none.
    pub fn values(&self) -> Result<Object<'py>, Raised> {
        self.attribute(c"values")?.call()
    }

    /// The next of this iterator.
    ///
    /// # Errors
    ///
    /// What it raises.
    #[inline]
    pub fn next(&self) -> Result<Option<Object<'py>>, Raised> {
        // SAFETY: S1, S2; that it is an iterator is asked first, as the call demands.
        let next = unsafe {
            if ffi::PyIter_Check(self.as_ptr()) == 0 {
                return Err(Raised("this is no iterator".into()));
            }
            ffi::PyIter_Next(self.as_ptr())
        };
        if !next.is_null() {
            // SAFETY: S1, S3.
            return unsafe { Object::taken(next) }.map(Some);
        }
        // SAFETY: S1. Null is the end, unless an exception is raised.
        unsafe {
            match ffi::PyErr_Occurred().is_null() {
                true => Ok(None),
                false => Err(Raised::take()),
            }
        }
    }
}

/// What a call says by its result: that it is done, or that it raised.
#[inline]
fn done(result: std::ffi::c_int) -> Result<(), Raised> {
    match result {
        0 => Ok(()),
        // SAFETY: an exception is raised, and S1: who calls this has just called the interpreter.
        _ => Err(unsafe { Raised::take() }),
    }
}
