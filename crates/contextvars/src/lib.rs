//! PEP 567 context variables: for interpreters written in Rust, and for Rust
//! programs.
//!
//! A [`ContextVar`] has a value in each [`Context`]. A thread runs in one
//! context at a time; copying one is O(1) and shares everything, so every task
//! can have its own. Setting a variable gives a [`Token`] that restores what
//! was there.
//!
//! ```
//! use contextvars::{ContextVar, copy_context};
//!
//! let request = ContextVar::with_default("request", "none");
//! request.set("GET /");
//!
//! // A task runs in a copy: it inherits, and what it sets stays its own.
//! let task = copy_context();
//! task.run(|| {
//!     assert_eq!(request.get().unwrap().as_str(), Some("GET /"));
//!     request.set("GET /image");
//! })?;
//!
//! assert_eq!(request.get()?.as_str(), Some("GET /"));
//! assert_eq!(task.get(&request).unwrap().as_str(), Some("GET /image"));
//! # Ok::<(), contextvars::Exception>(())
//! ```
//!
//! Three layers, each usable alone:
//!
//! * [`engine`]: bindings for values of any kind, without Python's semantics;
//! * [`host`]: PEP 567 over the objects of any interpreter;
//! * the types at this level (feature `std-host`): the same over the embedded
//!   host of [`pyobj`], for programs without an interpreter.
#![deny(unsafe_code)]

pub mod engine;
pub mod host;
#[cfg(feature = "std-host")]
mod std_host;

#[cfg(feature = "std-host")]
pub use std_host::{
    Bindings, Context, ContextIter, ContextVar, Interpreter, Thread, Token, Watcher, c_api,
    copy_context, copy_current, interpreter, with_thread,
};

#[cfg(feature = "std-host")]
pub use pyobj::std_host::{Arguments, Builtin, Exception, Std, Value};
pub use threadstate::Event;

/// Runs the examples of both READMEs.
#[cfg(all(doctest, feature = "std-host"))]
mod readme {
    #[doc = include_str!("../README.md")]
    struct Crate;

    #[doc = include_str!("../../../README.md")]
    struct Workspace;
}
