//! The per-thread context stack: enter and exit, exclusive ownership, a switch
//! counter, watcher callbacks.
//!
//! * [`Stack`] names what is stacked; this crate does not know what a context
//!   is.
//! * [`Claim`] is the word in each context that says which thread is in it.
//! * [`Thread`] owns one thread's stack: enter, exit, run, the base context, the
//!   switch count.
//! * [`Interpreter`] is what threads share: up to eight watchers, which are notified
//!   of each switch.
//! * [`current_thread!`] declares a host's accessor for the current thread.
//!
//! Nothing of a thread's state points into a native stack: `docs/architecture.md` says
//! what that gives to coroutines, greenlets and forked processes.
//!
//! ```
//! use threadstate::{Claim, Event, Interpreter, Stack, Thread};
//! use std::sync::Arc;
//!
//! /// A context that holds nothing but its claim.
//! struct Bare;
//! // SAFETY: an `Arc` is a pointer, and the claim stays where it is.
//! unsafe impl Stack for Bare {
//!     type Vm<'a> = ();
//!     type Context = Arc<Claim>;
//!     type State = Claim;
//!     type Local = ();
//!     type Watcher = fn(Event, Option<&Arc<Claim>>);
//!     fn state(context: &Arc<Claim>) -> &Claim {
//!         context
//!     }
//!     fn clone_context(_: (), context: &Arc<Claim>) -> Arc<Claim> {
//!         Arc::clone(context)
//!     }
//!     fn call_watcher(_: (), call: &Self::Watcher, event: Event, now: Option<&Arc<Claim>>) {
//!         call(event, now)
//!     }
//! }
//!
//! let interpreter = Arc::new(Interpreter::<Bare>::new());
//! let here = Thread::new(&interpreter);
//! let elsewhere = Thread::new(&interpreter);
//! let context = Arc::new(Claim::new());
//!
//! here.enter((), Arc::clone(&context)).unwrap();
//! assert!(elsewhere.enter((), Arc::clone(&context)).is_err());
//! here.exit((), &context).unwrap();
//! assert!(elsewhere.enter((), Arc::clone(&context)).is_ok());
//! ```
#![deny(unsafe_code)]

mod claim;
mod current;
mod error;
mod fork;
mod frames;
#[cfg(not(loom))]
mod guarded;
mod id;
mod interpreter;
mod run;
mod stack;
mod thread;
mod unwind;
mod watch;

#[doc(hidden)]
pub mod sync;

pub use claim::{Claim, Claimed, Holder};
#[doc(hidden)]
pub use current::{Late, Local, with_local, with_local_if_any};
pub use error::{AlreadyEntered, ExitError, ReplaceError, WatcherError};
pub use frames::Current;
pub use id::{Activation, ContextVersion, Counter, ThreadId};
pub use interpreter::Interpreter;
pub use run::RunError;
pub use stack::{Leave, Stack};
pub use thread::Thread;
pub use unwind::OnUnwind;
pub use watch::{Event, MAX_WATCHERS};

/// Runs the example in the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
