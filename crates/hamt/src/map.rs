//! [`Hamt`], the map for keys that are `Hash + Eq`, with its iterators and entries.

mod build;
mod change;
mod diff;
mod displaced;
mod entry;
mod eq;
mod get_mut;
mod into_iter;
mod iter;
mod iter_mut;
mod keys;
mod merge;
mod set_ops;
mod traits;

use core::{
    convert::Infallible,
    fmt,
    hash::{BuildHasher, Hash},
};

use crate::{
    Equivalent, Leaf,
    kind::{ArcKind, InfallibleKind},
    leaf::Pair,
    raw::RawHamt,
};
pub use build::DefaultState;
pub use displaced::Displaced;
pub use entry::{Entry, OccupiedEntry, VacantEntry};
pub use into_iter::IntoIter;
pub use iter::Iter;
pub use iter_mut::{IterMut, ValuesMut};
pub use keys::{IntoKeys, IntoValues, Keys, Values};
pub use merge::Conflict;

/// A persistent map from keys that are `Hash + Eq`.
///
/// A clone is O(1) (plus the hasher's clone), and is a version of its own. A
/// change to one of the two is not visible in the other. It copies the path to the change,
/// unless no other version holds a table of the path or borrows from it: then it is in place.
///
/// Keys and values need not be `Clone`, except for methods that say so. The map
/// is `Send` and `Sync` when its keys, values and hasher are.
///
/// The map uses the lower 32 bits of a hasher's result. Keys that are equal in
/// these are in one list, and each is found in O(n). So a hasher should spread its
/// information over these bits, as std's do.
///
/// # Examples
///
/// ```
/// use hamt::Hamt;
///
/// let mut map = Hamt::new();
/// map.insert("a".to_string(), 1);
/// let snapshot = map.clone();
/// map.insert("a".to_string(), 2);
/// assert_eq!((snapshot.get("a"), map.get("a")), (Some(&1), Some(&2)));
/// ```
///
/// A map with values that are not `Send` is not `Send`:
///
/// ```compile_fail,E0277
/// fn send<T: Send>(_: T) {}
/// send(hamt::Hamt::from([(1, std::rc::Rc::new(2))]));
/// ```
pub struct Hamt<K, V, S = DefaultState, P: InfallibleKind = ArcKind> {
    raw: RawHamt<K, V, P>,
    hasher: S,
}

impl<K, V, S> Hamt<K, V, S> {
    /// Creates an empty map that hashes keys by `hasher`. Allocates nothing.
    #[must_use]
    pub const fn with_hasher(hasher: S) -> Self {
        Self::with_hasher_in(hasher)
    }
}

impl<K, V, S, P: InfallibleKind> Hamt<K, V, S, P> {
    /// Creates an empty map of any pointer kind that hashes keys by `hasher`.
    /// Allocates nothing.
    #[must_use]
    pub const fn with_hasher_in(hasher: S) -> Self {
        Self {
            raw: RawHamt::new_in(),
            hasher,
        }
    }

    /// Returns the number of entries. O(1).
    #[must_use]
    pub const fn len(&self) -> usize {
        self.raw.len()
    }

    /// Returns `true` if there are no entries. O(1).
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.raw.is_empty()
    }

    /// Returns `true` if two maps are one version: then they have the same
    /// entries. O(1). With `false`, they may have equal entries all the same.
    #[must_use]
    pub fn ptr_eq(&self, other: &Self) -> bool {
        self.raw.ptr_eq(&other.raw)
    }

    /// Removes every entry. Drops those that no other version holds.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut map = hamt::Hamt::from([("k", 1)]);
    /// map.clear();
    /// assert!(map.is_empty());
    /// ```
    pub fn clear(&mut self) {
        self.raw = RawHamt::new_in();
    }

    /// Returns the map of the layer below, with its cursors, its text picture
    /// and its hook for collectors. A key's hash there is the lower half of the
    /// hasher's result.
    #[must_use]
    pub const fn raw(&self) -> &RawHamt<K, V, P> {
        &self.raw
    }

    /// Returns the hasher.
    #[must_use]
    pub const fn hasher(&self) -> &S {
        &self.hasher
    }
}

impl<K: Hash + Eq, V, S: BuildHasher, P: InfallibleKind> Hamt<K, V, S, P> {
    /// Returns the value of a key. Visits at most seven branches, and the
    /// entries whose hash is equal in its lower half.
    #[inline(always)]
    pub fn get<Q: Hash + Equivalent<K> + ?Sized>(&self, key: &Q) -> Option<&V> {
        self.find_map(key, Leaf::value)
    }

