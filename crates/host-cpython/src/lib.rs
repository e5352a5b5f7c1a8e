//! CPython 3.11 and later as a host: its `_contextvars` module over the
//! [`contextvars`] crate.
//!
//! This is an extension module, not a library: Python imports it as
//! `_contextvars`. CPython's own tests run over it, and it is an example of a
//! complete host.
//!
//! * `ffi` wraps CPython's C API: counted handles, exceptions, types and methods
//!   from tables, the collector's functions. Of its files, only `nodes` and
//!   `watcher` depend on contexts.
//! * `host` implements [`pyobj::Host`] for CPython's objects.
//! * `cells` assigns a cell to each type, and implements
//!   [`contextvars::host::ContextHost`].
//! * `thread` finds the calling thread's state.
//! * `types` has the type objects; `var`, `context`, `token` and `iter` define
//!   their methods.
//! * `module` fills the module.
//! * `hamt`, in builds for tests, is the trie as a type of its own.
//!
//! `docs/hosts.md` explains them in the order in which one writes a host.

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
