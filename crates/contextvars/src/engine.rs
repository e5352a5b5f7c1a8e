//! The engine: bindings of variables in contexts, for values of any kind.
//!
//! Start with the [`guide`], which has a complete host.
//!
//! It combines a thread's context stack with the trie. It knows nothing of Python: no names, no
//! defaults, no exceptions. [`Domain`] names the types of one host. The
//! [`host`](crate::host) layer adds the semantics of PEP 567; a library
//! for Rust programs can add its own.
//!
//! * [`AtomicCounts`] and [`PlainCounts`] are the two usual ways to count references to bindings.
//! * [`VarKey`] identifies a variable; a variable in a static has a [`LazyVarKey`].
//! * [`ContextState`] is the state of a context: its claim and its bindings.
//! * [`lookup`] and [`set`] act on a thread's current context, [`copy_current`]
//!   copies it.
//! * [`bindings`] captures the current bindings, and [`with_bindings`] calls a function with them
//!   later.
//! * [`Local`] is the engine's state of a thread: recent lookups, open reads, reusable contexts.
//! * [`TokenState`] undoes one [`set`], once. [`ScopedSet`] undoes a set within the same call.
//! * [`collect`] is for hosts whose collector finds cycles.
//! * [`DeepDrop`] wraps each value, so that long chains of contexts drop without a deep
//!   native stack.
//!
//! The hot paths are in `lookup`, `slots`, `reads` and `versions`. Each of these files opens with
//! its protocol.

#[doc = include_str!("../docs/engine.md")]
pub mod guide {
    #[expect(unused_imports, reason = "the page links to them")]
    use super::*;
}

pub mod collect;

// `Domain`, `ContextState` and `Local` are one object model, so their files refer to each other in
// circles: a domain names the states of its contexts and threads, which hold its variables and values.

mod binding;
mod context;
mod deep_drop;
mod domain;
mod id;
mod key;
mod kind;
mod lookup;
mod reads;
mod slots;
mod snapshot;
mod token;
mod versions;

pub use binding::{ScopedSet, copy_current, current_id, ensure_context, scoped, set_scoped, unset};
pub use context::{Bindings, ContextState, Difference, bind, diff, find, unbind};
pub use deep_drop::DeepDrop;
pub use domain::{Domain, KeyedVar, Leaf, Refused, TraceBindings};
pub use hamt::{ErrorOf, PointerKind};
pub use id::ContextId;
pub use key::{LazyVarKey, VarKey};
pub use kind::{AtomicCounts, Kind, PlainCounts};
pub use lookup::{Local, lookup, lookup_unregistered};
pub use snapshot::{bindings, with_bindings, with_kept_bindings};
pub use threadstate::{
    Activation, AlreadyEntered, Claim, Claimed, ContextVersion, Current, Event, ExitError, Holder,
    Interpreter, Leave, Mark, ReplaceError, ResumeError, RunError, Stack, SuspendError, Suspended,
    Thread, ThreadId, WatcherError, WatcherId, current_thread,
};
pub use token::{NotRestored, TokenState, set};
