//! Iterators over contexts.

#![forbid(unsafe_code)]

use crate::cells::{Context, Iter};
use crate::ffi::{Class, Module, Object, Raised, Type};
use crate::host::CPython;
use crate::types;
use contextvars::host::{IterCell, IterKind};
use pyo3::Python;
use std::ffi::CStr;

/// Creates one of the three types.
///
/// As with CPython's built-in types, its `__name__` is `keys`, its `__module__` is `builtins`, and
/// messages say `keys`. So `__module__` is set after the type is created.
///
/// # Errors
///
/// `MemoryError`.
pub fn class(
    py: Python<'_>,
    module: &Module,
    name: &'static CStr,
) -> Result<Type<IterCell<CPython>>, Raised> {
    let class = Class::<IterCell<CPython>>::new(name)
        .len(|_, this| Ok(this.payload().len() as isize))
        .next(next)
        .reserve(c"__module__")
        .build(py, module)?;
    class.define(py, c"__module__", &Object::from_text(py, "builtins")?)?;
    Ok(class)
}

/// Returns an iterator over a context.
///
/// # Errors
///
/// `MemoryError`.
pub fn over(py: Python<'_>, context: &Context, kind: IterKind) -> Result<Object, Raised> {
    let types = types::get(py)?;
    let class = match kind {
        IterKind::Keys => &types.keys,
        IterKind::Values => &types.values,
        IterKind::Items => &types.items,
    };
    let cell = IterCell::new(kind, context.payload());
    Ok(Iter::allocate(py, class, cell)?.into_object())
}

fn next(py: Python<'_>, this: &Iter) -> Result<Option<Object>, Raised> {
    let cell = this.payload();
    let Some(entry) = cell.next() else {
        return Ok(None);
    };
    let var = entry.key().var().as_object();
    let value: &Object = entry.value();
    match cell.kind() {
        IterKind::Keys => Ok(Some(var.clone_ref(py))),
        IterKind::Values => Ok(Some(value.clone_ref(py))),
        IterKind::Items => Object::tuple(py, [var, value].into_iter()).map(Some),
    }
}
