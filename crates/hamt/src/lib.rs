#![doc = include_str!("../README.md")]
//!
//! # Where to begin
//!
//! * [`Hamt`] is the map for keys that are `Hash + Eq`.
//! * [`HamtSet`] is the set of such keys. [`map`] and [`set`] have the iterators and entries.
//! * [`raw`] is the layer below it: [`raw::RawHamt`] takes each key's hash from the
//!   caller, and an equality that may fail; [`raw::Cursor`] iterates and borrows nothing.
//! * [`Entry`] is a key with its value, and [`fold_hash`] makes 32 bits of a 64-bit hash as
//!   CPython does.
#![no_std]
#![deny(unsafe_code)]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

#[cfg(feature = "arbitrary")]
mod arbitrary;
mod block;
mod count;
mod entry;
mod fork;
mod hash;
mod kind;
pub mod map;
mod node;
#[cfg(feature = "proptest")]
pub mod proptest;
pub mod raw;
#[cfg(feature = "rayon")]
pub mod rayon;
#[cfg(feature = "serde")]
mod serde;
pub mod set;

pub use entry::{Displaced, Entry};
pub use equivalent::Equivalent;
pub use hash::fold_hash;
#[cfg(loom)]
pub use kind::LoomKind;
pub use kind::{ArcKind, PointerKind, RcKind};
pub use map::{DefaultState, Hamt};
pub use set::HamtSet;
