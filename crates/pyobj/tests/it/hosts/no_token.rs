//! A host without a token, whose objects may move between threads.

use super::{Payload, User, print, same};
use pyobj::{Argument, DirectHandle, ExceptionKind, Failure, Handle, Host, Unallocated};
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::sync::{Arc, LazyLock};

pub struct NoToken;

/// Any Rust value is an object.
pub type Value = Arc<dyn Any + Send + Sync>;

pub struct Error {
    pub kind: ExceptionKind,
    pub argument: Value,
}

pub type Result<T = Value, E = Error> = std::result::Result<T, E>;

pub type Function = Box<dyn Fn(&[Value]) -> Result + Send + Sync>;

static NONE: LazyLock<Value> = LazyLock::new(|| Arc::new(()));

thread_local! {
    pub static REPORTS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    /// Whether allocating a handle fails.
    pub static OUT_OF_MEMORY: Cell<bool> = const { Cell::new(false) };
}

fn answer<T>(answer: std::result::Result<T, &str>) -> Result<T> {
    answer.map_err(|text| NoToken::raise((), Failure::text(ExceptionKind::ValueError, text)))
}

impl Host for NoToken {
    type Vm<'a> = ();
    type Value = Value;
    type Error = Error;
    type Args<'a> = Vec<Value>;

    fn clone_value((): (), value: &Value) -> Value {
        value.clone()
    }

    fn is(a: &Value, b: &Value) -> bool {
        Arc::ptr_eq(a, b)
    }

    fn address(value: &Value) -> usize {
        Arc::as_ptr(value).addr()
    }

    fn none((): ()) -> Value {
        NONE.clone()
    }

    fn is_str((): (), value: &Value) -> bool {
        value.is::<String>()
    }

    fn repr((): (), value: &Value) -> Result<String> {
        if let Some(user) = value.downcast_ref::<User>() {
            return answer(user.repr).map(str::to_owned);
        }
        Ok(
            print(&**value)
                .unwrap_or_else(|| format!("<object at {:#x}>", NoToken::address(value))),
        )
    }

    fn hash((): (), value: &Value) -> Result<i64> {
        match value.downcast_ref::<User>() {
            Some(user) => answer(user.hash),
            None => Ok(NoToken::address(value) as i64),
        }
    }

    fn eq((): (), left: &Value, right: &Value) -> Result<bool> {
        if let Some(user) = left.downcast_ref::<User>().or(right.downcast_ref()) {
            return answer(user.eq);
        }
        Ok(same(&**left, &**right) || Arc::ptr_eq(left, right))
    }

    fn call((): (), callable: &Value, args: Vec<Value>) -> Result {
        match callable.downcast_ref::<Function>() {
            Some(function) => function(&args),
            None => Err(NoToken::raise(
                (),
                Failure::text(ExceptionKind::TypeError, "not callable"),
            )),
        }
    }

    fn raise((): (), failure: Failure<Self>) -> Error {
        let kind = failure.kind;
        let argument = match failure.argument {
            Argument::Text(text) => Arc::new(text),
            Argument::Object(object) => object,
        };
        Error { kind, argument }
    }

    fn unraisable((): (), _error: Error, message: &str) {
        REPORTS.with_borrow_mut(|reports| reports.push(message.to_owned()));
    }
}

pub struct Ref<P>(Arc<P>);

impl<P: Payload> Handle<NoToken> for Ref<P> {
    type Payload = P;

    fn allocate((): (), payload: P) -> Result<Self, Unallocated<NoToken, P>> {
        if OUT_OF_MEMORY.get() {
            let failure = Failure::text(ExceptionKind::RuntimeError, "out of memory");
            let error = NoToken::raise((), failure);
            return Err(Unallocated { error, payload });
        }
        Ok(Ref(Arc::new(payload)))
    }

    fn with_payload<R>(&self, f: impl FnOnce(&P) -> R) -> R {
        f(&self.0)
    }

    fn clone_in(&self, (): ()) -> Self {
        Ref(self.0.clone())
    }

    fn to_value(&self, (): ()) -> Value {
        self.0.clone()
    }

    fn from_value((): (), value: &Value) -> Option<Self> {
        value.clone().downcast().ok().map(Ref)
    }
}

impl<P: Payload> DirectHandle<NoToken> for Ref<P> {
    fn payload(&self) -> &P {
        &self.0
    }
}
