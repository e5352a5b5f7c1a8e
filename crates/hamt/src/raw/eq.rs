use super::RawHamt;
use crate::{Entry, kind::PointerKind};

impl<K, V, P: PointerKind> RawHamt<K, V, P> {
    /// Tells whether two maps have equal keys with equal values, as CPython
    /// 3.14's `_PyHamt_Eq` does. O(1) for one version or different lengths;
    /// of versions with a common ancestor it costs what they differ in, otherwise a
    /// lookup for each entry.
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
        // As many entries, so it is enough to find all of this map's in the other.
        let compared = self.unshared(other, &mut |entry| {
            let same =
                |found: &Entry<K, V, P>| Ok(found.ptr_eq(entry) || keys(entry.key(), found.key())?);
            let equal = match other.locate(entry.hash(), same).map_err(Some)? {
                Some((_, found)) => {
                    found.ptr_eq(entry) || values(entry.value(), found.value()).map_err(Some)?
                }
                None => false,
            };
            if equal { Ok(()) } else { Err(None) }
        });
        match compared {
            Err(Some(error)) => Err(error),
            Err(None) => Ok(false),
            Ok(()) => Ok(true),
        }
    }
}
