use super::RawHamt;
use crate::{Entry, kind::PointerKind};

impl<K, V, P: PointerKind> RawHamt<K, V, P> {
    /// Tells whether two maps have equal keys with equal values, as CPython
    /// 3.14's `_PyHamt_Eq` does. O(1) for one version or different lengths,
    /// else a lookup for each entry.
    ///
    /// An entry that both maps share is equal to itself without asking, as
    /// CPython compares identity first. Otherwise `keys` is asked about a key of this
    /// map and one of the other with the same hash, and `values` about the two
    /// values of equal keys, this map's first.
    ///
    /// # Errors
    ///
    /// Fails as `keys` and `values` fail.
    pub fn eq_by<E>(
        &self,
        other: &Self,
        mut keys: impl FnMut(&K, &K) -> Result<bool, E>,
        mut values: impl FnMut(&V, &V) -> Result<bool, E>,
    ) -> Result<bool, E> {
        if self.len() != other.len() {
            return Ok(false);
        }
        if self.ptr_eq(other) {
            return Ok(true);
        }
        for entry in self {
            let same =
                |found: &Entry<K, V, P>| Ok(found.ptr_eq(entry) || keys(entry.key(), found.key())?);
            let equal = match other.locate(entry.hash(), same)? {
                Some((_, found)) => found.ptr_eq(entry) || values(entry.value(), found.value())?,
                None => false,
            };
            if !equal {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
