//! The groups of `main.rs` as an extension of CPython, which is then among the peers: `benches.main`
//! is called with the program's arguments. Empty without the feature `cpython`, under which nothing
//! but `cargo rustc --lib --crate-type cdylib` links.
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
mod python;
mod report;
mod runner;
mod rustpython;
mod threads;

/// What can fail here is told to a person in one line, so any error will do.
type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// The module that Python imports.
#[pyo3::pymodule(name = "benches", gil_used = false)]
mod module {
    use pyo3::pyfunction;

    /// Does what the arguments say, the first of which is the program's name; true if that failed.
    #[pyfunction]
    fn main(arguments: Vec<String>) -> bool {
        crate::command::main(arguments) != std::process::ExitCode::SUCCESS
    }

    /// Does nothing: what is called where only the call is to count.
    #[pyfunction]
    fn nothing() {}
}
