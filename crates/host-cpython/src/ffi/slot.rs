//! The operations that a type fills the interpreter's slots with.

use super::arguments::Constructor;
use super::class::Class;
use super::layout::{Instance, Payload};
use super::object::Lent;
use super::{Object, Raised};
use pyo3::{Python, ffi};
use pyobj::ExceptionKind::AttributeError;
use std::ffi::{CStr, c_int, c_void};
use std::ptr::{self, NonNull};

/// An operator of comparison.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`, `<=`, `>` or `>=`
    Order,
}

/// Gives a function item out of its type.
///
/// # Safety
///
/// A value of `F` was passed in where the type came from (S5).
pub(super) unsafe fn item<F: Copy>() -> F {
    const { assert!(size_of::<F>() == 0, "a function item, not a pointer") };
    // SAFETY: a value without a size can be read from anywhere aligned, and the
    // caller promises that there is one.
    unsafe { NonNull::<F>::dangling().read() }
}

/// Gives an outcome to the interpreter: a new reference, or NULL with the
/// exception set.
pub(super) fn give(py: Python<'_>, outcome: Result<Object, Raised>) -> *mut ffi::PyObject {
    match outcome {
        Ok(object) => object.into_ptr(),
        Err(error) => {
            error.restore(py);
            ptr::null_mut()
        }
    }
}

/// Gives a number to the interpreter, or −1 with the exception set.
fn give_number<N>(py: Python<'_>, outcome: Result<N, Raised>) -> N
where
    N: From<i8>,
{
    outcome.unwrap_or_else(|error| {
        error.restore(py);
        N::from(-1)
    })
}

impl<P: Payload> Class<P> {
    /// Makes the type instantiable by `new`.
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
                give(py, item::<F>()(py, Constructor::new(positional, keywords)))
            }
        }
        self.instantiable();
        self.slot(ffi::Py_tp_new, new::<F> as *mut c_void);
        self
    }

    /// Gives the type a `repr`.
    pub fn repr<F>(mut self, _: F) -> Self
    where
        F: Fn(Python<'_>, &Instance<P>) -> Result<Object, Raised> + Copy,
    {
        self.slot(ffi::Py_tp_repr, unary::<P, F> as *mut c_void);
        self
    }

    /// Gives the type an `iter`.
    pub fn iter<F>(mut self, _: F) -> Self
    where
        F: Fn(Python<'_>, &Instance<P>) -> Result<Object, Raised> + Copy,
    {
        self.slot(ffi::Py_tp_iter, unary::<P, F> as *mut c_void);
        self
    }

    /// Makes objects of the type iterators, which end at `None`.
    pub fn next<F>(mut self, _: F) -> Self
    where
        F: Fn(Python<'_>, &Instance<P>) -> Result<Option<Object>, Raised> + Copy,
    {
        unsafe extern "C" fn next<P, F>(this: *mut ffi::PyObject) -> *mut ffi::PyObject
        where
            P: Payload,
            F: Fn(Python<'_>, &Instance<P>) -> Result<Option<Object>, Raised> + Copy,
        {
            // SAFETY: S1, S2, S5. NULL without an exception is the end.
            unsafe {
                let (this, py) = (Lent::new(this), Python::assume_attached());
                match item::<F>()(py, Instance::from_ref(&this)).transpose() {
                    Some(outcome) => give(py, outcome),
                    None => ptr::null_mut(),
                }
            }
        }
        self.slot(ffi::Py_tp_iternext, next::<P, F> as *mut c_void);
        self.iter(|py, this| Ok(this.as_object().clone_ref(py)))
    }

    /// Gives the type a `hash`.
    pub fn hash<F>(mut self, _: F) -> Self
    where
        F: Fn(Python<'_>, &Instance<P>) -> Result<isize, Raised> + Copy,
    {
        self.slot(ffi::Py_tp_hash, number::<P, F> as *mut c_void);
        self
    }

    /// Makes objects of the type unhashable.
    pub fn unhashable(mut self) -> Self {
        let function = ffi::PyObject_HashNotImplemented as *mut c_void;
        self.slot(ffi::Py_tp_hash, function);
        self
    }

    /// Gives the type a `len`.
    pub fn len<F>(mut self, _: F) -> Self
    where
        F: Fn(Python<'_>, &Instance<P>) -> Result<isize, Raised> + Copy,
    {
        self.slot(ffi::Py_mp_length, number::<P, F> as *mut c_void);
        self
    }

    /// Gives the type `object[key]`.
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
                let (this, key) = (Lent::new(this), Lent::new(key));
                let py = Python::assume_attached();
                give(py, item::<F>()(py, Instance::from_ref(&this), &key))
            }
        }
        self.slot(ffi::Py_mp_subscript, subscript::<P, F> as *mut c_void);
        self
    }

    /// Gives the type `key in object`.
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
                let (this, key) = (Lent::new(this), Lent::new(key));
                let py = Python::assume_attached();
                let found = item::<F>()(py, Instance::from_ref(&this), &key);
                give_number(py, found.map(c_int::from))
            }
        }
        self.slot(ffi::Py_sq_contains, contains::<P, F> as *mut c_void);
        self
    }

    /// Gives the type its comparisons. The other side can be anything.
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
                let (this, other) = (Lent::new(this), Lent::new(other));
                let py = Python::assume_attached();
                let this = Instance::from_ref(&this);
                give(py, item::<F>()(py, this, &other, operator))
            }
        }
        self.slot(ffi::Py_tp_richcompare, compare::<P, F> as *mut c_void);
        self
    }

    /// Adds an attribute that `get` gives and nobody sets.
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
            // SAFETY: S1, S2: `unary` asks for no more than this gets.
            unsafe { unary::<P, F>(this) }
        }
        self.attributes.push(ffi::PyGetSetDef {
            name: name.as_ptr(),
            get: Some(get::<P, F>),
            ..Default::default()
        });
        self
    }

    /// Adds an attribute that `get` gives, and that refuses to be set as a
    /// field of a C structure does.
    pub fn field<F>(self, name: &'static CStr, get: F) -> Self
    where
        F: Fn(Python<'_>, &Instance<P>) -> Result<Object, Raised> + Copy,
    {
        unsafe extern "C" fn refuse(
            _: *mut ffi::PyObject,
            _: *mut ffi::PyObject,
            _: *mut c_void,
        ) -> c_int {
            // SAFETY: S1.
            let py = unsafe { Python::assume_attached() };
            let refusal = Raised::text(py, AttributeError, "readonly attribute");
            give_number(py, Err(refusal))
        }
        let mut class = self.attribute(name, get);
        if let Some(attribute) = class.attributes.last_mut() {
            attribute.set = Some(refuse);
        }
        class
    }
}

unsafe extern "C" fn unary<P, F>(this: *mut ffi::PyObject) -> *mut ffi::PyObject
where
    P: Payload,
    F: Fn(Python<'_>, &Instance<P>) -> Result<Object, Raised> + Copy,
{
    // SAFETY: S1, S2, S5.
    unsafe {
        let (this, py) = (Lent::new(this), Python::assume_attached());
        give(py, item::<F>()(py, Instance::from_ref(&this)))
    }
}

unsafe extern "C" fn number<P, F>(this: *mut ffi::PyObject) -> isize
where
    P: Payload,
    F: Fn(Python<'_>, &Instance<P>) -> Result<isize, Raised> + Copy,
{
    // SAFETY: S1, S2, S5.
    unsafe {
        let (this, py) = (Lent::new(this), Python::assume_attached());
        give_number(py, item::<F>()(py, Instance::from_ref(&this)))
    }
}
