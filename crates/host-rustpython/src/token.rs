//! The type `Token`, and the object `Token.MISSING`.

use crate::host::RustPython;
use crate::surface::{self, Receiver, TABLE};
use contextvars::host::TokenCell;
use rustpython_vm::builtins::PyTypeRef;
use rustpython_vm::function::FuncArgs;
use rustpython_vm::types::Representable;
use rustpython_vm::{AsObject, Py, PyObjectRef, PyPayload, PyResult, VirtualMachine, pyclass};
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
    pub(crate) fn new(_: &VirtualMachine, cell: TokenCell<RustPython>) -> Self {
        Token(cell)
    }

    pub(crate) fn cell(&self) -> &TokenCell<RustPython> {
        &self.0
    }
}

#[pyclass(flags(IMMUTABLETYPE), with(Representable))]
impl Token {
    #[pyslot]
    fn slot_new(_: PyTypeRef, args: FuncArgs, vm: &VirtualMachine) -> PyResult {
        surface::construct(TABLE.token.new, &args, vm)
    }
}

impl Receiver for Token {}

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

/// The type of `Token.MISSING`.
#[pyclass(module = "Token", name = "MISSING")]
#[derive(Debug, PyPayload)]
pub(crate) struct Missing;

#[pyclass(flags(DISALLOW_INSTANTIATION, IMMUTABLETYPE), with(Representable))]
impl Missing {
    /// Returns the only instance.
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
