//! Objects with the special methods that a user's objects can have.

use contextvars::{Exception, Value};
use pyobj::ExceptionKind::ValueError;
use pyobj::std_host::{Object, ObjectRef, Result, Type};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

macro_rules! class {
    ($spec:expr) => {
        fn class(&self) -> &Type {
            static CLASS: LazyLock<Type> = LazyLock::new(|| $spec.build());
            &CLASS
        }
    };
}

/// Returns the exception that the objects here raise.
pub fn oops() -> Exception {
    Exception::text(ValueError, "oops")
}

/// An object whose `__eq__` is a closure.
pub struct Equal<F>(pub F);

impl<F> Object for Equal<F>
where
    F: Fn(&Value) -> Result + Send + Sync + 'static,
{
    class!(Type::new("Equal"));

    fn eq(&self, _: &ObjectRef, other: &Value) -> Result {
        (self.0)(other)
    }
}

/// An object whose truth value raises.
pub struct NoTruth;

impl Object for NoTruth {
    class!(Type::new("NoTruth"));

    fn truth(&self, _: &ObjectRef) -> Result<bool> {
        Err(oops())
    }
}

/// An object whose `__del__` is a closure.
pub struct OnDrop(Mutex<Option<Box<dyn FnOnce() + Send>>>);

impl OnDrop {
    pub fn value(finalizer: impl FnOnce() + Send + 'static) -> Value {
        Value::object(OnDrop(Mutex::new(Some(Box::new(finalizer)))))
    }
}

impl Object for OnDrop {
    class!(Type::new("OnDrop"));
}

impl Drop for OnDrop {
    fn drop(&mut self) {
        let finalizer = self.0.get_mut().unwrap().take();
        finalizer.unwrap()();
    }
}

/// An object with the `repr` of another object. Its `repr` raises if there is none.
#[derive(Default)]
pub struct PrintsAs(Mutex<Option<Value>>);

impl PrintsAs {
    pub fn print_as(&self, other: Option<Value>) {
        let replaced = std::mem::replace(&mut *self.0.lock().unwrap(), other);
        drop(replaced);
    }
}

impl Object for PrintsAs {
    class!(Type::new("PrintsAs"));

    fn repr(&self, _: &ObjectRef) -> Result<String> {
        let other = self.0.lock().unwrap().clone();
        other.ok_or_else(oops)?.repr()
    }
}

/// A `str` of a subclass that counts the calls of its `__hash__`.
pub struct CountsHashes(pub Arc<AtomicUsize>);

impl Object for CountsHashes {
    class!(Type::new("CountsHashes").base(&pyobj::std_host::types::STR));

    fn hash(&self, _: &ObjectRef) -> Result<i64> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(77)
    }

    fn as_str(&self) -> Option<&str> {
        Some("counts")
    }
}

/// A `str` of a subclass that is not hashable.
pub struct UnhashableText;

impl Object for UnhashableText {
    class!(Type::new("UnhashableText").base(&pyobj::std_host::types::STR));

    fn hash(&self, _: &ObjectRef) -> Result<i64> {
        Err(self.class().unhashable())
    }

    fn as_str(&self) -> Option<&str> {
        Some("unhashable")
    }
}

/// An object that claims a type that it does not have.
pub struct Impostor(pub &'static Type);

impl Object for Impostor {
    fn class(&self) -> &Type {
        self.0
    }
}
