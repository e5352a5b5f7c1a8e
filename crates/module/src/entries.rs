//! The modules that every process has: `_contextvars` and `contextvars`.

mod context;
mod method;
mod token;
mod var;

use crate::{Module, StdInittab};
use contextvars::{Builtin, Context, ContextVar, Token, Value, copy_context};
use pyobj::std_host::{Arity, Result};

/// The names in the modules, in `__all__`'s order.
const NAMES: [&str; 4] = ["Context", "ContextVar", "Token", "copy_context"];

/// Makes both modules known to a new table.
pub(crate) fn append_to(table: &StdInittab) {
    // In a new table no name is taken.
    let _ = table.append("_contextvars", |_| Ok(make_native()));
    let _ = table.append("contextvars", make_public);
}

/// Makes `_contextvars`: CPython 3.14's `PyInit__contextvars`. Gives the types
/// their constructors, methods and attributes.
fn make_native() -> Value {
    context::fill(Context::class());
    var::fill(ContextVar::class());
    token::fill(Token::class());
    let copy_context = Builtin::function("copy_context", Arity::None, |_| {
        Ok(Value::from(copy_context()))
    })
    .in_module("_contextvars")
    .signature("($module, /)");

    let module = Module::new("_contextvars")
        .doc("Context Variables")
        .with("Context", Context::class())
        .with("ContextVar", ContextVar::class())
        .with("Token", Token::class())
        .with("copy_context", copy_context);
    Value::object(module)
}

/// Makes `contextvars`, which has the names of `_contextvars` again: CPython
/// 3.14's `Lib/contextvars.py`.
fn make_public(table: &StdInittab) -> Result {
    let native = table.import("_contextvars")?;
    let mut module = Module::new("contextvars").with("__all__", Value::tuple(NAMES));
    for name in NAMES {
        module = module.with(name, native.get_attr(name)?);
    }
    Ok(Value::object(module))
}
