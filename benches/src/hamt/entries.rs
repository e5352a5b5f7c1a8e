//! The kinds of keys and values, and the lists of them that maps are filled and queried with.

use std::hash::{BuildHasherDefault, Hash, Hasher};
use std::ops::Deref;

use fastrand::Rng;
use instructions::workload::{Value, address};

/// A kind of keys: values that can be hashed. The hash of a number is the number.
pub trait Key: Value + Hash {}
impl<K: Value + Hash> Key for K {}

/// A counted handle to a stored hash, compared by address, like the handle of a variable.
#[derive(Clone)]
pub struct Handle<P>(P);

impl<P: Deref<Target = u64>> Hash for Handle<P> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(*self.0);
    }
}

impl<P: Deref<Target = u64>> PartialEq for Handle<P> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(&*self.0, &*other.0)
    }
}

impl<P: Deref<Target = u64>> Eq for Handle<P> {}

/// Never equal to another one, even of the same number.
impl<P: Deref<Target = u64> + From<u64> + Clone + 'static> Value for Handle<P> {
    fn of(hash: u64) -> Self {
        Handle(P::from(hash))
    }

    fn word(&self) -> u64 {
        address(&self.0)
    }
}

/// Builds hashers that return the one word they are given: the keys' hashes are already mixed.
pub type Stored = BuildHasherDefault<Word>;

#[derive(Default)]
pub struct Word(u64);

impl Hasher for Word {
    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn write(&mut self, _: &[u8]) {
        unreachable!("keys are words");
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// The number of new values. It is small, so that they stay in the cache and only the map is measured.
const NEW_VALUES: u64 = 1_024;

/// The minimum length of a list, so that the branch predictor does not learn it. It learns 1,024 keys:
/// a miss in a map of 10 entries then costs about half as much as with this length.
const LONG: usize = 16_384;

/// The entries and queries of maps of one size; the same each time.
pub struct Data<K, V> {
    /// The entries of a map.
    pub entries: Vec<(K, V)>,
    /// Keys of the map in shuffled order, with new values.
    pub present: Vec<(K, V)>,
    /// Keys that are not in the map, with values; each once.
    pub absent: Vec<(K, V)>,
}

impl<K: Key, V: Value> Data<K, V> {
    /// Creates `size` entries and the other lists.
    pub fn new(size: u64) -> Self {
        Data::made_by(size, K::of, V::of)
    }
}

impl<K: Clone, V: Clone> Data<K, V> {
    /// Creates the lists, with keys made by `key` from random numbers (the same each time), and with
    /// values made by `value` from consecutive numbers.
    pub fn made_by(
        size: u64,
        mut key: impl FnMut(u64) -> K,
        mut value: impl FnMut(u64) -> V,
    ) -> Self {
        let mut random = Rng::with_seed(0);
        let entries = (0..size).map(|number| (key(random.u64(..)), value(number)));
        let entries: Vec<(K, V)> = entries.collect();
        let values: Vec<V> = (size..size + NEW_VALUES).map(value).collect();
        let mut values = values.iter().cycle().cloned();
        let mut with_value = |key: K| (key, values.next().expect("a cycle has no end"));

        let mut order: Vec<&K> = entries.iter().map(|(key, _)| key).collect();
        let mut present = Vec::new();
        while present.len() < LONG.max(entries.len()) {
            random.shuffle(&mut order);
            present.extend(order.iter().map(|key| with_value(K::clone(key))));
        }
        let mut others: Vec<K> = present.iter().map(|_| key(random.u64(..))).collect();
        // Otherwise the keys would be in memory in the order of the reads, which is faster.
        random.shuffle(&mut others);
        let absent = others.into_iter().map(with_value).collect();
        Data {
            entries,
            present,
            absent,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn lists_are_long_and_shuffled_and_have_the_right_keys() {
        for size in [10, 20_000] {
            let data = Data::<u64, u64>::new(size);
            let keys = |list: &[(u64, u64)]| list.iter().map(|(key, _)| *key).collect();
            let [entries, present, absent]: [HashSet<u64>; 3] =
                [&data.entries, &data.present, &data.absent].map(|list| keys(list));
            assert_eq!(entries.len() as u64, size);
            assert_eq!(present, entries);
            assert!(data.present.len() >= LONG.max(entries.len()));
            assert_eq!(absent.len(), data.absent.len());
            assert!(absent.is_disjoint(&entries));
            let pairs = data.entries.iter().zip(&data.present);
            assert!(pairs.filter(|(one, other)| one.0 == other.0).count() < 9);
        }
    }
}
