//! CPython 3.11 and later as a host: its `_contextvars` module over the
//! [`contextvars`] crate.
//!
//! An extension module, not a library: Python imports it as `_contextvars`. Its
//! purpose is proof, since CPython's own tests run over it, and example: it is
//! a whole host in a few files, each of which says one thing.
//!
//! * `ffi` is all that is `unsafe`: counted handles, exceptions in flight,
//!   types and methods from tables, the collector's hooks. It knows CPython
//!   and nothing of contexts.
//! * `host` is [`pyobj::Host`] over CPython's objects.
//! * `cells` says which cell lives in which type, and is
//!   [`contextvars::host::ContextHost`], whose contract it argues for.
//! * `thread` finds the calling thread's state.
//! * `types` holds the type objects; `var`, `context`, `token` and `iter` give
//!   them their methods.
//! * `module` makes the module.
//! * `hamt`, in builds for tests, shows the trie itself.
//!
//! `docs/hosts.md` walks through them in the order in which one writes them.

mod ffi;

mod cells;
mod host;
mod thread;
mod types;

mod context;
#[cfg(feature = "hamt")]
mod hamt;
mod iter;
mod token;
mod var;

mod module;
