//! [`TestHost`] for the embedded host.

use super::{Payload, TestHost, User};
use pyobj::std_host::{Arguments, Arity, Builtin, Exception, Object, ObjectRef, Result, Shared};
use pyobj::std_host::{Std, Type, Value};
use pyobj::{DirectHandle, ExceptionKind, Handle, Unallocated};
use std::any::Any;
use std::cell::RefCell;
use std::sync::{LazyLock, Once};

/// An object around any Rust value.
struct Opaque<T>(T);

impl<T: Payload> Object for Opaque<T> {
    fn class(&self) -> &Type {
        static CLASS: LazyLock<Type> = LazyLock::new(|| Type::new("Opaque").build());
        &CLASS
    }
}

fn answer<T>(answer: std::result::Result<T, &str>) -> Result<T> {
    answer.map_err(|text| Exception::text(ExceptionKind::ValueError, text))
}

impl Object for User {
    fn class(&self) -> &Type {
        static CLASS: LazyLock<Type> = LazyLock::new(|| Type::new("User").build());
        &CLASS
    }

    fn eq(&self, _this: &ObjectRef, _other: &Value) -> Result {
        answer(self.eq).map(Value::from)
    }

    fn repr(&self, _this: &ObjectRef) -> Result<String> {
        answer(self.repr).map(str::to_owned)
    }

    fn hash(&self, _this: &ObjectRef) -> Result<i64> {
        answer(self.hash)
    }
}

pub struct Ref<P>(Shared<Opaque<P>>);

impl<P: Payload> Handle<Std> for Ref<P> {
    type Payload = P;

    fn allocate(_vm: Std, payload: P) -> Result<Self, Unallocated<Std, P>> {
        Ok(Ref(Shared::new(Opaque(payload))))
    }

    fn with_payload<R>(&self, f: impl FnOnce(&P) -> R) -> R {
        f(&self.0.0)
    }

    fn clone_in(&self, _vm: Std) -> Self {
        Ref(self.0.clone())
    }

    fn to_value(&self, _vm: Std) -> Value {
        self.0.clone().into()
    }

    fn from_value(_vm: Std, value: &Value) -> Option<Self> {
        value.downcast().map(Ref)
    }
}

impl<P: Payload> DirectHandle<Std> for Ref<P> {
    fn payload(&self) -> &P {
        &self.0.0
    }
}

thread_local! {
    static REPORTS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

impl TestHost for Std {
    type Ref<P: Payload> = Ref<P>;

    fn attach<R>(body: impl FnOnce(Std) -> R) -> R {
        static HOOK: Once = Once::new();
        HOOK.call_once(|| {
            Std::set_unraisable_hook(|message, _| {
                REPORTS.with_borrow_mut(|reports| reports.push(message.to_owned()));
            });
        });
        body(Std)
    }

    fn object<T: Payload>(_vm: Std, value: T) -> Value {
        let any: &dyn Any = &value;
        if let Some(number) = any.downcast_ref::<i64>() {
            Value::from(*number)
        } else if let Some(text) = any.downcast_ref::<String>() {
            Value::from(text.as_str())
        } else if let Some(user) = any.downcast_ref::<User>() {
            Value::object(*user)
        } else {
            Value::object(Opaque(value))
        }
    }

    fn read<T: Payload + Clone>(value: &Value) -> Option<T> {
        let known: Box<dyn Any> = match value {
            Value::Int(number) => Box::new(*number),
            Value::Str(text) => Box::new(text.to_string()),
            _ => {
                return value
                    .downcast_ref()
                    .map(|object: &Opaque<T>| object.0.clone());
            }
        };
        known.downcast().ok().map(|known| *known)
    }

    fn function(_vm: Std, body: impl Fn(Std, &[Value]) -> Result + Payload) -> Value {
        let body = move |arguments: Arguments| body(Std, &arguments.positional);
        Builtin::function("function", Arity::Variadic, body).into()
    }

    fn with_args<R>(values: Vec<Value>, body: impl FnOnce(Arguments) -> R) -> R {
        body(values.into())
    }

    fn is_kind(error: &Exception, kind: ExceptionKind) -> bool {
        *error.class() == kind.into()
    }

    fn argument(error: &Exception) -> &Value {
        &error.args()[0]
    }

    fn take_reports(_vm: Std) -> Vec<String> {
        REPORTS.take()
    }
}
