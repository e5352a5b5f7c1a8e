//! Tests of the contract and of the embedded host.
#![cfg(not(loom))]

mod contract;
mod hosts;
