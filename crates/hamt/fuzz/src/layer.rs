mod change;
mod combine;
mod map;
mod raw;

use std::convert::Infallible;

use hamt::{Difference, raw::RawHamt};
use hamt::{Leaf, PointerKind};

pub use map::Map;
pub use raw::RawMap;

use crate::{Hashes, Key, Step, Value, World};

/// The key and the value that a change removed from a map: by value if no other
/// map or handle held them.
pub type Taken<P> = Option<Result<(Key, Value), Leaf<Key, Value, P>>>;

/// The operations that both layers of the crate have. A `hash` argument is the key's
/// hash by the function of the map; maps that hash ignore it.
pub trait Layer: Clone {
    /// How nodes and entries are counted.
    type Kind: PointerKind<Refused = Infallible>;

    /// Whether `diff` skips a key whose entries differ but have equal values.
    const DIFF_COMPARES_VALUES: bool;

    /// Creates an empty map.
    fn empty(hashes: Hashes) -> Self;

    /// Returns the map of the lower layer.
    fn raw(&self) -> &RawHamt<Key, Value, Self::Kind>;

    /// Inserts a key into this map itself.
    fn insert(&mut self, hash: u32, key: Key, value: Value) -> Taken<Self::Kind>;

    /// Removes a key from this map itself.
    fn remove(&mut self, hash: u32, id: u16) -> Taken<Self::Kind>;

    /// Returns a map that also has a key.
    fn assoc(&self, hash: u32, key: Key, value: Value) -> Self;

    /// Returns a map without a key.
    fn without(&self, hash: u32, id: u16) -> Self;

    /// Removes the entries for which `keep` returns `false`.
    fn retain(&mut self, keep: impl FnMut(&Key, &Value) -> bool);

    /// Returns `true` if two maps have equal keys with equal values.
    fn equals(&self, other: &Self) -> bool;

    /// Returns the differences of `newer` from this map.
    fn diff<'a>(&'a self, newer: &'a Self) -> Vec<Difference<'a, Key, Value, Self::Kind>>;

    /// Returns an iterator over the keys and values.
    fn iter(&self) -> impl ExactSizeIterator<Item = (&Key, &Value)>;

    /// Performs a step that only this layer has. Ignores others.
    fn perform(world: &mut World<Self>, step: Step);
}
