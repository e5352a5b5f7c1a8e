//! The types of the iterators that `keys`, `values` and `items` of a context return.

use crate::host::RustPython;
use contextvars::host::{IterCell, IterKind};
use rustpython_vm::class::PyClassImpl;
use rustpython_vm::common::lock::LazyLock;
use rustpython_vm::protocol::{PyIterReturn, PySequenceMethods};
use rustpython_vm::types::{AsSequence, IterNext, Iterable, SelfIter};
use rustpython_vm::{Py, PyObjectRef, PyPayload, PyResult, VirtualMachine, atomic_func, pyclass};
use std::fmt;

/// Creates the types.
pub fn make_types() {
    let _ = Keys::make_static_type();
    let _ = Values::make_static_type();
    let _ = Items::make_static_type();
}

/// Creates the iterator object of a cell.
pub fn over(vm: &VirtualMachine, cell: IterCell<RustPython>) -> PyObjectRef {
    match cell.kind() {
        IterKind::Keys => Keys(cell).into_ref(&vm.ctx).into(),
        IterKind::Values => Values(cell).into_ref(&vm.ctx).into(),
        IterKind::Items => Items(cell).into_ref(&vm.ctx).into(),
    }
}

fn next(cell: &IterCell<RustPython>, vm: &VirtualMachine) -> PyIterReturn {
    let Some(entry) = cell.next() else {
        return PyIterReturn::StopIteration(None);
    };
    let var = || PyObjectRef::from(entry.key().var().clone());
    let value = || PyObjectRef::clone(entry.value());
    PyIterReturn::Return(match cell.kind() {
        IterKind::Keys => var(),
        IterKind::Values => value(),
        IterKind::Items => vm.ctx.new_tuple(vec![var(), value()]).into(),
    })
}

/// Defines one of the types.
macro_rules! iterator {
    ($name:ident, $python:literal) => {
        #[pyclass(module = "builtins", name = $python, traverse = "manual")]
        #[derive(PyPayload)]
        pub(crate) struct $name(IterCell<RustPython>);

        impl $name {
            pub(crate) fn cell(&self) -> &IterCell<RustPython> {
                &self.0
            }
        }

        #[pyclass(
            flags(DISALLOW_INSTANTIATION, IMMUTABLETYPE),
            with(AsSequence, IterNext, Iterable)
        )]
        impl $name {}

        impl SelfIter for $name {}

        impl IterNext for $name {
            fn next(zelf: &Py<Self>, vm: &VirtualMachine) -> PyResult<PyIterReturn> {
                Ok(next(&zelf.0, vm))
            }
        }

        impl AsSequence for $name {
            fn as_sequence() -> &'static PySequenceMethods {
                static METHODS: LazyLock<PySequenceMethods> = LazyLock::new(|| PySequenceMethods {
                    length: atomic_func!(|this, _| Ok($name::sequence_downcast(this).0.len())),
                    ..PySequenceMethods::NOT_IMPLEMENTED
                });
                &METHODS
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str($python)
            }
        }
    };
}

iterator!(Keys, "keys");
iterator!(Values, "values");
iterator!(Items, "items");
