//! Union, intersection and differences. Shared subtrees are skipped, so these cost the number of
//! differences times the depth if the two maps have a common ancestor, or one is the other's.
//!
//! Two maps may hash one key differently. A key is looked up by its hash in the map that is
//! searched. A leaf is copied for a map that hashes its key differently.

use alloc::vec::Vec;
use core::{
    convert::Infallible,
    hash::{BuildHasher, Hash},
};

use super::Hamt;
use crate::{Leaf, kind::InfallibleKind};

impl<K: Hash + Eq + Clone, V: Clone, S: BuildHasher + Clone, P: InfallibleKind> Hamt<K, V, S, P> {
    /// Returns a map with the entries of both. If both have a key, this map's entry is taken.
    ///
    /// For versions with a common ancestor it costs the number of differences times the depth;
    /// otherwise an insertion for each entry of the smaller map. The result has the hasher of the
    /// larger map. Keys and values are cloned only if the two hash a key differently.
    ///
    /// # Examples
    ///
    /// ```
    /// use hamt::Hamt;
    ///
    /// let base = Hamt::from([("colour", "auto"), ("pager", "less")]);
    /// let ours = base.inserted("pager", "more");
    /// let theirs = base.inserted("editor", "vi");
    /// let union = ours.union(&theirs);
    /// assert_eq!((union.len(), union["pager"], union["editor"]), (3, "more", "vi"));
    /// // With the other map's entries preferred:
    /// assert_eq!(theirs.union(&ours)["pager"], "less");
    /// ```
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let is_larger = self.len() >= other.len();
        self.unite(other, is_larger, |hash, leaf, _| {
            (!is_larger).then(|| leaf.rehashed(hash))
        })
    }

    /// Returns a map with the entries of both. If both have a key, in different entries, `both`
    /// gets the key, this map's value and the other's, and returns the value.
    ///
    /// An entry that the maps share is taken without a call. Costs as much as
    /// [`union`](Self::union), and a clone of each key that `both` is called for.
    ///
    /// # Examples
    ///
    /// ```
    /// use hamt::Hamt;
    ///
    /// let a = Hamt::from([("x", 1), ("y", 2)]);
    /// let b = Hamt::from([("y", 3), ("z", 4)]);
    /// let sum = a.union_with(&b, |_, ours, theirs| ours + theirs);
    /// assert_eq!(sum, Hamt::from([("x", 1), ("y", 5), ("z", 4)]));
    /// ```
    #[must_use]
    pub fn union_with(&self, other: &Self, mut both: impl FnMut(&K, &V, &V) -> V) -> Self {
        let is_larger = self.len() >= other.len();
        self.unite(other, is_larger, |hash, leaf, bound| {
            let (ours, theirs) = if is_larger {
                (bound, leaf)
            } else {
                (leaf, bound)
            };
            let value = both(ours.key(), ours.value(), theirs.value());
            Some(Leaf::new_in(hash, ours.key().clone(), value))
        })
    }

    /// Returns the larger map with the leaves of the smaller one. If the larger map has the key
    /// too, in another leaf, `both` gets the key's hash there, the smaller map's leaf and the
    /// larger's, and may return a leaf to insert.
    fn unite(
        &self,
        other: &Self,
        is_larger: bool,
        mut both: impl FnMut(u32, &Leaf<K, V, P>, &Leaf<K, V, P>) -> Option<Leaf<K, V, P>>,
    ) -> Self {
        let (larger, smaller) = if is_larger {
            (self, other)
        } else {
            (other, self)
        };
        let mut union = larger.clone();
        let Ok(()) = smaller.raw.unshared(&larger.raw, &mut |leaf| {
            let hash = union.hash(leaf.key());
            let is_it = |bound: &Leaf<K, V, P>| {
                Ok::<_, Infallible>(bound.ptr_eq(leaf) || bound.key() == leaf.key())
            };
            match larger.raw.find_map(hash, is_it, |bound| bound)? {
                None => union.raw.insert_unique(leaf.rehashed(hash)),
                Some(bound) if bound.ptr_eq(leaf) => {}
                Some(bound) => {
                    if let Some(united) = both(hash, leaf, bound) {
                        let eq = |key: &K| Ok::<_, Infallible>(key == leaf.key());
                        drop(union.raw.insert(united, eq)?);
                    }
                }
            }
            Ok::<_, Infallible>(())
        });
        union
    }

    /// Returns a map with the entries whose key only one of the two maps has.
    ///
    /// For versions with a common ancestor it costs the number of differences times the depth;
    /// otherwise at most a lookup for each entry of the larger map, and the changes to it. The
    /// result has the hasher of the larger map. Keys and values are cloned only if the two hash
    /// a key differently.
    ///
    /// # Examples
    ///
    /// ```
    /// use hamt::Hamt;
    ///
    /// let a = Hamt::from([("x", 1), ("y", 2)]);
    /// let b = Hamt::from([("y", 3), ("z", 4)]);
    /// assert_eq!(a.symmetric_difference(&b), Hamt::from([("x", 1), ("z", 4)]));
    /// ```
    #[must_use]
    pub fn symmetric_difference(&self, other: &Self) -> Self {
        let is_larger = self.len() >= other.len();
        let (larger, smaller) = if is_larger {
            (self, other)
        } else {
            (other, self)
        };
        let mut result = larger.difference(smaller);
        let Ok(()) = smaller.raw.unshared(&larger.raw, &mut |leaf| {
            if !larger.contains_key(leaf.key()) {
                let hash = result.hash(leaf.key());
                result.raw.insert_unique(leaf.rehashed(hash));
            }
            Ok::<_, Infallible>(())
        });
        result
    }
}

