#![doc = include_str!("../README.md")]
//!
//! # Where to begin
//!
//! * [`Hamt`] is the map for keys that are `Hash + Eq`.
//! * [`HamtSet`] is the set of such keys. [`map`] and [`set`] have the iterators and entries.
//! * [`raw`] is the layer below it: [`raw::RawHamt`] takes each key's hash from the
//!   caller, and an equality that may fail; [`raw::Cursor`] iterates and borrows nothing.
//! * [`Leaf`] is a key with its value, and [`fold_hash`] folds a 64-bit hash to 32 bits as
//!   CPython does.
//! * [`internals`] explains the layout of the tree, and how versions share nodes.
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![deny(unsafe_code)]

// The files, in reading order; a folder of a file's name continues it (`raw/change.rs` has
// `insert`, `set` and `remove`). `docs/internals.md` explains the tree.
//
// | file       | concept                                  | benefit                                |
// | ---------- | ---------------------------------------- | -------------------------------------- |
// | `map`      | the map of `Hash + Eq` keys              | the interface of std's map             |
// | `set`      | the set of `Hash + Eq` values: a map to  | the interface of std's set             |
// |            | `()`                                     |                                        |
// | `serde`, `rayon`, `proptest`, `arbitrary`: traits of other crates, behind features             |
// | `raw`      | hashes and equality from the caller; a   | interpreters, whose `==` may fail; for |
// |            | word of hash prefixes                    | most absent keys of a small map a      |
// |            |                                          | lookup is the test of a bit            |
// | `leaf`     | key, value and hash in one counted       | no `Clone` of keys and values; undoing |
// |            | allocation                               | a change takes only the old entry      |
// | `node`     | tagged handles, lookup, five bits of the | one load less a level                  |
// |            | hash a level                             |                                        |
// | `header`   | memory of branches and buckets, and how  | all 32 slots, so no population count;  |
// |            | a bucket is searched                     | many leaves a level in buckets         |
// | `index`    | tags of a bucket's leaves                | a lookup touches one leaf              |
// | `edit`     | persistent changes: copy the path        | versions                               |
// | `edit_mut` | changes in place                         | few instructions where nothing is      |
// |            |                                          | shared                                 |
// | `share`    | borrowed children, borrow counts         | a copied node counts none of its 31    |
// |            |                                          | other children: a third of the time    |
// | `pool`     | freed memory cached by each thread       | a third less for a changed version     |
// | `kind`     | how nodes are counted and allocated      | maps for one thread cost no atomics;   |
// |            |                                          | an interpreter's own nodes             |
// | `trace`    | references for a collector               | cycles through maps are found          |
// | `state`    | what a table's state word holds          |                                        |
// | `word`     | counts and lock bits, atomic or plain    |                                        |
// | `model`    | the kind for loom                        | every order of operations is tried     |
// | `fork`     | locks held by threads that `fork` did    | no deadlock after `fork`               |
// |            | not copy                                 |                                        |

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

pub mod map;
pub mod raw;
pub mod set;

#[cfg(feature = "arbitrary")]
mod arbitrary;
#[cfg(feature = "proptest")]
pub mod proptest;
#[cfg(feature = "rayon")]
pub mod rayon;
#[cfg(feature = "serde")]
mod serde;

mod leaf;
mod node;

mod header;
mod index;

mod edit;
mod edit_mut;
mod share;

mod fork;
mod kind;
#[cfg(loom)]
mod model;
mod pool;
mod state;
mod trace;
mod word;

pub use equivalent::Equivalent;
pub use kind::{ArcKind, ErrorOf, InfallibleKind, PointerKind, RcKind};
pub use leaf::{Leaf, fold_hash};
pub use map::{DefaultState, Displaced, Hamt};
#[cfg(loom)]
pub use model::LoomKind;
pub use raw::compare::Difference;
pub use set::HamtSet;
pub use trace::{NodeForm, Trace, drop_node, trace_node};

#[cfg(doc)]
#[doc = include_str!("../docs/internals.md")]
#[doc = include_str!("../docs/internals.svg")]
pub mod internals {
    #[doc = include_str!("../docs/notes.md")]
    pub mod notes {}
}
