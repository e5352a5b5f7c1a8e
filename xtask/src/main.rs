//! The commands of this repository.

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
mod process;
mod progress;
mod sanitize;
mod step;
mod stress;
mod table;
mod targets;
mod test_output;
mod tools;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Errors here are printed for a person, so any will do.
type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The commands of this repository.")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Check everything a change must pass, a step at a time.
    Gate(gate::Args),
    /// Run the loom models.
    Loom(loom::Args),
    /// Plant faults, one at a time: the checks must notice.
    Faults(faults::Args),
    /// Have real threads do at random all that can be done to contexts, and check every result.
    Stress(stress::Args),
    /// Run the tests of the persistent map under sanitizers and valgrind.
    Sanitize,
    /// Run the tests of the crates with unsafe code, and of those on them, under Miri.
    Miri(miri::Args),
    /// Look for operations that break the persistent map.
    Fuzz(fuzz::Args),
    /// Runs CPython's own tests, and a comparison with its own module, over our `_contextvars`.
    Conformance(conformance::Args),
    /// Lays out CPython 3.14 and 3.15, each also without a global lock, on Debian.
    Pythons(conformance::python::Folder),
    /// Count what stays of objects that refer to each other through contexts, over each host.
    Leaks,
    /// Runs Python programs on RustPython with our context variables.
    Rustpython(hosts::Args),
    /// Runs JavaScript with `AsyncContext`, on Boa.
    Boa(hosts::Args),
    /// Measures our crates beside others of their kind, and prints or publishes the table.
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
