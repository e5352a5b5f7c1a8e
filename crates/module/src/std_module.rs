//! The embedded host's modules: `_contextvars`, created from the table in `surface`, and
//! `contextvars`.

use crate::surface::{Body, Class, Contextvars, Function, Method, Row};
use crate::{Inittab, Module, contextvars};
use contextvars::internals::{ContextIter, instance};
use contextvars::with_thread;
use contextvars::{Arguments, Builtin, Context, ContextVar, Std, Token, Value};
use pyobj::Handle;
use pyobj::std_host::{GenericAlias, Getter, Result, Type};

const TABLE: Contextvars<Std> = contextvars();

/// The names in the modules, in `__all__`'s order.
const NAMES: [&str; 4] = ["Context", "ContextVar", "Token", "copy_context"];

/// Adds both modules to a new table.
pub(crate) fn append_to(table: &Inittab<Std>) {
    // A new table has no names, so neither is a duplicate.
    let _ = table.append(TABLE.name, Box::new(|_, _| Ok(make_native())));
    let _ = table.append("contextvars", Box::new(|_, table| make_public(table)));
}

/// Creates `_contextvars`: CPython 3.14's `PyInit__contextvars`. Adds constructors,
/// methods and attributes to the types.
fn make_native() -> Value {
    let mut module = Module::new(TABLE.name)
        .doc(TABLE.doc)
        .with_attr(TABLE.context.name, fill(Context::class(), &TABLE.context))
        .with_attr(
            TABLE.context_var.name,
            fill(ContextVar::class(), &TABLE.context_var),
        )
        .with_attr(TABLE.token.name, fill(Token::class(), &TABLE.token));
    for row in TABLE.functions {
        module = module.with_attr(row.name, function(row));
    }
    Value::object(module)
}

/// Creates `contextvars`, which re-exports the names of `_contextvars`: CPython
/// 3.14's `Lib/contextvars.py`.
fn make_public(table: &Inittab<Std>) -> Result {
    let native = table.import(Std, TABLE.name)?;
    let mut module = Module::new("contextvars").with_attr("__all__", Value::tuple(NAMES));
    for name in NAMES {
        module = module.with_attr(name, native.get_attr(name)?);
    }
    Ok(Value::object(module))
}

fn fill<T: Handle<Std>>(class: &'static Type, table: &'static Class<Std, T>) -> &'static Type {
    class.set_constructor(|_, arguments| {
        let keywords: Vec<_> = arguments.keywords.iter().collect();
        (table.new)(Std, &arguments.positional, &keywords)
    });
    for constant in table.constants {
        class.define(constant.name, (constant.get)(Std));
    }
    for getter in table.getters {
        let get = |this: Value| Ok((getter.get)(Std, &instance(class, &this)?));
        class.add_getter(match getter.stored {
            true => Getter::stored(getter.name, get),
            false => Getter::computed(getter.name, get),
        });
    }
    for row in table.methods {
        class.add(method(class, row));
    }
    class
}

fn method<T: Handle<Std>>(class: &'static Type, row: &'static Method<Std, T>) -> Builtin {
    let made = match row.body {
        Body::Positional(body) => {
            Builtin::method(row.name, row.arity, move |this: Value, arguments| {
                let this = instance(class, &this)?;
                with_thread(|thread| body(Std, thread, &this, &arguments.positional))
            })
        }
        Body::Call(body) => {
            let body = move |this: Value, mut arguments: Arguments| {
                let this = instance(class, &this)?;
                let given = &mut arguments.positional;
                let callable = (!given.is_empty()).then(|| given.remove(0));
                let call = callable.as_ref().map(|callable| (callable, arguments));
                with_thread(|thread| body(Std, thread, &this, call))
            };
            Builtin::method(row.name, row.arity, body)
        }
        Body::Iterate(body) => Builtin::method(row.name, row.arity, move |this: Value, _| {
            let cell = body(&instance(class, &this)?);
            Ok(Value::object(ContextIter::new(cell)))
        }),
        Body::Alias => Builtin::class_method(row.name, row.arity, |class, arguments| {
            let [key] = arguments.exactly()?;
            Ok(Value::object(GenericAlias::new(&class, &key)))
        }),
    };
    document(made, row)
}

fn function(row: &'static Function<Std>) -> Builtin {
    let made = Builtin::function(row.name, row.arity, |arguments| {
        with_thread(|thread| (row.body)(Std, thread, &arguments.positional))
    });
    document(made.in_module(TABLE.name), row)
}

fn document<B>(made: Builtin, row: &'static Row<B>) -> Builtin {
    let Some((signature, doc)) = row.doc.split_once("\n--\n\n") else {
        return made;
    };
    let made = made.signature(&signature[row.name.len()..]);
    match doc {
        "" => made,
        doc => made.doc(doc),
    }
}
