//! The iterator that consumes a map.

use alloc::vec;
use core::{fmt, iter::FusedIterator};

use super::Hamt;
use crate::{
    Leaf,
    kind::{ArcKind, InfallibleKind},
};

/// An iterator over the keys and values of a map, which it consumes. Returned by
/// [`Hamt::into_iter`].
pub struct IntoIter<K, V, P: InfallibleKind = ArcKind>(vec::IntoIter<Leaf<K, V, P>>);

/// Moves keys and values out if no other version holds them, and clones them
/// otherwise.
impl<K: Clone, V: Clone, S, P: InfallibleKind> IntoIterator for Hamt<K, V, S, P> {
    type Item = (K, V);
    type IntoIter = IntoIter<K, V, P>;

    fn into_iter(self) -> Self::IntoIter {
        IntoIter(self.into_leaves())
    }
}

impl<K, V, S, P: InfallibleKind> Hamt<K, V, S, P> {
    /// Collects the leaves, and drops the map: then a leaf that only the map held has one
    /// holder.
    pub(super) fn into_leaves(self) -> vec::IntoIter<Leaf<K, V, P>> {
        let leaves: vec::Vec<_> = self.raw.iter().cloned().collect();
        leaves.into_iter()
    }
}

impl<K: Clone, V: Clone, P: InfallibleKind> Iterator for IntoIter<K, V, P> {
    type Item = (K, V);

    fn next(&mut self) -> Option<Self::Item> {
        let entry = self.0.next()?;
        Some(
            entry
                .into_parts()
                .unwrap_or_else(|entry| (entry.key().clone(), entry.value().clone())),
        )
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl<K: Clone, V: Clone, P: InfallibleKind> ExactSizeIterator for IntoIter<K, V, P> {}
impl<K: Clone, V: Clone, P: InfallibleKind> FusedIterator for IntoIter<K, V, P> {}

impl<K, V, P: InfallibleKind> Clone for IntoIter<K, V, P> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<K: fmt::Debug, V: fmt::Debug, P: InfallibleKind> fmt::Debug for IntoIter<K, V, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rest = self.0.as_slice().iter();
        f.debug_list()
            .entries(rest.map(|leaf| (leaf.key(), leaf.value())))
            .finish()
    }
}
