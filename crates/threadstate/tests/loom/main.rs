//! Models that the model checker runs through every order of steps.
#![cfg(loom)]

mod base;
mod enter;
mod exit;
mod stack;
mod watchers;
