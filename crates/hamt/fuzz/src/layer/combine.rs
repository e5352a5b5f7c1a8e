//! Versions combined from two or three others.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::sync::Arc;

use hamt::PointerKind;

use super::Map;
use crate::entry::Expected;
use crate::{Token, Version};

/// Returns the expectation of a cloned entry.
fn cloned(token: &Expected) -> Expected {
    Arc::new(Token::clone(token))
}

impl<P: PointerKind<Refused = Infallible>> Version<Map<P>> {
    /// Returns the expectation of this version's entry in a version with the hashes of `other`: a
    /// copy, if it hashes the key differently.
    fn rehashed(&self, other: &Self, id: u16, token: &Expected) -> Expected {
        if self.hash(id) == other.hash(id) {
            Arc::clone(token)
        } else {
            cloned(token)
        }
    }

    /// Returns another version, with the entries of both: this one's if both have a key. The
    /// result has the hashes of the larger one; entries are copied if it hashes the key
    /// differently.
    pub(super) fn union(&self, other: &Self) -> Self {
        let larger = if self.model.len() >= other.model.len() {
            self
        } else {
            other
        };
        let mut model = BTreeMap::new();
        for version in [other, self] {
            for (&id, token) in &version.model {
                model.insert(id, version.rehashed(larger, id, token));
            }
        }
        Self {
            map: self.map.union(&other.map),
            model,
            ..*larger
        }
    }

    /// Returns another version, with the entries whose key the other does not have.
    pub(super) fn difference(&self, other: &Self) -> Self {
        let mut model = self.model.clone();
        model.retain(|id, _| !other.model.contains_key(id));
        Self {
            map: self.map.difference(&other.map),
            model,
            ..*self
        }
    }

    /// Returns another version, with the entries whose key the other has too.
    pub(super) fn intersection(&self, other: &Self) -> Self {
        let mut model = self.model.clone();
        model.retain(|id, _| other.model.contains_key(id));
        Self {
            map: self.map.intersection(&other.map),
            model,
            ..*self
        }
    }

    /// Returns another version, with the changes of `theirs` since `base`. If this one changed
    /// the same key differently, `keep` decides whether it stays.
    pub(super) fn merge(&self, base: &Self, theirs: &Self, keep: impl Fn(u16) -> bool) -> Self {
        let mut model = self.model.clone();
        let ids: BTreeSet<_> = base.model.keys().chain(theirs.model.keys()).collect();
        for &id in ids {
            let [ours, old, new] = [self, base, theirs].map(|version| version.model.get(&id));
            let merged = match new.or(old) {
                _ if new == old || ours == new => continue,
                _ if ours == old => new.map(|new| theirs.rehashed(self, id, new)),
                bound => bound.filter(|_| keep(id)).map(cloned),
            };
            match merged {
                Some(token) => drop(model.insert(id, token)),
                None => drop(model.remove(&id)),
            }
        }
        let map = self.map.merge(&base.map, &theirs.map, |conflict| {
            let bound = conflict.theirs.or(conflict.base);
            bound.filter(|_| keep(conflict.key.id())).cloned()
        });
        Self {
            map,
            model,
            ..*self
        }
    }
}
