use alloc::vec::Vec;

use super::Placed;
use crate::{Entry, kind::PointerKind};

/// Two or more entries of one hash.
pub(crate) struct Collision<K, V, P: PointerKind> {
    /// Invariant: the hash of every entry.
    hash: u32,
    /// In the order in which their keys were first bound.
    entries: Vec<Entry<K, V, P>>,
}

impl<K, V, P: PointerKind> Collision<K, V, P> {
    /// The entries, two or more, must have one hash.
    pub fn of(entries: Vec<Entry<K, V, P>>) -> Self {
        let hash = entries.first().map_or(0, Entry::hash);
        Self { hash, entries }
    }

    pub fn hash(&self) -> u32 {
        self.hash
    }

    pub fn entries(&self) -> &[Entry<K, V, P>] {
        &self.entries
    }

    /// The first entry that `is_it` accepts, with its rank.
    #[cold]
    pub fn find<E>(
        &self,
        mut is_it: impl FnMut(&Entry<K, V, P>) -> Result<bool, E>,
    ) -> Result<Option<Placed<'_, K, V, P>>, E> {
        for (rank, entry) in self.entries.iter().enumerate() {
            if is_it(entry)? {
                return Ok(Some((rank, entry)));
            }
        }
        Ok(None)
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
