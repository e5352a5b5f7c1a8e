//! The functions of CPython 3.14's C API for context variables, over values of the
//! embedded host: for code that has objects of unknown type, as C code has.
//!
//! With a [`Context`], a [`ContextVar`] or a [`Token`], use its methods: the compiler checks
//! the types there. Here an argument of the wrong type raises `TypeError`, as in C.
//!
//! ```
//! use contextvars::{Value, c_api};
//!
//! let user = c_api::context_var_new("user", None);
//! let token = c_api::context_var_set(&user, "ada")?;
//! assert_eq!(c_api::context_var_get(&user, None)?.unwrap().as_str(), Some("ada"));
//! c_api::context_var_reset(&user, &token)?;
//! assert!(c_api::context_var_get(&user, None)?.is_none());
//!
//! let error = c_api::context_copy(&user).unwrap_err();
//! assert_eq!(error.to_string(), "TypeError: an instance of Context was expected");
//! # Ok::<(), contextvars::Exception>(())
//! ```

use super::{Context, ContextVar, Error, Token, Watcher, copy_context, instance, interpreter};
use pyobj::std_host::{Result, Value};
use threadstate::WatcherId;

fn context(object: &Value) -> Result<Context> {
    instance(Context::class(), object)
}

fn context_var(object: &Value) -> Result<ContextVar> {
    instance(ContextVar::class(), object)
}

/// Creates an empty context: `PyContext_New`.
pub fn context_new() -> Value {
    Value::from(Context::new())
}

/// Copies a context: `PyContext_Copy`. O(1).
///
/// # Errors
///
/// `TypeError` if the object is not a context.
pub fn context_copy(object: &Value) -> Result {
    Ok(Value::from(context(object)?.copy()))
}

/// Copies the calling thread's current context: `PyContext_CopyCurrent`. O(1).
pub fn context_copy_current() -> Value {
    Value::from(copy_context())
}

/// Makes a context current on the calling thread: `PyContext_Enter`.
///
/// # Errors
///
/// `TypeError` if the object is not a context, `RuntimeError` if it is already entered.
pub fn context_enter(object: &Value) -> Result<()> {
    context(object)?.enter()
}

/// Leaves the calling thread's current context: `PyContext_Exit`.
///
/// # Errors
///
/// `TypeError` if the object is not a context, `RuntimeError` if it is not the current one.
pub fn context_exit(object: &Value) -> Result<()> {
    context(object)?.exit()
}

/// Adds a watcher, and returns its id: `PyContext_AddWatcher`.
///
/// # Errors
///
/// `RuntimeError` if there are eight already.
pub fn context_add_watcher(watcher: Watcher) -> Result<i32> {
    let id = interpreter().add_watcher(watcher).map_err(Error::from)?;
    Ok(id.into())
}

/// Removes the watcher with this id: `PyContext_ClearWatcher`.
///
/// # Errors
///
/// `ValueError` if the id is out of range, or no watcher has it.
pub fn context_clear_watcher(id: i32) -> Result<()> {
    let cleared = WatcherId::try_from(id).and_then(|id| interpreter().clear_watcher(id));
    Ok(cleared.map(drop).map_err(Error::from)?)
}

/// Creates a variable: `PyContextVar_New`.
pub fn context_var_new(name: &str, default: Option<Value>) -> Value {
    Value::from(match default {
        Some(default) => ContextVar::with_default(name, default),
        None => ContextVar::new(name),
    })
}

/// Returns a variable's value in the current context: `PyContextVar_Get`. If it is not
/// set, returns `default`, or else the variable's own default, or else `None`.
///
/// # Errors
///
/// `TypeError` if the object is not a variable.
pub fn context_var_get(object: &Value, default: Option<&Value>) -> Result<Option<Value>> {
    let var = context_var(object)?;
    Ok(match default {
        Some(default) => Some(var.get_or(default)),
        None => var.with(|value| value.cloned()),
    })
}

/// Sets a variable in the current context, and returns the token that undoes it:
/// `PyContextVar_Set`. O(log n).
///
/// # Errors
///
/// `TypeError` if the object is not a variable.
pub fn context_var_set(object: &Value, value: impl Into<Value>) -> Result {
    Ok(Value::from(context_var(object)?.set(value)))
}

/// Restores the binding that a variable had before a set: `PyContextVar_Reset`. O(log n).
///
/// # Errors
///
/// `TypeError` if `object` is not a variable or `token` is not a token; otherwise as
/// [`ContextVar::reset`].
pub fn context_var_reset(object: &Value, token: &Value) -> Result<()> {
    let var = context_var(object)?;
    let token: Token = instance(Token::class(), token)?;
    var.reset(&token)
}
