//! Closures that run in a context wherever they are called.

use crate::Context;

/// Wraps a closure so that it runs in a copy of the current context, as that is
/// [inherited](Context::inherited) now. One allocation.
///
/// Use it with any way of spawning that this crate does not wrap. For a closure with an
/// argument use [`inherit_once`]; for one that is called several times, [`inherit_fn`] or
/// [`inherit_mut`].
///
/// ```
/// use ambient::Var;
///
/// static ID: Var<u64> = Var::new("id");
///
/// let ids = ID.scoped(7, || {
///     std::thread::scope(|scope| {
///         let threads = [1, 2].map(|_| scope.spawn(ambient::inherit(|| ID.get())));
///         threads.map(|thread| thread.join().unwrap())
///     })
/// });
/// assert_eq!(ids, [Some(7), Some(7)]);
/// ```
#[must_use = "closures do nothing unless called"]
pub fn inherit<R>(body: impl FnOnce() -> R) -> impl FnOnce() -> R {
    in_context(Context::inherited(), body)
}

/// As [`inherit`], for a closure with an argument; several are passed as a tuple.
#[must_use = "closures do nothing unless called"]
pub fn inherit_once<A, R>(body: impl FnOnce(A) -> R) -> impl FnOnce(A) -> R {
    let mut call = ContextFn::new(Context::inherited(), body);
    move |argument| call.call_once(|body| body(argument))
}

/// As [`inherit`], for a closure that is called several times, also concurrently. Each call
/// runs in its own copy and sees no value that another call has set. One allocation for each
/// call.
///
/// ```
/// use ambient::Var;
///
/// static FACTOR: Var<u64> = Var::new("factor");
///
/// let multiply = FACTOR.scoped(2, || {
///     ambient::inherit_fn(|(a, b): (u64, u64)| a * b * FACTOR.get().unwrap_or(0))
/// });
/// assert_eq!(multiply((3, 4)), 24);
/// ```
#[must_use = "closures do nothing unless called"]
pub fn inherit_fn<A, R>(body: impl Fn(A) -> R) -> impl Fn(A) -> R {
    let body = ContextFn::new(Context::inherited(), body);
    move |argument| body.call_in_copy(|body| body(argument))
}

/// As [`inherit`], for a closure that is called several times, one call after the other.
/// All calls run in one context: each sees the values that earlier calls have set.
///
/// ```
/// use ambient::Var;
///
/// static CALLS: Var<u64> = Var::new("calls");
///
/// let mut count = CALLS.scoped(10, || {
///     ambient::inherit_mut(|more| {
///         CALLS.set(CALLS.get().unwrap_or(0) + more);
///         CALLS.get()
///     })
/// });
/// assert_eq!((count(1), count(1)), (Some(11), Some(12)));
/// ```
#[must_use = "closures do nothing unless called"]
pub fn inherit_mut<A, R>(body: impl FnMut(A) -> R) -> impl FnMut(A) -> R {
    let mut body = ContextFn::new(Context::inherited(), body);
    move |argument| body.call_mut(|body| body(argument))
}

/// Wraps a closure so that it runs in `context`.
#[must_use = "closures do nothing unless called"]
pub fn in_context<R>(context: Context, body: impl FnOnce() -> R) -> impl FnOnce() -> R {
    let mut call = ContextFn::new(context, body);
    move || call.call_once(|body| body())
}

/// A closure with a context, in which it is called and its captured values are dropped.
pub(crate) struct ContextFn<F> {
    context: Context,
    body: Option<F>,
}

impl<F> ContextFn<F> {
    pub(crate) fn new(context: Context, body: F) -> Self {
        ContextFn {
            context,
            body: Some(body),
        }
    }

    pub(crate) fn call_once<R>(&mut self, call: impl FnOnce(F) -> R) -> R {
        let body = self.body.take().expect(GONE);
        self.context.run(|| call(body))
    }

    fn call_mut<R>(&mut self, call: impl FnOnce(&mut F) -> R) -> R {
        let body = self.body.as_mut().expect(GONE);
        self.context.run(|| call(body))
    }

    fn call_in_copy<R>(&self, call: impl FnOnce(&F) -> R) -> R {
        let body = self.body.as_ref().expect(GONE);
        self.context.copy().run(|| call(body))
    }
}

const GONE: &str = "only a call that consumes the closure takes it";

impl<F> Drop for ContextFn<F> {
    fn drop(&mut self) {
        if let Some(body) = self.body.take() {
            self.context.run(|| drop(body));
        }
    }
}
