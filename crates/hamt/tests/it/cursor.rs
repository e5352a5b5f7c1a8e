//! Positions that borrow nothing. `histories` compares them with the iterator
//! on every tree it makes.

use std::array;

use hamt::raw::Cursor;
use proptest::prelude::*;

use crate::key::{Key, Map, assoc, key, map_of, without};

fn names(map: &Map, mut cursor: Cursor) -> Vec<u32> {
    array::from_fn::<_, 64, _>(|_| cursor.next(map).map(|entry| entry.key().name))
        .into_iter()
        .map_while(|name| name)
        .collect()
}

#[test]
fn a_cursor_owns_its_place_and_gives_what_the_iterator_gives() {
    let map = map_of((0..50).map(|name| key(name % 20 * 0x0400_0001, name)));
    let expected: Vec<_> = map.iter().map(|entry| entry.key().name).collect();
    assert_eq!(names(&map, Cursor::new()), expected);

    let mut cursor = Cursor::new();
    for _ in 0..30 {
        assert!(cursor.next(&map).is_some());
    }
    assert_eq!(names(&map, cursor), expected[30..]);
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
fn another_map_is_continued_after_the_last_hash() {
    let map = map_of([key(1, 1), key(3, 3), key(5, 5)]);
    let mut cursor = Cursor::new();
    cursor.next(&map);
    cursor.next(&map);
    // Whatever became of the entry last given, nothing comes again.
    assert_eq!(names(&without(&map, key(3, 3)), cursor), [5]);
    assert_eq!(names(&assoc(&map, key(2, 2), 2), cursor), [5]);
    assert_eq!(names(&assoc(&map, key(4, 4), 4), cursor), [4, 5]);
    assert_eq!(names(&map_of([key(0, 0)]), cursor), []);
    assert_eq!(names(&Map::new(), cursor), []);
}

/// Where a hash stands in the order of the tree.
fn digits(hash: u32) -> [u32; 7] {
    array::from_fn(|level| hash >> (5 * level) & 31)
}

fn keys() -> impl Strategy<Value = Vec<Key>> {
    let hash = (
        prop::sample::select(vec![0, 5, 10, 15, 20, 25, 30]),
        0_u32..40,
    )
        .prop_map(|(shift, digit)| digit << shift);
    prop::collection::vec(hash, 0..40).prop_map(|hashes| {
        (0..)
            .zip(hashes)
            .map(|(name, hash)| key(hash, name))
            .collect()
    })
}

proptest! {
    #[test]
    fn a_cursor_shown_any_maps_only_moves_on(a in keys(), b in keys(), which in any::<[bool; 64]>()) {
        let (a, b) = (map_of(a), map_of(b));
        let mut cursor = Cursor::new();
        let mut last = None;
        for which in which {
            let map = if which { &a } else { &b };
            let given = cursor.next(map).map(|entry| digits(entry.hash()));
            // The first entry after the last one: counting from the end, it has
            // at least as many after it as the entries beyond the last hash.
            let beyond = map.iter().filter(|entry| Some(digits(entry.hash())) > last).count();
            prop_assert!(given.is_some() || beyond == 0);
            prop_assert!(given.is_none() || given >= last);
            last = given.or(last);
        }
    }
}
