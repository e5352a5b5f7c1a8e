//! What an interpreter tells this library about its objects, and a small
//! embedded object model that needs no interpreter.
//!
//! * [`Host`] is the contract: handles to objects, the interpreter's token,
//!   its exceptions, and the few object operations (`repr`, `==`, `hash`,
//!   identity, call) that semantics like those of PEP 567 rest on.
//! * [`Handle`] is a host's counted handle to one of its own objects in which
//!   a Rust payload lives.
//! * [`Failure`] is an exception before the host has made it.
//! * `std_host` (feature `std-host`) holds `Std`, a complete host.
//!
//! # Examples
//!
//! Code that is generic over the host, run on the embedded one:
//!
//! ```
//! # #[cfg(feature = "std-host")] {
//! use pyobj::std_host::{Std, Value};
//! use pyobj::{ExceptionKind, Failure, Host};
//!
//! /// Finds the value of `key`, or raises `KeyError(key)`.
//! fn find<H: Host>(
//!     vm: H::Vm<'_>,
//!     pairs: &[(H::Value, H::Value)],
//!     key: &H::Value,
//! ) -> Result<H::Value, H::Error> {
//!     for (candidate, value) in pairs {
//!         if H::is(candidate, key) || H::eq(vm, candidate, key)? {
//!             return Ok(H::clone_value(vm, value));
//!         }
//!     }
//!     let key = H::clone_value(vm, key);
//!     Err(H::raise(vm, Failure::object(ExceptionKind::KeyError, key)))
//! }
//!
//! let pairs = [(Value::from(1), Value::from("one"))];
//! let found = find::<Std>(Std, &pairs, &Value::from(1.0)).unwrap();
//! assert_eq!(found.as_str(), Some("one"));
//! let error = find::<Std>(Std, &pairs, &Value::from("x")).unwrap_err();
//! assert_eq!(error.to_string(), "KeyError: 'x'");
//! # }
//! ```
#![deny(unsafe_code)]

mod failure;
mod handle;
mod host;
#[cfg(feature = "std-host")]
pub mod std_host;

pub use failure::{Argument, ExceptionKind, Failure};
pub use handle::{Handle, Unallocated};
pub use host::Host;

/// Runs the example in the README.
#[cfg(all(doctest, feature = "std-host"))]
#[doc = include_str!("../README.md")]
struct Readme;
