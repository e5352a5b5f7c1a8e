//! Measures the crates of this workspace beside others of their kind: `cargo xtask bench`.
//!
//! * The crate `instructions` is what workloads are made of, and those on context variables.
//! * [`runner`] gives a subject and its peers turns, in one process.
//! * [`bench`] is what a group measures with; [`report`] is what it found, against its targets.
//! * [`hamt`], [`hot`], [`threads`], [`ambient`], [`python`] and [`rustpython`] are the groups.
//! * [`publish`] shows a report; [`command`] is the program around it all.
//!
//! This program is without CPython. `lib.rs` is the same groups as an extension that a CPython
//! loads, with that interpreter among the peers. Both have all modules in one crate, since compiler
//! flags of `cargo rustc` reach one crate only: the one with the loops. Those of `instructions` are
//! generic, so that they are compiled with it.

mod allocator;
mod ambient;
mod bench;
mod command;
#[cfg(feature = "cpython")]
mod cpython;
mod hamt;
mod hot;
mod options;
mod publish;
mod python;
mod report;
mod runner;
mod rustpython;
mod threads;

/// What can fail here is told to a person in one line, so any error will do.
type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> std::process::ExitCode {
    command::main(std::env::args())
}
