//! Mutable references to all values.
//!
//! No other version may hold an entry whose value is changed: a shared entry is cloned first. So
//! all methods here need `K: Clone` and `V: Clone`. [`super::get_mut`] says when an entry is shared.
#![allow(unsafe_code)]

use core::{fmt, iter::FusedIterator, marker::PhantomData};

use super::{Hamt, get_mut::assert_reached_by_maps_alone};
use crate::{
    Leaf,
    index::BitMask,
    kind::{ArcKind, InfallibleKind, PointerKind},
    node::{Node, Slots, View},
    raw::{self, Walk},
};

impl<K: Clone, V: Clone, S, P: InfallibleKind> Hamt<K, V, S, P> {
    /// Returns an iterator over the keys and mutable references to the values, in the order of
    /// [`iter`](Self::iter).
    ///
    /// It clones the key and the value of each entry that another version holds, and copies the
    /// nodes above: O(n) in all. In a map that shares nothing it clones and copies nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut map = hamt::Hamt::from([("a", 1), ("b", 2)]);
    /// let old = map.clone();
    /// for (_, value) in map.iter_mut() {
    ///     *value *= 10;
    /// }
    /// assert_eq!((map["a"], map["b"]), (10, 20));
    /// assert_eq!((old["a"], old["b"]), (1, 2));
    /// ```
    pub fn iter_mut(&mut self) -> IterMut<'_, K, V, P> {
        const { assert_reached_by_maps_alone::<P>() };
        IterMut {
            walk: Walk::new(&raw mut self.raw.root),
            len: self.len(),
            values: PhantomData,
        }
    }

    /// Returns an iterator over mutable references to the values, in the order of
    /// [`iter`](Self::iter). Costs as much as [`iter_mut`](Self::iter_mut).
    ///
    /// # Examples
    ///
    /// ```
    /// let mut map = hamt::Hamt::from([("a", 1), ("b", 2)]);
    /// map.values_mut().for_each(|value| *value += 1);
    /// assert_eq!(map.values().sum::<i32>(), 5);
    /// ```
    pub fn values_mut(&mut self) -> ValuesMut<'_, K, V, P> {
        ValuesMut(self.iter_mut())
    }
}

/// An iterator over keys and mutable references to values. Returned by [`Hamt::iter_mut`].
pub struct IterMut<'a, K, V, P: PointerKind = ArcKind> {
    /// Invariant: of a tree that is borrowed exclusively for `'a`.
    walk: Walk<K, V, P>,
    len: usize,
    values: PhantomData<(&'a Leaf<K, V, P>, &'a mut V)>,
}

impl<K, V, P: PointerKind> IterMut<'_, K, V, P> {
    /// Returns an iterator over the entries that are left.
    fn rest(&self) -> raw::Iter<'_, K, V, P> {
        raw::Iter::new(self.walk.clone(), self.len)
    }
}

impl<'a, K: Clone, V: Clone, P: InfallibleKind> Iterator for IterMut<'a, K, V, P> {
    type Item = (&'a K, &'a mut V);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        loop {
            // SAFETY: a slot of the tree, which is borrowed exclusively. No other map shares the
            // nodes on the path (`own_slots`), and the references returned before are to leaves.
            let node = unsafe { &mut *self.walk.next()?.cast_mut() }.as_mut()?;
            if let Some(leaf) = node.as_leaf_mut() {
                if !leaf.has_one_holder() {
                    *leaf = leaf.copied(leaf.hash());
                }
                self.len -= 1;
                // SAFETY: now only the map holds the leaf, which is returned once.
                return Some(unsafe { leaf.pair_mut() });
            }
            self.walk.enter(node.own_slots());
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.len, Some(self.len))
    }
}

impl<K: Clone, V: Clone, P: InfallibleKind> ExactSizeIterator for IterMut<'_, K, V, P> {}
impl<K: Clone, V: Clone, P: InfallibleKind> FusedIterator for IterMut<'_, K, V, P> {}

impl<K: fmt::Debug, V: fmt::Debug, P: PointerKind> fmt::Debug for IterMut<'_, K, V, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rest = self.rest().map(|leaf| (leaf.key(), leaf.value()));
        f.debug_list().entries(rest).finish()
    }
}

impl<K, V, P: InfallibleKind> Node<K, V, P> {
    /// Returns the slots of a branch, a bucket or a collision. If another version shares the
    /// node, a copy replaces it first.
    fn own_slots(&mut self) -> Slots<K, V, P> {
        loop {
            if let Some(leaves) = self.as_collision_mut() {
                return Slots::of_collision(leaves.as_mut_ptr(), leaves.len());
            }
            if let Some(mut table) = self.table_mut() {
                let bits = table.table.bits();
                for slot in BitMask(bits & !table.owned()) {
                    table.ensure_owned(slot);
                }
                return Slots::new(table.table.slot(0), bits);
            }
            let Ok(copy) = match self.view() {
                View::Branch(table) | View::Bucket(table) => table.copied(),
                View::Collision(leaves) => Self::collision(leaves.to_vec()),
                View::Leaf(_) => return self.slots(),
            };
            *self = copy;
        }
    }
}

/// An iterator over mutable references to values. Returned by [`Hamt::values_mut`].
pub struct ValuesMut<'a, K, V, P: PointerKind = ArcKind>(IterMut<'a, K, V, P>);

impl<'a, K: Clone, V: Clone, P: InfallibleKind> Iterator for ValuesMut<'a, K, V, P> {
    type Item = &'a mut V;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|(_, value)| value)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl<K: Clone, V: Clone, P: InfallibleKind> ExactSizeIterator for ValuesMut<'_, K, V, P> {}
impl<K: Clone, V: Clone, P: InfallibleKind> FusedIterator for ValuesMut<'_, K, V, P> {}

impl<K, V: fmt::Debug, P: PointerKind> fmt::Debug for ValuesMut<'_, K, V, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rest = self.0.rest();
        f.debug_list()
            .entries(rest.map(|leaf| leaf.value()))
            .finish()
    }
}

impl<'a, K: Clone, V: Clone, S, P: InfallibleKind> IntoIterator for &'a mut Hamt<K, V, S, P> {
    type Item = (&'a K, &'a mut V);
    type IntoIter = IterMut<'a, K, V, P>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}
