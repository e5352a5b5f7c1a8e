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

/// Puts our `_contextvars` in the place of RustPython's own: whatever is imported in the
/// interpreters that are built from here on uses ours.
///
/// After `init_stdlib`, since the last module of a name counts.
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

/// Makes the types, for all interpreters of the process, and puts them into the module.
fn fill(vm: &VirtualMachine, module: &Py<PyModule>) -> PyResult<()> {
    static MADE: Once = Once::new();
    MADE.call_once(|| {
        // Types have to be made before the first of their objects is.
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
