//! The current thread's state, reached without an argument.
//!
//! A [`ThreadCell`] holds it. It has no drop, so the standard library neither moves nor drops
//! it, and its memory lives as long as the native thread. So references to it stay valid
//! while the thread's other thread-locals are dropped, also in a coroutine that was
//! suspended with one and is resumed then. (A thread-local that has a drop may be moved
//! away and dropped there: Rust 1.85 does that.)
//!
//! An [`AtEnd`](crate::internals::AtEnd) has a drop, which leaves all contexts when the thread
//! ends.
#![allow(unsafe_code)]

use crate::thread::AtEndKey;
use crate::{Stack, Thread};
use std::fmt;
use std::mem::{self, ManuallyDrop};
use std::ptr;
use std::thread::LocalKey;

/// A thread-local that holds a thread's state. For
/// [`current_thread!`](crate::current_thread).
pub struct ThreadCell<S: Stack>(
    // Its reference to the interpreter is never released.
    ManuallyDrop<Thread<S>>,
);

impl<S: Stack> ThreadCell<S> {
    const NO_DROP: () = assert!(!mem::needs_drop::<Self>());

    /// Wraps the state of the calling thread. `end` leaves all its contexts when the
    /// thread ends.
    pub fn new(thread: Thread<S>, end: &'static AtEndKey) -> Self {
        const { Self::NO_DROP };
        // If `end` is gone, the thread is ending, and contexts on its stack are leaked.
        let _ = end.try_with(|_| ());
        ThreadCell(ManuallyDrop::new(thread))
    }

    /// Leaves all contexts: the thread is ending. The state can be used as that of a
    /// fresh thread afterwards. If it gets a base context then, `again` leaves it.
    pub fn end(&self, again: Option<&'static AtEndKey>) {
        self.0.end_activations(again);
    }
}

impl<S: Stack> fmt::Debug for ThreadCell<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ThreadCell").field(&*self.0).finish()
    }
}

/// Calls `f` with the state in `key`. For [`current_thread!`](crate::current_thread).
#[inline]
pub fn with_thread_cell<S: Stack, R>(
    key: &'static LocalKey<ThreadCell<S>>,
    f: impl FnOnce(&Thread<S>) -> R,
) -> R {
    // Outside of `with`, which is inlined less often with `f` in it.
    let cell = key.with(ptr::from_ref);
    // SAFETY: it has no drop, so it lives as long as the thread.
    f(unsafe { &(*cell).0 })
}

/// Declares a function that calls a closure with the calling thread's
/// [`Thread`](crate::Thread): a host's counterpart of CPython 3.14's
/// `_PyThreadState_GET`.
///
/// A generic thread-local cannot be written in Rust, so each host declares its
/// own. The expression creates the state of a thread that has none yet.
///
/// When a thread ends, its thread-locals are dropped one by one, and all contexts on its
/// stack are left. Code that runs later (the drop of a value in another thread-local) finds
/// the state without a context, and can use it as that of a fresh thread. A base context
/// that it gets then is left too, by another thread-local. A later one is leaked.
///
/// ```
/// # use threadstate::{Claim, Event, Stack};
/// use threadstate::{Interpreter, Thread};
/// use std::sync::{Arc, LazyLock};
/// # struct Bare;
/// # // SAFETY: an `Arc` is a pointer, and the claim stays where it is.
/// # unsafe impl Stack for Bare {
/// #     type Vm<'a> = ();
/// #     type Context = Arc<Claim>;
/// #     type State = Claim;
/// #     type Local = ();
/// #     type Watcher = fn();
/// #     fn state(context: &Arc<Claim>) -> &Claim { context }
/// #     fn clone_context(_: (), context: &Arc<Claim>) -> Arc<Claim> { Arc::clone(context) }
/// #     fn call_watcher(_: (), call: &fn(), _: Event, _: Option<&Arc<Claim>>) { call() }
/// # }
///
/// static MAIN: LazyLock<Arc<Interpreter<Bare>>> = LazyLock::new(Default::default);
///
/// threadstate::current_thread! {
///     /// Calls `f` with the calling thread's state.
///     pub fn with_thread<Bare> = Thread::new(&MAIN)
/// }
///
/// let id = with_thread(|thread| thread.id());
/// assert_eq!(id, with_thread(|thread| thread.id()));
/// ```
#[macro_export]
macro_rules! current_thread {
    ($(#[$attribute:meta])* $visibility:vis fn $name:ident<$stack:ty> = $make:expr) => {
        $(#[$attribute])*
        #[inline]
        $visibility fn $name<R>(f: impl FnOnce(&$crate::Thread<$stack>) -> R) -> R {
            ::std::thread_local! {
                static CURRENT: $crate::internals::ThreadCell<$stack> =
                    $crate::internals::ThreadCell::new($make, &END);
                static END: $crate::internals::AtEnd = const {
                    $crate::internals::AtEnd(|| CURRENT.with(|cell| cell.end(Some(&AGAIN))))
                };
                static AGAIN: $crate::internals::AtEnd = const {
                    $crate::internals::AtEnd(|| CURRENT.with(|cell| cell.end(None)))
                };
            }
            $crate::internals::with_thread_cell(&CURRENT, f)
        }
    };
}
