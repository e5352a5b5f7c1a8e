//! Models that the model checker runs through every order of steps.
#![cfg(loom)]

mod base;
mod enter;
mod exit;
mod run_mut;
mod stack;
mod suspend;
mod watchers;
