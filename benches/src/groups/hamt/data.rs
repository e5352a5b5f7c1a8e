//! The entries of the maps, and the keys they are asked for, in shuffled order.

use super::kinds::{Key, Value};
use crate::groups::random::Random;

/// New values are taken from so many, so that they are in the cache: the map is measured.
const NEW_VALUES: u64 = 1_024;

/// A list is at least so long, so that a processor does not learn it by heart: of 1,024 keys it
/// remembers which are missed how, and a miss of 10 costs about half of what it does from here on.
const LONG: usize = 16_384;

/// What maps of one size are filled with and asked for.
pub struct Data<K, V> {
    /// The entries of a map.
    pub entries: Vec<(K, V)>,
    /// Keys of the map in shuffled order, with new values.
    pub present: Vec<(K, V)>,
    /// Keys that the map has not, with values; each once.
    pub absent: Vec<(K, V)>,
}

impl<K: Key, V: Value> Data<K, V> {
    /// Makes `size` entries and the lists beside them. The same each time.
    pub fn of(size: u64) -> Data<K, V> {
        Data::made_by(size, K::with_hash, V::of)
    }
}

impl<K: Clone, V: Clone> Data<K, V> {
    /// Makes the lists of keys that `key` makes of mixed numbers, each given once, and of values
    /// that `value` makes of counted ones.
    pub fn made_by(
        size: u64,
        mut key: impl FnMut(u64) -> K,
        mut value: impl FnMut(u64) -> V,
    ) -> Data<K, V> {
        let mut random = Random(0);
        let entries: Vec<(K, V)> = (0..size)
            .map(|number| (key(random.next()), value(number)))
            .collect();
        let values: Vec<V> = (size..size + NEW_VALUES).map(value).collect();
        let mut values = values.iter().cycle().cloned();
        let mut next_value = || values.next().expect("a cycle has no end");

        let mut order: Vec<&K> = entries.iter().map(|(key, _)| key).collect();
        let mut present = Vec::new();
        while present.len() < LONG.max(entries.len()) {
            random.shuffle(&mut order);
            present.extend(order.iter().map(|key| (K::clone(key), next_value())));
        }
        let mut others: Vec<K> = present.iter().map(|_| key(random.next())).collect();
        // Else their objects would lie in memory as they come, which spares the reader a wait.
        random.shuffle(&mut others);
        let absent = others.into_iter().map(|key| (key, next_value())).collect();
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
    fn lists_are_long_and_hold_what_they_say() {
        for size in [10, 20_000] {
            let data = Data::<u64, u64>::of(size);
            let keys: HashSet<u64> = data.entries.iter().map(|(key, _)| *key).collect();
            assert_eq!(keys.len() as u64, size);
            assert!(data.present.len() >= LONG.max(keys.len()));
            let present: HashSet<u64> = data.present.iter().map(|(key, _)| *key).collect();
            assert_eq!(present, keys);
            let absent: HashSet<u64> = data.absent.iter().map(|(key, _)| *key).collect();
            assert_eq!(absent.len(), data.absent.len());
            assert!(absent.is_disjoint(&keys));
        }
    }

    #[test]
    fn queries_come_in_another_order_than_entries() {
        let data = Data::<u64, u64>::of(2_000);
        let followed = |pair: &[(u64, u64)], next: &[(u64, u64)]| pair[0].0 == next[0].0;
        let same = data.entries.chunks(1).zip(data.present.chunks(1));
        assert!(same.filter(|(entry, query)| followed(entry, query)).count() < 20);
    }
}
