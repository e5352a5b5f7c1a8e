//! The current thread's state, reached without an argument.
//!
//! Two thread-locals hold it. While a thread lives, its state is in a [`Local`]. When
//! the thread ends, thread-locals are dropped one by one, and code that runs then (the
//! drop of a value in a later one) may still use contexts: it gets the state in a
//! [`Late`], which is not dropped.
//!
//! Why references stay good; the blocks below refer to these numbers:
//!
//! 1. A `Local` is never destroyed: its drop leaves all contexts, and the state stays
//!    usable, as that of a fresh thread, in memory that lives as long as the native
//!    thread. So does a coroutine that was suspended with a reference to it and goes on
//!    while the thread ends. Its drop takes `&mut` of a type that is not `Unpin`, which
//!    claims no uniqueness.
//! 2. A `Late` has no drop.
#![allow(unsafe_code)]

use crate::{Stack, Thread};
use std::cell::Cell;
use std::marker::PhantomPinned;
use std::mem::ManuallyDrop;
use std::ptr;
use std::thread::LocalKey;

/// A thread-local that holds a thread's state. For
/// [`current_thread!`](crate::current_thread).
#[doc(hidden)]
pub struct Local<S: Stack> {
    // The count of the interpreter in it is never given back.
    thread: ManuallyDrop<Thread<S>>,
    _pinned: PhantomPinned,
}

impl<S: Stack> Local<S> {
    /// Wraps the state of the calling thread.
    pub fn new(thread: Thread<S>) -> Self {
        Local {
            thread: ManuallyDrop::new(thread),
            _pinned: PhantomPinned,
        }
    }
}

impl<S: Stack> Drop for Local<S> {
    fn drop(&mut self) {
        self.thread.has_ended.set(true);
        self.thread.leave_all();
    }
}

/// A thread-local that holds the state of a thread that is ending. For
/// [`current_thread!`](crate::current_thread).
#[doc(hidden)]
pub struct Late<S: Stack> {
    thread: ManuallyDrop<Thread<S>>,
    /// How many calls use it now.
    calls: Cell<usize>,
}

impl<S: Stack> Late<S> {
    /// Wraps a fresh state.
    pub fn new(thread: Thread<S>) -> Self {
        Late {
            thread: ManuallyDrop::new(thread),
            calls: Cell::new(0),
        }
    }

    #[cold]
    #[inline(never)]
    fn begin(key: &'static LocalKey<Self>) -> LateCall<S> {
        let late = key.with(ptr::from_ref);
        // SAFETY: 2.
        let calls = unsafe { &(*late).calls };
        calls.set(calls.get() + 1);
        LateCall(late)
    }
}

/// A call that uses the state of a thread that is ending. At the end of the outermost
/// one the thread loses its base context, which would never be dropped otherwise.
struct LateCall<S: Stack>(*const Late<S>);

impl<S: Stack> Drop for LateCall<S> {
    #[cold]
    #[inline(never)]
    fn drop(&mut self) {
        // SAFETY: 2.
        let late = unsafe { &*self.0 };
        if late.calls.get() == 1 && late.thread.depth() == 0 {
            // Still counted as a call: what is dropped here may use the state.
            late.thread.leave_all();
        }
        late.calls.set(late.calls.get() - 1);
    }
}

/// Calls `f` with the state in `key`; where that is gone, with the one in `late`. For
/// [`current_thread!`](crate::current_thread).
#[doc(hidden)]
#[inline]
pub fn with_local<S: Stack, R>(
    key: &'static LocalKey<Local<S>>,
    late: &'static LocalKey<Late<S>>,
    f: impl FnOnce(&Thread<S>) -> R,
) -> R {
    // One call of `f` for both, which is then compiled in line, and not within
    // `try_with`, which would drop it where it does not call it.
    let call;
    let thread = match key.try_with(ptr::from_ref) {
        // SAFETY: 1.
        Ok(local) => unsafe { &*(*local).thread },
        Err(_) => {
            call = Late::begin(late);
            // SAFETY: 2.
            unsafe { &*(*call.0).thread }
        }
    };
    f(thread)
}

