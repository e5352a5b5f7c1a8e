use std::collections::BTreeSet;
use std::sync::Arc;

use hamt::Difference;

use super::Version;
use crate::Layer;
use crate::entry::{Expected, both, check};

impl<L: Layer> Version<L> {
    /// Checks that two maps are equal if and only if their models are.
    pub fn compare(&self, other: &Self) {
        assert_eq!(
            self.map.equals(&other.map),
            self.model == other.model,
            "whether maps are equal"
        );
    }

    /// Checks that the differences of two maps are those of their models, each once.
    pub fn diff(&self, newer: &Self) {
        // The two must have the same hashes.
        if self.hashes != newer.hashes {
            return;
        }
        let mut found = BTreeSet::new();
        for difference in self.map.diff(&newer.map) {
            let (any, old, new) = match difference {
                Difference::Added(new) => (new, None, Some(new)),
                Difference::Removed(old) => (old, Some(old), None),
                Difference::Changed { old, new } => (old, Some(old), Some(new)),
            };
            let id = any.key().id();
            check(id, old.map(both), self.model.get(&id));
            check(id, new.map(both), newer.model.get(&id));
            assert!(found.insert(id), "key {id} differs twice");
        }
        let ids = self.model.keys().chain(newer.model.keys()).copied();
        let expected: BTreeSet<_> = ids
            .filter(|id| differ::<L>(self.model.get(id), newer.model.get(id)))
            .collect();
        assert_eq!(found, expected, "keys that differ, and the expected ones");
    }
}

fn differ<L: Layer>(old: Option<&Expected>, new: Option<&Expected>) -> bool {
    match (old, new) {
        (Some(old), Some(new)) => {
            let equal = L::DIFF_COMPARES_VALUES && old == new;
            !equal && !Arc::ptr_eq(old, new)
        }
        (old, new) => old.is_some() || new.is_some(),
    }
}
