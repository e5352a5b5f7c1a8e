//! Tests of the variables, of futures and closures that carry contexts, and of the
//! examples under load.

mod allocations;
mod changes;
mod inheritance;
mod load;
mod long_chains;
mod nesting;
mod panics;
mod show;
mod spawning;
mod tokens;
mod tracing_fields;
mod values;
