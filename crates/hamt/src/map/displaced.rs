//! The entry that a change displaced from a map.

use core::ops::Deref;

use crate::{Displaced, kind::PointerKind};

impl<K, V, P: PointerKind> Displaced<K, V, P> {
    /// Returns the value: moved if nothing else holds the entry, otherwise a clone.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut map = hamt::Hamt::from([("k", String::from("v"))]);
    /// let old = map.clone();
    /// let removed = map.remove("k").expect("it is there");
    /// // A clone, since `old` holds the entry too.
    /// assert_eq!(removed.into_value(), "v");
    /// assert_eq!(old["k"], "v");
    /// ```
    pub fn into_value(self) -> V
    where
        V: Clone,
    {
        match self.into_parts() {
            Ok((_, value)) => value,
            Err(leaf) => leaf.value().clone(),
        }
    }

    /// Returns the key and the value: moved if nothing else holds the entry, otherwise clones.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut map = hamt::Hamt::from([("k", 1)]);
    /// let removed = map.remove("k").expect("it is there");
    /// assert_eq!(removed.into_key_value(), ("k", 1));
    /// ```
    pub fn into_key_value(self) -> (K, V)
    where
        K: Clone,
        V: Clone,
    {
        let parts = self.into_parts();
        parts.unwrap_or_else(|leaf| (leaf.key().clone(), leaf.value().clone()))
    }
}

/// Derefs to the value.
impl<K, V, P: PointerKind> Deref for Displaced<K, V, P> {
    type Target = V;

    fn deref(&self) -> &V {
        self.value()
    }
}
