//! Methods in definition tables, so that the interpreter itself checks the number of arguments and
//! raises its own errors.

use super::arguments::{Arguments, borrowed};
use super::layout::{Instance, Payload};
use super::object::Borrowed;
use super::slot::{item, returned_object};
use super::{Object, Raised};
use pyo3::{Python, ffi};
use std::ffi::{CStr, c_int};
use std::marker::PhantomData;
use std::ptr;

/// A method of a type whose payload is `P`.
pub struct Method<P: Payload> {
    definition: ffi::PyMethodDef,
    payload: PhantomData<fn() -> P>,
}

impl<P: Payload> Method<P> {
    fn new(name: &'static CStr, function: ffi::PyMethodDefPointer, flags: c_int) -> Self {
        Method {
            definition: ffi::PyMethodDef {
                ml_name: name.as_ptr(),
                ml_meth: function,
                ml_flags: flags,
                ml_doc: ptr::null(),
            },
            payload: PhantomData,
        }
    }

    pub(super) fn into_definition(self) -> ffi::PyMethodDef {
        self.definition
    }

    /// Sets the docstring. A first line `name($self, …)`, with a line `--` after it, is the
    /// signature.
    pub fn doc(mut self, doc: &'static CStr) -> Self {
        self.definition.ml_doc = doc.as_ptr();
        self
    }

    /// Creates a method without arguments.
    pub fn without<F>(name: &'static CStr, _: F) -> Self
    where
        F: Fn(Python<'_>, &Instance<P>) -> Result<Object, Raised> + Copy,
    {
        let function = ffi::PyMethodDefPointer {
            PyCFunction: without::<P, F>,
        };
        Self::new(name, function, ffi::METH_NOARGS)
    }

    /// Creates a method with exactly one positional argument.
    pub fn one<F>(name: &'static CStr, _: F) -> Self
    where
        F: Fn(Python<'_>, &Instance<P>, &Object) -> Result<Object, Raised> + Copy,
    {
        let function = ffi::PyMethodDefPointer {
            PyCFunction: one::<P, F>,
        };
        Self::new(name, function, ffi::METH_O)
    }

    /// Creates a method with any number of positional arguments.
    pub fn positional<F>(name: &'static CStr, _: F) -> Self
    where
        F: Fn(Python<'_>, &Instance<P>, &[Object]) -> Result<Object, Raised> + Copy,
    {
        let function = ffi::PyMethodDefPointer {
            PyCFunctionFast: positional::<P, F>,
        };
        Self::new(name, function, ffi::METH_FASTCALL)
    }

    /// Creates a method with any arguments.
    pub fn any<F>(name: &'static CStr, _: F) -> Self
    where
        F: Fn(Python<'_>, &Instance<P>, Arguments<'_>) -> Result<Object, Raised> + Copy,
    {
        let function = ffi::PyMethodDefPointer {
            PyCFunctionFastWithKeywords: any::<P, F>,
        };
        Self::new(name, function, ffi::METH_FASTCALL | ffi::METH_KEYWORDS)
    }

    /// Creates `__class_getitem__`, so that `Type[int]` is a generic alias.
    pub fn generic() -> Self {
        let function = ffi::PyMethodDefPointer {
            PyCFunction: ffi::Py_GenericAlias,
        };
        let flags = ffi::METH_O | ffi::METH_CLASS;
        Self::new(c"__class_getitem__", function, flags).doc(c"See PEP 585")
    }
}

unsafe extern "C" fn without<P, F>(
    this: *mut ffi::PyObject,
    _: *mut ffi::PyObject,
) -> *mut ffi::PyObject
where
    P: Payload,
    F: Fn(Python<'_>, &Instance<P>) -> Result<Object, Raised> + Copy,
{
    // SAFETY: S1, S2, S5.
    unsafe {
        let this = Borrowed::new(this);
        let py = Python::assume_attached();
        returned_object(py, item::<F>()(py, Instance::from_ref(&this)))
    }
}

unsafe extern "C" fn one<P, F>(
    this: *mut ffi::PyObject,
    argument: *mut ffi::PyObject,
) -> *mut ffi::PyObject
where
    P: Payload,
    F: Fn(Python<'_>, &Instance<P>, &Object) -> Result<Object, Raised> + Copy,
{
    // SAFETY: S1, S2, S5.
    unsafe {
        let (this, argument) = (Borrowed::new(this), Borrowed::new(argument));
        let py = Python::assume_attached();
        returned_object(py, item::<F>()(py, Instance::from_ref(&this), &argument))
    }
}

unsafe extern "C" fn positional<P, F>(
    this: *mut ffi::PyObject,
    arguments: *mut *mut ffi::PyObject,
    count: ffi::Py_ssize_t,
) -> *mut ffi::PyObject
where
    P: Payload,
    F: Fn(Python<'_>, &Instance<P>, &[Object]) -> Result<Object, Raised> + Copy,
{
    // SAFETY: S1, S2, S5.
    unsafe {
        let this = Borrowed::new(this);
        let py = Python::assume_attached();
        let arguments = borrowed(arguments, count as usize);
        returned_object(py, item::<F>()(py, Instance::from_ref(&this), arguments))
    }
}

unsafe extern "C" fn any<P, F>(
    this: *mut ffi::PyObject,
    arguments: *const *mut ffi::PyObject,
    count: ffi::Py_ssize_t,
    names: *mut ffi::PyObject,
) -> *mut ffi::PyObject
where
    P: Payload,
    F: Fn(Python<'_>, &Instance<P>, Arguments<'_>) -> Result<Object, Raised> + Copy,
{
    // SAFETY: S1, S2, S5.
    unsafe {
        let this = Borrowed::new(this);
        let py = Python::assume_attached();
        let names = (!names.is_null()).then(|| Borrowed::new(names));
        let arguments = Arguments::new(arguments, count as usize, names.as_deref());
        returned_object(py, item::<F>()(py, Instance::from_ref(&this), arguments))
    }
}
