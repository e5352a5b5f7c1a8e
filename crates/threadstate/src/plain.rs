//! Stacks of plain values, without watchers; the `vm` argument of each call is `()`.
#![allow(unsafe_code)]

use crate::{Claim, Event, Stack};
use std::convert::Infallible;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

/// The family of contexts that hold a value of type `T`, for programs that need no more
/// than a stack of these on each thread.
///
/// The handle of a context is an `Arc<Plain<T>>`.
///
/// # Examples
///
/// ```
/// use std::sync::{Arc, LazyLock};
/// use threadstate::{Interpreter, Plain, PlainStack, Thread};
///
/// type Paths = PlainStack<&'static str>;
/// static ALL: LazyLock<Arc<Interpreter<Paths>>> = LazyLock::new(Default::default);
/// threadstate::current_thread! { fn stack<Paths> = Thread::new(&ALL) }
///
/// let path = || stack(|stack| stack.context(()).map(|request| *request.value()));
/// let request = Plain::new("/home");
/// let seen = stack(|stack| stack.run((), &request, path)).unwrap();
/// assert_eq!((seen, path()), (Some("/home"), None));
/// ```
pub struct PlainStack<T>(PhantomData<fn(T)>);

impl<T> fmt::Debug for PlainStack<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PlainStack")
    }
}

/// A context that holds a value, with the claim that says which thread is in it.
#[derive(Debug)]
pub struct Plain<T> {
    claim: Claim,
    value: T,
}

impl<T> Plain<T> {
    /// Creates a context that no thread is in. One allocation.
    pub fn new(value: T) -> Arc<Self> {
        Arc::new(Plain {
            claim: Claim::new(),
            value,
        })
    }

    /// Returns the value.
    pub fn value(&self) -> &T {
        &self.value
    }
}

// SAFETY: an `Arc` is a pointer, and the claim stays where it is.
unsafe impl<T: 'static> Stack for PlainStack<T> {
    type Vm<'a> = ();
    type Context = Arc<Plain<T>>;
    type State = Claim;
    type Local = ();
    type Watcher = Infallible;

    fn state(context: &Arc<Plain<T>>) -> &Claim {
        &context.claim
    }

    fn clone_context(_: (), context: &Arc<Plain<T>>) -> Arc<Plain<T>> {
        Arc::clone(context)
    }

    fn call_watcher(_: (), watcher: &Infallible, _: Event, _: Option<&Arc<Plain<T>>>) {
        match *watcher {}
    }
}
