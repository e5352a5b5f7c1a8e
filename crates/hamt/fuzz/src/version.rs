mod check;
mod compare;

use std::collections::{BTreeMap, BTreeSet};

use crate::entry::{Expected, check, parts};
use crate::{Hashes, Held, Layer};

/// A version of a map, with its model.
#[derive(Clone)]
pub struct Version<L> {
    pub(crate) map: L,
    pub(crate) model: BTreeMap<u16, Expected>,
    pub(crate) hashes: Hashes,
    pub(crate) among_threads: bool,
}

impl<L: Layer> Version<L> {
    /// Creates an empty map.
    pub fn new(hashes: Hashes) -> Self {
        Self {
            map: L::empty(hashes),
            model: BTreeMap::new(),
            hashes,
            among_threads: false,
        }
    }

    /// Creates an empty map whose versions other threads may have.
    pub fn among_threads(hashes: Hashes) -> Self {
        Self {
            among_threads: true,
            ..Self::new(hashes)
        }
    }

    /// Creates an empty map of the same kind.
    pub fn emptied(&self, hashes: Hashes) -> Self {
        Self {
            among_threads: self.among_threads,
            ..Self::new(hashes)
        }
    }

    /// Returns the hash of a key in this version.
    pub(crate) fn hash(&self, id: u16) -> u32 {
        self.hashes.of(id)
    }

    /// Inserts a key.
    pub fn insert(&mut self, id: u16, content: u8) {
        let (key, value, token) = parts(id, content);
        let taken = self.map.insert(self.hash(id), key, value);
        let expected = self.model.insert(id, token);
        self.check_taken(id, taken, expected);
    }

    /// Removes a key.
    pub fn remove(&mut self, id: u16) {
        let taken = self.map.remove(self.hash(id), id);
        let expected = self.model.remove(&id);
        self.check_taken(id, taken, expected);
    }

    /// Returns another version, with a key inserted.
    pub fn assoc(&self, id: u16, content: u8) -> Self {
        let (key, value, token) = parts(id, content);
        let mut model = self.model.clone();
        model.insert(id, token);
        Self {
            map: self.map.assoc(self.hash(id), key, value),
            model,
            ..*self
        }
    }

    /// Returns another version, without a key.
    pub fn without(&self, id: u16) -> Self {
        let mut model = self.model.clone();
        model.remove(&id);
        Self {
            map: self.map.without(self.hash(id), id),
            model,
            ..*self
        }
    }

    /// Returns an equal version that shares nothing with this one, built in another
    /// order.
    pub fn rebuilt(&self) -> Self {
        let mut rebuilt = self.emptied(self.hashes);
        for (&id, token) in self.model.iter().rev() {
            rebuilt.insert(id, token.stamp().content);
        }
        rebuilt
    }

    /// Returns the first key that the version has, from this number on.
    pub fn bound_from(&self, id: u16) -> Option<u16> {
        self.model.range(id..).next().map(|(&id, _)| id)
    }

    /// Removes the keys for which `keep` returns `false`.
    pub fn retain(&mut self, keep: impl Fn(u16) -> bool) {
        let model = &self.model;
        let mut visited = BTreeSet::new();
        self.map.retain(|key, value| {
            let id = key.id();
            check(id, Some((key, value)), model.get(&id));
            assert!(visited.insert(id), "key {id} was visited twice");
            keep(id)
        });
        assert_eq!(visited.len(), self.model.len(), "visited entries");
        self.model.retain(|&id, _| keep(id));
    }

    /// Returns a handle of the entry of a key.
    pub fn hold(&self, id: u16) -> Option<Held<L::Kind>> {
        let entry = self.find(id)?.clone();
        let token = self.model.get(&id)?.clone();
        Some(Held { entry, token })
    }
}
