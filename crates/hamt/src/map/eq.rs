//! Comparing maps.

use core::{
    convert::Infallible,
    hash::{BuildHasher, Hash},
};

use super::Hamt;
use crate::kind::InfallibleKind;

impl<K: Hash + Eq, V, S: BuildHasher, P: InfallibleKind> Hamt<K, V, S, P> {
    /// Returns `true` if two maps have equal keys, with values for which `values`
    /// returns `true`; this map's value is the first argument. O(1) for one
    /// version or different lengths. For versions with a common ancestor it costs
    /// the number of differences, otherwise a lookup for each entry.
    ///
    /// An entry that both maps share is equal without a call. If a value may not
    /// be equal to itself, such as a float NaN, compare [`iter`](Self::iter)
    /// against [`get`](Self::get) instead.
    ///
    /// # Examples
    ///
    /// ```
    /// use hamt::Hamt;
    ///
    /// let a = Hamt::from([("k", "Value")]);
    /// let b = Hamt::from([("k", "value")]);
    /// assert!(a.eq_by(&b, |x, y| x.eq_ignore_ascii_case(y)));
    /// ```
    pub fn eq_by(&self, other: &Self, mut values: impl FnMut(&V, &V) -> bool) -> bool {
        let Ok(equal) = self.try_eq_by(other, |a, b| Ok::<_, Infallible>(values(a, b)));
        equal
    }

    /// As [`eq_by`](Self::eq_by), with a comparison that can fail.
    ///
    /// # Errors
    ///
    /// Returns the first error of `values`.
    pub fn try_eq_by<E>(
        &self,
        other: &Self,
        mut values: impl FnMut(&V, &V) -> Result<bool, E>,
    ) -> Result<bool, E> {
        if self.len() != other.len() {
            return Ok(false);
        }
        if self.ptr_eq(other) {
            return Ok(true);
        }
        // Not `RawHamt::eq_by`: the two hashers may differ, and so may the hashes
        // of one key.
        self.raw.all_unshared(&other.raw, |entry| {
            match other.find_map(entry.key(), |found| found) {
                Some(found) => Ok(found.ptr_eq(entry) || values(entry.value(), found.value())?),
                None => Ok(false),
            }
        })
    }
}

/// Values must be `Eq`, not just `PartialEq`: entries that two maps share are
/// not compared, which is correct only for values that are equal to themselves.
/// For other values use [`Hamt::eq_by`].
impl<K: Hash + Eq, V: Eq, S: BuildHasher, P: InfallibleKind> PartialEq for Hamt<K, V, S, P> {
    fn eq(&self, other: &Self) -> bool {
        self.eq_by(other, V::eq)
    }
}

impl<K: Hash + Eq, V: Eq, S: BuildHasher, P: InfallibleKind> Eq for Hamt<K, V, S, P> {}
