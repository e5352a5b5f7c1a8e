//! What each object shows RustPython's collector.
//!
//! The contract of [`Traverse`] is that an object shows each reference that it owns once
//! at most, clones none of them, and takes out what it owns when it is cleared.
//!
//! 1. The library's cells show each reference that they own, once: bindings that are shared by
//!    the objects that stand for them (`nodes`). They clone nothing and wait for nothing.
//! 2. A context is cleared by dropping its bindings; that nothing of a user's runs
//!    inside of the collector for it, handles of what goes are given out first.
#![allow(unsafe_code)]

use crate::context::Context;
use crate::host::RustPython;
use crate::iter::{Items, Keys, Values};
use crate::nodes::{Head, show_anchor};
use crate::token::Token;
use crate::var::ContextVar;
use contextvars::host::{Reference, Visitor};
use rustpython_vm::object::{Traverse, TraverseFn};
use rustpython_vm::{AsObject, PyObject, PyObjectRef};

/// Shows objects to the collector.
pub struct Show<'a, 'b>(pub &'a mut TraverseFn<'b>);

impl Visitor<RustPython> for Show<'_, '_> {
    fn reference(&mut self, reference: Reference<'_, RustPython>) {
        (self.0)(match reference {
            Reference::Value(value) => value,
            Reference::Var(var) => var.as_object(),
            Reference::Context(context) => context.as_object(),
        });
    }

    fn node(&mut self, head: &Head) -> bool {
        show_anchor(head, self.0)
    }
}

/// Shows what the cell in an object shows.
macro_rules! traverse {
    ($object:ident $(, $clear:item)?) => {
        // SAFETY: 1, 2.
        unsafe impl Traverse for $object {
            fn traverse(&self, show: &mut TraverseFn<'_>) {
                self.cell().visit(&mut Show(show));
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
        self.traverse(&mut |object: &PyObject| out.push(object.to_owned()));
        self.cell().clear();
    }
);
