//! Creating maps: `new`, `Default`, from iterators and arrays, and `Extend`.

use alloc::vec::Vec;
use core::hash::{BuildHasher, Hash};

use super::Hamt;
use crate::{hash, kind::InfallibleKind, raw::RawHamt};

/// The default hasher of a [`Hamt`].
#[cfg(feature = "std")]
pub type DefaultState = std::hash::RandomState;

/// The default hasher of a [`Hamt`]. Without the feature `std` there is none: use
/// another one, with [`Hamt::with_hasher`].
#[cfg(not(feature = "std"))]
#[derive(Debug, Clone)]
pub enum DefaultState {}

#[cfg(feature = "std")]
impl<K, V> Hamt<K, V> {
    /// Creates an empty map with a new random hasher. Allocates nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl<K, V, S: Default, P: InfallibleKind> Default for Hamt<K, V, S, P> {
    fn default() -> Self {
        Self::with_hasher_in(S::default())
    }
}

/// Inserts the pairs in order: the last of equal keys stays.
impl<K: Hash + Eq, V, S: BuildHasher + Default, P: InfallibleKind> FromIterator<(K, V)>
    for Hamt<K, V, S, P>
{
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        let mut map = Self::default();
        map.extend(pairs);
        map
    }
}

/// Inserts the pairs in order: the last of equal keys stays.
#[cfg(feature = "std")]
impl<K: Hash + Eq, V, const N: usize> From<[(K, V); N]> for Hamt<K, V> {
    fn from(pairs: [(K, V); N]) -> Self {
        pairs.into_iter().collect()
    }
}

/// Inserts the pairs, and drops the entries that they displace: the last of equal
/// keys stays. If there are thousands, it first collects all of them, to insert
/// them in the fastest order.
impl<K: Hash + Eq, V, S: BuildHasher, P: InfallibleKind> Extend<(K, V)> for Hamt<K, V, S, P> {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, pairs: I) {
        let pairs = pairs.into_iter();
        let hasher = &self.hasher;
        let hashed = pairs.map(|(key, value)| {
            let hash = hash::lower_half(hasher.hash_one(&key));
            (hash, key, value)
        });
        // A small number is inserted here, since a recursive function is not inlined.
        if hashed.size_hint().0 <= FEW {
            self.raw.extend(hashed);
        } else {
            fill_by_subtree(&mut self.raw, 0, hashed);
        }
    }
}

/// The number of pairs up to which the tree fits a cache, so that their order does not matter.
const FEW: usize = 1 << 11;

/// Inserts keys, with their hashes, and values: in this order or, if they are many,
/// by the subtrees of this level, which is `shift` bits deep.
fn fill_by_subtree<K: Eq, V, P: InfallibleKind>(
    map: &mut RawHamt<K, V, P>,
    shift: u32,
    pairs: impl Iterator<Item = (u32, K, V)>,
) {
    let len = pairs.size_hint().0;
    if len <= FEW || shift >= u32::BITS {
        return map.extend(pairs);
    }
    let some_more = len / hash::WIDTH + len / (8 * hash::WIDTH);
    let mut subtrees: [Vec<_>; hash::WIDTH] =
        core::array::from_fn(|_| Vec::with_capacity(some_more));
    for pair in pairs {
        subtrees[hash::index(pair.0, shift)].push(pair);
    }
    for subtree in subtrees {
        fill_by_subtree(map, shift + hash::BITS, subtree.into_iter());
    }
}
