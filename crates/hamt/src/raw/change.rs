//! Changes of a map itself. A change is made in place if no other version
//! shares the nodes on the path; otherwise a new version replaces this one.

use alloc::vec::Vec;
use core::{convert::Infallible, fmt, mem};

use super::RawHamt;
use crate::{
    Displaced, Leaf,
    edit_mut::Position,
    kind::{ErrorOf, PointerKind},
    leaf::Pair,
    node::Node,
};

impl<K, V, P: PointerKind> RawHamt<K, V, P> {
    /// Inserts a leaf into this map itself, as [`assoc`](Self::assoc) does, and
    /// returns the displaced leaf.
    ///
    /// `eq` runs while the map is borrowed. If the map is in a cell or behind a
    /// lock, and `eq` runs foreign code, clone the map and use `assoc` instead.
    ///
    /// # Errors
    ///
    /// Returns the error of `eq`, or that memory was refused; the map is unchanged.
    #[inline]
    pub fn insert<E: ErrorOf<P>>(
        &mut self,
        leaf: Leaf<K, V, P>,
        mut eq: impl FnMut(&K) -> Result<bool, E>,
    ) -> Result<Option<Leaf<K, V, P>>, E> {
        let hash = leaf.hash();
        let mut is_same = |bound: &Leaf<K, V, P>, leaf: &Leaf<K, V, P>| {
            Ok(bound.ptr_eq(leaf) || eq(bound.key())?)
        };
        if P::RUNS_CODE {
            // The equality first: a count that was read before it is not valid after it.
            let bound = self.locate(hash, |bound| is_same(bound, &leaf))?;
            let bound = bound.map(|(_, bound)| bound.clone());
            let is_bound = |found: &Leaf<K, V, P>| bound.as_ref().is_some_and(|b| b.ptr_eq(found));
            return self.insert_with(leaf, |found, _| Ok(is_bound(found)));
        }
        self.insert_with(leaf, is_same)
    }

    /// As [`insert`](Self::insert), with an equality of leaves.
    #[inline(always)]
    pub(crate) fn insert_with<E: ErrorOf<P>>(
        &mut self,
        leaf: Leaf<K, V, P>,
        mut is_same: impl FnMut(&Leaf<K, V, P>, &Leaf<K, V, P>) -> Result<bool, E>,
    ) -> Result<Option<Leaf<K, V, P>>, E> {
        let hash = leaf.hash();
        if let Some(mut position) = Node::position(
            &mut self.root,
            hash,
            Some(|bound: &Leaf<_, _, _>| is_same(bound, &leaf)),
        )? {
            if let Some(bound) = position.leaf() {
                return Ok(Some(mem::replace(bound, leaf)));
            }
            let filled = position.fill(leaf);
            self.count_one_more(hash, filled).map_err(E::refused)?;
            return Ok(None);
        }
        self.bind(hash, Pair::Leaf(leaf), |bound, pair| match pair {
            Pair::Leaf(leaf) => is_same(bound, leaf),
            Pair::Parts(..) => Ok(false),
        })
    }

    /// Puts a leaf in the place of the one of its hash that `is_it` accepts, if that is there
    /// and no other version sees the nodes on the way. Allocates nothing and drops no key or value,
    /// whatever the kind.
    ///
    /// # Errors
    ///
    /// Returns the leaf otherwise; the map is unchanged.
    ///
    /// # Safety
    ///
    /// If the kind [runs code](PointerKind::RUNS_CODE), `is_it` must not run code that can reach a
    /// node: counts are read before it is called.
    #[expect(unsafe_code, reason = "only the caller knows what `is_it` runs")]
    pub unsafe fn replace(
        &mut self,
        leaf: Leaf<K, V, P>,
        mut is_it: impl FnMut(&Leaf<K, V, P>) -> bool,
    ) -> Result<Leaf<K, V, P>, Leaf<K, V, P>> {
        let is_it = |bound: &Leaf<K, V, P>| Ok::<_, Infallible>(is_it(bound));
        let Ok(mut position) = Node::position(&mut self.root, leaf.hash(), Some(is_it));
        match position.as_mut().and_then(Position::leaf) {
            Some(bound) => Ok(mem::replace(bound, leaf)),
            None => Err(leaf),
        }
    }

