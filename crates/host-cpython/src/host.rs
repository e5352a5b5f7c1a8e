//! [`pyobj::Host`] for CPython: the operations on its objects.

#![forbid(unsafe_code)]

use crate::ffi::{Arguments, Object, Raised};
use pyo3::Python;
use pyobj::{Argument, Failure, Host};

/// CPython.
pub enum CPython {}

impl Host for CPython {
    type Vm<'a> = Python<'a>;
    type Value = Object;
    type Error = Raised;
    type Args<'a> = Arguments<'a>;

    fn clone_value(py: Python<'_>, value: &Object) -> Object {
        value.clone_ref(py)
    }

    fn is(a: &Object, b: &Object) -> bool {
        a.is(b)
    }

    fn address(value: &Object) -> usize {
        value.address()
    }

    fn none(py: Python<'_>) -> Object {
        Object::none(py)
    }

    fn is_str(py: Python<'_>, value: &Object) -> bool {
        value.is_text(py)
    }

    fn repr(py: Python<'_>, value: &Object) -> Result<String, Raised> {
        value.repr(py)?.text(py)
    }

    fn hash(py: Python<'_>, value: &Object) -> Result<i64, Raised> {
        Ok(value.hash(py)? as i64)
    }

    fn eq(py: Python<'_>, left: &Object, right: &Object) -> Result<bool, Raised> {
        left.equals(py, right)
    }

    fn call(py: Python<'_>, callable: &Object, arguments: Arguments<'_>) -> Result<Object, Raised> {
        arguments.call(py, callable)
    }

    fn raise(py: Python<'_>, failure: Failure<Self>) -> Raised {
        match failure.argument {
            Argument::Text(text) => Raised::text(py, failure.kind, &text),
            Argument::Object(object) => Raised::new(py, failure.kind, &object),
        }
    }

    fn unraisable(py: Python<'_>, error: Raised, message: &str) {
        error.ignore(py, message);
    }
}
