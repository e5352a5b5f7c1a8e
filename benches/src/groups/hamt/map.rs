//! What the rows ask of a map.

/// A persistent map, in the form in which its library does each thing best.
pub trait Map<K, V>: Clone + Default + FromIterator<(K, V)> + 'static {
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
}
