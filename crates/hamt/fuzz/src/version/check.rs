use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::Arc;

use hamt::Leaf;
use hamt::raw::Cursor;

use super::Version;
use crate::entry::{Expected, both, check};
use crate::{Key, Layer, Taken, Value};

impl<L: Layer> Version<L> {
    /// Returns the map's entry of a key.
    pub(crate) fn find(&self, id: u16) -> Option<&Leaf<Key, Value, L::Kind>> {
        let is = |key: &Key| Ok::<_, Infallible>(key.id() == id);
        let Ok(found) = self.map.raw().find(self.hash(id), is);
        found
    }

    /// Checks the invariants of the tree, and one key.
    pub fn check_key(&self, id: u16) {
        if let Err(broken) = self.map.raw().audit() {
            panic!("{broken}");
        }
        assert_eq!(self.map.raw().len(), self.model.len(), "entries");
        check(id, self.find(id).map(both), self.model.get(&id));
    }

    /// Checks iteration. Calls `change`, which changes other versions, after `count`
    /// entries, which are borrowed until the end.
    pub fn iterate(&self, count: u16, change: impl FnOnce()) {
        let mut iter = self.map.iter();
        let begun: Vec<_> = iter.by_ref().take(count.into()).collect();
        change();
        assert_eq!(
            begun.len() + iter.len(),
            self.model.len(),
            "length of the iterator"
        );
        self.check_entries(begun.into_iter().chain(iter));
    }

    /// Checks iteration with a cursor.
    pub fn cursor(&self) {
        let mut cursor = Cursor::new();
        self.check_entries(std::iter::from_fn(|| cursor.next(self.map.raw()).map(both)));
    }

    /// Moves a cursor in one map and continues in another. It must come to an end.
    pub fn cursor_over(&self, other: &Self, steps: u16) {
        let mut cursor = Cursor::new();
        for _ in 0..steps {
            cursor.next(self.map.raw());
        }
        let rest = std::iter::from_fn(|| cursor.next(other.map.raw())).count();
        assert!(
            rest <= other.model.len(),
            "{rest} entries, of {}",
            other.model.len()
        );
    }

    fn check_entries<'a>(&self, entries: impl Iterator<Item = (&'a Key, &'a Value)>) {
        let mut seen = BTreeSet::new();
        for (key, value) in entries {
            let id = key.id();
            check(id, Some((key, value)), self.model.get(&id));
            assert!(seen.insert(id), "key {id} was returned twice");
        }
        assert_eq!(seen.len(), self.model.len(), "returned entries");
    }

    /// Checks the entry that a change removed: that it is the old entry of the key,
    /// and that it is returned by value if and only if nothing else held it. The
    /// latter is not checked with other threads: they drop the map before the model.
    pub(crate) fn check_taken(&self, id: u16, taken: Taken<L::Kind>, expected: Option<Expected>) {
        let found = taken.as_ref().map(|taken| match taken {
            Ok((key, value)) => (key, value),
            Err(entry) => both(entry),
        });
        check(id, found, expected.as_ref());
        if let (Some(taken), Some(token), false) = (taken, expected, self.among_threads) {
            let alone = Arc::into_inner(token).is_some();
            assert_eq!(taken.is_ok(), alone, "whether key {id} was not shared");
        }
    }
}
