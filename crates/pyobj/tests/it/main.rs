//! Tests of the contract and of the embedded host.
#![cfg(not(loom))]

mod arguments;
mod attributes;
mod comparison;
mod contract;
mod exceptions;
mod functions;
mod generic_aliases;
mod hashing;
mod hosts;
mod items;
mod iteration;
mod namespaces;
mod nesting;
mod repr;
mod shared;
mod types;
mod unraisable;
mod values;
mod weak_references;
mod with_statement;

use pyobj::std_host::Result;
use std::fmt::Debug;

/// Gives what was raised as the last line of a traceback.
fn raised<T: Debug>(result: Result<T>) -> String {
    match result {
        Ok(value) => panic!("nothing was raised, but {value:?} given"),
        Err(error) => error.to_string(),
    }
}
