use alloc::{vec, vec::Vec};

use crate::Entry;

/// Two or more entries of one hash.
pub(crate) struct Collision<K, V> {
    /// Invariant: the hash of every entry.
    hash: u32,
    /// In the order in which their keys were first bound.
    entries: Vec<Entry<K, V>>,
}

impl<K, V> Collision<K, V> {
    /// The two must have one hash.
    pub fn of_two(first: Entry<K, V>, second: Entry<K, V>) -> Self {
        Self {
            hash: first.hash(),
            entries: vec![first, second],
        }
    }

    pub fn hash(&self) -> u32 {
        self.hash
    }

    pub fn entries(&self) -> &[Entry<K, V>] {
        &self.entries
    }

    /// The entries, if `hash` is theirs.
    pub fn entries_of(&self, hash: u32) -> &[Entry<K, V>] {
        if self.hash == hash {
            &self.entries
        } else {
            &[]
        }
    }

    pub fn entry_mut(&mut self, rank: usize) -> Option<&mut Entry<K, V>> {
        self.entries.get_mut(rank)
    }

    /// Adds an entry of the same hash.
    pub fn push(&mut self, entry: Entry<K, V>) {
        self.entries.push(entry);
    }

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
