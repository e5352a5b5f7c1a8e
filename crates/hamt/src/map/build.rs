use alloc::vec::Vec;
use core::{
    convert::Infallible,
    hash::{BuildHasher, Hash},
};

use super::Hamt;
use crate::{hash, kind::PointerKind, raw::RawHamt};

/// The hasher of a [`Hamt`] that names none.
#[cfg(feature = "std")]
pub type DefaultState = std::hash::RandomState;

/// The hasher of a [`Hamt`] that names none. Without the feature `std` there is
/// none: name one, and use [`Hamt::with_hasher`].
#[cfg(not(feature = "std"))]
#[derive(Debug, Clone)]
pub enum DefaultState {}

#[cfg(feature = "std")]
impl<K, V> Hamt<K, V> {
    /// Makes an empty map with a random hasher of its own. Allocates nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl<K, V, S: Default, P: PointerKind> Default for Hamt<K, V, S, P> {
    fn default() -> Self {
        Self::with_hasher_and_kind(S::default())
    }
}

/// Binds the pairs in order: the last of equal keys stays.
impl<K: Hash + Eq, V, S: BuildHasher + Default, P: PointerKind> FromIterator<(K, V)>
    for Hamt<K, V, S, P>
{
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        let mut map = Self::default();
        map.extend(pairs);
        map
    }
}

/// Binds the pairs in order: the last of equal keys stays.
#[cfg(feature = "std")]
impl<K: Hash + Eq, V, const N: usize> From<[(K, V); N]> for Hamt<K, V> {
    fn from(pairs: [(K, V); N]) -> Self {
        pairs.into_iter().collect()
    }
}

/// Inserts the pairs, the last of equal keys last, and drops the entries they
/// displace. If there are thousands, it takes them all before it begins, for the
/// order that is the fastest.
impl<K: Hash + Eq, V, S: BuildHasher, P: PointerKind> Extend<(K, V)> for Hamt<K, V, S, P> {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, pairs: I) {
        let pairs = pairs.into_iter();
        let hasher = &self.hasher;
        let hashed = pairs.map(|(key, value)| {
            let hash = hash::xor_halves(hasher.hash_one(&key));
            (hash, key, value)
        });
        if hashed.size_hint().0 < MANY {
            return fill(&mut self.raw, hashed);
        }
        // Keys that are inserted in the order of the tree meet the nodes that
        // the one before has met. Stable, so that equal ones stay in order.
        let mut by_path: Vec<_> = hashed
            .map(|(hash, key, value)| (hash::path(hash), (hash, key, value)))
            .collect();
        by_path.sort_by_key(|(path, _)| *path);
        fill(&mut self.raw, by_path.into_iter().map(|(_, hashed)| hashed));
    }
}

/// Pairs from which sorting pays: fewer fit a cache in any order.
const MANY: usize = 1 << 14;

/// Inserts keys with their hashes and values in this order.
fn fill<K: Eq, V, P: PointerKind>(
    map: &mut RawHamt<K, V, P>,
    mut pairs: impl Iterator<Item = (u32, K, V)>,
) {
    map.fill(pairs.size_hint().0, |map| {
        let Some((hash, key, value)) = pairs.next() else {
            return false;
        };
        let Ok(_displaced) = map.set(hash, key, value, |bound, key| {
            Ok::<_, Infallible>(bound == key)
        });
        true
    });
}
