//! The module `_contextvars`.

use module::Inittab;
use rustpython_vm::InterpreterBuilder;
use rustpython_vm::builtins::PyModuleDef;
use std::convert::Infallible;

/// Puts our `_contextvars` in the place of RustPython's own: whatever is imported in the
/// interpreters that are built from here on uses ours.
///
/// The name and what makes it stand in an [`Inittab`], and go from there into RustPython's
/// table of native modules. After `init_stdlib`, since the last of a name counts.
#[must_use]
pub fn install(builder: InterpreterBuilder) -> InterpreterBuilder {
    let table = Inittab::<&'static PyModuleDef, Infallible>::new();
    let definition = _contextvars::module_def(&builder.ctx);
    // In a new table no name is taken, and this initialiser does not fail.
    let _ = table.append("_contextvars", move |_| Ok(definition));
    let modules: Vec<_> = table
        .names()
        .iter()
        .filter_map(|name| table.import(name).ok())
        .collect();
    builder.add_native_modules(&modules)
}

/// Context Variables
#[rustpython_vm::pymodule]
mod _contextvars {
    use crate::context::Context;
    use crate::iter;
    use crate::nodes;
    use crate::thread;
    use crate::token::{Missing, Token};
    use crate::var::ContextVar;
    use contextvars::host::ContextCell;
    use rustpython_vm::builtins::PyModule;
    use rustpython_vm::class::PyClassImpl;
    use rustpython_vm::{Py, PyRef, PyResult, VirtualMachine};

    #[pyfunction]
    fn copy_context(vm: &VirtualMachine) -> PyResult<PyRef<Context>> {
        thread::with(vm, |thread| ContextCell::copy_current(vm, thread))?
    }

    pub(crate) fn module_exec(vm: &VirtualMachine, module: &Py<PyModule>) -> PyResult<()> {
        __module_exec(vm, module);
        // Types have to be made before the first of their objects is.
        thread::make_type();
        nodes::make_type();
        iter::make_types();
        let _ = Missing::make_static_type();
        let token = Token::make_static_type();
        token.set_attr(vm.ctx.intern_str("MISSING"), Missing::of(vm));
        let context = Context::make_static_type();
        let mapping = vm.import("_collections_abc", 0)?.get_attr("Mapping", vm)?;
        vm.call_method(&mapping, "register", (context.clone(),))?;
        module.set_attr("Context", context, vm)?;
        module.set_attr("ContextVar", ContextVar::make_static_type(), vm)?;
        module.set_attr("Token", token, vm)
    }
}
