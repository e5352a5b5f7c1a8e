//! Our persistent map beside those of im, imbl and rpds, and CPython's.
//!
//! All of them get the same keys with the same hashes, which a hasher passes through: what is
//! measured is the map. Each map is built once for a size and kind of entries and serves every
//! row; a row leaves it with the keys that it had.

mod block;
mod contestant;
#[cfg(feature = "cpython")]
mod cpython;
mod data;
mod exchange;
mod field;
mod fixture;
mod kinds;
mod map;
mod maps;
mod measure;
mod memory;
mod row;

use crate::groups::Group;

/// What the group is called.
const NAME: &str = "hamt";

/// The group.
pub const GROUP: Group = Group {
    name: NAME,
    title: "Persistent maps",
    sizes: "entries",
    libraries: &["im", "imbl", "rpds"],
    measure: measure::measure,
};
