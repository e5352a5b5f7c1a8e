//! Creating maps: `new`, `Default`, from iterators and arrays, and `Extend`.

use alloc::vec::Vec;
use core::{
    convert::Infallible,
    hash::{BuildHasher, Hash},
};

use super::Hamt;
use crate::{
    Leaf,
    edit_mut::TableMut,
    header::Shape,
    kind::InfallibleKind,
    node::{self, BITS, Node, SPARSE, WIDTH},
    raw::RawHamt,
};

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
            let hash = super::lower_half(hasher.hash_one(&key));
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
    let some_more = len / WIDTH + len / (8 * WIDTH);
    let mut subtrees: [Vec<_>; WIDTH] = core::array::from_fn(|_| Vec::with_capacity(some_more));
    for pair in pairs {
        subtrees[node::slot_of(pair.0, shift)].push(pair);
    }
    for subtree in subtrees {
        fill_by_subtree(map, shift + BITS, subtree.into_iter());
    }
}

impl<K: Eq, V, P: InfallibleKind> RawHamt<K, V, P> {
    /// Inserts keys, with their hashes, and values in this order, and drops the entries that
    /// they displace. If the code of the keys or the iterator panics, some pairs may be
    /// inserted.
    fn extend(&mut self, pairs: impl Iterator<Item = (u32, K, V)>) {
        let expected = pairs.size_hint().0;
        if !self.is_empty() || expected < 2 {
            return self.set_all(pairs);
        }
        // Not `self` yet: a root with room for all may have too few entries for its form.
        let shape = match expected {
            ..=WIDTH => Shape::bucket(expected),
            _ => Shape::BRANCH,
        };
        let Ok(root) = TableMut::empty(shape);
        let mut built = Self::new_in();
        built.root = Some(root.into_node());
        built.set_all(pairs);
        if built.len() < expected && built.len() <= SPARSE {
            // There were fewer: the root is too large.
            let leaves: Vec<Leaf<K, V, P>> = built.iter().cloned().collect();
            let root = (!leaves.is_empty()).then(|| Node::of(0, leaves));
            let Ok(root) = root.transpose();
            built.root = root;
        }
        *self = built;
    }

    fn set_all(&mut self, pairs: impl Iterator<Item = (u32, K, V)>) {
        for (hash, key, value) in pairs {
            let eq = |bound: &K, key: &K| Ok::<_, Infallible>(bound == key);
            let Ok(_displaced) = self.set(hash, key, value, eq);
        }
    }
}
