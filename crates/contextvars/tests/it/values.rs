//! Objects of the embedded host for tests: values whose live ones are counted, and
//! values that call back.

use contextvars::Value;
use pyobj::std_host::{Exception, Object, ObjectRef, Result, Type};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};

/// A value that is counted in a number of live values.
pub struct Counted(Arc<AtomicUsize>);

impl Counted {
    pub fn value(live: &Arc<AtomicUsize>) -> Value {
        live.fetch_add(1, Ordering::SeqCst);
        Value::object(Counted(Arc::clone(live)))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Object for Counted {
    fn class(&self) -> &Type {
        static CLASS: LazyLock<Type> = LazyLock::new(|| Type::new("Counted").build());
        &CLASS
    }
}

/// A value that calls back when it is dropped.
pub struct OnDrop<F: Fn() + Send + Sync + 'static>(F);

impl<F: Fn() + Send + Sync + 'static> OnDrop<F> {
    pub fn value(finalizer: F) -> Value {
        Value::object(OnDrop(finalizer))
    }
}

impl<F: Fn() + Send + Sync + 'static> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

impl<F: Fn() + Send + Sync + 'static> Object for OnDrop<F> {
    fn class(&self) -> &Type {
        static CLASS: LazyLock<Type> = LazyLock::new(|| Type::new("OnDrop").build());
        &CLASS
    }
}

/// A value whose `==` is a closure.
pub struct Equal<F: Fn() -> Result + Send + Sync + 'static>(F);

impl<F: Fn() -> Result + Send + Sync + 'static> Equal<F> {
    pub fn value(eq: F) -> Value {
        Value::object(Equal(eq))
    }
}

impl<F: Fn() -> Result + Send + Sync + 'static> Object for Equal<F> {
    fn class(&self) -> &Type {
        static CLASS: LazyLock<Type> = LazyLock::new(|| Type::new("Equal").build());
        &CLASS
    }

    fn eq(&self, _: &ObjectRef, _: &Value) -> Result {
        (self.0)()
    }
}

/// Returns the value as a number.
pub fn int(value: Value) -> i64 {
    value
        .as_int()
        .unwrap_or_else(|| panic!("{value:?} is no int"))
}

/// Returns the exception as the last line of a traceback.
pub fn line<T>(result: Result<T, Exception>) -> String {
    match result {
        Ok(_) => panic!("should have failed"),
        Err(exception) => exception.to_string(),
    }
}