/// Calls `f` with the state in `key`; where that is gone, with the one in `late` if a
/// call uses it, else with `None`. For [`current_thread!`](crate::current_thread).
#[doc(hidden)]
#[inline]
pub fn with_local_if_any<S: Stack, R>(
    key: &'static LocalKey<Local<S>>,
    late: &'static LocalKey<Late<S>>,
    f: impl FnOnce(Option<&Thread<S>>) -> R,
) -> R {
    f(match key.try_with(ptr::from_ref) {
        // SAFETY: 1.
        Ok(local) => Some(unsafe { &*(*local).thread }),
        Err(_) => in_use(late),
    })
}

#[cold]
#[inline(never)]
fn in_use<S: Stack>(late: &'static LocalKey<Late<S>>) -> Option<&'static Thread<S>> {
    let late = late.with(ptr::from_ref);
    // SAFETY: 2; the reference is used in the call of `with_local_if_any` alone.
    let late = unsafe { &*late };
    (late.calls.get() > 0).then(|| &*late.thread)
}

/// Declares a function that calls a closure with the calling thread's
/// [`Thread`](crate::Thread): a host's counterpart of CPython 3.14's
/// `_PyThreadState_GET`.
///
/// A generic thread-local cannot be written in Rust, so each host declares its
/// own. The expression makes the state of a thread that has none yet.
///
/// While a thread ends, its thread-locals are dropped one by one. Code that runs then
/// (the drop of a value, say), after the state was dropped, gets a fresh one, in which
/// contexts work as on any thread. What was set in its base context is gone when the
/// outermost call returns. A second function, if one is declared, is for what can do
/// without a state, and is faster: it calls its closure with `None` then, unless such a
/// call is under way.
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
///     pub fn with_thread<Bare> = Thread::new(&MAIN);
///     /// Calls `f` with the calling thread's state, if that is not gone.
///     pub fn with_thread_if_any;
/// }
///
/// let id = with_thread(|thread| thread.id());
/// assert_eq!(id, with_thread(|thread| thread.id()));
/// assert!(with_thread_if_any(|thread| thread.is_some_and(|thread| thread.id() == id)));
/// ```
#[macro_export]
macro_rules! current_thread {
    (
        $(#[$attribute:meta])* $visibility:vis fn $name:ident<$stack:ty> = $make:expr;
        $(#[$other_attribute:meta])* $other_visibility:vis fn $other_name:ident;
    ) => {
        ::std::thread_local! {
            static CURRENT: $crate::Local<$stack> = $crate::Local::new($make);
            static LATE: $crate::Late<$stack> = $crate::Late::new($make);
        }
        $(#[$attribute])*
        #[inline]
        $visibility fn $name<R>(f: impl FnOnce(&$crate::Thread<$stack>) -> R) -> R {
            $crate::with_local(&CURRENT, &LATE, f)
        }
        $(#[$other_attribute])*
        #[inline]
        $other_visibility fn $other_name<R>(
            f: impl FnOnce(::core::option::Option<&$crate::Thread<$stack>>) -> R,
        ) -> R {
            $crate::with_local_if_any(&CURRENT, &LATE, f)
        }
    };
    ($(#[$attribute:meta])* $visibility:vis fn $name:ident<$stack:ty> = $make:expr) => {
        $(#[$attribute])*
        #[inline]
        $visibility fn $name<R>(f: impl FnOnce(&$crate::Thread<$stack>) -> R) -> R {
            ::std::thread_local! {
                static CURRENT: $crate::Local<$stack> = $crate::Local::new($make);
                static LATE: $crate::Late<$stack> = $crate::Late::new($make);
            }
            $crate::with_local(&CURRENT, &LATE, f)
        }
    };
}
