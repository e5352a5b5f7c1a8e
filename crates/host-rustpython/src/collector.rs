//! The references that each object shows RustPython's collector.
//!
//! The contract of [`Traverse`]: an object shows each reference that it owns at most once and
//! clones none; `clear` moves its references out.
//!
//! 1. The library's cells show each reference that they own once. Shared bindings are shown as
//!    the objects that represent them (`nodes`). The cells clone nothing and wait for nothing.
//! 2. A context is cleared by dropping its bindings. Handles of the dropped objects are pushed
//!    to `out` first, so that no user code runs inside the collector.
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

/// Implements `Traverse` for an object by visiting its cell.
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
