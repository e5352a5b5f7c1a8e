//! Maps that are compared with models, driven by bytes.
//!
//! * [`World`] is several versions of one map, and handles of entries.
//! * [`Version`] is a map, with a std map as its model.
//! * [`Layer`] has the operations of both layers of the crate, for any pointer kind:
//!   [`RawMap`], where the caller passes hashes, and [`Map`], which hashes.
//! * [`Token`] is a part of each key and value: it is counted while it lives. The
//!   models hold tokens too. So maps and models must have equal numbers of live
//!   tokens, whatever was dropped, and in whatever order.
//! * [`Key`], [`Value`] and [`Held`] are the contents of maps and worlds.
//! * [`Step`] is one operation, read from four bytes.
//! * [`mutate`] changes inputs, by whole steps.
//! * [`Hashes`] are functions from key numbers to hashes, most of them bad.

mod entry;
mod hashes;
mod layer;
mod mutate;
mod step;
mod token;
mod version;
mod world;

pub use entry::{Held, Key, Value};
pub use hashes::{Hashes, KeyHasher};
pub use layer::{Layer, Map, RawMap, Taken};
pub use mutate::mutate;
pub use step::{Action, Step};
pub use token::{Stamp, Token, assert_as_many_live};
pub use version::Version;
pub use world::World;
