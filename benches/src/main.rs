//! Compares the crates of this workspace with similar libraries: `cargo xtask bench`.
//!
//! * The crate `instructions` has the timed loops, and the workloads on context variables.
//! * [`runner`] runs a subject and its peers in turns, in one process.
//! * [`bench`] measures the cells of a group; [`report`] has the results and the targets.
//! * [`hamt`], [`hot`], [`threads`], [`ambient`] and [`rustpython`] are the groups.
//! * [`publish`] renders reports; [`command`] is the command line.
//!
//! In this program CPython is not a peer. `lib.rs` has the same groups as an extension that a CPython
//! loads. All modules are in one crate, since compiler flags of `cargo rustc` apply to one crate only.
//! The loops in `instructions` are generic, so that they are compiled with it.

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
mod report;
mod runner;
mod rustpython;
mod threads;

/// Every error is printed in one line, so its type does not matter.
type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> std::process::ExitCode {
    command::main(std::env::args())
}
