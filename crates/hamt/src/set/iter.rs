//! Iteration over a set: over the keys of its map.

use core::{fmt, iter::FusedIterator};

use super::HamtSet;
use crate::{
    kind::{ArcKind, InfallibleKind},
    map,
};

impl<T, S, P: InfallibleKind> HamtSet<T, S, P> {
    /// Returns an iterator over the values. The order depends on the hashes and the history.
    /// O(n) in all, and of exact size.
    pub fn iter(&self) -> Iter<'_, T, P> {
        Iter(self.map.keys())
    }
}

/// An iterator over the values of a set. Returned by [`HamtSet::iter`].
pub struct Iter<'a, T, P: InfallibleKind = ArcKind>(map::Keys<'a, T, (), P>);

/// An iterator over the values of a set, which it consumes. Returned by
/// [`HamtSet::into_iter`].
pub struct IntoIter<T, P: InfallibleKind = ArcKind>(map::IntoKeys<T, (), P>);

impl<'a, T, P: InfallibleKind> Iterator for Iter<'a, T, P> {
    type Item = &'a T;

    #[inline]
    fn next(&mut self) -> Option<&'a T> {
        self.0.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl<T, P: InfallibleKind> ExactSizeIterator for Iter<'_, T, P> {}
impl<T, P: InfallibleKind> FusedIterator for Iter<'_, T, P> {}

impl<T, P: InfallibleKind> Clone for Iter<'_, T, P> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: fmt::Debug, P: InfallibleKind> fmt::Debug for Iter<'_, T, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<T: Clone, P: InfallibleKind> Iterator for IntoIter<T, P> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.0.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl<T: Clone, P: InfallibleKind> ExactSizeIterator for IntoIter<T, P> {}
impl<T: Clone, P: InfallibleKind> FusedIterator for IntoIter<T, P> {}

impl<T, P: InfallibleKind> Clone for IntoIter<T, P> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: fmt::Debug, P: InfallibleKind> fmt::Debug for IntoIter<T, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<'a, T, S, P: InfallibleKind> IntoIterator for &'a HamtSet<T, S, P> {
    type Item = &'a T;
    type IntoIter = Iter<'a, T, P>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Moves values out if no other version holds them, and clones them otherwise.
impl<T: Clone, S, P: InfallibleKind> IntoIterator for HamtSet<T, S, P> {
    type Item = T;
    type IntoIter = IntoIter<T, P>;

    fn into_iter(self) -> Self::IntoIter {
        IntoIter(self.map.into_keys())
    }
}
