//! [`HamtSet`], the set of values that are `Hash + Eq`, with its iterators.
//!
//! It is a [`Hamt`] whose values are `()`.

mod iter;
mod ops;
mod traits;

use core::hash::{BuildHasher, Hash};

use crate::{
    DefaultState, Displaced, Equivalent, Hamt,
    kind::{ArcKind, InfallibleKind},
};
pub use iter::{IntoIter, Iter};

/// A persistent set of values that are `Hash + Eq`.
///
/// A clone is O(1) and is a version of its own, as a clone of [`Hamt`] is. The requirements on
/// hashers and on `Clone`, `Send` and `Sync` are also those of [`Hamt`].
///
/// # Examples
///
/// ```
/// use hamt::HamtSet;
///
/// let mut set = HamtSet::from(["a", "b"]);
/// let old = set.clone();
/// set.insert("c");
/// set.remove("a");
/// assert_eq!((set.contains("a"), old.contains("a")), (false, true));
/// assert_eq!(&set - &old, HamtSet::from(["c"]));
/// ```
pub struct HamtSet<T, S = DefaultState, P: InfallibleKind = ArcKind> {
    map: Hamt<T, (), S, P>,
}

#[cfg(feature = "std")]
impl<T> HamtSet<T> {
    /// Creates an empty set with a new random hasher. Allocates nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl<T, S> HamtSet<T, S> {
    /// Creates an empty set that hashes values by `hasher`. Allocates nothing.
    #[must_use]
    pub const fn with_hasher(hasher: S) -> Self {
        Self::with_hasher_in(hasher)
    }
}

impl<T, S, P: InfallibleKind> HamtSet<T, S, P> {
    /// Creates an empty set of any pointer kind that hashes values by `hasher`. Allocates
    /// nothing.
    #[must_use]
    pub const fn with_hasher_in(hasher: S) -> Self {
        Self {
            map: Hamt::with_hasher_in(hasher),
        }
    }

    /// Returns the number of values. O(1).
    #[must_use]
    pub const fn len(&self) -> usize {
        self.map.len()
    }

    /// Returns `true` if there are no values. O(1).
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.map.is_empty()
    }

    /// Returns `true` if two sets are one version: then they have the same values. O(1). With
    /// `false`, they may have equal values all the same.
    #[must_use]
    pub fn ptr_eq(&self, other: &Self) -> bool {
        self.map.ptr_eq(&other.map)
    }

    /// Returns the hasher.
    #[must_use]
    pub const fn hasher(&self) -> &S {
        self.map.hasher()
    }

    /// Returns the map in the set, from its values to `()`.
    #[must_use]
    pub const fn as_map(&self) -> &Hamt<T, (), S, P> {
        &self.map
    }

    /// Removes every value. Drops those that no other version holds.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut set = hamt::HamtSet::from([1, 2]);
    /// set.clear();
    /// assert!(set.is_empty());
    /// ```
    pub fn clear(&mut self) {
        self.map.clear();
    }
}

impl<T: Hash + Eq, S: BuildHasher, P: InfallibleKind> HamtSet<T, S, P> {
    /// Returns `true` if the set has a value equal to this. Costs as much as [`Hamt::get`].
    ///
    /// # Examples
    ///
    /// ```
    /// let set = hamt::HamtSet::from(["a".to_string()]);
    /// assert!(set.contains("a") && !set.contains("b"));
    /// ```
    #[inline]
    pub fn contains<Q: Hash + Equivalent<T> + ?Sized>(&self, value: &Q) -> bool {
        self.map.contains_key(value)
    }

    /// Returns the value in the set that is equal to this. Costs as much as [`Hamt::get`].
    ///
    /// # Examples
    ///
    /// ```
    /// let set = hamt::HamtSet::from(["a".to_string()]);
    /// assert_eq!(set.get("a"), Some(&"a".to_string()));
    /// ```
    #[inline]
    pub fn get<Q: Hash + Equivalent<T> + ?Sized>(&self, value: &Q) -> Option<&T> {
        self.map.get_key_value(value).map(|(value, ())| value)
    }

