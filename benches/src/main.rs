//! The program where there is no CPython: see `benches::command`.

use std::process::ExitCode;

fn main() -> ExitCode {
    match benches::command::run(std::env::args().skip(1), None) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
