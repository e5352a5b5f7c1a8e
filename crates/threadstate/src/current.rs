//! The current thread's state, reached without an argument.
//!
//! Two thread-locals hold it. While a thread lives, its state is in a [`Local`]. When
//! the thread ends, thread-locals are dropped one by one, and a third one, [`AtEnd`],
//! leaves all contexts then. Code that runs later (the drop of a value in another
//! thread-local) may still use contexts: it gets the state in a [`Late`].
//!
//! Why references stay good; the blocks below refer to this: a `Local` and a `Late` have
//! no drop, so the standard library neither moves nor drops them, and their memory lives
//! as long as the native thread. So does a coroutine that was suspended with a reference
//! and goes on while the thread ends. (What is left in memory of a thread-local with a
//! drop is not said: until Rust 1.85 at least, some are moved away and dropped there.)
#![allow(unsafe_code)]

use crate::{Stack, Thread};
use std::cell::Cell;
use std::mem::{self, ManuallyDrop};
use std::ptr;
use std::thread::LocalKey;

/// A thread-local that holds a thread's state. For
/// [`current_thread!`](crate::current_thread).
#[doc(hidden)]
pub struct Local<S: Stack> {
    // The count of the interpreter in it is never given back.
    thread: ManuallyDrop<Thread<S>>,
}

impl<S: Stack> Local<S> {
    const NO_DROP: () = assert!(!mem::needs_drop::<Self>());

    /// Wraps the state of the calling thread, which `end` will end.
    pub fn new(thread: Thread<S>, end: &'static LocalKey<AtEnd>) -> Self {
        const { Self::NO_DROP };
        // Where `end` is gone, the thread that is ending leaks what it still enters.
        let _ = end.try_with(|_| ());
        Local {
            thread: ManuallyDrop::new(thread),
        }
    }

    /// Leaves all contexts, since the thread is ending. The state stays usable, as that
    /// of a fresh thread, for what has a reference to it.
    pub fn end(&self) {
        self.thread.has_ended.set(true);
        self.thread.leave_all();
    }
}

/// A thread-local that calls a function when its thread ends. For
/// [`current_thread!`](crate::current_thread).
#[doc(hidden)]
pub struct AtEnd(pub fn());

impl Drop for AtEnd {
    fn drop(&mut self) {
        (self.0)();
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
    const NO_DROP: () = assert!(!mem::needs_drop::<Self>());

    /// Wraps a fresh state.
    pub fn new(thread: Thread<S>) -> Self {
        const { Self::NO_DROP };
        Late {
            thread: ManuallyDrop::new(thread),
            calls: Cell::new(0),
        }
    }

    #[cold]
    #[inline(never)]
    fn begin(key: &'static LocalKey<Self>) -> LateCall<S> {
        let late = key.with(ptr::from_ref);
        // SAFETY: no drop.
        let calls = unsafe { &(*late).calls };
        calls.set(calls.get() + 1);
        LateCall(late)
    }
}

/// How often the base context of a thread that is ending is left, where each time the drop
/// of a value in it gives the thread another. Then the last one is leaked: a thread ends.
const ROUNDS: usize = 100;

/// A call that uses the state of a thread that is ending. At the end of the outermost
/// one the thread loses its base context, which would never be dropped otherwise.
struct LateCall<S: Stack>(*const Late<S>);

impl<S: Stack> Drop for LateCall<S> {
    #[cold]
    #[inline(never)]
    fn drop(&mut self) {
        // SAFETY: no drop.
        let late = unsafe { &*self.0 };
        // Still counted as a call: what is dropped here may use the state.
        for _ in 0..ROUNDS {
            if late.calls.get() > 1 || late.thread.depth() > 0 || !late.thread.has_context() {
                break;
            }
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
    // One call of `f` for both, which is then compiled in line.
    let call;
    let local = key.with(ptr::from_ref);
    // SAFETY: no drop.
    let mut thread = unsafe { &*(*local).thread };
    if thread.has_ended.get() {
        call = Late::begin(late);
        // SAFETY: no drop.
        thread = unsafe { &*(*call.0).thread };
    }
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
    let local = key.with(ptr::from_ref);
    // SAFETY: no drop.
    let thread = unsafe { &*(*local).thread };
    f(if thread.has_ended.get() {
        in_use(late)
    } else {
        Some(thread)
    })
}

#[cold]
#[inline(never)]
fn in_use<S: Stack>(late: &'static LocalKey<Late<S>>) -> Option<&'static Thread<S>> {
    let late = late.with(ptr::from_ref);
    // SAFETY: no drop; the reference is used in the call of `with_local_if_any` alone.
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
            static CURRENT: $crate::Local<$stack> = $crate::Local::new($make, &END);
            static END: $crate::AtEnd = const { $crate::AtEnd(|| CURRENT.with($crate::Local::end)) };
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
                static CURRENT: $crate::Local<$stack> = $crate::Local::new($make, &END);
                static END: $crate::AtEnd =
                    const { $crate::AtEnd(|| CURRENT.with($crate::Local::end)) };
                static LATE: $crate::Late<$stack> = $crate::Late::new($make);
            }
            $crate::with_local(&CURRENT, &LATE, f)
        }
    };
}
