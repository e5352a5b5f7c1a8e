//! The layer below [`Hamt`](crate::Hamt), for interpreters: the caller brings
//! each key's 32-bit hash, and an equality that may fail.
//!
//! The equality is asked only about keys whose whole hash is the same, and
//! always before an entry changes: it may run any code, fail or panic, and
//! leaves the map as it was. Keys and values are never cloned, only counted
//! with their [`Leaf`].
//!
//! # Examples
//!
//! ```
//! use hamt::{Leaf, raw::RawHamt};
//!
//! let old = RawHamt::new();
//! let (new, displaced) = old.assoc(Leaf::new(1, "one", 1.0), |k| Ok::<_, String>(*k == "one"))?;
//! assert!(displaced.is_none());
//! assert_eq!((old.len(), new.len()), (0, 1));
//!
//! // An equality that fails: the error comes out.
//! let error = new.find(1, |_| Err("cannot compare")).unwrap_err();
//! assert_eq!(error, "cannot compare");
//! // It is not asked about other hashes.
//! assert!(new.find(2, |_| Err("cannot compare")).unwrap().is_none());
//! # Ok::<_, String>(())
//! ```

mod change;
mod compare;
mod debug;
mod get_mut;
mod iter;

use core::fmt;

use crate::{
    Leaf,
    kind::{ArcKind, ErrorOf, PointerKind},
    node::{Node, Placed},
};
pub use compare::Difference;
#[cfg(feature = "audit")]
pub(crate) use debug::audit::ensure;
pub use debug::{Dump, Probe};
pub(crate) use get_mut::{BoundMut, IterMut};
pub use iter::{Cursor, Iter};

/// A persistent map from keys with a caller-supplied hash.
///
/// Versions share what they have in common: a clone costs one count, and a
/// changed version costs the nodes on the way to the change, at most seven and
/// a collision. The map is `Send` and `Sync` when its keys and values are both.
///
/// Equalities given to one map must agree: what one of them calls equal has
/// one hash and is equal for all. If they do not agree, the map may hold a key
/// twice or not find it; it does nothing worse.
pub struct RawHamt<K, V, P: PointerKind = ArcKind> {
    pub(crate) root: Option<Node<K, V, P>>,
    len: usize,
    prefixes: Prefixes,
}

/// A map without a key, and the entry that the key had. Returned by
/// [`RawHamt::without`].
pub type Without<'a, K, V, P = ArcKind> = (RawHamt<K, V, P>, &'a Leaf<K, V, P>);

/// A map with one more binding, and the entry that this displaced in the map it
/// was made from. Returned by [`RawHamt::assoc`].
pub type Assoc<'a, K, V, P = ArcKind> = (RawHamt<K, V, P>, Option<&'a Leaf<K, V, P>>);

impl<K, V> RawHamt<K, V> {
    /// Makes an empty map. Allocates nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self::new_in()
    }
}

impl<K, V, P: PointerKind> RawHamt<K, V, P> {
    /// Makes an empty map of any pointer kind. Allocates nothing.
    #[must_use]
    pub const fn new_in() -> Self {
        Self {
            root: None,
            len: 0,
            prefixes: Prefixes::NONE,
        }
    }

    /// Returns the number of entries. O(1).
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Returns `true` if there are no entries. O(1).
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Returns `true` if two maps are one version: then they hold the very same
    /// entries. O(1); `false` says nothing.
    #[must_use]
    pub fn ptr_eq(&self, other: &Self) -> bool {
        match (&self.root, &other.root) {
            (Some(a), Some(b)) => a.ptr_eq(b),
            (None, None) => true,
            _ => false,
        }
    }

    /// Finds the entry of a key, as CPython 3.14's `_PyHamt_Find` does. Visits
    /// at most seven branches and a collision.
    ///
    /// # Errors
    ///
    /// Fails as `eq` fails.
    #[inline(always)]
    pub fn find<E>(
        &self,
        hash: u32,
        mut eq: impl FnMut(&K) -> Result<bool, E>,
    ) -> Result<Option<&Leaf<K, V, P>>, E> {
        self.find_map(hash, |entry| eq(entry.key()), |entry| entry)
    }

    /// As [`find`](Self::find), and makes what is wanted of the entry.
    #[inline(always)]
    pub(crate) fn find_map<'a, R, E>(
        &'a self,
        hash: u32,
        is_it: impl FnMut(&Leaf<K, V, P>) -> Result<bool, E>,
        map: impl FnOnce(&'a Leaf<K, V, P>) -> R,
    ) -> Result<Option<R>, E> {
        match &self.root {
            Some(root) if self.prefixes.may_have(hash) => {
                root.find_map(hash, is_it, |_, entry| map(entry))
            }
            _ => Ok(None),
        }
    }

