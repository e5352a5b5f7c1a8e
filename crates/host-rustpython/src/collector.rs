//! What each object shows RustPython's collector.
//!
//! The contract of [`Traverse`] is that an object shows each reference that it owns once
//! at most, clones none of them, and takes out what it owns when it is cleared.
//!
//! 1. The library's cells show what they alone own, each once, and pass by what other
//!    versions of a context share; they clone nothing and wait for nothing
//!    (`contextvars::host`, on collectors).
//! 2. A context is cleared by dropping its bindings; that nothing of a user's runs
//!    inside of the collector for it, handles of what goes are given out first.
#![allow(unsafe_code)]

use crate::context::Context;
use crate::host::RustPython;
use crate::iter::{Items, Keys, Values};
use crate::token::Token;
use crate::var::ContextVar;
use contextvars::host::Reference;
use rustpython_vm::object::{Traverse, TraverseFn};
use rustpython_vm::{AsObject, PyObject, PyObjectRef};

fn object<'a>(reference: &'a Reference<'a, RustPython>) -> &'a PyObject {
    match reference {
        Reference::Value(value) => value,
        Reference::Var(var) => var.as_object(),
        Reference::Context(context) => context.as_object(),
    }
}

/// Shows what the cell in an object shows.
macro_rules! traverse {
    ($object:ident $(, $clear:item)?) => {
        // SAFETY: 1, 2.
        unsafe impl Traverse for $object {
            fn traverse(&self, show: &mut TraverseFn<'_>) {
                self.cell().visit(&mut |reference| show(object(&reference)));
            }

            $($clear)?
        }
    };
}

traverse!(ContextVar);
traverse!(Token);
traverse!(Keys);
traverse!(Values);
traverse!(Items);
traverse!(
    Context,
    fn clear(&mut self, out: &mut Vec<PyObjectRef>) {
        self.cell()
            .visit(&mut |reference| out.push(object(&reference).to_owned()));
        self.cell().clear();
    }
);
