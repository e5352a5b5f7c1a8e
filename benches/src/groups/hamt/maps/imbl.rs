//! The map of imbl.

use archery::ArcK;
use imbl::GenericHashMap;

use crate::groups::hamt::kinds::{Key, Stored, Value};
use crate::groups::hamt::map::Map;

/// The map of imbl, with its default counts, the standard library's `Arc`: with those of its
/// feature `triomphe` a change costs it half as much again.
pub type Imbl<K, V> = GenericHashMap<K, V, Stored, ArcK>;

impl<K: Key, V: Value> Map<K, V> for Imbl<K, V> {
    #[inline(always)]
    fn find(&self, key: &K) -> Option<&V> {
        self.get(key)
    }

    #[inline]
    fn with(&self, key: K, value: V) -> Self {
        self.update(key, value)
    }

    #[inline]
    fn without(&self, key: &K) -> Self {
        Imbl::without(self, key)
    }

    #[inline]
    fn set(&mut self, key: K, value: V) {
        self.insert(key, value);
    }

    #[inline]
    fn unset(&mut self, key: &K) {
        self.remove(key);
    }

    #[inline]
    fn add(&mut self, entries: Vec<(K, V)>) {
        self.extend(entries);
    }

    #[inline]
    fn visit(&self, mut visit: impl FnMut(&K, &V)) {
        for (key, value) in self {
            visit(key, value);
        }
    }

    #[inline]
    fn is_equal(&self, other: &Self) -> bool {
        self == other
    }

    fn merged(&self, other: &Self) -> Self {
        self.clone().union(other.clone())
    }
}
