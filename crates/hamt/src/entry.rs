use alloc::sync::Arc;
use core::fmt;

/// A key and its value with the key's hash, counted as one.
///
/// A handle: cloning it costs one count and clones neither the key nor the
/// value, so that every version of a map that binds the key shares one
/// allocation, and keys and values need not be `Clone`.
///
/// # Examples
///
/// ```
/// use hamt::Entry;
///
/// let entry = Entry::new(0x2a, "answer", 42);
/// let shared = entry.clone();
/// assert!(shared.ptr_eq(&entry));
/// assert_eq!((entry.hash(), *entry.key(), *entry.value()), (0x2a, "answer", 42));
/// ```
pub struct Entry<K, V>(Arc<Leaf<K, V>>);

struct Leaf<K, V> {
    hash: u32,
    key: K,
    value: V,
}

impl<K, V> Entry<K, V> {
    /// Makes an entry in one allocation. `hash` must be the same for every key
    /// that the map's equality calls equal; a wrong hash makes the entry hard
    /// to find, nothing worse.
    pub fn new(hash: u32, key: K, value: V) -> Self {
        Self(Arc::new(Leaf { hash, key, value }))
    }

    /// Returns the key's hash.
    #[must_use]
    pub fn hash(&self) -> u32 {
        self.0.hash
    }

    /// Borrows the key.
    #[must_use]
    pub fn key(&self) -> &K {
        &self.0.key
    }

    /// Borrows the value.
    #[must_use]
    pub fn value(&self) -> &V {
        &self.0.value
    }

    /// Tells whether two handles are of one entry. Compares no keys or values.
    #[must_use]
    pub fn ptr_eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Takes the key and the value out.
    ///
    /// # Errors
    ///
    /// Gives the handle back while anybody else, a map or a handle, still
    /// holds the entry.
    ///
    /// # Examples
    ///
    /// ```
    /// use hamt::Entry;
    ///
    /// let entry = Entry::new(0, "k", "v");
    /// let other = entry.clone();
    /// let entry = entry.into_parts().unwrap_err();
    /// drop(other);
    /// assert_eq!(entry.into_parts().ok(), Some(("k", "v")));
    /// ```
    pub fn into_parts(self) -> Result<(K, V), Self> {
        match Arc::try_unwrap(self.0) {
            Ok(leaf) => Ok((leaf.key, leaf.value)),
            Err(shared) => Err(Self(shared)),
        }
    }

    /// Shows a cycle collector the key and the value, if this handle is the
    /// entry's only one. See
    /// [`RawHamt::visit_exclusive`](crate::raw::RawHamt::visit_exclusive) for
    /// the rule behind it.
    pub fn visit_exclusive(&self, visit: &mut dyn FnMut(&K, &V)) {
        if Arc::strong_count(&self.0) == 1 {
            visit(self.key(), self.value());
        }
    }
}

impl<K, V> Clone for Entry<K, V> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for Entry<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("hash", &format_args!("{:#010x}", self.hash()))
            .field("key", self.key())
            .field("value", self.value())
            .finish()
    }
}
