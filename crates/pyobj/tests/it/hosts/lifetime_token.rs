//! A host whose token has a lifetime, like PyO3's `Python<'py>`. Counting a
//! handle needs a token.

use super::{Payload, User, print, same};
use pyobj::{Argument, DirectHandle, ExceptionKind, Failure, Handle, Host, Unallocated};
use std::any::Any;
use std::cell::RefCell;
use std::marker::PhantomData;
use std::sync::{Arc, LazyLock};

pub struct LifetimeToken;

/// The proof of being attached. It stays on its thread.
#[derive(Clone, Copy)]
pub struct Token<'t>(PhantomData<(&'t (), *const ())>);

/// Calls `body` with a token: the only way to get one.
pub fn attach<R>(body: impl FnOnce(Token<'_>) -> R) -> R {
    body(Token(PhantomData))
}

/// A counted handle, which is not `Clone`.
pub struct Counted<T: ?Sized>(pub Arc<T>);

impl<T: ?Sized> Counted<T> {
    fn clone_ref(&self, _token: Token<'_>) -> Self {
        Counted(self.0.clone())
    }
}

/// Any Rust value is an object.
pub type Value = Counted<dyn Any + Send + Sync>;

pub struct Error {
    pub kind: ExceptionKind,
    pub argument: Value,
}

pub type Result<T = Value, E = Error> = std::result::Result<T, E>;

pub type Function = Box<dyn Fn(Token<'_>, &[Value]) -> Result + Send + Sync>;

static NONE: LazyLock<Value> = LazyLock::new(|| Counted(Arc::new(())));

thread_local! {
    pub static REPORTS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

fn error(token: Token<'_>, kind: ExceptionKind, text: &str) -> Error {
    LifetimeToken::raise(token, Failure::text(kind, text))
}

fn answer<T>(token: Token<'_>, answer: Result<T, &str>) -> Result<T> {
    answer.map_err(|text| error(token, ExceptionKind::ValueError, text))
}

impl Host for LifetimeToken {
    type Vm<'a> = Token<'a>;
    type Value = Value;
    type Error = Error;
    type Args<'a> = &'a [Value];

    fn clone_value(token: Token<'_>, value: &Value) -> Value {
        value.clone_ref(token)
    }

    fn is(a: &Value, b: &Value) -> bool {
        Arc::ptr_eq(&a.0, &b.0)
    }

    fn address(value: &Value) -> usize {
        Arc::as_ptr(&value.0).addr()
    }

    fn none(token: Token<'_>) -> Value {
        NONE.clone_ref(token)
    }

    fn is_str(_token: Token<'_>, value: &Value) -> bool {
        value.0.is::<String>()
    }

    fn repr(token: Token<'_>, value: &Value) -> Result<String> {
        if let Some(user) = value.0.downcast_ref::<User>() {
            return answer(token, user.repr).map(str::to_owned);
        }
        Ok(print(&*value.0)
            .unwrap_or_else(|| format!("<object at {:#x}>", LifetimeToken::address(value))))
    }

    fn hash(token: Token<'_>, value: &Value) -> Result<i64> {
        match value.0.downcast_ref::<User>() {
            Some(user) => answer(token, user.hash),
            None => Ok(LifetimeToken::address(value) as i64),
        }
    }

    fn eq(token: Token<'_>, left: &Value, right: &Value) -> Result<bool> {
        let (left, right) = (&left.0, &right.0);
        if let Some(user) = left.downcast_ref::<User>().or(right.downcast_ref()) {
            return answer(token, user.eq);
        }
        Ok(same(&**left, &**right) || Arc::ptr_eq(left, right))
    }

    fn call(token: Token<'_>, callable: &Value, args: &[Value]) -> Result {
        match callable.0.downcast_ref::<Function>() {
            Some(function) => function(token, args),
            None => Err(error(token, ExceptionKind::TypeError, "not callable")),
        }
    }

    fn raise(_token: Token<'_>, failure: Failure<Self>) -> Error {
        let kind = failure.kind;
        let argument: Value = match failure.argument {
            Argument::Text(text) => Counted(Arc::new(text)),
            Argument::Object(object) => object,
        };
        Error { kind, argument }
    }

    fn unraisable(_token: Token<'_>, _error: Error, message: &str) {
        REPORTS.with_borrow_mut(|reports| reports.push(message.to_owned()));
    }
}

impl<P: Payload> Handle<LifetimeToken> for Counted<P> {
    type Payload = P;

    fn allocate(_token: Token<'_>, payload: P) -> Result<Self, Unallocated<LifetimeToken, P>> {
        Ok(Counted(Arc::new(payload)))
    }

    fn with_payload<R>(&self, f: impl FnOnce(&P) -> R) -> R {
        f(&self.0)
    }

    fn clone_in(&self, token: Token<'_>) -> Self {
        self.clone_ref(token)
    }

    fn to_value(&self, token: Token<'_>) -> Value {
        Counted(self.clone_ref(token).0)
    }

    fn from_value(token: Token<'_>, value: &Value) -> Option<Self> {
        value.clone_ref(token).0.downcast().ok().map(Counted)
    }
}

impl<P: Payload> DirectHandle<LifetimeToken> for Counted<P> {
    fn payload(&self) -> &P {
        &self.0
    }
}
