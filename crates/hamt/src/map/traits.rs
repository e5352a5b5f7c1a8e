//! Traits of std's map: indexing, hashing, and filling from other collections.

#[expect(deprecated, reason = "`core` has no other hasher")]
use core::hash::SipHasher;
use core::{
    hash::{BuildHasher, Hash, Hasher},
    ops::Index,
};

use super::Hamt;
use crate::{Equivalent, kind::InfallibleKind};

/// Costs as much as [`Hamt::get`].
///
/// # Panics
///
/// Panics if the map does not have the key.
impl<K, V, Q, S, P> Index<&Q> for Hamt<K, V, S, P>
where
    K: Hash + Eq,
    Q: Hash + Equivalent<K> + ?Sized,
    S: BuildHasher,
    P: InfallibleKind,
{
    type Output = V;

    #[inline]
    fn index(&self, key: &Q) -> &V {
        self.get(key).expect("no entry found for key")
    }
}

/// Equal maps have equal hashes, whatever their hashers and histories. O(n): adds up the hashes
/// of all entries, each from a new hasher.
impl<K: Hash + Eq, V: Eq + Hash, S: BuildHasher, P: InfallibleKind> Hash for Hamt<K, V, S, P> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let sum = self.iter().fold(0_u64, |sum, entry| {
            #[expect(deprecated, reason = "`core` has no other hasher")]
            let mut hasher = SipHasher::new();
            entry.hash(&mut hasher);
            sum.wrapping_add(hasher.finish())
        });
        state.write_usize(self.len());
        state.write_u64(sum);
    }
}

/// Copies the pairs and inserts them in order: the last of equal keys stays.
impl<'a, K, V, S, P> Extend<(&'a K, &'a V)> for Hamt<K, V, S, P>
where
    K: Hash + Eq + Copy,
    V: Copy,
    S: BuildHasher,
    P: InfallibleKind,
{
    fn extend<I: IntoIterator<Item = (&'a K, &'a V)>>(&mut self, pairs: I) {
        self.extend(pairs.into_iter().map(|(key, value)| (*key, *value)));
    }
}

/// Moves all entries, and clones the hasher. O(n).
#[cfg(feature = "std")]
impl<K, V, S, P> From<std::collections::HashMap<K, V, S>> for Hamt<K, V, S, P>
where
    K: Hash + Eq,
    S: BuildHasher + Clone,
    P: InfallibleKind,
{
    fn from(map: std::collections::HashMap<K, V, S>) -> Self {
        let mut filled = Self::with_hasher_in(map.hasher().clone());
        filled.extend(map);
        filled
    }
}
