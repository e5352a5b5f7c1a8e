//! The layer below [`Hamt`](crate::Hamt), for interpreters: the caller passes
//! each key's 32-bit hash, and an equality that may fail.
//!
//! The equality is called only for keys with the same 32-bit hash, and always
//! before an entry changes. It may run any code, fail or panic: then the map
//! is unchanged. Keys and values are never cloned, only counted with their
//! [`Leaf`].
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
//! // The error of an equality that fails is returned.
//! let error = new.find(1, |_| Err("cannot compare")).unwrap_err();
//! assert_eq!(error, "cannot compare");
//! // It is not called for other hashes.
//! assert!(new.find(2, |_| Err("cannot compare")).unwrap().is_none());
//! # Ok::<_, String>(())
//! ```

mod change;
pub(crate) mod compare;
mod debug;
mod iter;

use core::fmt;

use crate::{
    Leaf,
    kind::{ArcKind, ErrorOf, PointerKind},
    node::{Node, Placed},
    trace::Trace,
};
pub use change::SharedNode;
pub use debug::Dump;
#[cfg(feature = "audit")]
pub(crate) use debug::audit::ensure;
pub(crate) use iter::Walk;
pub use iter::{Cursor, Iter};

/// A persistent map from keys with a caller-supplied hash.
///
/// Versions share the nodes that they have in common. A clone is O(1). A changed
/// version copies the nodes on the path to the change: at most seven, and a
/// bucket or collision. The map is `Send` and `Sync` when its keys and values
/// are both.
///
/// All equalities that are used with one map must agree: keys that are equal for
/// one have one hash and are equal for all. If they do not agree, the map may
/// hold a key twice or not find it; it is not unsafe.
pub struct RawHamt<K, V, P: PointerKind = ArcKind> {
    pub(crate) root: Option<Node<K, V, P>>,
    len: usize,
    prefixes: Prefixes,
}

/// A map without a key, and the entry that the key had. Returned by
/// [`RawHamt::without`].
pub type Without<'a, K, V, P = ArcKind> = (RawHamt<K, V, P>, &'a Leaf<K, V, P>);

/// A map with one more entry, and the entry of the old map that this one
/// displaced. Returned by [`RawHamt::assoc`].
pub type Assoc<'a, K, V, P = ArcKind> = (RawHamt<K, V, P>, Option<&'a Leaf<K, V, P>>);

impl<K, V> RawHamt<K, V> {
    /// Creates an empty map. Allocates nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self::new_in()
    }
}

impl<K, V, P: PointerKind> RawHamt<K, V, P> {
    /// Creates an empty map of any pointer kind. Allocates nothing.
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

    /// Returns `true` if two maps are one version: then they have the same
    /// entries. O(1). With `false`, they may have equal entries all the same.
    #[must_use]
    pub fn ptr_eq(&self, other: &Self) -> bool {
        let roots = self.root.as_ref().zip(other.root.as_ref());
        roots.map_or(self.len == other.len, |(a, b)| a.ptr_eq(b))
    }

    /// Returns the entry of a key, as CPython 3.14's `_PyHamt_Find` does. Visits
    /// at most seven branches, and a bucket or collision.
    ///
    /// # Errors
    ///
    /// Returns the error of `eq`.
    #[inline(always)]
    pub fn find<E>(
        &self,
        hash: u32,
        mut eq: impl FnMut(&K) -> Result<bool, E>,
    ) -> Result<Option<&Leaf<K, V, P>>, E> {
        self.find_map(hash, |entry| eq(entry.key()), |entry| entry)
    }

    /// As [`find`](Self::find), and returns the result of `map` for the entry.
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

    /// Returns a map that also has `entry`, and the entry that it displaced, as
    /// CPython 3.14's `_PyHamt_Assoc` does. This map is unchanged. Copies the
    /// nodes on the path.
    ///
    /// The new entry replaces the key and the value of the old one, where CPython
    /// keeps the old key. If the map has this leaf itself, `eq` is not called for
    /// it, the result shares this map's root, and the displaced entry is the same
    /// leaf.
    ///
    /// # Errors
    ///
    /// Returns the error of `eq`, or that memory was refused.
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
    /// absent. CPython 3.14's `_PyHamt_Without`. This map is unchanged. Copies
    /// the nodes on the path.
    ///
    /// # Errors
    ///
    /// Returns the error of `eq`, or that memory was refused.
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

    /// Returns a version without the leaf of `hash` at `place`.
    pub(crate) fn without_place(&self, hash: u32, place: usize) -> Result<Self, P::Refused> {
        let without = |root: &Node<K, V, P>| root.without(0, hash, place);
        let root = self.root.as_ref().map_or(Ok(None), without)?;
        Ok(Self {
            root,
            len: self.len - 1,
            prefixes: self.prefixes,
        })
    }

    /// Returns a version with `leaf`: in place of the leaf at `place`, or as a new leaf.
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

    /// Returns the first entry of `hash` that `is_it` accepts, with its place.
    #[inline(always)]
    pub(crate) fn locate<E>(
        &self,
        hash: u32,
        is_it: impl FnMut(&Leaf<K, V, P>) -> Result<bool, E>,
    ) -> Result<Option<Placed<'_, K, V, P>>, E> {
        let find = |root| Node::find_map(root, hash, is_it, |place, leaf| (place, leaf));
        self.root.as_ref().map_or(Ok(None), find)
    }

    /// Calls `trace` with the reference to the root, if there is one, and with what it visits
    /// from there. Clones and drops nothing. O(n) for n visited references.
    ///
    /// Does not compile for a kind that [borrows](PointerKind::BORROWS).
    pub fn trace(&self, trace: &mut (impl Trace<K, V, P> + ?Sized)) {
        if let Some(root) = &self.root {
            root.trace(trace);
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

/// The set of the lowest six bits of the hashes in a map, a bit for each of their
/// values: all that occur, and perhaps some that did.
///
/// It is stored in the map itself, so that most lookups of absent keys in a small
/// map do not visit a node.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Prefixes(u64);

impl Prefixes {
    pub const NONE: Self = Self(0);

    /// Returns `true` if the map may have a key of this hash.
    #[inline(always)]
    pub const fn may_have(self, hash: u32) -> bool {
        self.0 & Self::bit(hash) != 0
    }

    /// Returns the set with one more hash.
    #[inline(always)]
    pub const fn with(self, hash: u32) -> Self {
        Self(self.0 | Self::bit(hash))
    }

    #[inline(always)]
    const fn bit(hash: u32) -> u64 {
        1 << (hash % u64::BITS)
    }
}
