//! The type `ContextVar`.

use crate::host::RustPython;
use crate::immortal::Creator;
use crate::surface::{self, Receiver, TABLE};
use crate::thread::Number;
use contextvars::host::VarCell;
use rustpython_vm::builtins::PyTypeRef;
use rustpython_vm::common::hash::PyHash;
use rustpython_vm::function::FuncArgs;
use rustpython_vm::types::{Hashable, Representable};
use rustpython_vm::{AsObject, Py, PyPayload, PyResult, VirtualMachine, pyclass};
use std::fmt;

/// A variable object.
#[pyclass(module = "_contextvars", name = "ContextVar", traverse = "manual")]
#[derive(PyPayload)]
pub struct ContextVar {
    cell: VarCell<RustPython>,
    creator: Creator,
}

impl ContextVar {
    pub(crate) fn new(vm: &VirtualMachine, cell: VarCell<RustPython>) -> Self {
        let creator = Creator::current(vm);
        ContextVar { cell, creator }
    }

    pub(crate) fn cell(&self) -> &VarCell<RustPython> {
        &self.cell
    }
}

#[pyclass(flags(IMMUTABLETYPE), with(Hashable, Representable))]
impl ContextVar {
    #[pyslot]
    fn slot_new(_: PyTypeRef, args: FuncArgs, vm: &VirtualMachine) -> PyResult {
        surface::construct(TABLE.context_var.new, &args, vm)
    }
}

impl Receiver for ContextVar {
    #[inline]
    fn called_by(this: &Py<Self>, number: Number) {
        this.creator.used_by(number, this.as_object());
    }
}

impl Hashable for ContextVar {
    fn hash(zelf: &Py<Self>, _: &VirtualMachine) -> PyResult<PyHash> {
        Ok(zelf.cell.hash(zelf.get_id()))
    }
}

impl Representable for ContextVar {
    fn repr_str(zelf: &Py<Self>, vm: &VirtualMachine) -> PyResult<String> {
        zelf.cell.repr(vm, zelf.get_id())
    }
}

impl fmt::Debug for ContextVar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ContextVar")
    }
}
