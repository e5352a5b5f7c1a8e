//! The slots of a type: a C function for each operation, which calls a Rust function.

use super::arguments::Constructor;
use super::class::Class;
use super::layout::{Instance, Payload};
use super::object::Borrowed;
use super::{Object, Raised};
use pyo3::{Python, ffi};
use std::ffi::{CStr, c_int, c_void};
use std::ptr::{self, NonNull};

/// A comparison operator.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`, `<=`, `>` or `>=`
    Order,
}

/// Returns the function item of its type.
///
/// # Safety
///
/// A value of `F` was passed in where the type came from (S5).
pub(super) unsafe fn item<F: Copy>() -> F {
    const { assert!(size_of::<F>() == 0, "a function item, not a pointer") };
    // SAFETY: a value without a size can be read from any aligned address, and a value exists by
    // the caller's promise.
    unsafe { NonNull::<F>::dangling().read() }
}

/// Converts a result for the interpreter: a new reference, or NULL with the exception set.
pub(super) fn returned_object(
    py: Python<'_>,
    outcome: Result<Object, Raised>,
) -> *mut ffi::PyObject {
    match outcome {
        Ok(object) => object.into_ptr(),
        Err(error) => {
            error.restore(py);
            ptr::null_mut()
        }
    }
}

/// Converts a result for the interpreter: the number, or −1 with the exception set.
fn returned_number<N>(py: Python<'_>, outcome: Result<N, Raised>) -> N
where
    N: From<i8>,
{
    outcome.unwrap_or_else(|error| {
        error.restore(py);
        N::from(-1)
    })
}

impl<P: Payload> Class<P> {
    /// Sets the constructor, `tp_new`.
    pub fn constructor<F>(mut self, _: F) -> Self
    where
        F: Fn(Python<'_>, Constructor) -> Result<Object, Raised> + Copy,
    {
        unsafe extern "C" fn new<F>(
            _: *mut ffi::PyTypeObject,
            positional: *mut ffi::PyObject,
            keywords: *mut ffi::PyObject,
        ) -> *mut ffi::PyObject
        where
            F: Fn(Python<'_>, Constructor) -> Result<Object, Raised> + Copy,
        {
            // SAFETY: S1, S2, S5. There are no subclasses, so the type is ours.
            unsafe {
                let py = Python::assume_attached();
                returned_object(py, item::<F>()(py, Constructor::new(positional, keywords)))
            }
        }
        self.instantiable();
        self.slot(ffi::Py_tp_new, new::<F> as *mut c_void);
        self
    }

    /// Sets `repr(object)`.
    pub fn repr<F>(mut self, _: F) -> Self
    where
        F: Fn(Python<'_>, &Instance<P>) -> Result<Object, Raised> + Copy,
    {
        self.slot(ffi::Py_tp_repr, unary::<P, F> as *mut c_void);
        self
    }

    /// Sets `iter(object)`.
    pub fn iter<F>(mut self, _: F) -> Self
    where
        F: Fn(Python<'_>, &Instance<P>) -> Result<Object, Raised> + Copy,
    {
        self.slot(ffi::Py_tp_iter, unary::<P, F> as *mut c_void);
        self
    }

    /// Makes the objects iterators, with this `next(object)`. `None` ends the iteration.
    pub fn next<F>(mut self, _: F) -> Self
    where
        F: Fn(Python<'_>, &Instance<P>) -> Result<Option<Object>, Raised> + Copy,
    {
        unsafe extern "C" fn next<P, F>(this: *mut ffi::PyObject) -> *mut ffi::PyObject
        where
            P: Payload,
            F: Fn(Python<'_>, &Instance<P>) -> Result<Option<Object>, Raised> + Copy,
        {
            // SAFETY: S1, S2, S5. NULL without an exception ends the iteration.
            unsafe {
                let (this, py) = (Borrowed::new(this), Python::assume_attached());
                match item::<F>()(py, Instance::from_ref(&this)).transpose() {
                    Some(outcome) => returned_object(py, outcome),
                    None => ptr::null_mut(),
                }
            }
        }
        self.slot(ffi::Py_tp_iternext, next::<P, F> as *mut c_void);
        self.iter(|py, this| Ok(this.as_object().clone_ref(py)))
    }

    /// Sets `hash(object)`.
    pub fn hash<F>(mut self, _: F) -> Self
    where
        F: Fn(Python<'_>, &Instance<P>) -> Result<isize, Raised> + Copy,
    {
        self.slot(ffi::Py_tp_hash, number::<P, F> as *mut c_void);
        self
    }

    /// Makes the objects unhashable.
    pub fn unhashable(mut self) -> Self {
        let function = ffi::PyObject_HashNotImplemented as *mut c_void;
        self.slot(ffi::Py_tp_hash, function);
        self
    }

    /// Sets `len(object)`.
    pub fn len<F>(mut self, _: F) -> Self
    where
        F: Fn(Python<'_>, &Instance<P>) -> Result<isize, Raised> + Copy,
    {
        self.slot(ffi::Py_mp_length, number::<P, F> as *mut c_void);
        self
    }

    /// Sets `object[key]`.
    pub fn item<F>(mut self, _: F) -> Self
    where
        F: Fn(Python<'_>, &Instance<P>, &Object) -> Result<Object, Raised> + Copy,
    {
        unsafe extern "C" fn subscript<P, F>(
            this: *mut ffi::PyObject,
            key: *mut ffi::PyObject,
        ) -> *mut ffi::PyObject
        where
            P: Payload,
            F: Fn(Python<'_>, &Instance<P>, &Object) -> Result<Object, Raised> + Copy,
        {
            // SAFETY: S1, S2, S5.
            unsafe {
                let (this, key) = (Borrowed::new(this), Borrowed::new(key));
                let py = Python::assume_attached();
                returned_object(py, item::<F>()(py, Instance::from_ref(&this), &key))
            }
        }
        self.slot(ffi::Py_mp_subscript, subscript::<P, F> as *mut c_void);
        self
    }

    /// Sets `key in object`.
    pub fn contains<F>(mut self, _: F) -> Self
    where
        F: Fn(Python<'_>, &Instance<P>, &Object) -> Result<bool, Raised> + Copy,
    {
        unsafe extern "C" fn contains<P, F>(
            this: *mut ffi::PyObject,
            key: *mut ffi::PyObject,
        ) -> c_int
        where
            P: Payload,
            F: Fn(Python<'_>, &Instance<P>, &Object) -> Result<bool, Raised> + Copy,
        {
            // SAFETY: S1, S2, S5.
            unsafe {
                let (this, key) = (Borrowed::new(this), Borrowed::new(key));
                let py = Python::assume_attached();
                let found = item::<F>()(py, Instance::from_ref(&this), &key);
                returned_number(py, found.map(c_int::from))
            }
        }
        self.slot(ffi::Py_sq_contains, contains::<P, F> as *mut c_void);
        self
    }

    /// Sets the comparisons. The right operand can be any object.
    pub fn compare<F>(mut self, _: F) -> Self
    where
        F: Fn(Python<'_>, &Instance<P>, &Object, Comparison) -> Result<Object, Raised> + Copy,
    {
        unsafe extern "C" fn compare<P, F>(
            this: *mut ffi::PyObject,
            other: *mut ffi::PyObject,
            operator: c_int,
        ) -> *mut ffi::PyObject
        where
            P: Payload,
            F: Fn(Python<'_>, &Instance<P>, &Object, Comparison) -> Result<Object, Raised> + Copy,
        {
            let operator = match operator {
                ffi::Py_EQ => Comparison::Equal,
                ffi::Py_NE => Comparison::NotEqual,
                _ => Comparison::Order,
            };
            // SAFETY: S1, S2, S5.
            unsafe {
                let (this, other) = (Borrowed::new(this), Borrowed::new(other));
                let py = Python::assume_attached();
                let this = Instance::from_ref(&this);
                returned_object(py, item::<F>()(py, this, &other, operator))
            }
        }
        self.slot(ffi::Py_tp_richcompare, compare::<P, F> as *mut c_void);
        self
    }

    /// Adds a read-only attribute.
    pub fn attribute<F>(mut self, name: &'static CStr, _: F) -> Self
    where
        F: Fn(Python<'_>, &Instance<P>) -> Result<Object, Raised> + Copy,
    {
        unsafe extern "C" fn get<P, F>(
            this: *mut ffi::PyObject,
            _: *mut c_void,
        ) -> *mut ffi::PyObject
        where
            P: Payload,
            F: Fn(Python<'_>, &Instance<P>) -> Result<Object, Raised> + Copy,
        {
            // SAFETY: S1, S2: `unary` needs the receiver only.
            unsafe { unary::<P, F>(this) }
        }
        self.attributes.push(ffi::PyGetSetDef {
            name: name.as_ptr(),
            get: Some(get::<P, F>),
            ..Default::default()
        });
        self
    }
}

unsafe extern "C" fn unary<P, F>(this: *mut ffi::PyObject) -> *mut ffi::PyObject
where
    P: Payload,
    F: Fn(Python<'_>, &Instance<P>) -> Result<Object, Raised> + Copy,
{
    // SAFETY: S1, S2, S5.
    unsafe {
        let (this, py) = (Borrowed::new(this), Python::assume_attached());
        returned_object(py, item::<F>()(py, Instance::from_ref(&this)))
    }
}

unsafe extern "C" fn number<P, F>(this: *mut ffi::PyObject) -> isize
where
    P: Payload,
    F: Fn(Python<'_>, &Instance<P>) -> Result<isize, Raised> + Copy,
{
    // SAFETY: S1, S2, S5.
    unsafe {
        let (this, py) = (Borrowed::new(this), Python::assume_attached());
        returned_number(py, item::<F>()(py, Instance::from_ref(&this)))
    }
}
