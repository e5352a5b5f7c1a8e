//! Values to be changed: of one entry, and of all.
//!
//! A value may be changed where its leaf is the map's alone: no other version, handle or node
//! that another version holds leads to it. What is shared is cloned first, into a leaf of the
//! map's own. Where foreign code may get hold of a leaf from elsewhere
//! ([`PointerKind::RUNS_CODE`]), no leaf is the map's alone, so none of this compiles.
#![allow(unsafe_code)]

use alloc::vec::Vec;
use core::{convert::Infallible, iter::FusedIterator, marker::PhantomData, mem, ptr::NonNull};

use super::{Iter, RawHamt};
use crate::{
    Leaf,
    kind::{InfallibleKind, PointerKind},
    node::Node,
};

/// The place of a leaf in a node that no other map leads to, if there is such a leaf. It is
/// valid until the map is used again.
type Place<K, V, P> = Option<NonNull<Leaf<K, V, P>>>;

/// Another version sees a node on the way to a key.
struct Shared;

/// Fails to compile for a kind whose leaves may be reached from elsewhere than a map.
const fn assert_reached_by_maps_alone<P: PointerKind>() {
    assert!(
        !P::RUNS_CODE,
        "foreign code may reach values of this kind while they are borrowed to be changed"
    );
}

impl<K, V, P: PointerKind> RawHamt<K, V, P> {
    /// Borrows the value of the entry of `hash` that `is_it` accepts, to change it. `None` if
    /// there is none, or if another map or handle holds the entry too.
    #[inline]
    pub(crate) fn unshared_mut(
        &mut self,
        hash: u32,
        is_it: impl FnMut(&Leaf<K, V, P>) -> bool,
    ) -> Option<&mut V> {
        const { assert_reached_by_maps_alone::<P>() };
        // SAFETY: a place in this map, which is borrowed for as long as the result.
        let leaf = unsafe { self.place(hash, is_it).ok()??.as_ref() };
        // SAFETY: the map alone holds the leaf, and is borrowed exclusively.
        leaf.has_one_holder().then(|| unsafe { leaf.pair_mut() }.1)
    }

    /// Returns the place of the leaf of `hash` that `is_it` accepts.
    #[inline(always)]
    fn place(
        &mut self,
        hash: u32,
        mut is_it: impl FnMut(&Leaf<K, V, P>) -> bool,
    ) -> Result<Place<K, V, P>, Shared> {
        let mut is_it = |leaf: &Leaf<K, V, P>| Ok::<_, Infallible>(is_it(leaf));
        let Ok(position) = Node::position(&mut self.root, hash, &mut is_it);
        if let Some(mut position) = position {
            return Ok(position.leaf().map(NonNull::from));
        }
        let collision = Node::collision_mut(&mut self.root, hash).ok_or(Shared)?;
        let Ok(found) = collision.find(is_it);
        let rank = found.map(|(rank, _)| rank);
        let leaf = rank.and_then(|rank| collision.leaf_mut(rank));
        Ok(leaf.map(NonNull::from))
    }
}

impl<K: Clone, V: Clone, P: InfallibleKind> RawHamt<K, V, P> {
    /// Borrows the value of the entry of `hash` that `is_it` accepts, to change it, and returns
    /// its leaf's address. If another map or handle holds the entry too, its key and value are
    /// cloned first, and the address is the copy's.
    #[inline]
    pub(crate) fn get_mut(
        &mut self,
        hash: u32,
        mut is_it: impl FnMut(&Leaf<K, V, P>) -> bool,
    ) -> Option<(usize, &mut V)> {
        const { assert_reached_by_maps_alone::<P>() };
        let place = match self.place(hash, &mut is_it) {
            Ok(place) => place?,
            Err(Shared) => self.place_in_copy(hash, is_it)?,
        };
        // SAFETY: a place in this map, which is borrowed exclusively for as long as the result.
        let leaf = unsafe { &mut *place.as_ptr() };
        if !leaf.has_one_holder() {
            let copy = leaf.copied(hash);
            drop(mem::replace(leaf, copy));
        }
        // SAFETY: the map alone holds the leaf.
        Some((leaf.address(), unsafe { leaf.pair_mut() }.1))
    }

    /// Makes a version of the same entries, with nodes of its own on the way to the leaf, which
    /// takes this one's place. Returns the leaf's place.
    #[cold]
    fn place_in_copy(
        &mut self,
        hash: u32,
        mut is_it: impl FnMut(&Leaf<K, V, P>) -> bool,
    ) -> Place<K, V, P> {
        let Ok(found) = self.locate(hash, |leaf| Ok::<_, Infallible>(is_it(leaf)));
        let (place, leaf) = found?;
        let address = leaf.address();
        let Ok(map) = self.with(Some(place), leaf.clone());
        drop(mem::replace(self, map));
        self.place(hash, |leaf| leaf.address() == address).ok()?
    }

    /// Borrows every key, and every value to change it. Whatever another map or handle holds
    /// too is cloned first.
    pub(crate) fn iter_mut(&mut self) -> IterMut<'_, K, V, P> {
        const { assert_reached_by_maps_alone::<P>() };
        let mut shared = Vec::new();
        if let Some(root) = &mut self.root {
            root.shared_leaves(&mut shared);
        }
        for (hash, address) in shared {
            self.get_mut(hash, |leaf| leaf.address() == address);
        }
        IterMut {
            leaves: self.iter(),
            values: PhantomData,
        }
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
