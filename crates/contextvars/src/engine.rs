//! The engine: bindings of variables in contexts, for values of any kind.
//!
//! Start with the [`guide`], which has a complete host.
//!
//! It knows a thread's stack and the trie, and nothing of Python: no names, no
//! defaults, no exceptions. [`Domain`] says which types take part. The
//! [`host`](crate::host) layer puts the semantics of PEP 567 on top; a library
//! for Rust programs can put its own.
//!
//! * [`AtomicCounts`] and [`PlainCounts`] are the two usual choices of how bindings are counted.
//! * [`VarKey`] identifies a variable; one in a static keeps it in a [`LazyVarKey`].
//! * [`ContextState`] is what a context is: its claim and its bindings.
//! * [`lookup`] and [`set`] act on a thread's current context, [`copy_current`]
//!   copies it.
//! * [`bindings`] captures what is bound, and [`with_bindings`] runs in it later.
//! * [`Local`] is what a thread keeps for its reads.
//! * [`TokenState`] undoes one [`set`], once, and [`ScopedSet`] one that is undone
//!   in the same call.
//! * [`collect`] is for hosts whose collector finds cycles.
//! * [`DeepDrop`] holds each value, so that long chains of contexts drop without a deep
//!   stack.
//!
//! The paths that have to be fast are in `lookup`, with what a thread remembers
//! in `slots` and `reads`, and in `versions`. Each opens with its protocol.

#[doc = include_str!("../docs/engine.md")]
pub mod guide {
    #[expect(unused_imports, reason = "the page links to them")]
    use super::*;
}

pub mod collect;

mod binding;
mod context;
mod deep_drop;
mod domain;
mod key;
mod kind;
mod lookup;
mod number;
mod reads;
mod slots;
mod snapshot;
mod token;
mod versions;

pub use binding::{
    ScopedSet, copy_current, current_number, ensure_context, scoped, set, set_scoped, unset,
};
pub use context::{Bindings, ContextState, Difference, bind, diff, find, unbind};
pub use deep_drop::DeepDrop;
pub use domain::{Bound, Domain, Leaf, Refused, TraceBindings};
pub use hamt::{ErrorOf, PointerKind};
pub use key::{LazyVarKey, VarKey};
pub use kind::{AtomicCounts, Kind, PlainCounts};
pub use lookup::{Local, lookup, lookup_still};
pub use number::ContextNumber;
pub use snapshot::{bindings, with_bindings, with_kept_bindings};
pub use threadstate::{
    Event, Interpreter, Mark, RunError, Stack, Suspended, Thread, current_thread,
};
pub use token::{NotRestored, TokenState};
