//! What Python code can do with a `ContextVar`.

use super::method::{class_getitem, method, stored};
use contextvars::host::{Error, VarCell};
use contextvars::{Arguments, ContextVar, Exception, Std, Token, Value, with_thread};
use pyobj::std_host::{Arity, Result, Type};

/// Returns the type its constructor, methods and attributes.
pub(super) fn fill(class: &'static Type) {
    class.set_constructor(|_, arguments| construct(arguments));
    class.add_getter(stored(class, "name", |var: ContextVar| var.name().clone()));

    let get = method(class, "get", Arity::Positional { min: 0, max: 1 }, get)
        .doc("Gives the variable's value in the current context, else the argument, else the variable's default.")
        // As in CPython: the default is none that could be written, so
        // `inspect.signature` refuses the method.
        .signature("($self, default=<unrepresentable>, /)");
    let set = method(class, "set", Arity::One, set)
        .doc("Binds the variable in the current context and gives the token that undoes it.")
        .signature("($self, value, /)");
    let reset = method(class, "reset", Arity::One, reset)
        .doc("Gives the variable back what it was before the set that gave the token.")
        .signature("($self, token, /)");

    for method in [get, set, reset, class_getitem()] {
        class.add(method);
    }
}

/// `ContextVar(name, *, default=...)`: CPython 3.14's `contextvar_tp_new`, with
/// the errors of its `PyArg_ParseTupleAndKeywords`.
fn construct(arguments: Arguments) -> Result {
    let Arguments {
        mut positional,
        mut keywords,
    } = arguments;
    let given = positional.len() + keywords.len();
    let refuse = |what: String| Err(Exception::type_error(format!("ContextVar() {what}")));
    if given > 2 {
        let keyword = if positional.is_empty() {
            "keyword "
        } else {
            ""
        };
        return refuse(format!(
            "takes at most 2 {keyword}arguments ({given} given)"
        ));
    }
    let default = keywords.remove("default");
    if positional.len() != 1 {
        let bound = if positional.is_empty() {
            "exactly"
        } else {
            "at most"
        };
        let given = positional.len();
        return refuse(format!(
            "takes {bound} 1 positional argument ({given} given)"
        ));
    }
    match keywords.keys().next() {
        None => Ok(ContextVar::from_name(positional.remove(0), default)?.into()),
        Some(keyword) => refuse(format!("got an unexpected keyword argument '{keyword}'")),
    }
}

/// `var.get(default, /)`: CPython 3.14's `_contextvars_ContextVar_get`.
fn get(var: ContextVar, arguments: Arguments) -> Result {
    let [default] = arguments.at_most()?;
    Ok(with_thread(|thread| {
        VarCell::get(Std, thread, &var, default)
    })?)
}

/// `var.set(value, /)`: CPython 3.14's `_contextvars_ContextVar_set`.
fn set(var: ContextVar, arguments: Arguments) -> Result {
    let [value] = arguments.exactly()?;
    Ok(var.set(value).into())
}

/// `var.reset(token, /)`: CPython 3.14's `_contextvars_ContextVar_reset`.
fn reset(var: ContextVar, arguments: Arguments) -> Result {
    let [value] = arguments.exactly()?;
    let Some(token) = Token::from_object(&value) else {
        return Err(Error::TokenExpected(value).into());
    };
    var.reset(&token)?;
    Ok(Value::None)
}
