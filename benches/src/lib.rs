//! The groups of `main.rs` as an extension of CPython, which is then a peer. Python calls
//! `benches.main` with the program's arguments. Empty without the feature `cpython`, with which only
//! `cargo rustc --lib --crate-type cdylib` links.
#![cfg(feature = "cpython")]

mod allocator;
mod ambient;
mod bench;
mod command;
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

/// The module that Python imports.
#[pyo3::pymodule(name = "benches", gil_used = false)]
mod module {
    use pyo3::pyfunction;

    /// Runs the command; the first argument is the program's name. Returns `true` if it failed.
    #[pyfunction]
    fn main(arguments: Vec<String>) -> bool {
        crate::command::main(arguments) != std::process::ExitCode::SUCCESS
    }

    /// Does nothing, for workloads in which only the call counts.
    #[pyfunction]
    fn nothing() {}
}
