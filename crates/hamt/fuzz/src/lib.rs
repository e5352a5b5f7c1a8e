//! Maps beside models of them, driven by bytes.
//!
//! * [`World`] is several versions of one map, and entries kept by themselves.
//! * [`Version`] is a map with the std map that says what must be in it.
//! * [`Layer`] is what both layers of the crate offer, for any pointer kind:
//!   [`RawMap`], where the caller brings hashes, and [`Map`], which hashes.
//! * [`Token`] is what a key or a value carries: it is counted while it lives.
//!   The model holds tokens too, so there must be as many alive in the maps as
//!   in the models, whatever was dropped, and in whatever order.
//! * [`Key`], [`Value`] and [`Held`] are what maps and worlds hold.
//! * [`Step`] is one operation, read from four bytes.
//! * [`mutate`] makes inputs of inputs, by whole steps.
//! * [`Hashes`] are ways to make hashes of key numbers, most of them bad.

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
