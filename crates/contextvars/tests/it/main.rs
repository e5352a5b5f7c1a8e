//! Tests of the engine, of PEP 567 over it for four hosts, and of the event
//! loop.
#![cfg(not(loom))]

mod base_context;
mod cache;
mod collector;
mod finalizers;
mod mapping;
mod plain;
mod run;
mod scoped;
mod thread_end;
mod threads;
mod token;
mod values;
mod var;
mod watchers;
