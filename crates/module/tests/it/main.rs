//! Tests of the inittab, and of each row of the parity table that concerns the
//! `contextvars` module, through the module's attributes.
#![cfg(not(loom))]

mod acceptance;
mod any_host;
#[allow(dead_code, reason = "other tests use the rest")]
mod hosts;
mod inittab;
mod module_object;
mod objects;
mod parity_context;
mod parity_module;
mod parity_run;
mod parity_token;
mod parity_var;
mod python;
#[allow(dead_code, reason = "other tests use the rest")]
mod toy_hosts;
