//! Models that loom runs in every order of their operations.
#![cfg(loom)]

mod base;
mod enter;
mod exit;
mod run_mut;
mod stack;
mod suspend;
mod watchers;
