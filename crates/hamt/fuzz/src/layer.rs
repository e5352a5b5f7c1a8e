mod change;
mod combine;
mod map;
mod raw;

use std::convert::Infallible;

use hamt::raw::{Difference, RawHamt};
use hamt::{Leaf, PointerKind};

pub use map::Map;
pub use raw::RawMap;

use crate::{Hashes, Key, Step, Value, World};

/// The key and the value that a change took out of a map, by themselves if
/// nobody else held them.
pub type Taken<P> = Option<Result<(Key, Value), Leaf<Key, Value, P>>>;

/// What both layers of the crate offer. A hash is that of the key, in the way
/// that the map was made with; maps that hash make their own.
pub trait Layer: Clone {
    /// How nodes and entries are counted.
    type Kind: PointerKind<Refused = Infallible>;

    /// Whether `diff` passes by a key whose entries differ but have equal values.
    const DIFF_COMPARES_VALUES: bool;

    /// An empty map.
    fn empty(hashes: Hashes) -> Self;

    /// The map of the lower layer.
    fn raw(&self) -> &RawHamt<Key, Value, Self::Kind>;

    /// Binds a key in this map itself.
    fn insert(&mut self, hash: u32, key: Key, value: Value) -> Taken<Self::Kind>;

    /// Removes a key from this map itself.
    fn remove(&mut self, hash: u32, id: u16) -> Taken<Self::Kind>;

    /// Makes a map that also binds a key.
    fn assoc(&self, hash: u32, key: Key, value: Value) -> Self;

    /// Makes a map without a key.
    fn without(&self, hash: u32, id: u16) -> Self;

    /// Removes what `keep` turns down.
    fn retain(&mut self, keep: impl FnMut(&Key, &Value) -> bool);

    /// Whether two maps have equal keys with equal values.
    fn equals(&self, other: &Self) -> bool;

    /// In what `newer` differs.
    fn diff<'a>(&'a self, newer: &'a Self) -> Vec<Difference<'a, Key, Value, Self::Kind>>;

    /// Borrows every key and value.
    fn iter(&self) -> impl ExactSizeIterator<Item = (&Key, &Value)>;

    /// Does a step that is for this layer alone, and nothing for one that is not.
    fn perform(world: &mut World<Self>, step: Step);
}
