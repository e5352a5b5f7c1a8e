#![doc = include_str!("../README.md")]
//!
//! # Modules
//!
//! * `host` is [`pyobj::Host`] over RustPython's objects.
//! * `var`, `context`, `token` and `iter` are the types, each with a cell of the library
//!   inside; `cells` says which is which.
//! * `surface` makes their methods of the library's table.
//! * `home` has RustPython stop counting the variables of modules that several threads
//!   use.
//! * `thread` keeps each thread's state, and `interpreter` what the threads of one
//!   interpreter share.
//! * `collector` shows RustPython's collector what each object owns.
//! * `native` is the module.
#![deny(unsafe_code)]

mod cells;
mod collector;
mod context;
mod home;
mod host;
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
pub use host::RustPython;
pub use interpreter::{add_watcher, clear_watcher};
pub use native::install;
pub use token::Token;
pub use var::ContextVar;
