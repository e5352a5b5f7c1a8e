//! The program: see `benches::command`.

use std::process::ExitCode;

fn main() -> ExitCode {
    match benches::command::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
