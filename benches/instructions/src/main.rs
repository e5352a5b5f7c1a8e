//! Does one operation of the engine so many times: `instructions "set" 1000`.
//!
//! `cargo xtask bench hot --instructions` runs it under callgrind with two numbers of times. Start
//! and set-up are the same in both, so that the difference is what the operations cost.
//!
//! * [`operation`] names the operations.
//! * [`fixture`] is what they are done with.
//! * [`engine`] is all that is known here of the engine.
//! * [`memory`] is where their blocks come from.

mod engine;
mod fixture;
mod memory;
mod operation;

use std::process::ExitCode;

use operation::Operation;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let told = match &arguments[..] {
        [name, times] => Operation::named(name).zip(times.parse().ok()),
        _ => None,
    };
    let Some((operation, times)) = told else {
        // One a line, for who wants to go through them.
        for operation in Operation::ALL {
            println!("{}", operation.name());
        }
        return ExitCode::SUCCESS;
    };
    operation.perform(times);
    ExitCode::SUCCESS
}
