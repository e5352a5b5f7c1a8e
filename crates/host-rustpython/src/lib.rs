#![doc = include_str!("../README.md")]
//!
//! # Modules
//!
//! * `host` is [`pyobj::Host`] over RustPython's objects.
//! * `var`, `context`, `token` and `iter` are the types, each with a cell of the library
//!   inside; `cells` assigns cells to types.
//! * `surface` creates their methods from the library's table.
//! * `immortal` makes module-level variables immortal once several threads use them.
//! * `thread` has each thread's state, and `interpreter` the state that the threads of one
//!   interpreter share.
//! * `collector` shows RustPython's collector the references of each object, and `nodes`
//!   those of shared bindings.
//! * `native` is the module.
#![deny(unsafe_code)]

mod cells;
mod collector;
mod context;
mod host;
mod immortal;
mod interpreter;
mod iter;
mod native;
mod nodes;
mod surface;
mod thread;
mod token;
mod var;

pub use cells::Watcher;
pub use context::Context;
pub use contextvars::host::WatcherId;
pub use host::RustPython;
pub use interpreter::{add_watcher, clear_watcher};
pub use native::install;
pub use token::Token;
pub use var::ContextVar;
