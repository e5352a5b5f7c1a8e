//! Values to be changed: of one entry, and of all.
//!
//! A value may be changed where its leaf is the map's alone: no other version, handle or node
//! that another version holds leads to it. What is shared is cloned first, into a leaf of the
//! map's own.
#![allow(unsafe_code)]

use alloc::vec::Vec;
use core::{convert::Infallible, iter::FusedIterator, marker::PhantomData, ptr::NonNull};

use super::{Iter, RawHamt};
use crate::{
    Entry,
    entry::Pair,
    kind::PointerKind,
    node::{Alteration, Change},
};

impl<K, V, P: PointerKind> RawHamt<K, V, P> {
    /// Borrows the value of the entry of `hash` that `is_it` accepts, to change it. `None` if
    /// there is none, or if another map or handle holds the entry too.
    #[inline]
    pub(crate) fn unshared_mut(
        &mut self,
        hash: u32,
        is_it: impl FnMut(&Entry<K, V, P>) -> bool,
    ) -> Option<&mut V> {
        let place = self.unshared_place(hash, is_it)?;
        // SAFETY: a place in this map, which is borrowed exclusively for as long as the result,
        // and a leaf that it alone holds (`unshared_place`).
        Some(unsafe { place.as_ref().pair_mut() }.1)
    }

    /// Returns the place of a leaf that this map alone holds: the entry of `hash` that `is_it`
    /// accepts. It is valid until the map is used again.
    #[inline(always)]
    fn unshared_place(
        &mut self,
        hash: u32,
        mut is_it: impl FnMut(&Entry<K, V, P>) -> bool,
    ) -> Option<NonNull<Entry<K, V, P>>> {
        let Ok(spot) = self.spot(hash, |leaf| Ok::<_, Infallible>(is_it(leaf)));
        let place = match spot {
            Some(mut spot) => NonNull::from(spot.entry()?),
            None => self.root.as_mut()?.leaf_place(0, hash, is_it)?,
        };
        // SAFETY: just found, and the map has not been used since.
        unsafe { place.as_ref() }.has_one_holder().then_some(place)
    }
}

impl<K: Clone, V: Clone, P: PointerKind> RawHamt<K, V, P> {
    /// Borrows the value of the entry of `hash` that `is_it` accepts, to change it, and returns
    /// its leaf's address. If another map or handle holds the entry too, its key and value are
    /// cloned first, and the address is the copy's.
    #[inline]
    pub(crate) fn get_mut(
        &mut self,
        hash: u32,
        mut is_it: impl FnMut(&Entry<K, V, P>) -> bool,
    ) -> Option<(usize, &mut V)> {
        if let Some(place) = self.unshared_place(hash, &mut is_it) {
            // SAFETY: as in `unshared_mut`.
            let leaf = unsafe { place.as_ref() };
            // SAFETY: as above.
            return Some((leaf.address(), unsafe { leaf.pair_mut() }.1));
        }
        let mut copy = None;
        let copied = CopyLeaf {
            is_it,
            copy: &mut copy,
        };
        let Ok(_shared) = self.alter(hash, copied);
        let copy = copy?;
        let value = self.unshared_mut(hash, |leaf| leaf.address() == copy)?;
        Some((copy, value))
    }

    /// Borrows every key, and every value to change it. Whatever another map or handle holds
    /// too is cloned first.
    pub(crate) fn iter_mut(&mut self) -> IterMut<'_, K, V, P> {
        let mut shared = Vec::new();
        if let Some(root) = &mut self.root {
            root.shared_leaves(&mut shared);
        }
        for leaf in shared {
            let mut copy = None;
            let copied = CopyLeaf {
                is_it: |bound: &Entry<K, V, P>| bound.ptr_eq(&leaf),
                copy: &mut copy,
            };
            let Ok(_shared) = self.alter(leaf.hash(), copied);
        }
        IterMut {
            leaves: self.iter(),
            values: PhantomData,
        }
    }
}

/// Puts a copy in the place of a leaf, and notes the copy's address.
struct CopyLeaf<'a, F> {
    is_it: F,
    copy: &'a mut Option<usize>,
}

impl<K: Clone, V: Clone, P: PointerKind, F> Alteration<K, V, P> for CopyLeaf<'_, F>
where
    F: FnMut(&Entry<K, V, P>) -> bool,
{
    type Error = Infallible;

    fn is_it(&mut self, leaf: &Entry<K, V, P>) -> Result<bool, Infallible> {
        Ok((self.is_it)(leaf))
    }

    fn decide(self, leaf: Option<&Entry<K, V, P>>) -> Change<K, V, P> {
        let Some(leaf) = leaf else {
            return Change::Nothing;
        };
        let copy = Entry::with_kind(leaf.hash(), leaf.key().clone(), leaf.value().clone());
        *self.copy = Some(copy.address());
        Change::Bind(Pair::Entry(copy))
    }
}

/// Keys and values of a map that alone holds each of its leaves.
pub(crate) struct IterMut<'a, K, V, P: PointerKind> {
    /// Invariant: of a map that is borrowed exclusively for `'a` and alone holds what is left.
    leaves: Iter<'a, K, V, P>,
    values: PhantomData<&'a mut V>,
}

impl<'a, K, V, P: PointerKind> IterMut<'a, K, V, P> {
    /// Borrows what is left.
    pub(crate) fn rest(&self) -> Iter<'_, K, V, P> {
        self.leaves.clone()
    }
}

impl<'a, K, V, P: PointerKind> Iterator for IterMut<'a, K, V, P> {
    type Item = (&'a K, &'a mut V);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let leaf = self.leaves.next()?;
        // SAFETY: the map alone holds the leaf, and for `'a` only this iterator leads to it,
        // which returns each leaf once. `rest` leads to others.
        Some(unsafe { leaf.pair_mut() })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.leaves.size_hint()
    }
}

impl<K, V, P: PointerKind> ExactSizeIterator for IterMut<'_, K, V, P> {}
impl<K, V, P: PointerKind> FusedIterator for IterMut<'_, K, V, P> {}
