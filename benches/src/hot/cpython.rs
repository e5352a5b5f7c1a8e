//! CPython's context variables, through its C API.
//!
//! The `unsafe` code relies on the rules S1 and S2 of `crate::cpython`.

use std::ffi::c_int;
use std::ptr;

use instructions::library::Library;
use pyo3::ffi;
use pyo3::prelude::*;

use crate::cpython::{Object, int, taken};

/// CPython, with values of one kind.
pub struct Python {
    /// `true` if the values are reference-counted.
    pub counted: bool,
}

fn succeeded(result: c_int) {
    assert!(result >= 0, "the call raises nothing");
}

/// Returns the value of a variable in the current context, or else `default`.
fn lookup(var: &Object, default: Option<&Object>) -> Option<Object> {
    let default = default.map_or(ptr::null_mut(), Bound::as_ptr);
    let mut value = ptr::null_mut();
    // SAFETY: S1, S2. A found value is a new reference. Null is no failure here: the call's result
    // says if it raised.
    unsafe {
        succeeded(ffi::PyContextVar_Get(var.as_ptr(), default, &raw mut value));
        (!value.is_null()).then(|| taken(value))
    }
}

impl Library for Python {
    type Value = Object;
    type Var = Object;
    type Context = Object;
    type Token = Object;

    fn value(&self, number: u64) -> Object {
        int(number, self.counted)
    }

    fn word(value: &Object) -> u64 {
        value.as_ptr().addr() as u64
    }

    fn variable(&self) -> Object {
        // SAFETY: S1, S2; null means no default.
        unsafe { taken(ffi::PyContextVar_New(c"request".as_ptr(), ptr::null_mut())) }
    }

    fn context(&self) -> Object {
        // SAFETY: S1, S2.
        unsafe { taken(ffi::PyContext_New()) }
    }

    fn copy_current(&self) -> Object {
        // SAFETY: S1, S2.
        unsafe { taken(ffi::PyContext_CopyCurrent()) }
    }

    /// The C API returns no borrowed reference: a new one is returned and dropped.
    fn read(&self, var: &Object, default: Option<&Object>) -> u64 {
        lookup(var, default).as_ref().map_or(0, Self::word)
    }

    fn get(&self, var: &Object) -> Option<Object> {
        lookup(var, None)
    }

    fn set(&self, var: &Object, value: &Object) -> Object {
        // SAFETY: S1, S2.
        unsafe { taken(ffi::PyContextVar_Set(var.as_ptr(), value.as_ptr())) }
    }

    fn reset(&self, var: &Object, token: Object) {
        // SAFETY: S1, S2.
        succeeded(unsafe { ffi::PyContextVar_Reset(var.as_ptr(), token.as_ptr()) });
    }

    fn run(&self, context: &Object, body: impl FnOnce()) {
        // SAFETY: S1, S2.
        succeeded(unsafe { ffi::PyContext_Enter(context.as_ptr()) });
        body();
        // SAFETY: S1, S2.
        succeeded(unsafe { ffi::PyContext_Exit(context.as_ptr()) });
    }

    fn item(&self, context: &Object, var: &Object) -> Option<Object> {
        context.get_item(var).ok()
    }

    fn sum(&self, context: &Object) -> u64 {
        let values = context.call_method0("values").expect("it has values");
        let values = values.try_iter().expect("they can be iterated over");
        let words = values.map(|value| Self::word(&value.expect("it goes on")));
        words.fold(0, u64::wrapping_add)
    }
}
