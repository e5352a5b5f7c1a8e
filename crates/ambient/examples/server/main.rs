//! A web server whose requests each have an id and a user wherever they go, and a client that
//! loads it with thousands of them at once.
//!
//! `cargo run --release -p contextvars-ambient --example server -- [REQUESTS]`

mod load;
mod service;

use std::process::ExitCode;

fn main() -> ExitCode {
    let argument = std::env::args().nth(1);
    let requests = match argument.as_deref().map_or(Ok(2_000), str::parse) {
        Ok(requests) if requests > 0 => requests,
        _ => {
            let given = argument.unwrap_or_default();
            eprintln!("`{given}` is no number of requests; give one of 1 or more");
            return ExitCode::FAILURE;
        }
    };
    match load::run(requests) {
        Ok(report) => {
            print!("{report}");
            if report.is_clean() {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            }
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
