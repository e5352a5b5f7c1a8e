//! What Python code can do with a `Token`.

use super::method::{class_getitem, computed, method};
use contextvars::{Exception, Token, Value};
use pyobj::ExceptionKind::RuntimeError;
use pyobj::std_host::{Arity, Type};

/// Returns the type its constructor, which refuses, its methods and attributes.
pub(super) fn fill(class: &'static Type) {
    class.set_constructor(|_, _| {
        Err(Exception::text(
            RuntimeError,
            "Tokens can only be created by ContextVars",
        ))
    });
    class.define("MISSING", Token::missing());
    class.add_getter(computed(class, "var", |token: Token| token.var().into()));
    class.add_getter(computed(class, "old_value", |token: Token| {
        token.old_value()
    }));

    let enter = method(class, "__enter__", Arity::None, |token: Token, _| {
        Ok(token.into())
    })
    .doc("Begins a with block, and gives the token.")
    .signature("($self, /)");
    // What the block raised is in the arguments; it is raised on whatever they
    // are.
    let exit_arity = Arity::Positional { min: 3, max: 3 };
    let exit = method(class, "__exit__", exit_arity, |token: Token, _| {
        token.var().reset(&token)?;
        Ok(Value::None)
    })
    .doc("Ends a with block: resets the variable.")
    .signature("($self, type, val, tb, /)");

    for method in [enter, exit, class_getitem()] {
        class.add(method);
    }
}
