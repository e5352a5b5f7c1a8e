//! A persistent 32-way hash array mapped trie: a map whose clone costs one
//! count, and whose versions share all they have in common.
//!
//! * [`Hamt`] is the map for keys that are `Hash + Eq`.
//! * [`raw`] is the layer below it, for interpreters: [`raw::RawHamt`] takes
//!   each key's hash from the caller, and an equality that may fail. There are
//!   also [cursors](raw::Cursor) that borrow nothing, a hook for cycle
//!   collectors, and a text picture of the tree.
//! * [`Entry`] is a key with its value, counted as one, so that neither need be
//!   `Clone`.
//! * [`fold_hash`] makes 32 bits of a 64-bit hash as CPython does.
//!
//! The trie is that of CPython's `Python/hamt.c`, which carries its context
//! variables: branches of up to 32 children, five bits of the hash a level, at
//! most seven levels, and a list where whole hashes are equal.
//!
//! # Examples
//!
//! ```
//! use hamt::Hamt;
//!
//! let mut settings = Hamt::from([("colour", "auto"), ("pager", "less")]);
//! let before = settings.clone();
//! settings.insert("pager", "more");
//! settings.insert("editor", "vi");
//!
//! assert_eq!(settings.get("pager"), Some(&"more"));
//! // The older version is as it was.
//! assert_eq!(before.get("pager"), Some(&"less"));
//! assert_eq!((before.len(), settings.len()), (2, 3));
//! ```
//!
//! # Features
//!
//! The crate is `no_std` with `alloc`. The feature `std`, on by default, gives
//! [`Hamt`] its default hasher, `std::hash::RandomState`, and lets each thread
//! keep up to 256 KiB of freed nodes to use again.
#![no_std]
#![deny(unsafe_code)]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod block;
mod count;
mod entry;
mod fork;
mod hash;
mod kind;
mod map;
mod node;
pub mod raw;

pub use entry::{Displaced, Entry};
pub use hash::fold_hash;
#[cfg(loom)]
pub use kind::LoomKind;
pub use kind::{ArcKind, PointerKind, RcKind};
pub use map::{DefaultState, Hamt, IntoIter, Iter};

/// Runs the examples of the README.
#[cfg(all(doctest, feature = "std"))]
#[doc = include_str!("../README.md")]
struct Readme;
