//! Our own map.

use hamt::{ArcKind, Hamt, PointerKind, RcKind};

use crate::groups::hamt::kinds::{Key, Stored, Value};
use crate::groups::hamt::map::Map;

/// Our map with counts that threads may share.
pub type Ours<K, V> = Hamt<K, V, Stored, ArcKind>;

/// Our map for one thread.
pub type OursRc<K, V> = Hamt<K, V, Stored, RcKind>;

impl<K: Key, V: Value, P: PointerKind> Map<K, V> for Hamt<K, V, Stored, P> {
    #[inline(always)]
    fn find(&self, key: &K) -> Option<&V> {
        self.get(key)
    }

    #[inline]
    fn with(&self, key: K, value: V) -> Self {
        self.with(key, value)
    }

    #[inline]
    fn without(&self, key: &K) -> Self {
        self.without(key)
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

    #[inline]
    fn differences(&self, older: &Self) -> u64 {
        older.diff(self).len() as u64
    }

    #[inline]
    fn merged(&self, other: &Self) -> Self {
        let mut map = self.clone();
        map.merge(other);
        map
    }
}
