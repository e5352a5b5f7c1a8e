//! The entry that a change displaced from a map.

use core::{fmt, ops::Deref};

use crate::{
    Leaf,
    kind::{ArcKind, PointerKind},
    leaf::Pair,
};

/// The key and value that a change removed from a map: by value if only the map
/// held them, otherwise as a [`Leaf`].
pub struct Displaced<K, V, P: PointerKind = ArcKind>(pub(crate) Pair<K, V, P>);

impl<K, V, P: PointerKind> Displaced<K, V, P> {
    /// Returns the key.
    #[must_use]
    pub fn key(&self) -> &K {
        self.0.key()
    }

    /// Returns the value.
    #[must_use]
    pub fn value(&self) -> &V {
        match &self.0 {
            Pair::Parts(_, value) => value,
            Pair::Leaf(leaf) => leaf.value(),
        }
    }

    /// Moves the key and the value out.
    ///
    /// # Errors
    ///
    /// Returns the leaf if another version of the map, or a handle, holds it.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut map = hamt::Hamt::from([("k", 1)]);
    /// let displaced = map.insert("k", 2).expect("it was there");
    /// assert_eq!(displaced.into_parts().ok(), Some(("k", 1)));
    /// ```
    pub fn into_parts(self) -> Result<(K, V), Leaf<K, V, P>> {
        match self.0 {
            Pair::Parts(key, value) => Ok((key, value)),
            Pair::Leaf(leaf) => leaf.into_parts(),
        }
    }

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

impl<K: fmt::Debug, V: fmt::Debug, P: PointerKind> fmt::Debug for Displaced<K, V, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Displaced")
            .field("key", self.key())
            .field("value", self.value())
            .finish()
    }
}
