//! What `module` promises: the inittab, and each row of the parity table that
//! the `contextvars` module shows, tried through the module's attributes.
#![cfg(not(loom))]

mod acceptance;
mod inittab;
mod module_object;
mod objects;
mod parity_context;
mod parity_module;
mod parity_run;
mod parity_token;
mod parity_var;
mod python;
