//! The current thread's state, reached without an argument.
#![allow(unsafe_code)]

use crate::{Stack, Thread};
use std::ptr;
use std::thread::LocalKey;

/// Runs `f` with the state in `key`; where that is gone, with one that `make` makes
/// for the length of the call. For [`current_thread!`](crate::current_thread).
#[doc(hidden)]
#[inline]
pub fn with_local<S: Stack, R>(
    key: &'static LocalKey<Thread<S>>,
    f: impl FnOnce(&Thread<S>) -> R,
    make: impl FnOnce() -> Thread<S>,
) -> R {
    // One call of `f` for both, which is then compiled in line, and not within
    // `try_with`, which would drop it where it does not call it.
    let made;
    let thread = match key.try_with(ptr::from_ref) {
        // SAFETY: as `with_local_if_any` argues.
        Ok(thread) => unsafe { &*thread },
        Err(_) => {
            made = make_late(make);
            &made
        }
    };
    f(thread)
}

/// Runs `f` with the state in `key`, or with `None` where that is gone. For
/// [`current_thread!`](crate::current_thread).
#[doc(hidden)]
#[inline]
pub fn with_local_if_any<S: Stack, R>(
    key: &'static LocalKey<Thread<S>>,
    f: impl FnOnce(Option<&Thread<S>>) -> R,
) -> R {
    let thread = key.try_with(ptr::from_ref).ok();
    // SAFETY: the state is this thread's, and is dropped when the thread ends, which
    // cannot be while `f` runs on it: destructors of thread-locals run one after the
    // other, and while this one's runs, `try_with` fails.
    f(thread.map(|thread| unsafe { &*thread }))
}

/// Makes a state for a call while the thread ends.
#[cold]
#[inline(never)]
fn make_late<S: Stack>(make: impl FnOnce() -> Thread<S>) -> Thread<S> {
    make()
}

/// Declares a function that runs a closure with the calling thread's
/// [`Thread`](crate::Thread): a host's counterpart of CPython 3.14's
/// `_PyThreadState_GET`.
///
/// A generic thread-local cannot be written in Rust, so each host declares its
/// own. The expression makes the state of a thread that has none yet.
///
/// While a thread ends, its thread-locals go one by one. Code that runs then
/// (the drop of a value, say) and asks after the state is gone gets a fresh,
/// empty one for the length of the call. A second function, if one is declared, is
/// for what can do without, and is faster for it: it runs its closure with `None` then.
///
/// ```
/// # use threadstate::{Claim, Event, Stack};
/// use threadstate::{Interpreter, Thread};
/// use std::sync::{Arc, LazyLock};
/// # struct Bare;
/// # impl Stack for Bare {
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
///     /// Runs `f` with the calling thread's state.
///     pub fn with_thread<Bare> = Thread::new(&MAIN);
///     /// Runs `f` with the calling thread's state, if that is not gone.
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
            static CURRENT: $crate::Thread<$stack> = $make;
        }
        $(#[$attribute])*
        #[inline]
        $visibility fn $name<R>(f: impl FnOnce(&$crate::Thread<$stack>) -> R) -> R {
            $crate::with_local(&CURRENT, f, || $make)
        }
        $(#[$other_attribute])*
        #[inline]
        $other_visibility fn $other_name<R>(
            f: impl FnOnce(::core::option::Option<&$crate::Thread<$stack>>) -> R,
        ) -> R {
            $crate::with_local_if_any(&CURRENT, f)
        }
    };
    ($(#[$attribute:meta])* $visibility:vis fn $name:ident<$stack:ty> = $make:expr) => {
        $(#[$attribute])*
        #[inline]
        $visibility fn $name<R>(f: impl FnOnce(&$crate::Thread<$stack>) -> R) -> R {
            ::std::thread_local! {
                static CURRENT: $crate::Thread<$stack> = $make;
            }
            $crate::with_local(&CURRENT, f, || $make)
        }
    };
}
