//! Our own map.

use hamt::Hamt;

use crate::groups::hamt::kinds::{Key, Stored, Value};
use crate::groups::hamt::map::Map;

/// Our map with counts that threads may share.
pub type Ours<K, V> = Hamt<K, V, Stored>;

/// Our map for one thread.
pub type OursRc<K, V> = Hamt<K, V, Stored>;

impl<K: Key, V: Value> Map<K, V> for Hamt<K, V, Stored> {
    #[inline]
    fn find(&self, key: &K) -> Option<&V> {
        self.get(key)
    }

    #[inline]
    fn with(&self, key: K, value: V) -> Self {
        let mut map = self.clone();
        map.insert(key, value);
        map
    }

    #[inline]
    fn without(&self, key: &K) -> Self {
        let mut map = self.clone();
        map.remove(key);
        map
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
