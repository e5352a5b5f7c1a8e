//! The methods of `ContextVar`.

#![deny(unsafe_code)]

use crate::cells::{Error, Token, Var};
use crate::ffi::{Class, Constructor, Method, Object, OneAndNamed, Raised, check_count};
use crate::host::CPython;
use crate::thread;
use contextvars::host::VarCell;
use pyo3::Python;
use pyobj::Handle;

/// Returns the definition of the type.
pub fn class() -> Class<VarCell<CPython>> {
    let class = Class::new(c"_contextvars.ContextVar");
    #[expect(unsafe_code, reason = "the interpreter reads a member")]
    // SAFETY: a value of this host is an `Object`, and a variable's name never changes.
    let class = unsafe { class.member(c"name", VarCell::<CPython>::NAME_OFFSET) };
    class
        .constructor(new)
        .repr(repr)
        .hash(|_, this| Ok(this.payload().hash(this.as_object().address()) as isize))
        .method(Method::positional(c"get", get).doc(
            c"get($self, default=<unrepresentable>, /)\n--\n\n\
              Return the value in the current context.\n\n\
              If the variable has none there, return the given default, else the\n\
              variable's own, else raise LookupError.",
        ))
        .method(Method::one(c"set", set).doc(
            c"set($self, value, /)\n--\n\n\
              Set the value in the current context.\n\n\
              Return a token, with which reset() restores the previous value.",
        ))
        .method(Method::one(c"reset", reset).doc(
            c"reset($self, token, /)\n--\n\n\
              Restore the value from before the set() that returned the token.",
        ))
        .method(Method::generic())
}

fn new(py: Python<'_>, arguments: Constructor) -> Result<Object, Raised> {
    let (name, default) = arguments.one_and_named(py, OneAndNamed::CONTEXT_VAR)?;
    let cell = VarCell::new(py, name, default).map_err(|error| error.raise(py))?;
    Ok(<Var as Handle<CPython>>::allocate(py, cell)?.into_object())
}

fn repr(py: Python<'_>, this: &Var) -> Result<Object, Raised> {
    let text = this.payload().repr(py, this.as_object().address())?;
    Object::from_text(py, &text)
}

fn get(py: Python<'_>, this: &Var, arguments: &[Object]) -> Result<Object, Raised> {
    check_count(py, c"get", arguments, 0, 1)?;
    let default = arguments.first().map(|default| default.clone_ref(py));
    // SAFETY: a lookup compares keys and increments a count (`CLONES_RUN_NO_CODE`). The reference
    // to the default is not the last one: the caller has another.
    #[expect(unsafe_code, reason = "it runs no Python code")]
    let value =
        unsafe { thread::with_uncounted(py, |thread| VarCell::get(py, thread, this, default)) };
    value?.map_err(|error| error.raise(py))
}

fn set(py: Python<'_>, this: &Var, value: &Object) -> Result<Object, Raised> {
    let value = value.clone_ref(py);
    thread::with(py, |thread| VarCell::set(py, thread, this, value))?
        .map(Token::into_object)
        .map_err(|error| error.raise(py))
}

fn reset(py: Python<'_>, this: &Var, token: &Object) -> Result<Object, Raised> {
    let outcome = match Token::from_value(py, token) {
        Some(token) => thread::with(py, |thread| VarCell::reset(py, thread, this, &token))?,
        None => Err(Error::TokenExpected(token.clone_ref(py))),
    };
    outcome
        .map(|()| Object::none(py))
        .map_err(|error| error.raise(py))
}