    /// Inserts a value, unless the set has an equal one, which stays. Returns `true` if it was
    /// inserted. Copies the path as [`Hamt::insert`](crate::Hamt::insert) does.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut set = hamt::HamtSet::new();
    /// assert!(set.insert("a"));
    /// assert!(!set.insert("a"));
    /// ```
    #[inline]
    pub fn insert(&mut self, value: T) -> bool {
        self.map.insert_absent(value, ())
    }

    /// Inserts a value in place of an equal one, and returns the old one: moved if no other
    /// version holds it, otherwise a clone. Copies the path as
    /// [`Hamt::insert`](crate::Hamt::insert) does.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut set = hamt::HamtSet::from([String::with_capacity(0)]);
    /// assert_eq!(set.replace(String::with_capacity(8)).map(|old| old.capacity()), Some(0));
    /// assert!(set.get("").is_some_and(|value| value.capacity() >= 8));
    /// ```
    pub fn replace(&mut self, value: T) -> Option<T>
    where
        T: Clone,
    {
        Some(self.map.insert(value, ())?.into_key_value().0)
    }

    /// Removes a value, and returns `true` if the set had it. Copies the path as
    /// [`Hamt::insert`](crate::Hamt::insert) does.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut set = hamt::HamtSet::from(["a"]);
    /// assert!(set.remove("a"));
    /// assert!(!set.remove("a"));
    /// ```
    pub fn remove<Q: Hash + Equivalent<T> + ?Sized>(&mut self, value: &Q) -> bool {
        self.map.remove(value).is_some()
    }

    /// Removes a value and returns it: moved if no other version holds it, otherwise a clone.
    /// Copies the path as [`Hamt::insert`](crate::Hamt::insert) does.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut set = hamt::HamtSet::from(["a".to_string()]);
    /// assert_eq!(set.take("a"), Some("a".to_string()));
    /// assert_eq!(set.take("a"), None);
    /// ```
    pub fn take<Q: Hash + Equivalent<T> + ?Sized>(&mut self, value: &Q) -> Option<T>
    where
        T: Clone,
    {
        self.map
            .remove(value)
            .map(Displaced::into_key_value)
            .map(|(value, ())| value)
    }

    /// Removes every value for which `keep` returns `false`. Calls `keep` for all values before
    /// any change. O(n), and a path for each removed value.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut set = hamt::HamtSet::from([1, 2, 3]);
    /// set.retain(|n| n % 2 == 1);
    /// assert_eq!(set, hamt::HamtSet::from([1, 3]));
    /// ```
    pub fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) {
        self.map.retain(|value, ()| keep(value));
    }
}

impl<T: Hash + Eq, S: BuildHasher + Clone, P: InfallibleKind> HamtSet<T, S, P> {
    /// Returns a set that also has a value, in place of an equal one; this one is unchanged.
    /// Copies the nodes on the path.
    ///
    /// # Examples
    ///
    /// ```
    /// let old = hamt::HamtSet::from([1]);
    /// let new = old.inserted(2);
    /// assert_eq!((old.len(), new.len()), (1, 2));
    /// ```
    #[must_use]
    pub fn inserted(&self, value: T) -> Self {
        Self {
            map: self.map.inserted(value, ()),
        }
    }

    /// Returns a set without a value; this one is unchanged. Copies the nodes on the path. The
    /// result is a clone if the set does not have the value.
    ///
    /// # Examples
    ///
    /// ```
    /// let old = hamt::HamtSet::from([1]);
    /// let new = old.without(&1);
    /// assert_eq!((old.len(), new.len()), (1, 0));
    /// ```
    #[must_use]
    pub fn without<Q: Hash + Equivalent<T> + ?Sized>(&self, value: &Q) -> Self {
        Self {
            map: self.map.without(value),
        }
    }
}
