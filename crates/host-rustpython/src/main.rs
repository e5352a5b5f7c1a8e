//! RustPython's interpreter with this crate's `_contextvars`.
//!
//! If the environment variable `CONTEXTVARS_BUILT_IN` is set, it uses RustPython's own module, so
//! that the two can be compared.

use rustpython::{InterpreterBuilder, InterpreterBuilderExt};
use std::process::ExitCode;

fn main() -> ExitCode {
    let builder = InterpreterBuilder::new().init_stdlib();
    rustpython::run(match std::env::var_os("CONTEXTVARS_BUILT_IN") {
        Some(_) => builder,
        None => host_rustpython::install(builder),
    })
}
