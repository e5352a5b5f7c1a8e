//! What an interpreter tells this library about its objects, and a small
//! embedded object model that needs no interpreter.
//!
//! * [`Host`] is the contract: handles to objects, the interpreter's token,
//!   its exceptions, and the few object operations (`repr`, `==`, `hash`,
//!   identity, call) that semantics like those of PEP 567 rest on.
//! * [`Handle`] is a host's counted handle to one of its own objects in which
//!   a Rust payload lives.
//! * [`Failure`] is an exception before the host has made it.
//! * [`std_host`] (feature `std-host`) is `Std`, a host of its own.
#![forbid(unsafe_code)]

mod failure;
mod handle;
mod host;
#[cfg(feature = "std-host")]
pub mod std_host;

pub use failure::{Argument, ExceptionKind, Failure};
pub use handle::Handle;
pub use host::Host;
