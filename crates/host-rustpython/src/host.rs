//! RustPython as a host: the operations on its objects.

use pyobj::{Argument, ExceptionKind, Failure, Host};
use rustpython_vm::builtins::{PyBaseExceptionRef, PyStr, PyTypeRef};
use rustpython_vm::function::FuncArgs;
use rustpython_vm::{AsObject, PyObjectRef, VirtualMachine};

/// The marker type of RustPython as a host.
#[derive(Debug)]
pub enum RustPython {}

impl Host for RustPython {
    type Vm<'a> = &'a VirtualMachine;
    type Value = PyObjectRef;
    type Error = PyBaseExceptionRef;
    type Args<'a> = FuncArgs;

    fn clone_value(_: &VirtualMachine, value: &PyObjectRef) -> PyObjectRef {
        value.clone()
    }

    fn is(a: &PyObjectRef, b: &PyObjectRef) -> bool {
        a.is(b)
    }

    fn address(value: &PyObjectRef) -> usize {
        value.get_id()
    }

    fn none(vm: &VirtualMachine) -> PyObjectRef {
        vm.ctx.none()
    }

    fn is_str(_: &VirtualMachine, value: &PyObjectRef) -> bool {
        value.downcast_ref::<PyStr>().is_some()
    }

    fn repr(vm: &VirtualMachine, value: &PyObjectRef) -> Result<String, PyBaseExceptionRef> {
        // A lone surrogate becomes a replacement character.
        Ok(value.repr(vm)?.as_wtf8().to_string_lossy().into_owned())
    }

    fn hash(vm: &VirtualMachine, value: &PyObjectRef) -> Result<i64, PyBaseExceptionRef> {
        value.hash(vm)
    }

    fn eq(
        vm: &VirtualMachine,
        left: &PyObjectRef,
        right: &PyObjectRef,
    ) -> Result<bool, PyBaseExceptionRef> {
        vm.bool_eq(left, right)
    }

    fn call(
        vm: &VirtualMachine,
        callable: &PyObjectRef,
        args: FuncArgs,
    ) -> Result<PyObjectRef, PyBaseExceptionRef> {
        callable.call(args, vm)
    }

    fn raise(vm: &VirtualMachine, failure: Failure<Self>) -> PyBaseExceptionRef {
        let argument = match failure.argument {
            Argument::Text(text) => vm.ctx.new_str(text).into(),
            Argument::Object(object) => object,
        };
        vm.new_exception(class(vm, failure.kind), vec![argument])
    }

    fn unraisable(vm: &VirtualMachine, error: PyBaseExceptionRef, message: &str) {
        vm.run_unraisable(error, Some(message.to_owned()), vm.ctx.none());
    }
}

/// Returns the type of an exception.
fn class(vm: &VirtualMachine, kind: ExceptionKind) -> PyTypeRef {
    let types = &vm.ctx.exceptions;
    let class = match kind {
        ExceptionKind::AttributeError => types.attribute_error,
        ExceptionKind::ImportError => types.import_error,
        ExceptionKind::KeyError => types.key_error,
        ExceptionKind::LookupError => types.lookup_error,
        ExceptionKind::ModuleNotFoundError => types.module_not_found_error,
        ExceptionKind::RuntimeError => types.runtime_error,
        ExceptionKind::TypeError => types.type_error,
        ExceptionKind::ValueError => types.value_error,
        // This version of the library raises no other.
        _ => types.system_error,
    };
    class.to_owned()
}