    /// Returns the first branch or bucket on the path of `hash` that another version shares, if there
    /// is one and the kind does not [borrow](PointerKind::BORROWS). [`replace`](Self::replace) fails
    /// because of it. O(log n).
    pub fn first_shared(&mut self, hash: u32) -> Option<SharedNode<K, V, P>> {
        let shared = Node::first_shared(&mut self.root, hash)?;
        Some(SharedNode(shared.clone(), None))
    }

    /// Puts the copy of a node in its place, if `node` is still the first on the path of `hash` that
    /// another version shares. Returns `false` otherwise. Allocates nothing and drops nothing.
    /// O(log n).
    pub fn swap_shared(&mut self, hash: u32, node: &mut SharedNode<K, V, P>) -> bool {
        match (Node::first_shared(&mut self.root, hash), &mut node.1) {
            (Some(shared), Some(copy)) if shared.ptr_eq(&node.0) => mem::swap(shared, copy),
            _ => return false,
        }
        true
    }

    /// Inserts a key and a value into this map itself, in place of an equal key and its
    /// value. Allocates nothing if there is such a leaf and nothing else holds it (and the
    /// kind's allocations run no code). For `eq`, see [`insert`](Self::insert).
    ///
    /// # Errors
    ///
    /// Returns the error of `eq`, or that memory was refused; the map is unchanged.
    #[inline]
    pub fn set<E: ErrorOf<P>>(
        &mut self,
        hash: u32,
        key: K,
        value: V,
        mut eq: impl FnMut(&K, &K) -> Result<bool, E>,
    ) -> Result<Option<Displaced<K, V, P>>, E> {
        if P::RUNS_CODE {
            let leaf = Leaf::try_new_in(hash, key, value).map_err(E::refused)?;
            let key = leaf.clone();
            let displaced = self.insert(leaf, |bound| eq(bound, key.key()))?;
            return Ok(displaced.map(|leaf| Displaced(Pair::Leaf(leaf))));
        }
        if let Some(mut position) = Node::position(
            &mut self.root,
            hash,
            Some(|bound: &Leaf<_, _, _>| eq(bound.key(), &key)),
        )? {
            if let Some(bound) = position.leaf() {
                let displaced = bound.replace(key, value);
                return displaced
                    .map(|pair| Some(Displaced(pair)))
                    .map_err(E::refused);
            }
            let leaf = Leaf::try_new_in(hash, key, value).map_err(E::refused)?;
            let filled = position.fill(leaf);
            self.count_one_more(hash, filled).map_err(E::refused)?;
            return Ok(None);
        }
        let pair = Pair::Parts(key, value);
        let displaced = self.bind(hash, pair, |bound, pair| eq(bound.key(), pair.key()))?;
        Ok(displaced.map(|leaf| Displaced(Pair::Leaf(leaf))))
    }

    /// Removes a key from this map itself and returns its leaf; `None` if the
    /// key is absent. For `eq`, see [`insert`](Self::insert).
    ///
    /// # Errors
    ///
    /// Returns the error of `eq`, or that memory was refused; the map is unchanged.
    #[inline]
    pub fn remove<E: ErrorOf<P>>(
        &mut self,
        hash: u32,
        mut eq: impl FnMut(&K) -> Result<bool, E>,
    ) -> Result<Option<Leaf<K, V, P>>, E> {
        if P::RUNS_CODE {
            // As in `insert`.
            let Some((_, bound)) = self.locate(hash, |bound| eq(bound.key()))? else {
                return Ok(None);
            };
            let bound = bound.clone();
            return self.remove_where(hash, |found| Ok(found.ptr_eq(&bound)));
        }
        self.remove_where(hash, |bound| eq(bound.key()))
    }

    /// Removes the leaf of `hash` that `is_it` accepts.
    #[inline(always)]
    pub(crate) fn remove_where<E: ErrorOf<P>>(
        &mut self,
        hash: u32,
        mut is_it: impl FnMut(&Leaf<K, V, P>) -> Result<bool, E>,
    ) -> Result<Option<Leaf<K, V, P>>, E> {
        let found = match Node::position(&mut self.root, hash, Some(&mut is_it))? {
            Some(position) => match position.remove() {
                Ok(removed) => {
                    self.len -= usize::from(removed.is_some());
                    return Ok(removed);
                }
                Err(found) => Some(found),
            },
            None => {
                let found = self.locate(hash, is_it)?;
                found.map(|(place, leaf)| (place, leaf.clone()))
            }
        };
        let Some((place, removed)) = found else {
            return Ok(None);
        };
        let map = self.without_place(hash, place);
        drop(mem::replace(self, map.map_err(E::refused)?));
        Ok(Some(removed))
    }

