//! The module `_contextvars`.

use crate::context::Context;
use crate::iter;
use crate::nodes;
use crate::surface::{self, TABLE};
use crate::thread;
use crate::token::{Missing, Token};
use crate::var::ContextVar;
use rustpython_vm::builtins::{PyModule, PyModuleDef, PyModuleSlots};
use rustpython_vm::class::{PyClassImpl, StaticType};
use rustpython_vm::{InterpreterBuilder, Py, PyResult, VirtualMachine};
use std::sync::{Once, OnceLock};

/// Replaces RustPython's own `_contextvars` with this crate's, for all interpreters that the
/// returned builder builds.
///
/// Call it after `init_stdlib`: the last module added under a name is used.
#[must_use]
pub fn install(builder: InterpreterBuilder) -> InterpreterBuilder {
    static DEFINITION: OnceLock<PyModuleDef> = OnceLock::new();
    let definition = DEFINITION.get_or_init(|| PyModuleDef {
        name: builder.ctx.intern_str(TABLE.name),
        doc: Some(builder.ctx.intern_str(TABLE.doc)),
        methods: surface::functions(),
        slots: PyModuleSlots {
            create: None,
            exec: Some(fill),
        },
    });
    builder.add_native_module(definition)
}

/// Creates the types, once for all interpreters of the process, and adds them to the module.
fn fill(vm: &VirtualMachine, module: &Py<PyModule>) -> PyResult<()> {
    static MADE: Once = Once::new();
    MADE.call_once(|| {
        // A type must exist before the first of its objects.
        thread::make_type();
        nodes::make_type();
        iter::make_types();
        let _ = Missing::make_static_type();
        let _ = Context::make_static_type();
        let _ = ContextVar::make_static_type();
        let _ = Token::make_static_type();
        surface::fill(vm, Context::static_type(), &TABLE.context);
        surface::fill(vm, ContextVar::static_type(), &TABLE.context_var);
        surface::fill(vm, Token::static_type(), &TABLE.token);
    });
    let context = Context::static_type().to_owned();
    let mapping = vm.import("_collections_abc", 0)?.get_attr("Mapping", vm)?;
    vm.call_method(&mapping, "register", (context.clone(),))?;
    module.set_attr(TABLE.context.name, context, vm)?;
    let context_var = ContextVar::static_type().to_owned();
    module.set_attr(TABLE.context_var.name, context_var, vm)?;
    module.set_attr(TABLE.token.name, Token::static_type().to_owned(), vm)
}
