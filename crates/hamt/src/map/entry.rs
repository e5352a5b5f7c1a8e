//! The entry API: a key's place in a map, whether it is occupied or vacant.
//!
//! An occupied entry stores the leaf that the lookup found, so that there is one lookup only.

use core::{
    fmt,
    hash::{BuildHasher, Hash},
    mem,
};

use super::{Hamt, get_mut::BoundMut};
use crate::{
    Leaf,
    kind::{ArcKind, InfallibleKind},
    raw::RawHamt,
};

impl<K: Hash + Eq, V, S: BuildHasher, P: InfallibleKind> Hamt<K, V, S, P> {
    /// Returns the entry of a key, for reading and changing. Costs as much as [`get`](Self::get),
    /// and changes nothing yet.
    ///
    /// Methods that change or return an occupied entry's value clone the key and the value if
    /// another version holds them, so they need `K: Clone` and `V: Clone`. Inserting into a vacant
    /// entry clones nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut counts = hamt::Hamt::new();
    /// for word in ["a", "b", "a"] {
    ///     *counts.entry(word).or_insert(0) += 1;
    /// }
    /// assert_eq!((counts["a"], counts["b"]), (2, 1));
    /// ```
    #[inline]
    pub fn entry(&mut self, key: K) -> Entry<'_, K, V, P> {
        let hash = self.hash(&key);
        match self.raw.bound_mut(hash, |leaf| *leaf.key() == key) {
            Ok(bound) => Entry::Occupied(OccupiedEntry(bound)),
            Err(raw) => Entry::Vacant(VacantEntry { raw, hash, key }),
        }
    }
}

/// The place of one key in a map. Returned by [`Hamt::entry`].
pub enum Entry<'a, K, V, P: InfallibleKind = ArcKind> {
    /// The map has the key.
    Occupied(OccupiedEntry<'a, K, V, P>),
    /// The map does not have the key.
    Vacant(VacantEntry<'a, K, V, P>),
}

/// The entry of a key that the map has. Part of [`Entry`].
pub struct OccupiedEntry<'a, K, V, P: InfallibleKind = ArcKind>(BoundMut<'a, K, V, P>);

/// The place of a key that the map does not have. Part of [`Entry`].
pub struct VacantEntry<'a, K, V, P: InfallibleKind = ArcKind> {
    raw: &'a mut RawHamt<K, V, P>,
    hash: u32,
    key: K,
}

impl<'a, K, V, P: InfallibleKind> Entry<'a, K, V, P> {
    /// Returns the key: the map's if the entry is occupied, otherwise the one that was given.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut map = hamt::Hamt::<&str, u32>::new();
    /// assert_eq!(map.entry("k").key(), &"k");
    /// ```
    pub fn key(&self) -> &K {
        match self {
            Self::Occupied(entry) => entry.key(),
            Self::Vacant(entry) => entry.key(),
        }
    }

    /// Inserts a value, in place of one that is there, and returns the occupied entry.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut map = hamt::Hamt::<&str, u32>::new();
    /// assert_eq!(map.entry("k").insert_entry(1).get(), &1);
    /// ```
    pub fn insert_entry(self, value: V) -> OccupiedEntry<'a, K, V, P>
    where
        K: Clone,
        V: Clone,
    {
        match self {
            Self::Occupied(mut entry) => {
                *entry.get_mut() = value;
                entry
            }
            Self::Vacant(entry) => entry.insert_entry(value),
        }
    }
}

