//! A clone that panics, at each position in operations that clone: both versions stay valid, and
//! only values that were changed before the panic have changed.

use std::{
    cell::Cell,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
};

use hamt::Hamt;

use crate::coarse::Coarse;

thread_local! {
    /// The number of clones before the one that panics.
    static LEFT: Cell<Option<usize>> = const { Cell::new(None) };
}

#[derive(Debug, PartialEq, Eq)]
struct Value(u32);

impl Clone for Value {
    fn clone(&self) -> Self {
        LEFT.set(LEFT.get().map(|left| {
            // Not `panic!`: the hook would print it.
            let panic = || resume_unwind(Box::new("a clone panics"));
            left.checked_sub(1).unwrap_or_else(panic)
        }));
        Self(self.0)
    }
}

type Map = Hamt<u32, Value, Coarse>;

const LEN: u32 = if cfg!(miri) { 20 } else { 90 };

fn change_all(map: &mut Map) {
    map.values_mut().for_each(|value| value.0 += 1);
}

fn change_one(map: &mut Map) {
    let value = map.get_mut(&(LEN / 2)).expect("it is there");
    value.0 += 1;
}

fn change_entry(map: &mut Map) {
    map.entry(LEN / 2).and_modify(|value| value.0 += 1);
}

fn values(map: &Map) -> Vec<u32> {
    assert_eq!(map.raw().audit(), Ok(()));
    (0..LEN).map(|key| map[&key].0).collect()
}

#[test]
fn a_clone_that_panics_leaves_both_versions_valid() {
    type Change = fn(&mut Map);
    let changes: [(Change, u32); 3] = [(change_all, LEN), (change_one, 1), (change_entry, 1)];
    for (change, clones) in changes {
        for hashes in [u32::MAX, 7, 1] {
            let mut map = Map::with_hasher(Coarse(hashes));
            map.extend((0..LEN).map(|key| (key, Value(key))));
            let before = values(&map);
            for left in 0..clones as usize {
                let (mut changed, version) = (map.clone(), map.clone());
                LEFT.set(Some(left));
                let panicked = catch_unwind(AssertUnwindSafe(|| change(&mut changed)));
                LEFT.set(None);
                assert!(panicked.is_err());
                // Each value is cloned just before it is changed.
                let differ = values(&changed)
                    .iter()
                    .zip(&before)
                    .filter(|(a, b)| a != b)
                    .count();
                assert_eq!((differ, values(&version)), (left, before.clone()));
                change(&mut changed);
                assert_ne!(values(&changed), before);
                assert_eq!(values(&version), before);
            }
        }
    }
}
