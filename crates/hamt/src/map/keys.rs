//! Iterators over keys only and over values only.

use alloc::vec;
use core::{fmt, iter::FusedIterator};

use super::Hamt;
use crate::{
    Leaf,
    kind::{ArcKind, InfallibleKind},
    raw,
};

impl<K, V, S, P: InfallibleKind> Hamt<K, V, S, P> {
    /// Returns an iterator over the keys, in the order of [`iter`](Self::iter).
    pub fn keys(&self) -> Keys<'_, K, V, P> {
        Keys(self.raw.iter())
    }

    /// Returns an iterator over the values, in the order of [`iter`](Self::iter).
    pub fn values(&self) -> Values<'_, K, V, P> {
        Values(self.raw.iter())
    }

    /// Consumes the map and returns an iterator over its keys: moved if no other version holds
    /// the entry, cloned otherwise. O(n) before the first one.
    ///
    /// # Examples
    ///
    /// ```
    /// let map = hamt::Hamt::from([("a", 1), ("b", 2)]);
    /// let mut keys: Vec<_> = map.into_keys().collect();
    /// keys.sort();
    /// assert_eq!(keys, ["a", "b"]);
    /// ```
    pub fn into_keys(self) -> IntoKeys<K, V, P>
    where
        K: Clone,
    {
        IntoKeys(self.into_leaves())
    }

    /// Consumes the map and returns an iterator over its values: moved if no other version holds
    /// the entry, cloned otherwise. O(n) before the first one.
    ///
    /// # Examples
    ///
    /// ```
    /// let map = hamt::Hamt::from([("a", 1), ("b", 2)]);
    /// assert_eq!(map.into_values().sum::<i32>(), 3);
    /// ```
    pub fn into_values(self) -> IntoValues<K, V, P>
    where
        V: Clone,
    {
        IntoValues(self.into_leaves())
    }
}

/// An iterator over the keys of a map. Returned by [`Hamt::keys`].
pub struct Keys<'a, K, V, P: InfallibleKind = ArcKind>(raw::Iter<'a, K, V, P>);

/// An iterator over the values of a map. Returned by [`Hamt::values`].
pub struct Values<'a, K, V, P: InfallibleKind = ArcKind>(raw::Iter<'a, K, V, P>);

/// An iterator over owned keys of a map. Returned by [`Hamt::into_keys`].
pub struct IntoKeys<K, V, P: InfallibleKind = ArcKind>(vec::IntoIter<Leaf<K, V, P>>);

/// An iterator over owned values of a map. Returned by [`Hamt::into_values`].
pub struct IntoValues<K, V, P: InfallibleKind = ArcKind>(vec::IntoIter<Leaf<K, V, P>>);

macro_rules! borrowed {
    ($name:ident: $item:ident, $borrow:expr) => {
        impl<'a, K, V, P: InfallibleKind> Iterator for $name<'a, K, V, P> {
            type Item = &'a $item;

            #[inline]
            fn next(&mut self) -> Option<Self::Item> {
                self.0.next().map($borrow)
            }

            fn size_hint(&self) -> (usize, Option<usize>) {
                self.0.size_hint()
            }
        }

        impl<K, V, P: InfallibleKind> ExactSizeIterator for $name<'_, K, V, P> {}
        impl<K, V, P: InfallibleKind> FusedIterator for $name<'_, K, V, P> {}

        impl<K, V, P: InfallibleKind> Clone for $name<'_, K, V, P> {
            fn clone(&self) -> Self {
                Self(self.0.clone())
            }
        }

        impl<K, V, P: InfallibleKind> fmt::Debug for $name<'_, K, V, P>
        where
            $item: fmt::Debug,
        {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_list().entries(self.clone()).finish()
            }
        }
    };
}

borrowed!(Keys: K, Leaf::key);
borrowed!(Values: V, Leaf::value);

macro_rules! owned {
    ($name:ident: $item:ident, $take:expr, $borrow:expr) => {
        impl<K, V, P: InfallibleKind> Iterator for $name<K, V, P>
        where
            $item: Clone,
        {
            type Item = $item;

            fn next(&mut self) -> Option<Self::Item> {
                let leaf = self.0.next()?;
                Some(match leaf.into_parts() {
                    Ok(pair) => $take(pair),
                    Err(leaf) => $borrow(&leaf).clone(),
                })
            }

            fn size_hint(&self) -> (usize, Option<usize>) {
                self.0.size_hint()
            }
        }

        impl<K, V, P: InfallibleKind> ExactSizeIterator for $name<K, V, P> where $item: Clone {}
        impl<K, V, P: InfallibleKind> FusedIterator for $name<K, V, P> where $item: Clone {}

        impl<K, V, P: InfallibleKind> Clone for $name<K, V, P> {
            fn clone(&self) -> Self {
                Self(self.0.clone())
            }
        }

        impl<K, V, P: InfallibleKind> fmt::Debug for $name<K, V, P>
        where
            $item: fmt::Debug,
        {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let rest = self.0.as_slice().iter();
                f.debug_list().entries(rest.map($borrow)).finish()
            }
        }
    };
}

owned!(IntoKeys: K, |(key, _)| key, Leaf::key);
owned!(IntoValues: V, |(_, value)| value, Leaf::value);
