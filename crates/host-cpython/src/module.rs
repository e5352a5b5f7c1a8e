//! The module `_contextvars`.

#![forbid(unsafe_code)]

use crate::cells::Context;
use crate::ffi::{Module, Object, Raised, interpreter_id, is_first};
use crate::{thread, types};
use contextvars::host::ContextCell;
use pyo3::Python;
use pyobj::ExceptionKind::ImportError;

/// Fills the module. Each import has the same types.
///
/// # Errors
///
/// `ImportError` in any interpreter but the first main one of the process.
pub fn fill(py: Python<'_>, module: &Module) -> Result<(), Raised> {
    check_interpreter(py)?;
    let types = types::get_or_make(py, module)?;
    module.add(py, c"Context", types.context.as_object(py))?;
    module.add(py, c"ContextVar", types.var.as_object(py))?;
    module.add(py, c"Token", types.token.as_object(py))?;
    register_mapping(py, types.context.as_object(py))
}

/// Checks that the interpreter is the first one: the types and the states of threads belong to
/// it.
fn check_interpreter(py: Python<'_>) -> Result<(), Raised> {
    if interpreter_id(py) != 0 {
        let text = "this _contextvars serves the main interpreter only; \
                    in a subinterpreter, use the built-in one";
        return Err(Raised::text(py, ImportError, text));
    }
    if !is_first(py)? {
        let text = "this _contextvars cannot be imported again after \
                    the interpreter has been finalized; start a new process";
        return Err(Raised::text(py, ImportError, text));
    }
    Ok(())
}

/// Registers `Context` as a `collections.abc.Mapping`, as `contextvars` does from 3.14 on.
fn register_mapping(py: Python<'_>, context: &Object) -> Result<(), Raised> {
    let mapping = Object::import(py, c"_collections_abc")?.attribute(py, c"Mapping")?;
    let arguments = Object::tuple(py, [context].into_iter())?;
    mapping
        .attribute(py, c"register")?
        .call(py, &arguments, None)
        .map(drop)
}

/// Returns a copy of the current context: `contextvars.copy_context`.
///
/// # Errors
///
/// `MemoryError`.
pub fn copy_context(py: Python<'_>) -> Result<Object, Raised> {
    thread::with(py, |thread| ContextCell::copy_current(py, thread))?.map(Context::into_object)
}
