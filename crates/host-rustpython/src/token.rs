//! `Token`, and `Token.MISSING`.

use crate::host::RustPython;
use crate::receiver::Receiver;
use crate::thread;
use crate::var::ContextVar;
use contextvars::host::TokenCell;
use rustpython_vm::builtins::{PyGenericAlias, PyType, PyTypeRef};
use rustpython_vm::function::FuncArgs;
use rustpython_vm::types::{Constructor, Representable};
use rustpython_vm::{
    AsObject, Py, PyObjectRef, PyPayload, PyRef, PyResult, VirtualMachine, pyclass,
};
use std::fmt;
use std::sync::OnceLock;

/// A token object.
#[pyclass(
    module = "_contextvars",
    name = "Token",
    unhashable = true,
    traverse = "manual"
)]
#[derive(PyPayload)]
pub struct Token(TokenCell<RustPython>);

impl Token {
    pub(crate) fn new(cell: TokenCell<RustPython>) -> Self {
        Token(cell)
    }

    pub(crate) fn cell(&self) -> &TokenCell<RustPython> {
        &self.0
    }
}

#[pyclass(flags(IMMUTABLETYPE), with(Constructor, Representable))]
impl Token {
    #[pygetset]
    fn var(zelf: &Py<Self>) -> PyRef<ContextVar> {
        zelf.0.var().clone()
    }

    #[pygetset]
    fn old_value(zelf: &Py<Self>, vm: &VirtualMachine) -> PyObjectRef {
        zelf.0.old_value(vm)
    }

    #[pymethod]
    fn __enter__(zelf: Receiver<Self>) -> PyRef<Self> {
        zelf.into_inner()
    }

    #[pymethod]
    fn __exit__(
        zelf: Receiver<Self>,
        _type: PyObjectRef,
        _value: PyObjectRef,
        _traceback: PyObjectRef,
        vm: &VirtualMachine,
    ) -> PyResult<()> {
        let reset = thread::with(vm, |thread| TokenCell::exit(vm, thread, &zelf))?;
        reset.map_err(|error| error.raise(vm))
    }

    #[pyclassmethod]
    fn __class_getitem__(
        class: PyTypeRef,
        object: PyObjectRef,
        vm: &VirtualMachine,
    ) -> PyResult<PyGenericAlias> {
        PyGenericAlias::from_args(class, object, vm)
    }
}

impl Constructor for Token {
    type Args = FuncArgs;

    fn py_new(_: &Py<PyType>, _: FuncArgs, vm: &VirtualMachine) -> PyResult<Self> {
        Err(vm.new_runtime_error("Tokens can only be created by ContextVars"))
    }
}

impl Representable for Token {
    fn repr_str(zelf: &Py<Self>, vm: &VirtualMachine) -> PyResult<String> {
        zelf.0.repr(vm, zelf.get_id())
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
}

/// What `Token.MISSING` is.
#[pyclass(module = "Token", name = "MISSING")]
#[derive(Debug, PyPayload)]
pub(crate) struct Missing;

#[pyclass(flags(DISALLOW_INSTANTIATION, IMMUTABLETYPE), with(Representable))]
impl Missing {
    /// Gives the only one.
    pub(crate) fn of(vm: &VirtualMachine) -> PyObjectRef {
        static MISSING: OnceLock<PyObjectRef> = OnceLock::new();
        MISSING
            .get_or_init(|| Missing.into_ref(&vm.ctx).into())
            .clone()
    }
}

impl Representable for Missing {
    fn repr_str(_: &Py<Self>, _: &VirtualMachine) -> PyResult<String> {
        Ok("<Token.MISSING>".to_owned())
    }
}
