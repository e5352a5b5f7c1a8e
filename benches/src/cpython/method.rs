//! A method of a C type, called as C calls it.

use std::ffi::CStr;
use std::ptr;

use pyo3_ffi as ffi;

use super::{Object, Raised};

/// The C function behind a method: a call is a call, without a bound method or a lookup.
///
/// Where the function takes a tuple, it is the same one each time, with other items: cheaper than
/// any caller in Python can be.
pub struct Method<'py> {
    function: ffi::PyCFunction,
    /// The type it was found on, held so that no other can take its address.
    class: Object<'py>,
    arguments: Arguments<'py>,
}

enum Arguments<'py> {
    /// One argument, as it is.
    One,
    /// A tuple of two, empty between calls.
    Pair(Object<'py>),
}

impl<'py> Method<'py> {
    /// Finds the method `name` of the type of `receiver`, which takes one argument, or two.
    ///
    /// # Errors
    ///
    /// When there is none, or it is not a C function that takes its arguments in such a way.
    pub fn of(receiver: &Object<'py>, name: &CStr, arguments: usize) -> Result<Self, Raised> {
        let bound = receiver.attribute(name)?;
        let refused = || {
            Raised(format!(
                "{} is no C function of this form",
                name.to_string_lossy()
            ))
        };
        // SAFETY: S1, S2; that it is a C function is asked first, as the others demand.
        let (function, flags) = unsafe {
            if ffi::PyCFunction_CheckExact(bound.as_ptr()) == 0
                || ffi::PyCFunction_GetSelf(bound.as_ptr()) != receiver.as_ptr()
            {
                return Err(refused());
            }
            let function = ffi::PyCFunction_GetFunction(bound.as_ptr());
            (function, ffi::PyCFunction_GetFlags(bound.as_ptr()))
        };
        let arguments = match (flags, arguments) {
            (ffi::METH_O, 1) => Arguments::One,
            (ffi::METH_VARARGS, 2) => {
                // SAFETY: S1, S3.
                let tuple = unsafe { Object::taken(ffi::PyTuple_New(2)) };
                Arguments::Pair(tuple?)
            }
            _ => return Err(refused()),
        };
        // SAFETY: S1, S2, S3.
        let class = unsafe { Object::taken(ffi::PyObject_Type(receiver.as_ptr())) };
        Ok(Method {
            function: function.ok_or_else(refused)?,
            class: class?,
            arguments,
        })
    }

    /// Calls it with one argument.
    ///
    /// # Errors
    ///
    /// What it raises.
    ///
    /// # Panics
    ///
    /// If `receiver` is of another type, or the method takes two.
    #[inline]
    pub fn call(
        &self,
        receiver: &Object<'py>,
        argument: &Object<'py>,
    ) -> Result<Object<'py>, Raised> {
        assert!(matches!(self.arguments, Arguments::One), "it takes two");
        self.check(receiver);
        // SAFETY: S1, S2, S3; the function gets what it expects.
        unsafe { Object::taken((self.function)(receiver.as_ptr(), argument.as_ptr())) }
    }

    /// Calls it with two arguments.
    ///
    /// # Errors
    ///
    /// What it raises.
    ///
    /// # Panics
    ///
    /// If `receiver` is of another type, the method takes one, or it has kept its tuple.
    #[inline]
    pub fn call_with_two(
        &mut self,
        receiver: &Object<'py>,
        first: &Object<'py>,
        second: &Object<'py>,
    ) -> Result<Object<'py>, Raised> {
        let Arguments::Pair(tuple) = &self.arguments else {
            panic!("it takes one");
        };
        self.check(receiver);
        let tuple = tuple.as_ptr();
        // SAFETY: S1, S2, S3; the function gets what it expects. The tuple is ours alone, so its
        // items may change. They are lent to it for the call and taken back before anybody can let
        // go of them: that nobody else has come to hold the tuple meanwhile is checked.
        unsafe {
            ffi::PyTuple_SET_ITEM(tuple, 0, first.as_ptr());
            ffi::PyTuple_SET_ITEM(tuple, 1, second.as_ptr());
            let result = (self.function)(receiver.as_ptr(), tuple);
            ffi::PyTuple_SET_ITEM(tuple, 0, ptr::null_mut());
            ffi::PyTuple_SET_ITEM(tuple, 1, ptr::null_mut());
            assert!(ffi::Py_REFCNT(tuple) == 1, "it has kept its arguments");
            Object::taken(result)
        }
    }

    /// The function takes a receiver of the type that it was found on for granted.
    #[inline]
    fn check(&self, receiver: &Object<'py>) {
        // SAFETY: S2.
        let class = unsafe { ffi::Py_TYPE(receiver.as_ptr()) };
        assert!(
            class.cast() == self.class.as_ptr(),
            "it belongs to another type"
        );
    }
}
