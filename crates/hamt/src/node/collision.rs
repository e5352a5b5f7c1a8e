use alloc::vec::Vec;

use crate::Entry;

/// Two or more entries of one hash.
pub(crate) struct Collision<K, V> {
    pub hash: u32,
    /// In the order in which their keys were first bound.
    pub entries: Vec<Entry<K, V>>,
}

impl<K, V> Collision<K, V> {
    pub fn remove(&mut self, rank: usize) -> Option<Entry<K, V>> {
        (rank < self.entries.len()).then(|| self.entries.remove(rank))
    }
}

impl<K, V> Clone for Collision<K, V> {
    fn clone(&self) -> Self {
        Self {
            hash: self.hash,
            entries: self.entries.clone(),
        }
    }
}
