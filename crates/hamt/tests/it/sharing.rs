//! When two maps are one version.

use std::convert::Infallible;

use hamt::Leaf;

use crate::key::{Map, assoc, is, key, map_of, without};

/// A map with each kind of root.
fn maps() -> [Map; 6] {
    [
        Map::new(),
        map_of([key(0, 0)]),
        map_of([key(0, 0), key(0, 1)]),
        map_of([key(0, 0), key(1, 1)]),
        map_of((0..40).map(|name| key(name, name))),
        map_of((0..40).map(|name| key(0, name))),
    ]
}

#[test]
fn a_clone_is_the_same_version_until_either_changes() {
    for map in maps() {
        let clone = map.clone();
        assert!(map.ptr_eq(&clone), "{map:?}");
        let changed = assoc(&clone, key(0, 0), 100);
        assert!(!map.ptr_eq(&changed), "{map:?}");
        let changed = assoc(&clone, key(0, 1000), 100);
        assert!(!map.ptr_eq(&changed), "{map:?}");
        // Removing the change again gives another version, unless the same leaf
        // is left, or none.
        let back = without(&changed, key(0, 1000));
        assert_eq!(map.ptr_eq(&back), map.len() <= 1, "{map:?}");
    }
}

#[test]
fn inserting_a_leaf_that_the_map_has_changes_nothing_and_compares_nothing() {
    for map in maps() {
        for entry in &map {
            // Other entries of the same hash may be compared first.
            let eq = |bound: &_| {
                assert_ne!(bound, entry.key());
                Ok::<_, Infallible>(false)
            };
            let Ok((same, displaced)) = map.assoc(entry.clone(), eq);
            assert!(same.ptr_eq(&map));
            assert!(displaced.is_some_and(|displaced| displaced.ptr_eq(entry)));
            assert_eq!(same.len(), map.len());
        }
    }
}

#[test]
fn removing_an_absent_key_returns_none() {
    for map in maps() {
        for hash in [0, 1, 40] {
            let Ok(removed) = map.without(hash, |_| Ok::<_, Infallible>(false));
            assert!(removed.is_none());
        }
    }
}

/// Checked by the addresses of values: a new allocation would have another address, since the old
/// one still exists at that time.
#[test]
fn the_last_version_of_a_chain_is_changed_in_place() {
    for base in maps() {
        let chain = (0..10).fold(base, |map, value| assoc(&map, key(0, 0), value));
        let mut last = assoc(&chain, key(1, 1000), 1000);
        drop(chain);
        let keys: Vec<_> = last.iter().map(|entry| *entry.key()).collect();
        for k in keys {
            let address = |map: &Map| -> *const u32 {
                let Ok(found) = map.find(k.hash, is(k));
                found.expect("it is there").value()
            };
            let before = address(&last);
            let Ok(displaced) = last.set(k.hash, k, 7, |bound, key| {
                Ok::<_, Infallible>(bound.name == key.name)
            });
            assert_eq!(address(&last), before, "{k:?} of {}", last.len());
            assert!(displaced.is_some());
        }
    }
}

/// Found by the fuzzer: the copy was recorded as a borrower of no slot, and so kept
/// its owner's memory.
#[test]
fn a_copy_of_a_borrower_with_only_owned_children_borrows_nothing() {
    let entry = |name| Leaf::new(5, key(5, name), name);
    let insert = |map: &mut Map, name| {
        let Ok(_displaced) = map.insert(entry(name), is(key(5, name)));
    };
    let mut map = map_of([key(5, 521)]);
    insert(&mut map, 0);
    let _sibling = assoc(&map, key(5, 759), 759);
    insert(&mut map, 7);
    insert(&mut map, 0);
    let changed = assoc(&map, key(5, 521), 1);
    assert_eq!((map.audit(), changed.audit()), (Ok(()), Ok(())));
    assert_eq!((map.len(), changed.len()), (3, 3));
}