    /// Returns a map that also has `entry`, and the entry it displaced, as
    /// CPython 3.14's `_PyHamt_Assoc` does; this map stays as it is. Copies the
    /// nodes on the way.
    ///
    /// The new entry takes the place of the old one whole, key and value, where
    /// CPython keeps the old key. If that very entry is bound already, `eq` is
    /// not asked about it, the result shares this map's root, and the displaced
    /// entry is itself.
    ///
    /// # Errors
    ///
    /// Fails as `eq` fails, and where memory is refused.
    #[inline]
    pub fn assoc<E: ErrorOf<P>>(
        &self,
        entry: Leaf<K, V, P>,
        mut eq: impl FnMut(&K) -> Result<bool, E>,
    ) -> Result<Assoc<'_, K, V, P>, E> {
        let bound = self.locate(entry.hash(), |bound| {
            Ok(bound.ptr_eq(&entry) || eq(bound.key())?)
        })?;
        if let Some((_, bound)) = bound.filter(|(_, bound)| bound.ptr_eq(&entry)) {
            return Ok((self.clone(), Some(bound)));
        }
        let map = self.with(bound.map(|(place, _)| place), entry);
        let map = map.map_err(E::refused)?;
        Ok((map, bound.map(|(_, bound)| bound)))
    }

    /// Returns a map without a key, and the key's entry; `None` if the key is
    /// absent. CPython 3.14's `_PyHamt_Without`. This map stays as it is.
    /// Copies the nodes on the way.
    ///
    /// # Errors
    ///
    /// Fails as `eq` fails, and where memory is refused.
    #[inline]
    pub fn without<E: ErrorOf<P>>(
        &self,
        hash: u32,
        mut eq: impl FnMut(&K) -> Result<bool, E>,
    ) -> Result<Option<Without<'_, K, V, P>>, E> {
        let Some((place, entry)) = self.locate(hash, |entry| eq(entry.key()))? else {
            return Ok(None);
        };
        let map = self.without_place(hash, place);
        let map = map.map_err(E::refused)?;
        Ok(Some((map, entry)))
    }

    /// Returns a version without the leaf of `hash` in a place.
    pub(crate) fn without_place(&self, hash: u32, place: usize) -> Result<Self, P::Refused> {
        let root = match &self.root {
            Some(root) => root.without(0, hash, place)?,
            None => None,
        };
        Ok(Self {
            root,
            len: self.len - 1,
            prefixes: self.prefixes,
        })
    }

    /// Returns a version with a leaf in a place or, without one, as a new leaf.
    #[inline]
    pub(crate) fn with(
        &self,
        place: Option<usize>,
        leaf: Leaf<K, V, P>,
    ) -> Result<Self, P::Refused> {
        let prefixes = self.prefixes.with(leaf.hash());
        let root = match &self.root {
            Some(root) => root.assoc(0, place, leaf)?,
            None => Node::leaf(leaf),
        };
        Ok(Self {
            root: Some(root),
            len: self.len + usize::from(place.is_none()),
            prefixes,
        })
    }

    /// The first entry of `hash` that `is_it` accepts, with its place.
    #[inline(always)]
    pub(crate) fn locate<E>(
        &self,
        hash: u32,
        is_it: impl FnMut(&Leaf<K, V, P>) -> Result<bool, E>,
    ) -> Result<Option<Placed<'_, K, V, P>>, E> {
        match &self.root {
            Some(root) => root.find_map(hash, is_it, |place, leaf| (place, leaf)),
            None => Ok(None),
        }
    }
}

impl<K, V, P: PointerKind> Clone for RawHamt<K, V, P> {
    #[inline]
    fn clone(&self) -> Self {
        Self {
            root: self.root.clone(),
            len: self.len,
            prefixes: self.prefixes,
        }
    }
}

impl<K, V, P: PointerKind> Default for RawHamt<K, V, P> {
    fn default() -> Self {
        Self::new_in()
    }
}

impl<K: fmt::Debug, V: fmt::Debug, P: PointerKind> fmt::Debug for RawHamt<K, V, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map()
            .entries(self.iter().map(|entry| (entry.key(), entry.value())))
            .finish()
    }
}

/// The first six bits of the hashes in a map, a bit for each value that they may
/// have: all that occur, and perhaps some that did.
///
/// It stands in the map itself, so that a small map is not even looked into for
/// most keys that it does not have.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Prefixes(u64);

impl Prefixes {
    pub const NONE: Self = Self(0);

    /// Whether a key of this hash may be there.
    #[inline(always)]
    pub const fn may_have(self, hash: u32) -> bool {
        self.0 & Self::bit(hash) != 0
    }

    /// The same with one more hash.
    #[inline(always)]
    pub const fn with(self, hash: u32) -> Self {
        Self(self.0 | Self::bit(hash))
    }

    #[inline(always)]
    const fn bit(hash: u32) -> u64 {
        1 << (hash % u64::BITS)
    }
}
