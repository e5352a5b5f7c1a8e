//! Tests of the variables, of futures and closures that carry contexts, and of the
//! examples under load.

mod allocations;
mod changes;
mod closures;
// Miri does not run the assembly that switches native stacks.
#[cfg(not(miri))]
mod coroutines;
mod inheritance;
mod layer;
mod lints;
mod load;
mod long_chains;
mod names;
mod nesting;
mod no_leak;
#[cfg(not(miri))]
mod on_pools;
mod panics;
mod polled;
mod show;
mod spawning;
mod tokens;
mod tracing_fields;
mod travel;
mod values;
