//! The guide's web service, loaded by a real client that checks every answer: streamed bodies,
//! cancelled requests, handlers that panic, and tasks that are not wrapped.
//!
//! `cargo run --release -p contextvars-ambient --all-features --example service -- [SECONDS] [--leak]`
//!
//! It fails if a request saw another request's value. With `--leak` the server runs inside a
//! context, which its tasks share; the client must detect that.

mod load;
mod service;

use std::process::ExitCode;
use std::time::Duration;

fn main() -> ExitCode {
    let (flags, seconds): (Vec<String>, Vec<String>) = std::env::args()
        .skip(1)
        .partition(|argument| argument.starts_with('-'));
    let leaks = flags.iter().any(|flag| flag == "--leak");
    let seconds = seconds
        .first()
        .map_or(Ok(10.0), |seconds| seconds.parse::<f64>());
    let seconds = match seconds.map(Duration::try_from_secs_f64) {
        Ok(Ok(seconds)) if flags.iter().all(|flag| flag == "--leak") => seconds,
        _ => {
            eprintln!("usage: service [SECONDS] [--leak]");
            return ExitCode::FAILURE;
        }
    };
    match load::run(seconds, leaks) {
        Ok(report) => {
            print!("{report}");
            ExitCode::from(u8::from(!report.is_clean()))
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
