//! `Context`.

use crate::host::RustPython;
use crate::iter;
use crate::receiver::Receiver;
use crate::thread;
use contextvars::host::{ContextCell, IterKind};
use rustpython_vm::builtins::{PyType, PyTypeRef};
use rustpython_vm::common::lock::LazyLock;
use rustpython_vm::function::{FuncArgs, OptionalArg, PyComparisonValue};
use rustpython_vm::protocol::{PyMappingMethods, PySequenceMethods};
use rustpython_vm::types::{
    AsMapping, AsSequence, Comparable, Constructor, Iterable, PyComparisonOp,
};
use rustpython_vm::{
    Py, PyObject, PyObjectRef, PyPayload, PyRef, PyResult, VirtualMachine, atomic_func, pyclass,
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
    pub(crate) fn new(cell: ContextCell<RustPython>) -> Self {
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
    with(AsMapping, AsSequence, Comparable, Constructor, Iterable)
)]
impl Context {
    #[pymethod]
    fn run(zelf: Receiver<Self>, mut args: FuncArgs, vm: &VirtualMachine) -> PyResult {
        if args.args.is_empty() {
            return Err(vm.new_type_error("run() missing 1 required positional argument"));
        }
        let callable = args.args.remove(0);
        let result = thread::with(vm, |thread| {
            ContextCell::call(vm, thread, &zelf, &callable, args)
        })?;
        result.map_err(|error| error.raise(vm))
    }

    #[pymethod]
    fn copy(zelf: Receiver<Self>) -> Self {
        Context(zelf.0.copy())
    }

    #[pymethod]
    fn get(
        zelf: Receiver<Self>,
        key: PyObjectRef,
        default: OptionalArg<PyObjectRef>,
        vm: &VirtualMachine,
    ) -> PyResult {
        let value = zelf.0.get(vm, &key).map_err(|error| error.raise(vm))?;
        Ok(value.unwrap_or_else(|| default.unwrap_or_none(vm)))
    }

    #[pymethod]
    fn keys(zelf: Receiver<Self>, vm: &VirtualMachine) -> PyObjectRef {
        iter::over(vm, &zelf.0, IterKind::Keys)
    }

    #[pymethod]
    fn values(zelf: Receiver<Self>, vm: &VirtualMachine) -> PyObjectRef {
        iter::over(vm, &zelf.0, IterKind::Values)
    }

    #[pymethod]
    fn items(zelf: Receiver<Self>, vm: &VirtualMachine) -> PyObjectRef {
        iter::over(vm, &zelf.0, IterKind::Items)
    }
}

impl Constructor for Context {
    type Args = FuncArgs;

    fn slot_new(class: PyTypeRef, args: FuncArgs, vm: &VirtualMachine) -> PyResult {
        let context = Self::py_new(&class, args, vm)?;
        context.into_ref_with_type(vm, class).map(Into::into)
    }

    fn py_new(_: &Py<PyType>, args: FuncArgs, vm: &VirtualMachine) -> PyResult<Self> {
        if args.args.is_empty() && args.kwargs.is_empty() {
            Ok(Context(ContextCell::new()))
        } else {
            Err(vm.new_type_error("Context() does not accept any arguments"))
        }
    }
}

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
        Ok(iter::over(vm, &zelf.0, IterKind::Keys))
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
