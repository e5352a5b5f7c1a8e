//! Tests of the variables, of futures and closures that carry contexts, and of the
//! examples under load.

mod allocations;
mod changes;
// Miri does not run the assembly that switches native stacks.
#[cfg(not(miri))]
mod coroutines;
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
