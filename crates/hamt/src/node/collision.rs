use alloc::vec::Vec;

use crate::{Entry, kind::PointerKind};

/// Two or more entries of one hash.
pub(crate) struct Collision<K, V, P: PointerKind> {
    /// Invariant: the hash of every entry.
    hash: u32,
    /// In the order in which their keys were first bound.
    entries: Vec<Entry<K, V, P>>,
}

impl<K, V, P: PointerKind> Collision<K, V, P> {
    /// The two must have one hash.
    pub fn of_two(first: Entry<K, V, P>, second: Entry<K, V, P>) -> Self {
        let hash = first.hash();
        let mut entries = Vec::with_capacity(2);
        entries.push(first);
        entries.push(second);
        Self { hash, entries }
    }

    pub fn hash(&self) -> u32 {
        self.hash
    }

    pub fn entries(&self) -> &[Entry<K, V, P>] {
        &self.entries
    }

    pub fn entry_mut(&mut self, rank: usize) -> Option<&mut Entry<K, V, P>> {
        self.entries.get_mut(rank)
    }

    /// Adds an entry of the same hash.
    pub fn push(&mut self, entry: Entry<K, V, P>) {
        self.entries.push(entry);
    }

    pub fn remove(&mut self, rank: usize) -> Option<Entry<K, V, P>> {
        (rank < self.entries.len()).then(|| self.entries.remove(rank))
    }
}

impl<K, V, P: PointerKind> Clone for Collision<K, V, P> {
    /// Leaves room for one more, since a copy is made to be changed.
    fn clone(&self) -> Self {
        let mut entries = Vec::with_capacity(self.entries.len() + 1);
        entries.extend_from_slice(&self.entries);
        Self {
            hash: self.hash,
            entries,
        }
    }
}
