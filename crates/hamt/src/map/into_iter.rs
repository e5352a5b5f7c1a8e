use alloc::vec;
use core::iter::FusedIterator;

use super::Hamt;
use crate::{
    Leaf,
    kind::{ArcKind, PointerKind},
};

/// The keys and values of a map that is given up. Returned by
/// [`Hamt::into_iter`].
pub struct IntoIter<K, V, P: PointerKind = ArcKind>(vec::IntoIter<Leaf<K, V, P>>);

/// Moves keys and values out where no other version holds them, and clones them
/// otherwise.
impl<K: Clone, V: Clone, S, P: PointerKind> IntoIterator for Hamt<K, V, S, P> {
    type Item = (K, V);
    type IntoIter = IntoIter<K, V, P>;

    fn into_iter(self) -> Self::IntoIter {
        // The map goes here, so that an entry of its own has one holder left.
        let entries: vec::Vec<_> = self.raw.iter().cloned().collect();
        IntoIter(entries.into_iter())
    }
}

impl<K: Clone, V: Clone, P: PointerKind> Iterator for IntoIter<K, V, P> {
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

impl<K: Clone, V: Clone, P: PointerKind> ExactSizeIterator for IntoIter<K, V, P> {}
impl<K: Clone, V: Clone, P: PointerKind> FusedIterator for IntoIter<K, V, P> {}
