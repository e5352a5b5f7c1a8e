//! Context variables: what is done all the time, beside CPython's C.
//!
//! Everybody does the same operations on contexts of the same size, by the same code
//! (`fixture`), on one thread: a `library::Library` says how each of them does one operation.
//! Beside CPython stands the floor: the atomic steps and the blocks of memory that an operation
//! cannot do without, done alone.
//!
//! Then the same from Python code, in `python`.

mod again;
mod allocations;
mod block;
mod company;
mod contestant;
#[cfg(feature = "cpython")]
mod cpython;
#[cfg(not(feature = "cpython"))]
#[path = "hot/cpython/absent.rs"]
mod cpython;
mod engine;
mod entrants;
mod field;
mod fixture;
mod floor;
mod kinds;
mod library;
mod measure;
mod memory;
mod parts;
#[cfg(feature = "cpython")]
mod python;
#[cfg(not(feature = "cpython"))]
#[path = "hot/python/absent.rs"]
mod python;
mod root;
mod row;
mod scale;
mod threads;

use crate::groups::Group;

/// What the group is called.
const NAME: &str = "hot";

/// The group.
pub const GROUP: Group = Group {
    name: NAME,
    title: "Context variables",
    sizes: "variables",
    libraries: &[],
    measure: measure::measure,
};
