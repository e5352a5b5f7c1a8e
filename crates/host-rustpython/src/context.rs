//! The type `Context`.

use crate::host::RustPython;
use crate::iter;
use crate::surface::{self, Receiver, TABLE};
use contextvars::host::{ContextCell, IterCell, IterKind};
use rustpython_vm::builtins::PyTypeRef;
use rustpython_vm::common::lock::LazyLock;
use rustpython_vm::function::{FuncArgs, PyComparisonValue};
use rustpython_vm::protocol::{PyMappingMethods, PySequenceMethods};
use rustpython_vm::types::{AsMapping, AsSequence, Comparable, Iterable, PyComparisonOp};
use rustpython_vm::{
    Py, PyObject, PyPayload, PyRef, PyResult, VirtualMachine, atomic_func, pyclass,
};
use std::fmt;

/// A context object.
#[pyclass(
    module = "_contextvars",
    name = "Context",
    unhashable = true,
    traverse = "manual"
)]
#[derive(PyPayload)]
pub struct Context(ContextCell<RustPython>);

impl Context {
    pub(crate) fn new(_: &VirtualMachine, cell: ContextCell<RustPython>) -> Self {
        Context(cell)
    }

    pub(crate) fn cell(&self) -> &ContextCell<RustPython> {
        &self.0
    }

    fn item(&self, key: &PyObject, vm: &VirtualMachine) -> PyResult {
        let item = self.0.get_item(vm, &key.to_owned());
        item.map_err(|error| error.raise(vm))
    }

    fn contains(&self, key: &PyObject, vm: &VirtualMachine) -> PyResult<bool> {
        let found = self.0.contains(vm, &key.to_owned());
        found.map_err(|error| error.raise(vm))
    }
}

#[pyclass(
    flags(IMMUTABLETYPE, HAS_WEAKREF),
    with(AsMapping, AsSequence, Comparable, Iterable)
)]
impl Context {
    #[pyslot]
    fn slot_new(_: PyTypeRef, args: FuncArgs, vm: &VirtualMachine) -> PyResult {
        surface::construct(TABLE.context.new, &args, vm)
    }
}

impl Receiver for Context {}

impl AsMapping for Context {
    fn as_mapping() -> &'static PyMappingMethods {
        static METHODS: PyMappingMethods = PyMappingMethods {
            length: atomic_func!(|this, _| Ok(Context::mapping_downcast(this).0.len())),
            subscript: atomic_func!(|this, key, vm| Context::mapping_downcast(this).item(key, vm)),
            ass_subscript: None,
        };
        &METHODS
    }
}

impl AsSequence for Context {
    fn as_sequence() -> &'static PySequenceMethods {
        static METHODS: LazyLock<PySequenceMethods> = LazyLock::new(|| PySequenceMethods {
            contains: atomic_func!(|this, key, vm| {
                Context::sequence_downcast(this).contains(key, vm)
            }),
            ..PySequenceMethods::NOT_IMPLEMENTED
        });
        &METHODS
    }
}

impl Iterable for Context {
    fn iter(zelf: PyRef<Self>, vm: &VirtualMachine) -> PyResult {
        Ok(iter::over(vm, IterCell::new(IterKind::Keys, &zelf.0)))
    }
}

impl Comparable for Context {
    fn cmp(
        zelf: &Py<Self>,
        other: &PyObject,
        operator: PyComparisonOp,
        vm: &VirtualMachine,
    ) -> PyResult<PyComparisonValue> {
        let Some(other) = other.downcast_ref::<Self>() else {
            return Ok(PyComparisonValue::NotImplemented);
        };
        operator.eq_only(|| Ok(zelf.0.eq(vm, &other.0)?.into()))
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Context")
    }
}
