//! The engine: bindings of variables in contexts, for values of any kind.
//!
//! It knows a thread's stack and the trie, and nothing of Python: no names, no
//! defaults, no exceptions. [`Domain`] says which types take part. The
//! [`host`](crate::host) layer puts the semantics of PEP 567 on top; a library
//! for Rust programs can put its own.
//!
//! * [`VarKey`] identifies a variable.
//! * [`ContextState`] is what a context is: its claim and its bindings.
//! * [`Cache`] remembers what one stay in a context has looked up.
//! * [`lookup`] and [`set`] act on a thread's current context.
//! * [`TokenState`] undoes one [`set`], once.

mod binding;
mod cache;
mod context;
mod domain;
mod key;
mod token;

pub use binding::{ensure_context, lookup, set};
pub use cache::Cache;
pub use context::{Bindings, ContextState};
pub use domain::{Domain, Entry};
pub use key::VarKey;
pub use token::{NotRestored, TokenState};
