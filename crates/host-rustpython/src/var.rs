//! `ContextVar`.

use crate::cells::Error;
use crate::home::Home;
use crate::host::RustPython;
use crate::receiver::Receiver;
use crate::thread;
use crate::token::Token;
use contextvars::engine;
use contextvars::host::VarCell;
use rustpython_vm::builtins::{PyGenericAlias, PyType, PyTypeRef};
use rustpython_vm::common::hash::PyHash;
use rustpython_vm::function::{FuncArgs, OptionalArg};
use rustpython_vm::types::{Constructor, Hashable, Representable};
use rustpython_vm::{
    AsObject, Py, PyObjectRef, PyPayload, PyRef, PyResult, VirtualMachine, pyclass,
};
use std::fmt;

/// A variable object.
#[pyclass(module = "_contextvars", name = "ContextVar", traverse = "manual")]
#[derive(PyPayload)]
pub struct ContextVar {
    cell: VarCell<RustPython>,
    home: Home,
}

impl ContextVar {
    pub(crate) fn new(cell: VarCell<RustPython>) -> Self {
        let home = Home::none();
        ContextVar { cell, home }
    }

    pub(crate) fn cell(&self) -> &VarCell<RustPython> {
        &self.cell
    }
}

#[pyclass(flags(IMMUTABLETYPE), with(Constructor, Hashable, Representable))]
impl ContextVar {
    #[pygetset]
    fn name(zelf: &Py<Self>) -> PyObjectRef {
        zelf.cell.name().clone()
    }

    #[pymethod]
    fn get(
        zelf: Receiver<Self>,
        default: OptionalArg<PyObjectRef>,
        vm: &VirtualMachine,
    ) -> PyResult {
        let key = zelf.cell.key();
        let found = thread::with_numbered(vm, |thread, number| {
            zelf.home.read_by(number, zelf.as_object());
            engine::lookup(thread, key, |value| value.cloned())
        })?;
        let found = found.or_else(|| default.into_option());
        match found.or_else(|| zelf.cell.default().cloned()) {
            Some(value) => Ok(value),
            None => Err(Error::Unset(zelf.into_inner()).raise(vm)),
        }
    }

    #[pymethod]
    fn set(
        zelf: Receiver<Self>,
        value: PyObjectRef,
        vm: &VirtualMachine,
    ) -> PyResult<PyRef<Token>> {
        let token = thread::with(vm, |thread| VarCell::set(vm, thread, &zelf, value))?;
        token.map_err(|error| error.raise(vm))
    }

    #[pymethod]
    fn reset(zelf: Receiver<Self>, token: PyObjectRef, vm: &VirtualMachine) -> PyResult<()> {
        let reset = match token.downcast::<Token>() {
            Ok(token) => thread::with(vm, |thread| VarCell::reset(vm, thread, &zelf, &token))?,
            Err(other) => Err(Error::TokenExpected(other)),
        };
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

impl Constructor for ContextVar {
    type Args = FuncArgs;

    fn py_new(_: &Py<PyType>, mut args: FuncArgs, vm: &VirtualMachine) -> PyResult<Self> {
        // In the order and words of CPython's argument parser.
        let (positional, named) = (args.args.len(), args.kwargs.len());
        if positional + named > 2 {
            return Err(vm.new_type_error(format!(
                "ContextVar() takes at most 2 arguments ({} given)",
                positional + named
            )));
        }
        if positional > 1 {
            return Err(vm.new_type_error(format!(
                "ContextVar() takes at most 1 positional argument ({positional} given)"
            )));
        }
        let Some(name) = args.args.pop() else {
            return Err(
                vm.new_type_error("ContextVar() takes exactly 1 positional argument (0 given)")
            );
        };
        let default = args.take_keyword("default");
        if let Some((unknown, _)) = args.kwargs.first() {
            return Err(vm.new_type_error(format!(
                "ContextVar() got an unexpected keyword argument '{unknown}'"
            )));
        }
        let cell = VarCell::new(vm, name, default).map_err(|error| error.raise(vm))?;
        let home = thread::with_numbered(vm, |_, number| Home::here(vm, number))?;
        Ok(ContextVar { cell, home })
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
