//! Measures the crates of this workspace beside others of their kind: `cargo xtask bench`.
//!
//! * [`runner`] measures a subject and its peers in turns, in one process, and gives their ratios.
//! * [`allocator`] counts what they request of memory.
//! * [`bound`] says what a ratio may be at most, and [`report`] what was found.
//! * [`groups`] are the things that can be measured.
//! * [`command`] is the program around it.
//! * [`cpython`] embeds CPython, so that its C code can be a peer in the same process.
//!
//! The benchmarks in `benches/` show single operations by criterion: `cargo bench -p benches`.

pub mod allocator;
pub mod bound;
pub mod command;
#[cfg(feature = "cpython")]
pub mod cpython;
#[cfg(not(feature = "cpython"))]
#[path = "cpython/absent.rs"]
pub mod cpython;
mod figure;
pub mod groups;
mod progress;
mod publish;
pub mod report;
pub mod runner;
mod table;

/// What can fail here is told to a person in one line, so any error will do.
pub type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;