impl<K: Hash + Eq, V, S: BuildHasher + Clone, P: InfallibleKind> Hamt<K, V, S, P> {
    /// Returns a map with this map's entries whose key the other has too.
    ///
    /// For versions with a common ancestor it costs the number of differences times the depth;
    /// otherwise a lookup for each entry of this map, or of the other if that is less than half
    /// as large, and the changes that create the result. Clones no keys or values.
    ///
    /// # Examples
    ///
    /// ```
    /// use hamt::Hamt;
    ///
    /// let a = Hamt::from([("x", 1), ("y", 2)]);
    /// let b = Hamt::from([("y", 3), ("z", 4)]);
    /// assert_eq!(a.intersection(&b), Hamt::from([("y", 2)]));
    /// ```
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        if other.is_much_smaller_than(self) {
            let theirs = other.raw.iter();
            return self
                .of_leaves(theirs.filter_map(|leaf| self.find_map(leaf.key(), |bound| bound)));
        }
        let Unshared { common, own } = self.unshared_leaves(other);
        if common.len() < own.len() && common.len() + own.len() == self.len() {
            self.of_leaves(common)
        } else {
            self.without_leaves(own)
        }
    }

    /// Returns a map with this map's entries whose key the other does not have.
    ///
    /// Costs as much as [`intersection`](Self::intersection). Clones no keys or values.
    ///
    /// # Examples
    ///
    /// ```
    /// use hamt::Hamt;
    ///
    /// let a = Hamt::from([("x", 1), ("y", 2)]);
    /// let b = Hamt::from([("y", 3), ("z", 4)]);
    /// assert_eq!(a.difference(&b), Hamt::from([("x", 1)]));
    /// ```
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        if other.is_much_smaller_than(self) {
            let mut rest = self.clone();
            for leaf in &other.raw {
                rest.remove(leaf.key());
            }
            return rest;
        }
        let Unshared { common, own } = self.unshared_leaves(other);
        if common.len() < own.len() && common.len() + own.len() == self.len() {
            self.without_leaves(common)
        } else {
            self.of_leaves(own)
        }
    }

    fn of_leaves<'a>(&'a self, leaves: impl IntoIterator<Item = &'a Leaf<K, V, P>>) -> Self
    where
        K: 'a,
        V: 'a,
    {
        let mut map = Self::with_hasher_in(self.hasher.clone());
        for leaf in leaves {
            map.raw.insert_unique(leaf.clone());
        }
        map
    }

    fn without_leaves(&self, leaves: Vec<&Leaf<K, V, P>>) -> Self {
        let mut map = self.clone();
        for leaf in leaves {
            let is_it = |bound: &Leaf<K, V, P>| Ok::<_, Infallible>(bound.ptr_eq(leaf));
            let Ok(_removed) = map.raw.remove_where(leaf.hash(), is_it);
        }
        map
    }
}

impl<K: Hash + Eq, V, S: BuildHasher, P: InfallibleKind> Hamt<K, V, S, P> {
    /// Returns `true` if the two differ in more entries than this map has. Then visiting each
    /// entry of this map costs no more than visiting all differences.
    fn is_much_smaller_than(&self, other: &Self) -> bool {
        self.len() < other.len() / 2
    }

    /// Returns the leaves that `other` does not share, by whether it has their key.
    fn unshared_leaves(&self, other: &Self) -> Unshared<'_, K, V, P> {
        let (mut common, mut own) = (Vec::new(), Vec::new());
        let Ok(()) = self.raw.unshared(&other.raw, &mut |leaf| {
            let side = if other.contains_key(leaf.key()) {
                &mut common
            } else {
                &mut own
            };
            side.push(leaf);
            Ok::<_, Infallible>(())
        });
        Unshared { common, own }
    }

    /// Returns `true` if `other` has every key of this map.
    pub(crate) fn is_within(&self, other: &Self) -> bool {
        if self.len() > other.len() {
            return false;
        }
        let has = |leaf: &Leaf<K, V, P>| Ok::<_, Infallible>(other.contains_key(leaf.key()));
        let Ok(has_all) = self.raw.all_unshared(&other.raw, has);
        has_all
    }
}

/// The leaves of a map that another does not share.
struct Unshared<'a, K, V, P: InfallibleKind> {
    /// The other map has their keys, in different leaves or in other places of the tree.
    common: Vec<&'a Leaf<K, V, P>>,
    /// The other map does not have their keys.
    own: Vec<&'a Leaf<K, V, P>>,
}

impl<K: Clone, V: Clone, P: InfallibleKind> Leaf<K, V, P> {
    /// Returns the leaf for a map in which the key has this hash: a copy if the leaf has another
    /// hash.
    pub(super) fn rehashed(&self, hash: u32) -> Self {
        if self.hash() == hash {
            self.clone()
        } else {
            self.copied(hash)
        }
    }

    /// Returns a new leaf with clones of the key and the value, and with this hash.
    pub(crate) fn copied(&self, hash: u32) -> Self {
        Self::new_in(hash, self.key().clone(), self.value().clone())
    }
}
