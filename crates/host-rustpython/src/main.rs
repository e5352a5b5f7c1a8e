//! RustPython's interpreter, with our context variables.
//!
//! With the environment variable `CONTEXTVARS_BUILT_IN` set, with RustPython's own: to
//! compare the two.

use rustpython::{InterpreterBuilder, InterpreterBuilderExt};
use std::process::ExitCode;

fn main() -> ExitCode {
    let builder = InterpreterBuilder::new().init_stdlib();
    rustpython::run(match std::env::var_os("CONTEXTVARS_BUILT_IN") {
        Some(_) => builder,
        None => host_rustpython::install(builder),
    })
}
