//! The commands of this repository, `cargo xtask COMMAND`: a module for each.

mod acceptance;
mod bench;
mod conformance;
#[cfg(test)]
mod docs;
mod faults;
mod fuzz;
mod gate;
mod hosts;
mod leaks;
mod loom;
mod miri;
mod msrv;
mod packages;
mod process;
mod progress;
mod sanitize;
mod step;
mod stress;
mod surface;
mod table;
mod targets;
mod test_output;
mod tools;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Every error is printed as text, so its type does not matter.
type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The commands of this repository.")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the checks that a change must pass, step by step.
    Gate(gate::Args),
    /// Run the loom models.
    Loom(loom::Args),
    /// Plant faults, one at a time, and run the checks that must notice them.
    Faults(faults::Args),
    /// Run random operations on contexts on several threads, and check every result.
    Stress(stress::Args),
    /// Run the tests of the persistent map under sanitizers and valgrind.
    Sanitize,
    /// Run the tests of the crates with unsafe code under Miri.
    Miri(miri::Args),
    /// Run random operations on the persistent map, or random programs on the engine.
    Fuzz(fuzz::Args),
    /// Compare our `_contextvars` with CPython's own module, and run CPython's own tests on it.
    Conformance(conformance::Args),
    /// Lay out CPython 3.14 and 3.15, each also without a global lock, on Debian.
    Pythons(conformance::python::Folder),
    /// Count leaked objects that refer to each other through contexts, on each host.
    Leaks,
    /// Run a Python program on RustPython with our context variables.
    Rustpython(hosts::Args),
    /// Run JavaScript with `AsyncContext` on Boa.
    Boa(hosts::Args),
    /// Compare our crates with similar ones, and print or publish the table.
    Bench(bench::Options),
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Gate(args) => gate::main(&args),
        Command::Loom(args) => loom::main(&args),
        Command::Faults(args) => faults::main(&args),
        Command::Stress(args) => stress::main(&args),
        Command::Sanitize => sanitize::main(),
        Command::Miri(args) => miri::main(&args),
        Command::Fuzz(args) => fuzz::main(&args),
        Command::Conformance(args) => conformance::main(&args),
        Command::Pythons(folder) => conformance::python::lay_out(&folder),
        Command::Leaks => leaks::main(),
        Command::Rustpython(args) => hosts::RUSTPYTHON.main(&args),
        Command::Boa(args) => hosts::BOA.main(&args),
        Command::Bench(options) => bench::main(&options),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
