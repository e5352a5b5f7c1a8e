#![doc = include_str!("../README.md")]
//!
//! # Where to begin
//!
//! * [`Host`] is the contract, and [`Handle`] a host's handle to an object of its own with a
//!   Rust payload inside.
//! * [`Failure`] describes an exception that the host creates, and [`Arity`] is the number of
//!   arguments that a function takes.
//! * `std_host` (feature `std-host`) holds `Std`, a complete host.
#![cfg_attr(docsrs, feature(doc_cfg))]
#![deny(unsafe_code)]

mod debug;
mod host;
#[cfg(feature = "std-host")]
mod primitive;
#[cfg(feature = "std-host")]
pub mod std_host;

pub use host::{
    Argument, Arity, ArityError, DirectHandle, ExceptionKind, Failure, Handle, Host, Unallocated,
};