    /// Returns the map's key that is equal to `key`, and its value. Costs as
    /// much as [`get`](Self::get).
    pub fn get_key_value<Q: Hash + Equivalent<K> + ?Sized>(&self, key: &Q) -> Option<(&K, &V)> {
        self.find_map(key, |entry| (entry.key(), entry.value()))
    }

    /// Returns `true` if the map has a key. Costs as much as [`get`](Self::get).
    pub fn contains_key<Q: Hash + Equivalent<K> + ?Sized>(&self, key: &Q) -> bool {
        self.find_map(key, |_| ()).is_some()
    }

    #[inline(always)]
    fn find_map<'a, Q: Hash + Equivalent<K> + ?Sized, R>(
        &'a self,
        key: &Q,
        map: impl FnOnce(&'a Leaf<K, V, P>) -> R,
    ) -> Option<R> {
        let is_it = move |entry: &Leaf<K, V, P>| Ok::<_, Infallible>(key.equivalent(entry.key()));
        let Ok(found) = self.raw.find_map(self.hash(key), is_it, map);
        found
    }

    #[inline(always)]
    fn hash<Q: Hash + ?Sized>(&self, key: &Q) -> u32 {
        lower_half(self.hasher.hash_one(key))
    }
}

impl<K: Hash + Eq, V, S: BuildHasher, P: InfallibleKind> Hamt<K, V, S, P> {
    /// Inserts a key and a value, and returns the key and value that they displaced. Copies
    /// the path if another version holds a table of it or borrows from one.
    ///
    /// The new key replaces the old equal one, since an entry is replaced as a whole.
    ///
    /// Another version may still hold the old entry, and `V` need not be `Clone`. So the result
    /// is a [`Displaced`], which derefs to the value. [`Displaced::into_value`] returns the value:
    /// by a move if nothing else holds it, otherwise by a clone.
    ///
    /// # Examples
    ///
    /// ```
    /// use hamt::{Displaced, Hamt};
    ///
    /// let mut map = Hamt::from([("k", 1)]);
    /// assert_eq!(map.insert("k", 2).as_deref(), Some(&1));
    /// assert_eq!(map.insert("k", 3).map(Displaced::into_value), Some(2));
    /// ```
    #[inline]
    pub fn insert(&mut self, key: K, value: V) -> Option<Displaced<K, V, P>> {
        let hash = self.hash(&key);
        let Ok(displaced) = self.raw.set(hash, key, value, |bound, key| {
            Ok::<_, Infallible>(bound == key)
        });
        displaced
    }

    /// Removes a key, and returns it with its value, which another version may hold too: see
    /// [`insert`](Self::insert), also for when it copies the path.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut map = hamt::Hamt::from([("k", 1)]);
    /// assert_eq!(map.remove("k").as_deref(), Some(&1));
    /// assert!(map.remove("k").is_none());
    /// ```
    pub fn remove<Q: Hash + Equivalent<K> + ?Sized>(
        &mut self,
        key: &Q,
    ) -> Option<Displaced<K, V, P>> {
        let Ok(removed) = self.raw.remove(self.hash(key), |bound| {
            Ok::<_, Infallible>(key.equivalent(bound))
        });
        removed.map(|leaf| Displaced(Pair::Leaf(leaf)))
    }

    /// Inserts a key and a value if the map does not have the key. Returns `true` if it did so.
    #[inline]
    pub(crate) fn insert_absent(&mut self, key: K, value: V) -> bool {
        let hash = self.hash(&key);
        let Ok(bound) = self
            .raw
            .find(hash, |bound| Ok::<_, Infallible>(*bound == key));
        let is_absent = bound.is_none();
        if is_absent {
            self.raw.insert_unique(Leaf::new_in(hash, key, value));
        }
        is_absent
    }
}

impl<K, V, S: Clone, P: InfallibleKind> Clone for Hamt<K, V, S, P> {
    #[inline]
    fn clone(&self) -> Self {
        Self {
            raw: self.raw.clone(),
            hasher: self.hasher.clone(),
        }
    }
}

impl<K: fmt::Debug, V: fmt::Debug, S, P: InfallibleKind> fmt::Debug for Hamt<K, V, S, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.raw.fmt(f)
    }
}

/// Returns the half of a hasher's result that the trie uses where it need not be
/// CPython's. A hasher spreads its information over all bits, and folding them
/// would cost a fifth of a lookup.
#[inline(always)]
const fn lower_half(hash: u64) -> u32 {
    hash as u32
}
