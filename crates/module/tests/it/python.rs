//! Rust functions for Python expressions.

use contextvars::{Arguments, Exception, Std, Thread, Value, with_thread};
use pyobj::std_host::{Arity, Result};
use std::fmt::Debug;

/// `contextvars`
pub fn contextvars() -> Value {
    module::import("contextvars").unwrap()
}

/// A class of the module, such as `contextvars.Context`
pub fn class(name: &str) -> Value {
    contextvars().get_attr(name).unwrap()
}

/// `Context()`
pub fn context() -> Value {
    class("Context").call(()).unwrap()
}

/// `copy_context()`
pub fn copy_context() -> Value {
    contextvars().call_method("copy_context", ()).unwrap()
}

/// `ContextVar(name)`
pub fn var(name: &str) -> Value {
    class("ContextVar").call([name]).unwrap()
}

/// `ContextVar(name, default=default)`
pub fn var_with_default(name: &str, default: impl Into<Value>) -> Value {
    let arguments = Arguments::from([name]).keyword("default", default);
    class("ContextVar").call(arguments).unwrap()
}

/// `var.set(value)`
pub fn set(var: &Value, value: impl Into<Value>) -> Value {
    var.call_method("set", [value]).unwrap()
}

/// `var.get()`
pub fn get(var: &Value) -> Result {
    var.call_method("get", ())
}

/// `context.run(callable)`
pub fn run(context: &Value, callable: &Value) -> Result {
    context.call_method("run", [callable])
}

/// Returns a context that binds these variables.
pub fn context_with<V: Into<Value> + Clone>(bindings: &[(&Value, V)]) -> Value {
    let context = context();
    for (var, value) in bindings {
        let set = var.get_attr("set").unwrap();
        let arguments = Arguments::from([set]).arg(value.clone());
        context.call_method("run", arguments).unwrap();
    }
    context
}

/// `lambda: ...`
pub fn lambda(body: impl Fn() -> Result + Send + Sync + 'static) -> Value {
    contextvars::Builtin::function("<lambda>", Arity::None, move |_| body()).into()
}

/// `name=value` as the only argument
pub fn keyword(name: &str, value: impl Into<Value>) -> Arguments {
    Arguments::new().keyword(name, value)
}

/// `f"{id(value):#x}"`
pub fn address(value: &Value) -> String {
    format!("{:#x}", value.address())
}

/// `list(value)`
pub fn list(value: &Value) -> Vec<Value> {
    value.items().unwrap().collect::<Result<_>>().unwrap()
}

/// Asserts that `result` is an exception of this type with this text, and returns it.
#[track_caller]
pub fn assert_raises<T: Debug>(result: Result<T>, kind: &str, text: &str) -> Exception {
    let error = result.expect_err(text);
    assert_eq!(error.class().full_name(), kind, "{error}");
    assert_eq!(error.message().unwrap(), text);
    error
}

/// Asserts that `result` is a `TypeError` with this text.
#[track_caller]
pub fn assert_type_error<T: Debug>(result: Result<T>, text: &str) {
    assert_raises(result, "TypeError", text);
}

/// Asserts that both are the same object.
#[track_caller]
pub fn assert_is(left: &Value, right: &Value) {
    assert!(left.is(right), "{left:?} is not {right:?}");
}

/// Asserts that the value is this `int`.
#[track_caller]
pub fn assert_int(value: Result, number: i64) {
    let value = value.unwrap();
    assert_eq!(value.as_int(), Some(number), "{value:?}");
}

/// Asserts that the exception's only argument is this object.
#[track_caller]
pub fn assert_argument(error: &Exception, object: &Value) {
    let [argument] = error.args() else {
        panic!("{error} has {} arguments", error.args().len());
    };
    assert_is(argument, object);
}

/// Returns the calling thread's current context.
pub fn current() -> Option<Value> {
    with_thread(|thread: &Thread| thread.context(Std)).map(Value::from)
}
