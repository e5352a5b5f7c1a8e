//! Versions made of two or three others.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::sync::Arc;

use hamt::PointerKind;

use super::Map;
use crate::entry::Expected;
use crate::{Token, Version};

/// What to expect where an entry is cloned.
fn cloned(token: &Expected) -> Expected {
    Arc::new(Token::clone(token))
}

impl<P: PointerKind<Refused = Infallible>> Version<Map<P>> {
    /// What to expect of this version's entry in a version that hashes as `other`: a copy, if it
    /// hashes the key otherwise.
    fn rehashed(&self, other: &Self, id: u16, token: &Expected) -> Expected {
        if self.hash(id) == other.hash(id) {
            Arc::clone(token)
        } else {
            cloned(token)
        }
    }

    /// Another version, with the entries of both: this one's, where both bind a key. They are
    /// copied where the larger of the two, whose hashes stay, hashes a key otherwise.
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

    /// Another version, with the entries whose key the other has not.
    pub(super) fn difference(&self, other: &Self) -> Self {
        let mut model = self.model.clone();
        model.retain(|id, _| !other.model.contains_key(id));
        Self {
            map: self.map.difference(&other.map),
            model,
            ..*self
        }
    }

    /// Another version, with the entries whose key the other has too.
    pub(super) fn intersection(&self, other: &Self) -> Self {
        let mut model = self.model.clone();
        model.retain(|id, _| other.model.contains_key(id));
        Self {
            map: self.map.intersection(&other.map),
            model,
            ..*self
        }
    }

    /// Another version, with what `theirs` changed since `base`. Where this one changed the same
    /// key otherwise, `keep` says whether it stays.
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
