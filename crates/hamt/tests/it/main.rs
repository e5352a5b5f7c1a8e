//! Tests of the trie through its public surface.
#![cfg(not(loom))]

mod collect;
mod cursor;
mod drops;
mod each_drop;
mod equality;
mod failing_eq;
mod fold;
mod histories;
mod iter;
mod key;
mod ledger;
mod lookup;
mod map;
mod own_kind;
mod panics;
mod shape;
mod sharing;
mod threads;
