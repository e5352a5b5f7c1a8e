//! The iterator over entries.

use core::{fmt, iter::FusedIterator};

use super::Hamt;
use crate::{
    kind::{ArcKind, InfallibleKind},
    raw,
};

/// An iterator over the keys and values of a map. Returned by [`Hamt::iter`].
pub struct Iter<'a, K, V, P: InfallibleKind = ArcKind>(raw::Iter<'a, K, V, P>);

impl<K, V, S, P: InfallibleKind> Hamt<K, V, S, P> {
    /// Returns an iterator over the keys and values. The order depends on the
    /// hashes and the history. O(n) in all, and of exact size.
    pub fn iter(&self) -> Iter<'_, K, V, P> {
        Iter(self.raw.iter())
    }
}

impl<'a, K, V, P: InfallibleKind> Iterator for Iter<'a, K, V, P> {
    type Item = (&'a K, &'a V);

    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|entry| (entry.key(), entry.value()))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl<K, V, P: InfallibleKind> ExactSizeIterator for Iter<'_, K, V, P> {}
impl<K, V, P: InfallibleKind> FusedIterator for Iter<'_, K, V, P> {}

impl<K, V, P: InfallibleKind> Clone for Iter<'_, K, V, P> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<K: fmt::Debug, V: fmt::Debug, P: InfallibleKind> fmt::Debug for Iter<'_, K, V, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}

impl<'a, K, V, S, P: InfallibleKind> IntoIterator for &'a Hamt<K, V, S, P> {
    type Item = (&'a K, &'a V);
    type IntoIter = Iter<'a, K, V, P>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
