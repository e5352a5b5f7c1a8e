//! A mutable reference to the value of one entry.
//!
//! A value may be changed if only the map holds its leaf: no other version, handle or node of
//! another version refers to it. A shared leaf is cloned first. If foreign code may get a
//! reference to a leaf from elsewhere ([`PointerKind::RUNS_CODE`]), this is never certain, so
//! none of this compiles.
#![allow(unsafe_code)]

use core::{
    convert::Infallible,
    hash::{BuildHasher, Hash},
    mem::{self, ManuallyDrop},
    ops::IndexMut,
};

use super::Hamt;
use crate::{
    Equivalent, Leaf,
    kind::{InfallibleKind, PointerKind},
    node::Node,
    raw::RawHamt,
};

impl<K: Hash + Eq + Clone, V: Clone, S: BuildHasher, P: InfallibleKind> Hamt<K, V, S, P> {
    /// Returns a mutable reference to the value of a key.
    ///
    /// In a map that shares nothing it costs as much as [`get`](Self::get). Otherwise it copies the
    /// path as [`insert`](Self::insert) does, and looks the key up a second time. The key and the value
    /// are cloned if another version holds the entry.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut map = hamt::Hamt::from([("k", 1)]);
    /// let old = map.clone();
    /// if let Some(value) = map.get_mut("k") {
    ///     *value += 1;
    /// }
    /// assert_eq!((old["k"], map["k"]), (1, 2));
    /// ```
    #[inline]
    pub fn get_mut<Q: Hash + Equivalent<K> + ?Sized>(&mut self, key: &Q) -> Option<&mut V> {
        let hash = self.hash(key);
        let is_it = |leaf: &Leaf<K, V, P>| key.equivalent(leaf.key());
        let bound = self.raw.bound_mut(hash, is_it).ok()?;
        Some(bound.into_value_mut())
    }
}

/// Costs as much as [`Hamt::get_mut`].
///
/// # Panics
///
/// Panics if the map does not have the key.
impl<K, V, Q, S, P> IndexMut<&Q> for Hamt<K, V, S, P>
where
    K: Hash + Eq + Clone,
    V: Clone,
    Q: Hash + Equivalent<K> + ?Sized,
    S: BuildHasher,
    P: InfallibleKind,
{
    fn index_mut(&mut self, key: &Q) -> &mut V {
        self.get_mut(key).expect("no entry found for key")
    }
}

/// An entry of a map that is borrowed exclusively, found by one lookup.
pub(crate) struct BoundMut<'a, K, V, P: PointerKind> {
    map: &'a mut RawHamt<K, V, P>,
    /// Invariant: an uncounted handle of a leaf in the map.
    leaf: ManuallyDrop<Leaf<K, V, P>>,
    /// Whether no other version shares a node on the path to it.
    is_alone: bool,
}

impl<K, V, P: InfallibleKind> RawHamt<K, V, P> {
    /// Returns the entry of `hash` that `is_it` accepts, or the map if there is none.
    #[inline(always)]
    pub(crate) fn bound_mut(
        &mut self,
        hash: u32,
        mut is_it: impl FnMut(&Leaf<K, V, P>) -> bool,
    ) -> Result<BoundMut<'_, K, V, P>, &mut Self> {
        let mut is_it = |leaf: &Leaf<K, V, P>| Ok::<_, Infallible>(is_it(leaf));
        let Ok(position) = Node::position(&mut self.root, hash, Some(&mut is_it));
        let is_alone = position.is_some();
        // SAFETY: used only while the map, which has the leaf, is borrowed.
        let alias = |leaf: &Leaf<K, V, P>| unsafe { leaf.alias() };
        let leaf = match position {
            Some(mut position) => position.leaf().map(|leaf| alias(leaf)),
            None => {
                let Ok(found) = self.find_map(hash, is_it, alias);
                found
            }
        };
        let Some(leaf) = leaf else {
            return Err(self);
        };
        let map = self;
        Ok(BoundMut {
            map,
            leaf,
            is_alone,
        })
    }

    /// Adds a leaf whose key the map does not have, and returns its entry.
    #[inline]
    pub(crate) fn insert_bound(&mut self, leaf: Leaf<K, V, P>) -> BoundMut<'_, K, V, P> {
        // SAFETY: as above.
        let alias = unsafe { leaf.alias() };
        self.insert_unique(leaf);
        BoundMut {
            map: self,
            leaf: alias,
            is_alone: true,
        }
    }
}

