//! An object of Python.

use std::ffi::CStr;
use std::marker::PhantomData;
use std::ptr::NonNull;

use pyo3_ffi as ffi;

use super::{Interpreter, Raised};

/// A counted handle to an object.
pub struct Object<'py> {
    pointer: NonNull<ffi::PyObject>,
    interpreter: PhantomData<&'py Interpreter>,
}

impl<'py> Object<'py> {
    /// Takes over a new reference, or the exception where it is null.
    ///
    /// # Safety
    ///
    /// `pointer` is a reference that nobody else will give back, or null with an exception raised;
    /// the interpreter is held for `'py`.
    #[inline]
    pub(super) unsafe fn taken(pointer: *mut ffi::PyObject) -> Result<Self, Raised> {
        match NonNull::new(pointer) {
            Some(pointer) => Ok(Object {
                pointer,
                interpreter: PhantomData,
            }),
            // SAFETY: S1; an exception is raised.
            None => Err(unsafe { Raised::take() }),
        }
    }

    #[inline]
    pub(super) fn as_ptr(&self) -> *mut ffi::PyObject {
        self.pointer.as_ptr()
    }

    /// Gets an attribute.
    ///
    /// # Errors
    ///
    /// `AttributeError`, or what else a getter raises.
    pub fn attribute(&self, name: &CStr) -> Result<Object<'py>, Raised> {
        // SAFETY: S1, S2, S3.
        unsafe {
            let found = ffi::PyObject_GetAttrString(self.as_ptr(), name.as_ptr());
            Object::taken(found)
        }
    }

    /// Calls it without arguments.
    ///
    /// # Errors
    ///
    /// What it raises.
    pub fn call(&self) -> Result<Object<'py>, Raised> {
        // SAFETY: S1, S2, S3.
        unsafe { Object::taken(ffi::PyObject_CallNoArgs(self.as_ptr())) }
    }

    /// `self[key]`.
    ///
    /// # Errors
    ///
    /// `KeyError`, or what else it raises.
    #[inline]
    pub fn item(&self, key: &Object<'py>) -> Result<Object<'py>, Raised> {
        // SAFETY: S1, S2, S3.
        unsafe {
            let found = ffi::PyObject_GetItem(self.as_ptr(), key.as_ptr());
            Object::taken(found)
        }
    }

    /// `item in self`.
    ///
    /// # Errors
    ///
    /// What it raises.
    #[inline]
    pub fn contains(&self, item: &Object<'py>) -> Result<bool, Raised> {
        // SAFETY: S1, S2.
        match unsafe { ffi::PySequence_Contains(self.as_ptr(), item.as_ptr()) } {
            // SAFETY: S1; that is how the call says that it raised.
            -1 => Err(unsafe { Raised::take() }),
            found => Ok(found == 1),
        }
    }

    /// Its address: what a caller reads who only hands it on.
    pub fn address(&self) -> usize {
        self.as_ptr().addr()
    }
}

impl Clone for Object<'_> {
    fn clone(&self) -> Self {
        // SAFETY: S1, S2.
        unsafe { ffi::Py_INCREF(self.as_ptr()) };
        Object {
            pointer: self.pointer,
            interpreter: PhantomData,
        }
    }
}

impl Drop for Object<'_> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: S1, S2; it is not used after this.
        unsafe { ffi::Py_DECREF(self.as_ptr()) };
    }
}

impl Raised {
    /// Takes the exception that is raised, and keeps its type's name.
    ///
    /// # Safety
    ///
    /// S1, and one is raised.
    #[cold]
    pub(super) unsafe fn take() -> Raised {
        // SAFETY: S1; the type lives while the exception is raised, and its name as long.
        unsafe {
            let class = ffi::PyErr_Occurred().cast::<ffi::PyTypeObject>();
            let name = CStr::from_ptr((*class).tp_name)
                .to_string_lossy()
                .into_owned();
            ffi::PyErr_Clear();
            Raised(name)
        }
    }
}