impl<'a, K: Clone, V: Clone, P: InfallibleKind> Entry<'a, K, V, P> {
    /// Inserts `default` if there is no value. Returns a mutable reference to the value.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut map = hamt::Hamt::new();
    /// *map.entry("k").or_insert(1) += 1;
    /// *map.entry("k").or_insert(1) += 1;
    /// assert_eq!(map["k"], 3);
    /// ```
    #[inline]
    pub fn or_insert(self, default: V) -> &'a mut V {
        self.or_insert_with(|| default)
    }

    /// Inserts the result of `default` if there is no value. Returns a mutable reference to the
    /// value.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut map = hamt::Hamt::new();
    /// map.entry("k").or_insert_with(Vec::new).push(1);
    /// assert_eq!(map["k"], [1]);
    /// ```
    #[inline]
    pub fn or_insert_with(self, default: impl FnOnce() -> V) -> &'a mut V {
        self.or_insert_with_key(|_| default())
    }

    /// Inserts the result of `default` for the key if there is no value. Returns a mutable
    /// reference to the value.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut lengths = hamt::Hamt::new();
    /// lengths.entry("four").or_insert_with_key(|key| key.len());
    /// assert_eq!(lengths["four"], 4);
    /// ```
    #[inline]
    pub fn or_insert_with_key(self, default: impl FnOnce(&K) -> V) -> &'a mut V {
        match self {
            Self::Occupied(entry) => entry.into_mut(),
            Self::Vacant(entry) => {
                let value = default(entry.key());
                entry.insert(value)
            }
        }
    }

    /// Inserts the default value if there is no value. Returns a mutable reference to the value.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut map = hamt::Hamt::<&str, u32>::new();
    /// *map.entry("k").or_default() += 1;
    /// assert_eq!(map["k"], 1);
    /// ```
    #[inline]
    pub fn or_default(self) -> &'a mut V
    where
        V: Default,
    {
        self.or_insert_with(V::default)
    }

    /// Calls `change` with the value, if there is one, and returns the entry.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut map = hamt::Hamt::new();
    /// for _ in 0..2 {
    ///     map.entry("k").and_modify(|value| *value += 1).or_insert(1);
    /// }
    /// assert_eq!(map["k"], 2);
    /// ```
    pub fn and_modify(mut self, change: impl FnOnce(&mut V)) -> Self {
        if let Self::Occupied(entry) = &mut self {
            change(entry.get_mut());
        }
        self
    }
}

impl<'a, K, V, P: InfallibleKind> OccupiedEntry<'a, K, V, P> {
    /// Returns the map's key.
    pub fn key(&self) -> &K {
        self.0.leaf().key()
    }

    /// Returns the value.
    ///
    /// # Examples
    ///
    /// ```
    /// use hamt::{Hamt, map::Entry};
    ///
    /// let mut map = Hamt::from([("k", 1)]);
    /// let Entry::Occupied(entry) = map.entry("k") else { unreachable!() };
    /// assert_eq!((entry.key(), entry.get()), (&"k", &1));
    /// ```
    pub fn get(&self) -> &V {
        self.0.leaf().value()
    }
}

impl<'a, K: Clone, V: Clone, P: InfallibleKind> OccupiedEntry<'a, K, V, P> {
    /// Returns a mutable reference to the value. Costs as much as [`Hamt::get_mut`].
    ///
    /// # Examples
    ///
    /// ```
    /// use hamt::{Hamt, map::Entry};
    ///
    /// let mut map = Hamt::from([("k", 1)]);
    /// let old = map.clone();
    /// if let Entry::Occupied(mut entry) = map.entry("k") {
    ///     *entry.get_mut() += 1;
    ///     assert_eq!(entry.get(), &2);
    /// }
    /// assert_eq!((old["k"], map["k"]), (1, 2));
    /// ```
    pub fn get_mut(&mut self) -> &mut V {
        self.0.value_mut()
    }

