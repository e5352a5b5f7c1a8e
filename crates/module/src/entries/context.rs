//! What Python code can do with a `Context`.

use super::method::method;
use contextvars::host::IterKind;
use contextvars::{Arguments, Context, ContextIter, Exception, Std, Value};
use pyobj::DirectHandle;
use pyobj::std_host::{Arity, Result, Type};

/// Returns the type its constructor and methods.
pub(super) fn fill(class: &'static Type) {
    class.set_constructor(|_, arguments| construct(&arguments));

    let iterator = |name, kind, doc| {
        method(class, name, Arity::None, move |context: Context, _| {
            Ok(Value::object(ContextIter::over(&context, kind)))
        })
        .doc(doc)
        .signature("($self, /)")
    };
    let keys = iterator(
        "keys",
        IterKind::Keys,
        "Iterates over the variables that are bound now.",
    );
    let values = iterator(
        "values",
        IterKind::Values,
        "Iterates over the values that are bound now.",
    );
    let items = iterator(
        "items",
        IterKind::Items,
        "Iterates over pairs of the variables that are bound now and their values.",
    );
    let copy = method(class, "copy", Arity::None, |context: Context, _| {
        Ok(context.copy().into())
    })
    .doc("Makes a context with the same bindings, which changes apart from this one.")
    .signature("($self, /)");
    let get = method(class, "get", Arity::Positional { min: 1, max: 2 }, get)
        .doc("Gives the value that the context binds a variable to, and else the default.")
        .signature("($self, key, default=None, /)");
    let run = method(class, "run", Arity::Variadic, run);

    for method in [run, get, copy, keys, values, items] {
        class.add(method);
    }
}

/// `Context()`: CPython 3.14's `context_tp_new`.
fn construct(arguments: &Arguments) -> Result {
    if arguments.positional.is_empty() && arguments.keywords.is_empty() {
        Ok(Context::new().into())
    } else {
        Err(Exception::type_error(
            "Context() does not accept any arguments",
        ))
    }
}

/// `context.run(callable, *args, **kwargs)`: CPython 3.14's `context_run`.
fn run(context: Context, mut arguments: Arguments) -> Result {
    if arguments.positional.is_empty() {
        return Err(Exception::type_error(
            "run() missing 1 required positional argument",
        ));
    }
    let callable = arguments.positional.remove(0);
    context.call(&callable, arguments)
}

/// `context.get(key, default=None, /)`: CPython 3.14's `_contextvars_Context_get`.
fn get(context: Context, arguments: Arguments) -> Result {
    let [key, default] = arguments.at_most()?;
    let found = context.payload().get(Std, &key.unwrap_or_default())?;
    Ok(found.or(default).unwrap_or_default())
}
