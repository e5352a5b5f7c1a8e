//! Changing values in place.
//!
//! No other version may hold an entry whose value is changed: a shared entry is cloned first. So
//! all methods here need `K: Clone` and `V: Clone`.

use core::{
    fmt,
    hash::{BuildHasher, Hash},
    iter::FusedIterator,
    ops::IndexMut,
};

use super::Hamt;
use crate::{
    Equivalent, Leaf,
    kind::{ArcKind, InfallibleKind},
    raw,
};

impl<K: Hash + Eq + Clone, V: Clone, S: BuildHasher, P: InfallibleKind> Hamt<K, V, S, P> {
    /// Returns a mutable reference to the value of a key.
    ///
    /// In a map that shares nothing it costs as much as [`get`](Self::get). Nodes on the path that
    /// another version holds are copied, and then the key is looked up a second time. The key and
    /// the value are cloned if another version holds the entry.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut map = hamt::Hamt::from([("k", 1)]);
    /// let old = map.clone();
    /// if let Some(value) = map.get_mut("k") {
    ///     *value += 1;
    /// }
    /// assert_eq!((old["k"], map["k"]), (1, 2));
    /// ```
    #[inline]
    pub fn get_mut<Q: Hash + Equivalent<K> + ?Sized>(&mut self, key: &Q) -> Option<&mut V> {
        let hash = self.hash(key);
        let is_it = |leaf: &Leaf<K, V, P>| key.equivalent(leaf.key());
        let bound = self.raw.bound_mut(hash, is_it).ok()?;
        Some(bound.into_value_mut())
    }
}

impl<K: Clone, V: Clone, S, P: InfallibleKind> Hamt<K, V, S, P> {
    /// Returns an iterator over the keys and mutable references to the values, in the order of
    /// [`iter`](Self::iter).
    ///
    /// It clones the key and the value of each entry that another version holds, and copies the
    /// nodes above: O(n) in all. In a map that shares nothing it clones and copies nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut map = hamt::Hamt::from([("a", 1), ("b", 2)]);
    /// let old = map.clone();
    /// for (_, value) in map.iter_mut() {
    ///     *value *= 10;
    /// }
    /// assert_eq!((map["a"], map["b"]), (10, 20));
    /// assert_eq!((old["a"], old["b"]), (1, 2));
    /// ```
    pub fn iter_mut(&mut self) -> IterMut<'_, K, V, P> {
        IterMut(self.raw.iter_mut())
    }

    /// Returns an iterator over mutable references to the values, in the order of
    /// [`iter`](Self::iter). Costs as much as [`iter_mut`](Self::iter_mut).
    ///
    /// # Examples
    ///
    /// ```
    /// let mut map = hamt::Hamt::from([("a", 1), ("b", 2)]);
    /// map.values_mut().for_each(|value| *value += 1);
    /// assert_eq!(map.values().sum::<i32>(), 5);
    /// ```
    pub fn values_mut(&mut self) -> ValuesMut<'_, K, V, P> {
        ValuesMut(self.iter_mut())
    }
}

/// Costs as much as [`Hamt::get_mut`].
///
/// # Panics
///
/// Panics if the map does not have the key.
impl<K, V, Q, S, P> IndexMut<&Q> for Hamt<K, V, S, P>
where
    K: Hash + Eq + Clone,
    V: Clone,
    Q: Hash + Equivalent<K> + ?Sized,
    S: BuildHasher,
    P: InfallibleKind,
{
    fn index_mut(&mut self, key: &Q) -> &mut V {
        self.get_mut(key).expect("no entry found for key")
    }
}

/// An iterator over keys and mutable references to values. Returned by [`Hamt::iter_mut`].
pub struct IterMut<'a, K, V, P: InfallibleKind = ArcKind>(raw::IterMut<'a, K, V, P>);

impl<'a, K: Clone, V: Clone, P: InfallibleKind> Iterator for IterMut<'a, K, V, P> {
    type Item = (&'a K, &'a mut V);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        self.0.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.0.len(), Some(self.0.len()))
    }
}

impl<K: Clone, V: Clone, P: InfallibleKind> ExactSizeIterator for IterMut<'_, K, V, P> {}
impl<K: Clone, V: Clone, P: InfallibleKind> FusedIterator for IterMut<'_, K, V, P> {}

impl<K: fmt::Debug, V: fmt::Debug, P: InfallibleKind> fmt::Debug for IterMut<'_, K, V, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rest = self.0.rest().map(|leaf| (leaf.key(), leaf.value()));
        f.debug_list().entries(rest).finish()
    }
}

/// An iterator over mutable references to values. Returned by [`Hamt::values_mut`].
pub struct ValuesMut<'a, K, V, P: InfallibleKind = ArcKind>(IterMut<'a, K, V, P>);

impl<'a, K: Clone, V: Clone, P: InfallibleKind> Iterator for ValuesMut<'a, K, V, P> {
    type Item = &'a mut V;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|(_, value)| value)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl<K: Clone, V: Clone, P: InfallibleKind> ExactSizeIterator for ValuesMut<'_, K, V, P> {}
impl<K: Clone, V: Clone, P: InfallibleKind> FusedIterator for ValuesMut<'_, K, V, P> {}

impl<K, V: fmt::Debug, P: InfallibleKind> fmt::Debug for ValuesMut<'_, K, V, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rest = self.0.0.rest();
        f.debug_list()
            .entries(rest.map(|leaf| leaf.value()))
            .finish()
    }
}

impl<'a, K: Clone, V: Clone, S, P: InfallibleKind> IntoIterator for &'a mut Hamt<K, V, S, P> {
    type Item = (&'a K, &'a mut V);
    type IntoIter = IterMut<'a, K, V, P>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}
