//! The operations of a map, as a trait. Each library implements them in its fastest way.

use archery::{ArcK, ArcTK, RcK, SharedPointerKind};
use hamt::{ArcKind, InfallibleKind, RcKind};
use instructions::workload::Value;

use super::entries::{Key, Stored};

/// This workspace's map, with atomic counts and with counts for one thread.
pub type Hamt<K, V> = hamt::Hamt<K, V, Stored, ArcKind>;
pub type HamtRc<K, V> = hamt::Hamt<K, V, Stored, RcKind>;
/// The map of im, whose counts are the standard library's `Arc`.
pub type Im<K, V> = im::HashMap<K, V, Stored>;
/// The map of imbl, with its default counts, the standard library's `Arc`. With its feature
/// `triomphe` a change costs 1.5 times as much.
pub type Imbl<K, V> = imbl::GenericHashMap<K, V, Stored, ArcK>;
/// The map of rpds with atomic counts, which are triomphe's, and with counts for one thread.
pub type Rpds<K, V> = rpds::HashTrieMap<K, V, ArcTK, Stored>;
pub type RpdsRc<K, V> = rpds::HashTrieMap<K, V, RcK, Stored>;

/// A persistent map.
pub trait Map<K: Key, V: Value>:
    Clone + Default + PartialEq + FromIterator<(K, V)> + 'static
{
    /// Borrows the value of a key.
    fn find(&self, key: &K) -> Option<&V>;

    /// Returns a map with this entry added; this one is unchanged.
    fn inserted(&self, key: K, value: V) -> Self;

    /// Returns a map without this key; this one is unchanged.
    fn removed(&self, key: &K) -> Self;

    /// Inserts an entry into this map.
    fn set(&mut self, key: K, value: V);

    /// Removes an entry from this map.
    fn unset(&mut self, key: &K);

    /// Calls `visit` with every entry.
    fn visit(&self, visit: impl FnMut(&K, &V));

    /// Inserts many entries into this map.
    fn add(&mut self, entries: Vec<(K, V)>) {
        for (key, value) in entries {
            self.set(key, value);
        }
    }

    /// Returns the number of keys that were added, removed or changed since `older`. The default is
    /// how users of a library without such a function must write it.
    fn differences(&self, older: &Self) -> u64 {
        let (mut changed, mut kept, mut entries) = (0, 0, 0);
        self.visit(|key, value| {
            let old = older.find(key);
            kept += u64::from(old.is_some());
            changed += u64::from(old != Some(value));
        });
        older.visit(|_, _| entries += 1);
        changed + (entries - kept)
    }

    /// Returns the union of both maps. The default as above.
    fn united(&self, other: &Self) -> Self {
        let mut map = other.clone();
        self.visit(|key, value| map.set(key.clone(), value.clone()));
        map
    }

    /// Returns the entries whose keys are in both maps. The default as above.
    fn common(&self, other: &Self) -> Self {
        let mut map = self.clone();
        self.visit(|key, _| {
            if other.find(key).is_none() {
                map.unset(key);
            }
        });
        map
    }

    /// Inserts an entry through the library's entry API, if it has one.
    fn set_by_entry(&mut self, key: K, value: V) {
        self.set(key, value);
    }
}

/// Implements [`Map`] from the library's names of the first five functions, and further functions.
macro_rules! map {
    (
        [$($kind:ident: $bound:path)?] $map:ty,
        $find:ident, $inserted:ident, $removed:ident, $set:ident, $unset:ident,
        { $($more:item)* }
    ) => {
        impl<K: Key, V: Value $(, $kind: $bound + 'static)?> Map<K, V> for $map {
            #[inline(always)]
            fn find(&self, key: &K) -> Option<&V> {
                <$map>::$find(self, key)
            }

            fn inserted(&self, key: K, value: V) -> Self {
                <$map>::$inserted(self, key, value)
            }

            fn removed(&self, key: &K) -> Self {
                <$map>::$removed(self, key)
            }

            fn set(&mut self, key: K, value: V) {
                <$map>::$set(self, key, value);
            }

            fn unset(&mut self, key: &K) {
                <$map>::$unset(self, key);
            }

            fn visit(&self, mut visit: impl FnMut(&K, &V)) {
                for (key, value) in self {
                    visit(key, value);
                }
            }

            $($more)*
        }
    };
}

map!([P: InfallibleKind] hamt::Hamt<K, V, Stored, P>, get, inserted, without, insert, remove, {
    fn add(&mut self, entries: Vec<(K, V)>) {
        self.extend(entries);
    }

    fn differences(&self, older: &Self) -> u64 {
        older.diff(self).len() as u64
    }

    fn united(&self, other: &Self) -> Self {
        self.union(other)
    }

    fn common(&self, other: &Self) -> Self {
        self.intersection(other)
    }

    fn set_by_entry(&mut self, key: K, value: V) {
        let slot = self.entry(key).or_insert_with(|| value.clone());
        *slot = value;
    }
});

/// im and imbl, which have the same functions.
macro_rules! of_im {
    ($map:ty) => {
        map!([] $map, get, update, without, insert, remove, {
            fn add(&mut self, entries: Vec<(K, V)>) {
                self.extend(entries);
            }

            fn united(&self, other: &Self) -> Self {
                self.clone().union(other.clone())
            }

            fn common(&self, other: &Self) -> Self {
                self.clone().intersection(other.clone())
            }

            fn set_by_entry(&mut self, key: K, value: V) {
                let slot = self.entry(key).or_insert_with(|| value.clone());
                *slot = value;
            }
        });
    };
}

of_im!(Im<K, V>);
of_im!(Imbl<K, V>);

map!([P: SharedPointerKind] rpds::HashTrieMap<K, V, P, Stored>,
    get, insert, remove, insert_mut, remove_mut, {});