impl<'a, K, V, P: InfallibleKind> BoundMut<'a, K, V, P> {
    pub(crate) fn leaf(&self) -> &Leaf<K, V, P> {
        &self.leaf
    }

    /// Removes the entry from the map.
    pub(crate) fn remove(self) -> Leaf<K, V, P> {
        let is_it = |leaf: &Leaf<K, V, P>| Ok::<_, Infallible>(leaf.ptr_eq(&self.leaf));
        let Ok(removed) = self.map.remove_where(self.leaf.hash(), is_it);
        removed.expect("a bound entry's leaf is in the map")
    }

    /// Returns a mutable reference to the value, or `None` if another map or handle holds the
    /// entry too.
    #[inline(always)]
    pub(crate) fn into_own(self) -> Option<&'a mut V> {
        const { assert_reached_by_maps_alone::<P>() };
        let is_own = self.is_alone && self.leaf.has_one_holder();
        // SAFETY: only the map holds the leaf, and it is borrowed exclusively for `'a`.
        is_own.then(|| unsafe { self.leaf.pair_mut() }.1)
    }
}

impl<'a, K: Clone, V: Clone, P: InfallibleKind> BoundMut<'a, K, V, P> {
    /// Returns a mutable reference to the value. If another map or handle holds the entry too,
    /// a clone replaces it first.
    #[inline(always)]
    pub(crate) fn value_mut(&mut self) -> &mut V {
        self.own();
        // SAFETY: only the map holds the leaf, and it is borrowed as long as the result.
        unsafe { self.leaf.pair_mut() }.1
    }

    /// As [`value_mut`](Self::value_mut), for as long as the map is borrowed.
    #[inline(always)]
    pub(crate) fn into_value_mut(mut self) -> &'a mut V {
        self.own();
        self.into_own().expect("only the map holds the entry now")
    }

    #[inline(always)]
    fn own(&mut self) {
        const { assert_reached_by_maps_alone::<P>() };
        if !(self.is_alone && self.leaf.has_one_holder()) {
            self.copy();
        }
    }

    /// Copies the path to the leaf if another version shares a node of it, and replaces the leaf by a
    /// copy if another map or handle holds it.
    #[cold]
    fn copy(&mut self) {
        let hash = self.leaf.hash();
        if !self.is_alone {
            let is_it = |leaf: &Leaf<K, V, P>| Ok::<_, Infallible>(leaf.ptr_eq(&self.leaf));
            let Ok(found) = self.map.locate(hash, is_it);
            let place = found.map(|(place, _)| place);
            let Ok(map) = self.map.with(place, Leaf::clone(&self.leaf));
            drop(mem::replace(self.map, map));
            self.is_alone = true;
        }
        if !self.leaf.has_one_holder() {
            let copy = self.leaf.copied(hash);
            // SAFETY: inserted into the map below, and not used before.
            let shared = mem::replace(&mut self.leaf, unsafe { copy.alias() });
            let is_it = |leaf: &Leaf<K, V, P>| Ok::<_, Infallible>(leaf.ptr_eq(&shared));
            let Ok(_displaced) = self.map.insert_with(copy, |leaf, _| is_it(leaf));
        }
    }
}

/// Fails to compile for a kind whose leaves may be referenced from elsewhere than a map.
pub(super) const fn assert_reached_by_maps_alone<P: PointerKind>() {
    assert!(
        !P::RUNS_CODE,
        "foreign code may reach values of this kind while they are borrowed to be changed"
    );
}
