//! The maps: what the workloads ask of one, in the form in which its library does it best.

use archery::{ArcK, ArcTK, RcK, SharedPointerKind};
use hamt::{ArcKind, InfallibleKind, RcKind};
use instructions::workload::Value;

use super::entries::{Key, Stored};

/// Our map, with counts that threads may share and for one thread.
pub type Hamt<K, V> = hamt::Hamt<K, V, Stored, ArcKind>;
pub type HamtRc<K, V> = hamt::Hamt<K, V, Stored, RcKind>;
/// The map of im, whose counts are the standard library's `Arc`.
pub type Im<K, V> = im::HashMap<K, V, Stored>;
/// The map of imbl, with its default counts, the standard library's `Arc`: with those of its
/// feature `triomphe` a change costs it half as much again.
pub type Imbl<K, V> = imbl::GenericHashMap<K, V, Stored, ArcK>;
/// The map of rpds that threads may share, whose counts are triomphe's, and the one for one thread.
pub type Rpds<K, V> = rpds::HashTrieMap<K, V, ArcTK, Stored>;
pub type RpdsRc<K, V> = rpds::HashTrieMap<K, V, RcK, Stored>;

/// A persistent map.
pub trait Map<K: Key, V: Value>:
    Clone + Default + PartialEq + FromIterator<(K, V)> + 'static
{
    /// Borrows the value of a key.
    fn find(&self, key: &K) -> Option<&V>;

    /// Makes a map that also has this entry; this one stays as it is.
    fn inserted(&self, key: K, value: V) -> Self;

    /// Makes a map without this key; this one stays as it is.
    fn removed(&self, key: &K) -> Self;

    /// Puts an entry into this map.
    fn set(&mut self, key: K, value: V);

    /// Takes an entry out of this map.
    fn unset(&mut self, key: &K);

    /// Visits every entry.
    fn visit(&self, visit: impl FnMut(&K, &V));

    /// Puts many entries into this map.
    fn add(&mut self, entries: Vec<(K, V)>) {
        for (key, value) in entries {
            self.set(key, value);
        }
    }

    /// Counts the keys that were added, removed or bound anew since `older`. As it stands here:
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

    /// Makes a map of the entries of both, written as above.
    fn united(&self, other: &Self) -> Self {
        let mut map = other.clone();
        self.visit(|key, value| map.set(key.clone(), value.clone()));
        map
    }

    /// Makes a map of the entries whose keys both have, written as above.
    fn common(&self, other: &Self) -> Self {
        let mut map = self.clone();
        self.visit(|key, _| {
            if other.find(key).is_none() {
                map.unset(key);
            }
        });
        map
    }

    /// Puts an entry into this map, by the library's entry if it has such.
    fn set_by_entry(&mut self, key: K, value: V) {
        self.set(key, value);
    }
}

/// Implements [`Map`] by the names of its first five functions in a library, and what that has more.
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
