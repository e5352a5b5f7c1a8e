//! Tests of the trie through its public interface.
#![cfg(not(loom))]

mod coarse;
mod cursor;
mod drops;
mod each_drop;
mod equality;
mod failing_clone;
mod failing_eq;
mod fold;
mod histories;
mod iter;
mod key;
mod like_std;
mod lookup;
mod map;
mod own_kind;
mod panics;
mod set_like_std;
mod set_ops;
mod shape;
mod sharing;
mod threads;
mod tracker;