    /// Counts a leaf of `hash` that was inserted in place; otherwise adds it by a new version.
    #[inline(always)]
    fn count_one_more(
        &mut self,
        hash: u32,
        filled: Result<Option<Leaf<K, V, P>>, P::Refused>,
    ) -> Result<(), P::Refused> {
        if let Some(leaf) = filled? {
            return self.add(leaf);
        }
        self.len += 1;
        self.prefixes = self.prefixes.with(hash);
        Ok(())
    }

    /// Adds a leaf whose key the map does not have, by a new version.
    #[inline(never)]
    fn add(&mut self, leaf: Leaf<K, V, P>) -> Result<(), P::Refused> {
        let map = self.with(None, leaf)?;
        drop(mem::replace(self, map));
        Ok(())
    }

    /// Inserts a key by a new version.
    #[inline(never)]
    fn bind<E: ErrorOf<P>>(
        &mut self,
        hash: u32,
        pair: Pair<K, V, P>,
        mut is_same: impl FnMut(&Leaf<K, V, P>, &Pair<K, V, P>) -> Result<bool, E>,
    ) -> Result<Option<Leaf<K, V, P>>, E> {
        let bound = self.locate(hash, |bound| is_same(bound, &pair))?;
        let (place, displaced) = bound.map(|(place, bound)| (place, bound.clone())).unzip();
        let leaf = pair.into_leaf(hash).map_err(E::refused)?;
        if !displaced.as_ref().is_some_and(|bound| bound.ptr_eq(&leaf)) {
            let map = self.with(place, leaf).map_err(E::refused)?;
            // Drops no key or value: the new version and `displaced` hold all of them.
            drop(mem::replace(self, map));
        }
        Ok(displaced)
    }
}

/// A branch or bucket that versions of a map share, and its copy: see [`RawHamt::first_shared`].
pub struct SharedNode<K, V, P: PointerKind>(Node<K, V, P>, Option<Node<K, V, P>>);

impl<K, V, P: PointerKind> SharedNode<K, V, P> {
    /// Creates a copy of the node, for [`RawHamt::swap_shared`]. The children are shared.
    ///
    /// # Errors
    ///
    /// Returns the reason why there is no memory.
    pub fn copy(&mut self) -> Result<(), P::Refused> {
        self.1 = self.0.as_table().map(|table| table.copied()).transpose()?;
        Ok(())
    }
}

impl<K, V, P: PointerKind> fmt::Debug for SharedNode<K, V, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedNode").finish_non_exhaustive()
    }
}

impl<K, V, P: PointerKind<Refused = Infallible>> RawHamt<K, V, P> {
    /// Adds a leaf whose key the map must not have, without comparing keys. If
    /// the map has the key, it will have it twice, and either may be found; it
    /// is not unsafe.
    #[inline]
    pub fn insert_unique(&mut self, leaf: Leaf<K, V, P>) {
        let hash = leaf.hash();
        let is_it = None::<fn(&Leaf<K, V, P>) -> Result<bool, Infallible>>;
        let Ok(position) = Node::position(&mut self.root, hash, is_it);
        let Ok(()) = match position {
            Some(position) => {
                let filled = position.fill(leaf);
                self.count_one_more(hash, filled)
            }
            None => self.add(leaf),
        };
    }

    /// Removes every entry for which `keep` returns `false`. Calls `keep` with each
    /// entry before any change: if it panics, the map is unchanged.
    pub fn retain(&mut self, mut keep: impl FnMut(&K, &V) -> bool) {
        let rejected = self.iter().filter(|leaf| !keep(leaf.key(), leaf.value()));
        let rejected: Vec<Leaf<K, V, P>> = rejected.cloned().collect();
        for leaf in &rejected {
            let Ok(_removed) =
                self.remove_where(leaf.hash(), |bound| Ok::<_, Infallible>(bound.ptr_eq(leaf)));
        }
    }
}
