//! The maps of rpds.

use archery::{ArcTK, RcK, SharedPointerKind};
use rpds::HashTrieMap;

use crate::groups::hamt::kinds::{Key, Stored, Value};
use crate::groups::hamt::map::Map;

/// The map of rpds that threads may share: `HashTrieMapSync`, whose counts are triomphe's.
pub type RpdsArc<K, V> = HashTrieMap<K, V, ArcTK, Stored>;

/// The map of rpds for one thread.
pub type RpdsRc<K, V> = HashTrieMap<K, V, RcK, Stored>;

impl<K: Key, V: Value, P: SharedPointerKind + 'static> Map<K, V> for HashTrieMap<K, V, P, Stored> {
    #[inline(always)]
    fn find(&self, key: &K) -> Option<&V> {
        self.get(key)
    }

    #[inline]
    fn with(&self, key: K, value: V) -> Self {
        self.insert(key, value)
    }

    #[inline]
    fn without(&self, key: &K) -> Self {
        self.remove(key)
    }

    #[inline]
    fn set(&mut self, key: K, value: V) {
        self.insert_mut(key, value);
    }

    #[inline]
    fn unset(&mut self, key: &K) {
        self.remove_mut(key);
    }

    #[inline]
    fn add(&mut self, entries: Vec<(K, V)>) {
        for (key, value) in entries {
            self.insert_mut(key, value);
        }
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
