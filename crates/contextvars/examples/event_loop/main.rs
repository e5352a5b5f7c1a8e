//! Serves a web server's access log on several event loops. Checks that each
//! task sees its own context variables, and never those of another task.
//!
//! Every line becomes a task that spawns child tasks. Hundreds of tasks take
//! turns on each thread, and some move to another thread between steps.
//! [`pump`] describes the parts.
//!
//! ```text
//! cargo run --release --example event_loop -- [LOG] [--threads N] [--tasks N]
//! ```
#![forbid(unsafe_code)]

mod arguments;
mod progress;
mod pump;

use arguments::Arguments;
use clap::Parser;
use pump::Input;
use std::fmt::Display;
use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

/// The exit status if the log could not be served.
const UNUSABLE: u8 = 2;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match serve(&arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            // If standard error is closed, too, the error cannot be reported.
            let _ = writeln!(io::stderr(), "error: {error}");
            ExitCode::from(UNUSABLE)
        }
    }
}

/// Serves the log and prints the summary. Returns `true` if every check passed.
fn serve(arguments: &Arguments) -> Result<bool, Box<dyn std::error::Error>> {
    let input = Input::open(arguments.log.as_deref())?;
    let bar = progress::bar(input.size);
    let summary = pump::run(input.reader, &arguments.options(), |bytes| bar.inc(bytes));
    bar.finish_and_clear();
    let summary = summary.map_err(|error| format!("{}: {error}", input.name))?;
    print(format_args!("{}: {summary}", input.name))
        .map_err(|error| format!("standard output: {error}"))?;
    Ok(summary.is_clean())
}

/// Prints to standard output. A closed pipe is not an error.
fn print(text: impl Display) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match write!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}
