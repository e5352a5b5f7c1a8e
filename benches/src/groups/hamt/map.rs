//! What the rows ask of a map.

use super::kinds::{Key, Value};

/// A persistent map, in the form in which its library does each thing best.
pub trait Map<K: Key, V: Value>: Clone + Default + FromIterator<(K, V)> + 'static {
    /// Borrows the value of a key.
    fn find(&self, key: &K) -> Option<&V>;

    /// Makes a map that also has this entry; this one stays as it is.
    fn with(&self, key: K, value: V) -> Self;

    /// Makes a map without this key; this one stays as it is.
    fn without(&self, key: &K) -> Self;

    /// Puts an entry into this map.
    fn set(&mut self, key: K, value: V);

    /// Takes an entry out of this map.
    fn unset(&mut self, key: &K);

    /// Puts many entries into this map.
    fn add(&mut self, entries: Vec<(K, V)>);

    /// Visits every entry.
    fn visit(&self, visit: impl FnMut(&K, &V));

    /// Whether two maps have the same entries.
    fn is_equal(&self, other: &Self) -> bool;

    /// Counts the keys that were added, removed or bound anew since `older`. As it stands here:
    /// how users of a library without such a function must write it.
    fn differences(&self, older: &Self) -> u64 {
        let (mut changed, mut kept, mut entries) = (0, 0, 0);
        self.visit(|key, value| match older.find(key) {
            Some(old) if old == value => kept += 1,
            Some(_) => {
                kept += 1;
                changed += 1;
            }
            None => changed += 1,
        });
        older.visit(|_, _| entries += 1);
        changed + (entries - kept)
    }

    /// Makes a map of the entries of both. As it stands here: how users of a library without such
    /// a function must write it.
    fn merged(&self, other: &Self) -> Self {
        let mut map = self.clone();
        other.visit(|key, value| map.set(key.clone(), value.clone()));
        map
    }
}
