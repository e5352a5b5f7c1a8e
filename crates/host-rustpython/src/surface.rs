//! Creates methods and functions from the library's table of `_contextvars`.
//!
//! RustPython converts a method's receiver to a `PyRef<T>` by reading the bases of its type,
//! behind a lock. Two threads that call a method of one type write to that lock, and wait for
//! each other's cache. The object itself also tells its type, so receivers are downcast here
//! without the lock.

use crate::host::RustPython;
use crate::iter;
use crate::thread::{self, Number};
use module::{Body, Class, Constructor, Contextvars, Function, Method, Row};
use pyobj::Arity;
use rustpython_vm::builtins::{PyGenericAlias, PyType, PyTypeRef};
use rustpython_vm::function::{Callee, FuncArgs, PyMethodDef, PyMethodFlags, PyNativeFn};
use rustpython_vm::{Py, PyObjectRef, PyPayload, PyRef, PyResult, VirtualMachine};

/// The content of the module.
pub const TABLE: Contextvars<RustPython> = module::contextvars();

/// A type whose instances have methods of the table.
pub trait Receiver: PyPayload {
    /// Called before each call of a method of the object, with the calling thread.
    #[inline]
    fn called_by(_: &Py<Self>, _: Number) {}
}

/// Adds the constants, getters and methods of `table` to a type. Called once in a process.
pub fn fill<T: Receiver>(
    vm: &VirtualMachine,
    class: &'static Py<PyType>,
    table: &'static Class<RustPython, PyRef<T>>,
) {
    for constant in table.constants {
        class.set_attr(vm.ctx.intern_str(constant.name), (constant.get)(vm));
    }
    for getter in table.getters {
        let get = |this: PyObjectRef, vm: &VirtualMachine| -> PyResult {
            Ok((getter.get)(vm, &this.try_downcast(vm)?))
        };
        let getset = vm.ctx.new_readonly_getset(getter.name, class, get);
        class.set_attr(vm.ctx.intern_str(getter.name), getset.into());
    }
    let methods = table.methods.iter().map(|row| method(table.name, row));
    class.extend_methods(methods.collect::<Vec<_>>().leak(), &vm.ctx);
}

/// Calls a constructor of the table.
///
/// # Errors
///
/// The error of the constructor.
pub fn construct(new: Constructor<RustPython>, args: &FuncArgs, vm: &VirtualMachine) -> PyResult {
    let names: Vec<_> = args
        .kwargs
        .keys()
        .map(|name| name.to_string_lossy())
        .collect();
    let names = names.iter().map(|name| &**name);
    let keywords: Vec<_> = names.zip(args.kwargs.values()).collect();
    new(vm, &args.args, &keywords)
}

/// Creates the module's functions.
pub fn functions() -> &'static [PyMethodDef] {
    let function = |row: &'static Function<RustPython>| {
        let call = |vm: &VirtualMachine, args: FuncArgs, _: Callee| {
            let named = !args.kwargs.is_empty();
            row.check::<RustPython>(vm, TABLE.name, args.args.len(), named)?;
            thread::with(vm, |thread| (row.body)(vm, thread, &args.args))?
        };
        definition(row, PyMethodFlags::EMPTY, call)
    };
    let functions = TABLE.functions.iter().map(function);
    functions.collect::<Vec<_>>().leak()
}

fn method<T: Receiver>(
    owner: &'static str,
    row: &'static Method<RustPython, PyRef<T>>,
) -> PyMethodDef {
    let call = move |vm: &VirtualMachine, mut args: FuncArgs, _: Callee| {
        if args.args.is_empty() {
            let text = format!("unbound method {owner}.{}() needs an argument", row.name);
            return Err(vm.new_type_error(text));
        }
        let this = args.args.remove(0);
        row.check::<RustPython>(vm, owner, args.args.len(), !args.kwargs.is_empty())?;
        if let Body::Alias = row.body {
            let class: PyTypeRef = this.try_downcast(vm)?;
            let alias = PyGenericAlias::from_args(class, args.args.remove(0), vm)?;
            return Ok(alias.into_ref(&vm.ctx).into());
        }
        let this: PyRef<T> = this.try_downcast(vm)?;
        thread::with_numbered(vm, |thread, number| {
            T::called_by(&this, number);
            match row.body {
                Body::Positional(body) => body(vm, thread, &this, &args.args),
                Body::Call(body) => {
                    let callable = (!args.args.is_empty()).then(|| args.args.remove(0));
                    let call = callable.as_ref().map(|callable| (callable, args));
                    body(vm, thread, &this, call)
                }
                Body::Iterate(body) => Ok(iter::over(vm, body(&this))),
                Body::Alias => Ok(vm.ctx.none()),
            }
        })?
    };
    let kind = match row.body {
        Body::Alias => PyMethodFlags::CLASS,
        _ => PyMethodFlags::METHOD,
    };
    definition(row, kind, call)
}

/// Creates the definition of a function or method. It is leaked: the types, too, live as long as
/// the process. The flags declare the calling convention, with which the interpreter calls faster.
fn definition<B>(row: &'static Row<B>, kind: PyMethodFlags, call: impl PyNativeFn) -> PyMethodDef {
    let convention = match row.arity {
        Arity::None => PyMethodFlags::NOARGS,
        Arity::One => PyMethodFlags::O,
        Arity::Positional { .. } => PyMethodFlags::FASTCALL,
        Arity::Variadic => PyMethodFlags::FASTCALL | PyMethodFlags::KEYWORDS,
    };
    PyMethodDef {
        name: row.name,
        func: Box::leak(Box::new(call)),
        flags: kind | convention,
        doc: (!row.doc.is_empty()).then_some(row.doc),
    }
}
