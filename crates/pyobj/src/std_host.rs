//! The embedded host: a small object model for programs without an
//! interpreter.
//!
//! [`Std`] is the host. A [`Value`] is any value. It has variants for built-in
//! types; all others are [`Object`]s written in Rust. Their [`Type`] has methods
//! ([`Builtin`]) and attributes ([`Getter`]). A call takes [`Arguments`], and an
//! error is an [`Exception`] with CPython 3.14's message.
//!
//! # Examples
//!
//! ```
//! use pyobj::std_host::{Arity, Builtin, Getter, Object, Shared, Type, Value};
//! use std::sync::{LazyLock, Mutex};
//!
//! struct Counter(Mutex<i64>);
//!
//! impl Object for Counter {
//!     fn class(&self) -> &Type {
//!         static CLASS: LazyLock<Type> = LazyLock::new(|| {
//!             let class = Type::new("demo.Counter").build();
//!             class
//!                 .add_getter(Getter::computed("count", |this: Shared<Counter>| {
//!                     Ok(Value::from(*this.0.lock().unwrap()))
//!                 }))
//!                 .add(Builtin::method("add", Arity::One, |this: Shared<Counter>, arguments| {
//!                     let [number] = arguments.exactly()?;
//!                     *this.0.lock().unwrap() += number.as_int().unwrap_or(0);
//!                     Ok(Value::None)
//!                 }));
//!             class
//!         });
//!         &CLASS
//!     }
//! }
//!
//! let counter = Value::object(Counter(Mutex::new(1)));
//! counter.call_method("add", [41])?;
//! assert_eq!(counter.get_attr("count")?.repr()?, "42");
//! assert_eq!(
//!     counter.call_method("add", ()).unwrap_err().to_string(),
//!     "TypeError: Counter.add() takes exactly one argument (0 given)",
//! );
//! assert_eq!(
//!     counter.set_attr("count", 0).unwrap_err().to_string(),
//!     "AttributeError: attribute 'count' of 'demo.Counter' objects is not writable",
//! );
//! # Ok::<(), pyobj::std_host::Exception>(())
//! ```

use crate::{Argument, DirectHandle, Failure, Handle, Host, Unallocated};

mod attribute;
mod class;
mod compare;
mod container;
mod exception;
mod function;
mod memory;
mod nesting;
mod object;
mod repr;
mod shared;
pub mod types;
mod value;

pub use crate::Arity;
pub use attribute::{Getter, Namespace, NamespaceIter, NamespaceKeys};
pub use class::{GenericAlias, Type, TypeSpec};
pub use compare::Order;
pub use container::{Items, List, Tuple};
pub use exception::{Exception, run_with};
pub use function::{Arguments, Builtin, Receiver};
pub use object::{Object, ObjectRef, weakref};
pub use shared::{Shared, WeakShared};
pub use value::Value;

/// The result of an operation of the embedded host: by default a [`Value`], or
/// an [`Exception`].
pub type Result<T = Value, E = Exception> = std::result::Result<T, E>;

/// The embedded host, which is its own interpreter token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Std;

impl Host for Std {
    type Vm<'a> = Std;
    type Value = Value;
    type Error = Exception;
    type Args<'a> = Arguments;

    fn clone_value(_vm: Std, value: &Value) -> Value {
        value.clone()
    }

    fn is(a: &Value, b: &Value) -> bool {
        a.is(b)
    }

    fn address(value: &Value) -> usize {
        value.address()
    }

    fn none(_vm: Std) -> Value {
        Value::None
    }

    fn is_str(_vm: Std, value: &Value) -> bool {
        value.as_str().is_some()
    }

    fn repr(_vm: Std, value: &Value) -> Result<String> {
        value.repr()
    }

    fn hash(_vm: Std, value: &Value) -> Result<i64> {
        value.hash()
    }

    fn eq(_vm: Std, left: &Value, right: &Value) -> Result<bool> {
        left.equals(right)
    }

    fn call(_vm: Std, callable: &Value, arguments: Arguments) -> Result {
        callable.call(arguments)
    }

    fn raise(_vm: Std, failure: Failure<Std>) -> Exception {
        match failure.argument {
            Argument::Text(message) => Exception::text(failure.kind, message),
            Argument::Object(object) => Exception::new(failure.kind, [object]),
        }
    }

    fn unraisable(_vm: Std, error: Exception, message: &str) {
        Std::report(message, &error);
    }
}

/// Any [`Object`] is the payload of its own handle.
impl<T: Object> Handle<Std> for Shared<T> {
    type Payload = T;

    fn allocate(_vm: Std, payload: T) -> Result<Self, Unallocated<Std, T>> {
        Ok(Shared::new(payload))
    }

    fn with_payload<R>(&self, f: impl FnOnce(&T) -> R) -> R {
        f(self)
    }

    fn clone_in(&self, _vm: Std) -> Self {
        self.clone()
    }

    fn to_value(&self, _vm: Std) -> Value {
        Value::from(self.clone())
    }

    fn from_value(_vm: Std, value: &Value) -> Option<Self> {
        value.downcast()
    }
}

impl<T: Object> DirectHandle<Std> for Shared<T> {
    fn payload(&self) -> &T {
        self
    }
}
