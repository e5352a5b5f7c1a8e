//! Methods and attributes of this library's types.

use contextvars::c_api::instance;
use contextvars::{Arguments, Builtin, Std, Value};
use pyobj::Handle;
use pyobj::std_host::{Arity, GenericAlias, Getter, Result, Type};

/// Makes a method of a type whose instances have handles of type `T`.
pub(super) fn method<T: Handle<Std>>(
    class: &'static Type,
    name: &'static str,
    arity: Arity,
    body: impl Fn(T, Arguments) -> Result + Send + Sync + 'static,
) -> Builtin {
    Builtin::method(name, arity, move |this: Value, arguments| {
        body(instance(class, &this)?, arguments)
    })
}

/// Makes a read-only attribute as `PyGetSetDef` does.
pub(super) fn computed<T: Handle<Std>>(
    class: &'static Type,
    name: &'static str,
    body: impl Fn(T) -> Value + Send + Sync + 'static,
) -> Getter {
    Getter::computed(name, move |this: Value| Ok(body(instance(class, &this)?)))
}

/// Makes a read-only attribute as `PyMemberDef` does.
pub(super) fn stored<T: Handle<Std>>(
    class: &'static Type,
    name: &'static str,
    body: impl Fn(T) -> Value + Send + Sync + 'static,
) -> Getter {
    Getter::stored(name, move |this: Value| Ok(body(instance(class, &this)?)))
}

/// Makes the class method that subscribes a type, as in `ContextVar[int]`.
pub(super) fn class_getitem() -> Builtin {
    Builtin::class_method("__class_getitem__", Arity::One, |class, arguments| {
        let [key] = arguments.exactly()?;
        Ok(Value::object(GenericAlias::new(&class, &key)))
    })
    .doc("Gives the type together with the type of the values.")
    .signature("($type, object, /)")
}
