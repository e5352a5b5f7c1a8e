use core::{
    convert::Infallible,
    hash::{BuildHasher, Hash},
};

use super::Hamt;
use crate::{hash, kind::PointerKind};

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

/// Inserts the pairs in order, and drops the entries they displace.
impl<K: Hash + Eq, V, S: BuildHasher, P: PointerKind> Extend<(K, V)> for Hamt<K, V, S, P> {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, pairs: I) {
        let mut pairs = pairs.into_iter();
        let Self { raw, hasher } = self;
        raw.fill(pairs.size_hint().0, |raw| {
            let Some((key, value)) = pairs.next() else {
                return false;
            };
            let hash = hash::xor_halves(hasher.hash_one(&key));
            let Ok(_displaced) = raw.set(hash, key, value, |bound, key| {
                Ok::<_, Infallible>(bound == key)
            });
            true
        });
    }
}
