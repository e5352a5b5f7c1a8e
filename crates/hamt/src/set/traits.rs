//! Traits of std's set.

use core::{
    fmt,
    hash::{BuildHasher, Hash, Hasher},
};

use super::HamtSet;
use crate::kind::InfallibleKind;

/// O(1), plus the hasher's clone.
impl<T, S: Clone, P: InfallibleKind> Clone for HamtSet<T, S, P> {
    fn clone(&self) -> Self {
        Self {
            map: self.map.clone(),
        }
    }
}

impl<T, S: Default, P: InfallibleKind> Default for HamtSet<T, S, P> {
    fn default() -> Self {
        Self::with_hasher_in(S::default())
    }
}

impl<T: fmt::Debug, S, P: InfallibleKind> fmt::Debug for HamtSet<T, S, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self).finish()
    }
}

/// O(1) for one version or different lengths. For versions with a common ancestor it costs the
/// number of differences, otherwise a lookup for each value.
impl<T: Hash + Eq, S: BuildHasher, P: InfallibleKind> PartialEq for HamtSet<T, S, P> {
    fn eq(&self, other: &Self) -> bool {
        self.map == other.map
    }
}

impl<T: Hash + Eq, S: BuildHasher, P: InfallibleKind> Eq for HamtSet<T, S, P> {}

/// Equal sets have equal hashes, whatever their hashers and histories. O(n).
impl<T: Hash + Eq, S: BuildHasher, P: InfallibleKind> Hash for HamtSet<T, S, P> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.map.hash(state);
    }
}

/// Inserts the values in order: the first of equal ones stays.
impl<T: Hash + Eq, S: BuildHasher, P: InfallibleKind> Extend<T> for HamtSet<T, S, P> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, values: I) {
        for value in values {
            self.insert(value);
        }
    }
}

/// Copies the values and inserts them in order: the first of equal ones stays.
impl<'a, T, S, P> Extend<&'a T> for HamtSet<T, S, P>
where
    T: Hash + Eq + Copy + 'a,
    S: BuildHasher,
    P: InfallibleKind,
{
    fn extend<I: IntoIterator<Item = &'a T>>(&mut self, values: I) {
        self.extend(values.into_iter().copied());
    }
}

/// Inserts the values in order: the first of equal ones stays.
impl<T, S, P> FromIterator<T> for HamtSet<T, S, P>
where
    T: Hash + Eq,
    S: BuildHasher + Default,
    P: InfallibleKind,
{
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        let mut set = Self::default();
        set.extend(values);
        set
    }
}

/// Inserts the values in order: the first of equal ones stays.
#[cfg(feature = "std")]
impl<T: Hash + Eq, const N: usize> From<[T; N]> for HamtSet<T> {
    fn from(values: [T; N]) -> Self {
        values.into_iter().collect()
    }
}

/// Moves all values, and clones the hasher. O(n).
#[cfg(feature = "std")]
impl<T, S, P> From<std::collections::HashSet<T, S>> for HamtSet<T, S, P>
where
    T: Hash + Eq,
    S: BuildHasher + Clone,
    P: InfallibleKind,
{
    fn from(set: std::collections::HashSet<T, S>) -> Self {
        let mut filled = Self::with_hasher_in(set.hasher().clone());
        filled.extend(set);
        filled
    }
}
