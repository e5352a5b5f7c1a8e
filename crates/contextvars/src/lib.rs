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

/// For the crate `module`. Not for other crates. It stays compatible within 0.1, since cargo may
/// combine patch versions of the two crates. Any other version may change it.
#[cfg(feature = "std-host")]
#[doc(hidden)]
pub mod internals {
    pub use crate::std_host::{ContextIter, instance};
}

#[cfg(feature = "std-host")]
pub use std_host::{
    Context, ContextVar, Interpreter, Thread, Token, Watcher, c_api, copy_context, copy_context_on,
    interpreter, with_thread,
};

#[cfg(feature = "std-host")]
pub use pyobj::std_host::{Arguments, Builtin, Exception, Std, Value};
pub use threadstate::Event;
