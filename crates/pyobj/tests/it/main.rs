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

/// Returns the last line of the traceback of what was raised.
fn raised<T: Debug>(result: Result<T>) -> String {
    match result {
        Ok(value) => panic!("nothing was raised; the result is {value:?}"),
        Err(error) => error.to_string(),
    }
}
