//! The map of imbl.

use archery::ArcTK;
use imbl::GenericHashMap;

use crate::groups::hamt::kinds::{Key, Stored, Value};
use crate::groups::hamt::map::Map;

/// The map of imbl, with its feature's `triomphe` counts: they are faster than its default.
pub type Imbl<K, V> = GenericHashMap<K, V, Stored, ArcTK>;

impl<K: Key, V: Value> Map<K, V> for Imbl<K, V> {
    #[inline]
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
}
