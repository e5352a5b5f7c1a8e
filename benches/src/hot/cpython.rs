//! CPython's context variables, through its C API.

use pyo3::prelude::*;

use super::library::Library;
use crate::cpython::{self as python, Object};

/// CPython, with values of one kind.
pub struct Python {
    /// Whether the values are counted.
    pub counted: bool,
}

impl Library for Python {
    type Value = Object;
    type Var = Object;
    type Context = Object;
    type Token = Object;

    fn value(&self, number: u64) -> Object {
        python::int(number, self.counted)
    }

    fn word(value: &Object) -> u64 {
        value.as_ptr().addr() as u64
    }

    fn variable(&self) -> Object {
        python::variable(c"request")
    }

    fn context(&self) -> Object {
        python::context()
    }

    fn copy_current(&self) -> Object {
        python::copy_current()
    }

    /// C code cannot borrow: it gets a count, which it gives back.
    fn read(&self, var: &Object, default: Option<&Object>) -> u64 {
        python::get(var, default).as_ref().map_or(0, Self::word)
    }

    fn get(&self, var: &Object) -> Option<Object> {
        python::get(var, None)
    }

    fn set(&self, var: &Object, value: &Object) -> Object {
        python::set(var, value)
    }

    fn reset(&self, var: &Object, token: Object) {
        python::reset(var, &token);
    }

    fn run(&self, context: &Object, body: impl FnOnce()) {
        python::enter(context);
        body();
        python::exit(context);
    }

    fn item(&self, context: &Object, var: &Object) -> Option<Object> {
        context.get_item(var).ok()
    }

    fn sum(&self, context: &Object) -> u64 {
        let values = context
            .call_method0("values")
            .and_then(|values| values.try_iter());
        let words = values
            .expect("it has values")
            .map(|value| Self::word(&value.expect("it goes on")));
        words.fold(0, u64::wrapping_add)
    }
}