    /// Returns a mutable reference to the value, for as long as the map is borrowed. Costs as
    /// much as [`Hamt::get_mut`].
    ///
    /// # Examples
    ///
    /// ```
    /// use hamt::{Hamt, map::Entry};
    ///
    /// fn first<'a>(map: &'a mut Hamt<&'static str, Vec<u32>>) -> Option<&'a mut u32> {
    ///     match map.entry("k") {
    ///         Entry::Occupied(entry) => entry.into_mut().first_mut(),
    ///         Entry::Vacant(_) => None,
    ///     }
    /// }
    /// assert_eq!(first(&mut Hamt::from([("k", vec![7])])), Some(&mut 7));
    /// ```
    #[inline]
    pub fn into_mut(self) -> &'a mut V {
        self.0.into_value_mut()
    }

    /// Replaces the value, and returns the old one. The key stays. Costs as much as
    /// [`Hamt::get_mut`].
    ///
    /// # Examples
    ///
    /// ```
    /// use hamt::{Hamt, map::Entry};
    ///
    /// let mut map = Hamt::from([("k", 1)]);
    /// if let Entry::Occupied(mut entry) = map.entry("k") {
    ///     assert_eq!(entry.insert(2), 1);
    /// }
    /// assert_eq!(map["k"], 2);
    /// ```
    pub fn insert(&mut self, value: V) -> V {
        mem::replace(self.get_mut(), value)
    }

    /// Removes the entry, and returns its value: a clone if another version holds it. Copies
    /// the path as [`Hamt::insert`] does.
    ///
    /// # Examples
    ///
    /// ```
    /// use hamt::{Hamt, map::Entry};
    ///
    /// let mut map = Hamt::from([("k", 1)]);
    /// if let Entry::Occupied(entry) = map.entry("k") {
    ///     assert_eq!(entry.remove(), 1);
    /// }
    /// assert!(map.is_empty());
    /// ```
    pub fn remove(self) -> V {
        self.remove_entry().1
    }

    /// Removes the entry, and returns its key and value: clones if another version holds them.
    /// Copies the path as [`Hamt::insert`] does.
    ///
    /// # Examples
    ///
    /// ```
    /// use hamt::{Hamt, map::Entry};
    ///
    /// let mut map = Hamt::from([("k", 1)]);
    /// if let Entry::Occupied(entry) = map.entry("k") {
    ///     assert_eq!(entry.remove_entry(), ("k", 1));
    /// }
    /// ```
    pub fn remove_entry(self) -> (K, V) {
        let removed = self.0.remove().into_parts();
        removed.unwrap_or_else(|leaf| (leaf.key().clone(), leaf.value().clone()))
    }
}

impl<'a, K, V, P: InfallibleKind> VacantEntry<'a, K, V, P> {
    /// Returns the key that was given.
    pub fn key(&self) -> &K {
        &self.key
    }

    /// Consumes the entry and returns the key that was given.
    ///
    /// # Examples
    ///
    /// ```
    /// use hamt::{Hamt, map::Entry};
    ///
    /// let mut map = Hamt::<String, u32>::new();
    /// if let Entry::Vacant(entry) = map.entry("k".to_string()) {
    ///     assert_eq!(entry.into_key(), "k");
    /// }
    /// ```
    pub fn into_key(self) -> K {
        self.key
    }

    /// Inserts a value, and returns a mutable reference to it. Copies the path as
    /// [`Hamt::insert`] does.
    ///
    /// # Examples
    ///
    /// ```
    /// use hamt::{Hamt, map::Entry};
    ///
    /// let mut map = Hamt::new();
    /// if let Entry::Vacant(entry) = map.entry("k") {
    ///     *entry.insert(1) += 1;
    /// }
    /// assert_eq!(map["k"], 2);
    /// ```
    #[inline]
    pub fn insert(self, value: V) -> &'a mut V {
        let entry = self.insert_entry(value).0;
        entry
            .into_own()
            .expect("only the map holds an entry that was just inserted")
    }

    /// Inserts a value, and returns the occupied entry. Copies the path as
    /// [`Hamt::insert`] does.
    ///
    /// # Examples
    ///
    /// ```
    /// use hamt::{Hamt, map::Entry};
    ///
    /// let mut map = Hamt::new();
    /// if let Entry::Vacant(entry) = map.entry("k") {
    ///     assert_eq!(entry.insert_entry(1).remove_entry(), ("k", 1));
    /// }
    /// ```
    #[inline]
    pub fn insert_entry(self, value: V) -> OccupiedEntry<'a, K, V, P> {
        OccupiedEntry(
            self.raw
                .insert_bound(Leaf::new_in(self.hash, self.key, value)),
        )
    }
}

impl<K: fmt::Debug, V: fmt::Debug, P: InfallibleKind> fmt::Debug for Entry<'_, K, V, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Occupied(entry) => f.debug_tuple("Entry").field(entry).finish(),
            Self::Vacant(entry) => f.debug_tuple("Entry").field(entry).finish(),
        }
    }
}

impl<K: fmt::Debug, V: fmt::Debug, P: InfallibleKind> fmt::Debug for OccupiedEntry<'_, K, V, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OccupiedEntry")
            .field("key", self.key())
            .field("value", self.get())
            .finish_non_exhaustive()
    }
}

impl<K: fmt::Debug, V, P: InfallibleKind> fmt::Debug for VacantEntry<'_, K, V, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("VacantEntry").field(&self.key).finish()
    }
}
