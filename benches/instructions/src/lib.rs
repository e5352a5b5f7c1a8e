//! What is done to context variables, by code that all libraries share, and the engine as one of
//! these: for `benches`, which times it, and for a tool that counts instructions.
//!
//! * [`workload`] is what workloads are made of: loops whose operands are hidden from the optimizer.
//! * [`library`] is what a library of context variables can do, and [`engine`] is ours.
//! * [`fixture`] is the workloads.
//!
//! All that is timed is generic, so that it is compiled with the crate that uses it, by the flags of
//! that.

pub mod engine;
pub mod fixture;
pub mod library;
pub mod workload;
