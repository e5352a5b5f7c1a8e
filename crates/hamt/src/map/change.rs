//! Changes: `alter`, `retain`, and the persistent `inserted` and `without`.

use core::{
    convert::Infallible,
    hash::{BuildHasher, Hash},
};

use super::Hamt;
use crate::{Displaced, Equivalent, Leaf, kind::InfallibleKind};

impl<K: Hash + Eq, V, S: BuildHasher, P: InfallibleKind> Hamt<K, V, S, P> {
    /// Calls `change` with the value of a key, if there is one, and inserts the
    /// result, or removes the key for `None`. Returns the old entry.
    ///
    /// If `change` panics, the map is unchanged.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut counts = hamt::Hamt::new();
    /// for word in ["a", "b", "a"] {
    ///     counts.alter(word, |count| Some(count.copied().unwrap_or(0) + 1));
    /// }
    /// assert_eq!(counts, hamt::Hamt::from([("a", 2), ("b", 1)]));
    /// counts.alter("a", |_| None);
    /// assert_eq!(counts.len(), 1);
    /// ```
    pub fn alter(
        &mut self,
        key: K,
        change: impl FnOnce(Option<&V>) -> Option<V>,
    ) -> Option<Displaced<K, V, P>> {
        match change(self.get(&key)) {
            Some(value) => self.insert(key, value),
            None => {
                let removed = self.remove(&key);
                // Here: if a drop at the end of the function panicked, the result would leak.
                drop(key);
                removed
            }
        }
    }

    /// Removes every entry for which `keep` returns `false`. Calls `keep` for all
    /// entries before any change. O(n), and a path for each removed entry.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut map = hamt::Hamt::from([(1, "a"), (2, "b"), (3, "c")]);
    /// map.retain(|key, _| key % 2 == 1);
    /// assert_eq!(map.len(), 2);
    /// ```
    pub fn retain(&mut self, keep: impl FnMut(&K, &V) -> bool) {
        self.raw.retain(keep);
    }
}

impl<K: Hash + Eq, V, S: BuildHasher + Clone, P: InfallibleKind> Hamt<K, V, S, P> {
    /// Returns a map with a key and a value inserted; this one is unchanged.
    /// Costs as much as [`insert`](Self::insert) into a clone, without the clone.
    ///
    /// # Examples
    ///
    /// ```
    /// let old = hamt::Hamt::from([("k", 1)]);
    /// let new = old.inserted("k", 2);
    /// assert_eq!((old.get("k"), new.get("k")), (Some(&1), Some(&2)));
    /// ```
    #[must_use]
    #[inline]
    pub fn inserted(&self, key: K, value: V) -> Self {
        let hash = self.hash(&key);
        let Ok(bound) = self
            .raw
            .locate(hash, |entry| Ok::<_, Infallible>(*entry.key() == key));
        let place = bound.map(|(place, _)| place);
        let Ok(raw) = self.raw.with(place, Leaf::new_in(hash, key, value));
        Self {
            raw,
            hasher: self.hasher.clone(),
        }
    }

    /// Returns a map without a key; this one is unchanged. The result is a clone
    /// if the map does not have the key.
    ///
    /// # Examples
    ///
    /// ```
    /// let old = hamt::Hamt::from([("k", 1)]);
    /// let new = old.without("k");
    /// assert_eq!((old.len(), new.len()), (1, 0));
    /// ```
    #[must_use]
    #[inline]
    pub fn without<Q: Hash + Equivalent<K> + ?Sized>(&self, key: &Q) -> Self {
        let Ok(removed) = self.raw.without(self.hash(key), |bound| {
            Ok::<_, Infallible>(key.equivalent(bound))
        });
        Self {
            raw: removed.map_or_else(|| self.raw.clone(), |(map, _)| map),
            hasher: self.hasher.clone(),
        }
    }
}
