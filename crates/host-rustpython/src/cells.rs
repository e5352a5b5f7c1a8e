//! The handles of the three types to their cells, and the implementation of [`ContextHost`].

use crate::context::Context;
use crate::host::RustPython;
use crate::nodes::Anchored;
use crate::token::{Missing, Token};
use crate::var::ContextVar;
use contextvars::Event;
use contextvars::host::{ContextCell, ContextHost, TokenCell, VarCell};
use pyobj::{DirectHandle, Handle, Unallocated};
use rustpython_vm::builtins::PyBaseExceptionRef;
use rustpython_vm::{Py, PyObjectRef, PyPayload, PyRef, PyResult, VirtualMachine};
use std::sync::Arc;

/// A callback for context switches. Its last argument is the context that is now current,
/// or `None` if none is.
///
/// An error is reported as unraisable; the switch is not undone.
pub type Watcher =
    Arc<dyn Fn(&VirtualMachine, Event, Option<&Py<Context>>) -> PyResult<()> + Send + Sync>;

/// Implements the handles of a type, which lead to the cell in the object.
macro_rules! handle {
    ($object:ident, $cell:ty) => {
        impl Handle<RustPython> for PyRef<$object> {
            type Payload = $cell;

            fn allocate(
                vm: &VirtualMachine,
                cell: $cell,
            ) -> Result<Self, Unallocated<RustPython, $cell>> {
                Ok($object::new(vm, cell).into_ref(&vm.ctx))
            }

            fn with_payload<R>(&self, f: impl FnOnce(&$cell) -> R) -> R {
                f(self.cell())
            }

            fn clone_in(&self, _: &VirtualMachine) -> Self {
                self.clone()
            }

            fn to_value(&self, _: &VirtualMachine) -> PyObjectRef {
                self.clone().into()
            }

            fn into_value(self, _: &VirtualMachine) -> PyObjectRef {
                self.into()
            }

            fn from_value(_: &VirtualMachine, value: &PyObjectRef) -> Option<Self> {
                Some(value.downcast_ref::<$object>()?.to_owned())
            }
        }

        impl DirectHandle<RustPython> for PyRef<$object> {
            fn payload(&self) -> &$cell {
                self.cell()
            }
        }
    };
}

handle!(ContextVar, VarCell<RustPython>);
handle!(Context, ContextCell<RustPython>);
handle!(Token, TokenCell<RustPython>);

// SAFETY: a `PyRef` is a counted pointer to an object, which RustPython does not move. The
// cell is a part of the object, and `clone_in` increments the object's reference count. A
// bitwise copy of a handle is the same pointer. Cloning a value only increments a count.
#[expect(unsafe_code, reason = "the contract of `ContextHost`")]
unsafe impl ContextHost for RustPython {
    type Kind = Anchored;
    type Var = PyRef<ContextVar>;
    type Context = PyRef<Context>;
    type Token = PyRef<Token>;
    type Watcher = Watcher;

    const CLONES_RUN_NO_CODE: bool = true;

    fn missing(vm: &VirtualMachine) -> PyObjectRef {
        Missing::of(vm)
    }

    fn call_watcher(
        vm: &VirtualMachine,
        watcher: &Watcher,
        event: Event,
        current: Option<&PyRef<Context>>,
    ) -> Result<(), PyBaseExceptionRef> {
        watcher(vm, event, current.map(|context| &**context))
    }
}
