//! A persistent 32-way hash array mapped trie: a map whose copy costs one
//! counter, and whose versions share what they have in common.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod entry;
mod hash;
mod node;
pub mod raw;

pub use entry::Entry;
pub use hash::fold_hash;
