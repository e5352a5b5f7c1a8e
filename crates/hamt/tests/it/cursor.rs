//! Cursors. `histories` compares them with the iterator on every tree that it
//! creates.

use std::collections::BTreeSet;

use hamt::raw::Cursor;
use proptest::prelude::*;

use crate::key::{Key, Map, key, map_of};

/// Returns the names that a cursor returns, at most one more than the map has.
fn names(map: &Map, mut cursor: Cursor) -> Vec<u32> {
    let names = (0..=map.len()).map_while(|_| cursor.next(map));
    names.map(|entry| entry.key().name).collect()
}

#[test]
fn a_cursor_returns_the_entries_in_the_order_of_the_iterator() {
    // A bucket; a branch over buckets and leaves; collisions below branches.
    let (hashes, counts) = if cfg!(miri) {
        (3, [8, 20, 40, 70])
    } else {
        (20, [20, 50, 700, 2000])
    };
    for count in counts {
        let map = map_of((0..count).map(|name| key(name % hashes * 0x0400_0001, name)));
        let expected: Vec<_> = map.iter().map(|entry| entry.key().name).collect();
        assert_eq!(names(&map, Cursor::new()), expected);

        let mut cursor = Cursor::new();
        for taken in 0..expected.len() {
            if taken % 50 == 0 {
                assert_eq!(names(&map, cursor), expected[taken..]);
            }
            assert!(cursor.next(&map).is_some());
        }
    }
}

#[test]
fn the_end_is_final() {
    let map = map_of([key(u32::MAX, 0), key(u32::MAX, 1)]);
    let mut cursor = Cursor::new();
    assert!(cursor.next(&map).is_some());
    assert!(cursor.next(&map).is_some());
    assert!(cursor.next(&map).is_none());
    assert!(cursor.next(&map).is_none());
    assert!(Cursor::new().next(&Map::new()).is_none());
}

#[test]
fn a_cursor_ends_in_maps_without_the_entries_it_returned() {
    let map = map_of((0..100).map(|name| key(name, name)));
    let mut cursor = Cursor::new();
    for _ in 0..60 {
        assert!(cursor.next(&map).is_some());
    }
    assert_eq!(names(&Map::new(), cursor), []);
    assert_eq!(names(&map_of([key(0, 0)]), cursor), []);
    // The cursor of this map is unchanged: those calls used copies of it.
    assert_eq!(names(&map, cursor).len(), 40);
}

/// Keys with hashes that have common bits in many levels, and often collide.
fn keys() -> impl Strategy<Value = Vec<Key>> {
    let hash = (
        prop::sample::select(vec![0, 5, 10, 15, 20, 25, 30]),
        0_u32..40,
    )
        .prop_map(|(shift, digit)| digit << shift);
    prop::collection::vec(hash, 0..150).prop_map(|hashes| {
        (0..)
            .zip(hashes)
            .map(|(name, hash)| key(hash, name))
            .collect()
    })
}

proptest! {
    #[test]
    fn a_cursor_used_with_any_maps_returns_no_entry_twice_and_ends(
        a in keys(),
        b in keys(),
        which in prop::collection::vec(any::<bool>(), 1..300),
    ) {
        let maps = [map_of(a), map_of(b)];
        let mut given = [BTreeSet::new(), BTreeSet::new()];
        let mut cursor = Cursor::new();
        for which in which {
            let which = usize::from(which);
            if let Some(entry) = cursor.next(&maps[which]) {
                prop_assert!(given[which].insert(entry.key().name), "twice");
            }
        }
        for (map, given) in maps.iter().zip(&given) {
            // From here on the cursor returns the rest of one map, none of it twice.
            let rest = names(map, cursor);
            prop_assert!(rest.iter().all(|name| !given.contains(name)));
            prop_assert!(rest.len() + given.len() <= map.len());
        }
    }
}
