//! Temporary.
#![cfg(not(loom))]
#[path = "it/event_loop.rs"]
mod event_loop;
