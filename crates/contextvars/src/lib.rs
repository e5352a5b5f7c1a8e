#![doc = include_str!("../README.md")]
//!
//! # Where to begin
//!
//! * [`engine`]: bindings for values of any type, without Python's semantics.
//! * [`host`]: PEP 567 over the objects of any Python interpreter.
//! * `ContextVar`, `Context` and `Token` (feature `std-host`): PEP 567 over the embedded host
//!   of [`pyobj`].
#![cfg_attr(docsrs, feature(doc_cfg))]
#![deny(unsafe_code)]

pub mod engine;
pub mod host;
mod primitive;
#[cfg(feature = "std-host")]
mod std_host;

/// The iterators of a [`Context`].
#[cfg(feature = "std-host")]
pub mod iter {
    pub use crate::std_host::{Iter, Keys, Values};
}

#[cfg(feature = "std-host")]
pub use std_host::{
    Context, ContextIter, ContextVar, Interpreter, Thread, Token, Watcher, c_api, copy_context,
    copy_current, interpreter, with_thread,
};

#[cfg(feature = "std-host")]
pub use pyobj::std_host::{Arguments, Builtin, Exception, Std, Value};
pub use threadstate::Event;
