//! Workloads on context variables, generic over the library, and the engine as one such library.
//! `benches` times them, and a tool counts their instructions.
//!
//! * [`workload`] has the timed loops, whose operands are hidden from the optimizer.
//! * [`library`] has the operations of a library of context variables; [`engine`] implements them for
//!   this workspace's engine.
//! * [`fixture`] has the workloads.
//!
//! All timed code is generic, so that it is compiled with the crate that uses it, with its flags.

#![allow(missing_debug_implementations)]

pub mod engine;
pub mod fixture;
pub mod library;
pub mod workload;
