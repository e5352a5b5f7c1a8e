//! Iteration over a set: over the keys of its map.

use core::{fmt, iter::FusedIterator};

use super::HamtSet;
use crate::{
    kind::{ArcKind, PointerKind},
    map,
};

impl<T, S, P: PointerKind> HamtSet<T, S, P> {
    /// Borrows every value, in an order that the hashes decide. The whole takes O(n); it knows
    /// how many are left.
    pub fn iter(&self) -> Iter<'_, T, P> {
        Iter(self.map.keys())
    }
}

/// Borrowed values of a set. Returned by [`HamtSet::iter`].
pub struct Iter<'a, T, P: PointerKind = ArcKind>(map::Keys<'a, T, (), P>);

/// The values of a set that is given up. Returned by [`HamtSet::into_iter`].
pub struct IntoIter<T, P: PointerKind = ArcKind>(map::IntoKeys<T, (), P>);

impl<'a, T, P: PointerKind> Iterator for Iter<'a, T, P> {
    type Item = &'a T;

    #[inline]
    fn next(&mut self) -> Option<&'a T> {
        self.0.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl<T, P: PointerKind> ExactSizeIterator for Iter<'_, T, P> {}
impl<T, P: PointerKind> FusedIterator for Iter<'_, T, P> {}

impl<T, P: PointerKind> Clone for Iter<'_, T, P> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: fmt::Debug, P: PointerKind> fmt::Debug for Iter<'_, T, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<T: Clone, P: PointerKind> Iterator for IntoIter<T, P> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.0.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl<T: Clone, P: PointerKind> ExactSizeIterator for IntoIter<T, P> {}
impl<T: Clone, P: PointerKind> FusedIterator for IntoIter<T, P> {}

impl<T, P: PointerKind> Clone for IntoIter<T, P> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: fmt::Debug, P: PointerKind> fmt::Debug for IntoIter<T, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<'a, T, S, P: PointerKind> IntoIterator for &'a HamtSet<T, S, P> {
    type Item = &'a T;
    type IntoIter = Iter<'a, T, P>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Moves values out where no other version holds them, and clones them otherwise.
impl<T: Clone, S, P: PointerKind> IntoIterator for HamtSet<T, S, P> {
    type Item = T;
    type IntoIter = IntoIter<T, P>;

    fn into_iter(self) -> Self::IntoIter {
        IntoIter(self.map.into_keys())
    }
}
