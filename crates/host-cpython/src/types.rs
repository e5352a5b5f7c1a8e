//! The type objects, which are created once for the process.

#![forbid(unsafe_code)]

use crate::cells::BindingNodes;
use crate::ffi::{
    Class, Immortal, Module, NoWeakList, NodeClass, Object, Payload, Raised, Type, Visit,
};
use crate::host::CPython;
use crate::thread::ThreadCell;
use crate::{context, iter, token, var};
use contextvars::host::{ContextCell, IterCell, TokenCell, VarCell};
use pyo3::Python;
use pyobj::ExceptionKind::RuntimeError;
use std::sync::OnceLock;

/// The types of this crate's objects.
pub struct Types {
    /// `ContextVar`
    pub var: Type<VarCell<CPython>>,
    /// `Context`
    pub context: Type<ContextCell<CPython>>,
    /// `Token`
    pub token: Type<TokenCell<CPython>>,
    /// What `Context.keys` returns.
    pub keys: Type<IterCell<CPython>>,
    /// What `Context.values` returns.
    pub values: Type<IterCell<CPython>>,
    /// What `Context.items` returns.
    pub items: Type<IterCell<CPython>>,
    /// The object in a thread's dict that owns the thread's state.
    pub thread: Type<ThreadCell>,
    /// `Token.MISSING`
    pub missing: Immortal,
}

static TYPES: OnceLock<Types> = OnceLock::new();

/// Returns the types.
///
/// # Errors
///
/// `RuntimeError` before the module is filled. Only code that gets a type from `gc` in that
/// time can see it.
pub fn get(py: Python<'_>) -> Result<&'static Types, Raised> {
    TYPES
        .get()
        .ok_or_else(|| Raised::text(py, RuntimeError, "_contextvars is still being imported"))
}

/// Returns the types. The first call creates them.
///
/// # Errors
///
/// `MemoryError`.
pub fn get_or_make(py: Python<'_>, module: &Module) -> Result<&'static Types, Raised> {
    if TYPES.get().is_none() {
        let made = make(py, module)?;
        // If an import ran inside this one, the types that it created stay.
        let _ = TYPES.set(made);
    }
    get(py)
}

fn make(py: Python<'_>, module: &Module) -> Result<Types, Raised> {
    NodeClass::make::<BindingNodes>(py, c"_contextvars.hamt_node")?;
    let missing_class = Class::<Missing>::new(c"Token.MISSING")
        .repr(|py, _| Object::from_text(py, "<Token.MISSING>"))
        .build(py, module)?;
    let missing = crate::ffi::Instance::allocate(py, &missing_class, Missing)?.into_object();
    let token = token::class().build(py, module)?;
    token.define(py, c"MISSING", &missing)?;
    Ok(Types {
        var: var::class().build(py, module)?,
        context: context::class().build(py, module)?,
        token,
        keys: iter::class(py, module, c"keys")?,
        values: iter::class(py, module, c"values")?,
        items: iter::class(py, module, c"items")?,
        thread: Class::new(c"_contextvars._Thread").build(py, module)?,
        missing: Immortal::new(missing),
    })
}

/// The payload of `Token.MISSING`.
struct Missing;

impl Payload for Missing {
    type WeakList = NoWeakList;

    fn visit(&self, _: &mut Visit<'_>) {}
}
