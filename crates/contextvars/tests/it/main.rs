//! Tests of the engine, of PEP 567 over it for four hosts, and of the event
//! loop.
#![cfg(not(loom))]

mod acceptance;
mod base_context;
mod bindings;
mod cache;
mod code_in_allocations;
mod collector;
mod copies;
// Miri does not run the assembly that switches native stacks.
#[cfg(not(miri))]
mod coroutines;
mod each_drop;
mod engine;
mod event_loop;
mod finalizers;
mod hosts;
mod long_chains;
mod machine_by_mut;
mod mapping;
mod moving_collector;
#[path = "../plain/mod.rs"]
mod plain;
mod rc_host;
mod reads;
mod reentry;
mod refused_memory;
mod run;
mod scoped;
mod semantics;
mod session;
mod snapshots;
mod suspended;
mod thread_end;
mod threads;
mod token;
mod toy_hosts;
mod values;
mod var;
mod watchers;
mod wrong_hosts;
