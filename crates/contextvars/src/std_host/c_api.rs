//! The functions of CPython 3.14's C API for context variables, over values of the
//! embedded host: for embedders who have any object at hand, as C code has.
//!
//! Who has a [`Context`], a [`ContextVar`] or a [`Token`] uses their methods, which can
//! be called with nothing else. Here an argument of a wrong kind is refused as in C.
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

use super::{Context, ContextVar, Token, Watcher, copy_context, interpreter};
use pyobj::std_host::{Exception, Result, Std, Type, Value};
use pyobj::{ExceptionKind, Handle};
use threadstate::WatcherError;

/// Downcasts an object to what this library's type `class` makes.
///
/// # Errors
///
/// `TypeError` where it is something else.
pub fn instance<T: Handle<Std>>(class: &Type, object: &Value) -> Result<T> {
    T::from_value(Std, object).ok_or_else(|| {
        Exception::type_error(format!("an instance of {} was expected", class.name()))
    })
}

fn context(object: &Value) -> Result<Context> {
    instance(Context::class(), object)
}

fn context_var(object: &Value) -> Result<ContextVar> {
    instance(ContextVar::class(), object)
}

/// Makes an empty context: `PyContext_New`.
pub fn context_new() -> Value {
    Value::from(Context::new())
}

/// Copies a context: `PyContext_Copy`. O(1).
///
/// # Errors
///
/// `TypeError` where it is no context.
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
/// `TypeError` where it is no context, `RuntimeError` where it is entered already.
pub fn context_enter(object: &Value) -> Result<()> {
    context(object)?.enter()
}

/// Leaves the calling thread's current context: `PyContext_Exit`.
///
/// # Errors
///
/// `TypeError` where it is no context, `RuntimeError` where it is not the current one.
pub fn context_exit(object: &Value) -> Result<()> {
    context(object)?.exit()
}

/// Adds a watcher, and gives its id: `PyContext_AddWatcher`.
///
/// # Errors
///
/// `RuntimeError` where there are eight.
pub fn context_add_watcher(watcher: Watcher) -> Result<i32> {
    interpreter().add_watcher(watcher).map_err(failed)
}

/// Removes the watcher of an id: `PyContext_ClearWatcher`.
///
/// # Errors
///
/// `ValueError` where nobody has the id, or nobody can have it.
pub fn context_clear_watcher(id: i32) -> Result<()> {
    interpreter().clear_watcher(id).map(drop).map_err(failed)
}

fn failed(error: WatcherError) -> Exception {
    let kind = match error {
        WatcherError::Full => ExceptionKind::RuntimeError,
        WatcherError::Invalid(_) | WatcherError::NotSet(_) => ExceptionKind::ValueError,
    };
    Exception::text(kind, error.to_string())
}

/// Makes a variable: `PyContextVar_New`.
pub fn context_var_new(name: &str, default: Option<Value>) -> Value {
    Value::from(match default {
        Some(default) => ContextVar::with_default(name, default),
        None => ContextVar::new(name),
    })
}

/// Returns a variable's value in the current context: `PyContextVar_Get`. Where it is not
/// set, `default`, and without that the variable's own default, and else `None`.
///
/// # Errors
///
/// `TypeError` where it is no variable.
pub fn context_var_get(object: &Value, default: Option<&Value>) -> Result<Option<Value>> {
    let var = context_var(object)?;
    Ok(match default {
        Some(default) => Some(var.get_or(default)),
        None => var.with(|value| value.cloned()),
    })
}

/// Sets a variable in the current context, and gives the token that undoes it:
/// `PyContextVar_Set`. O(log n).
///
/// # Errors
///
/// `TypeError` where it is no variable.
pub fn context_var_set(object: &Value, value: impl Into<Value>) -> Result {
    Ok(Value::from(context_var(object)?.set(value)))
}

/// Restores what a variable was before a set: `PyContextVar_Reset`. O(log n).
///
/// # Errors
///
/// `TypeError` where one is no variable or the other no token; otherwise as
/// [`ContextVar::reset`].
pub fn context_var_reset(object: &Value, token: &Value) -> Result<()> {
    let var = context_var(object)?;
    let token: Token = instance(Token::class(), token)?;
    var.reset(&token)
}
