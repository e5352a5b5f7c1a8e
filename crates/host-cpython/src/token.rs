//! The methods of `Token`.

#![forbid(unsafe_code)]

use crate::cells::Token;
use crate::ffi::{Class, Constructor, Method, Object, Raised, check_count};
use crate::host::CPython;
use crate::thread;
use contextvars::host::TokenCell;
use pyo3::Python;
use pyobj::ExceptionKind::RuntimeError;

/// Returns the definition of the type.
pub fn class() -> Class<TokenCell<CPython>> {
    Class::new(c"_contextvars.Token")
        .constructor(new)
        .repr(repr)
        .unhashable()
        .attribute(c"var", |py, this| {
            Ok(this.payload().var().as_object().clone_ref(py))
        })
        .attribute(c"old_value", |py, this| Ok(this.payload().old_value(py)))
        .method(Method::generic())
        .method(Method::without(c"__enter__", enter).doc(
            c"__enter__($self, /)\n--\n\n\
              Return the token.",
        ))
        .method(Method::positional(c"__exit__", exit).doc(
            c"__exit__($self, type, val, tb, /)\n--\n\n\
              Reset the variable.",
        ))
}

fn new(py: Python<'_>, _: Constructor) -> Result<Object, Raised> {
    let text = "Tokens can only be created by ContextVars";
    Err(Raised::text(py, RuntimeError, text))
}

fn repr(py: Python<'_>, this: &Token) -> Result<Object, Raised> {
    let text = this.payload().repr(py, this.as_object().address())?;
    Object::from_text(py, &text)
}

fn enter(py: Python<'_>, this: &Token) -> Result<Object, Raised> {
    Ok(this.as_object().clone_ref(py))
}

fn exit(py: Python<'_>, this: &Token, arguments: &[Object]) -> Result<Object, Raised> {
    check_count(py, c"__exit__", arguments, 3, 3)?;
    thread::with(py, |thread| TokenCell::exit(py, thread, this))?
        .map(|()| Object::none(py))
        .map_err(|error| error.raise(py))
}
