//! Borrowed iteration. `histories` checks it on every tree it makes.

use crate::key::{Map, key, map_of};

#[test]
fn an_empty_map_gives_nothing() {
    let map = Map::new();
    assert_eq!(map.iter().len(), 0);
    assert!(map.iter().next().is_none());
}

#[test]
fn the_order_is_that_of_the_tree_and_of_binding_within_one_hash() {
    // By the digits of the hash, lowest first.
    let keys = [
        key(1 << 5, 0),
        key(2, 1),
        key(0, 2),
        key(1, 3),
        key(0, 4),
        key(1 + (1 << 10), 5),
    ];
    let map = map_of(keys);
    let names: Vec<_> = map.iter().map(|entry| entry.key().name).collect();
    assert_eq!(names, [2, 4, 0, 3, 5, 1]);
}

#[test]
fn the_length_is_exact_at_every_step_and_the_end_is_final() {
    let map = map_of((0..1000_u32).map(|name| key((name / 3).wrapping_mul(0x9e37_79b1), name)));
    let mut iter = map.iter();
    for left in (0..=1000).rev() {
        assert_eq!((iter.len(), iter.size_hint()), (left, (left, Some(left))));
        assert_eq!(iter.next().is_some(), left > 0);
    }
    assert!(iter.next().is_none());
    assert_eq!(iter.len(), 0);
}

#[test]
fn a_clone_goes_on_from_where_it_was_taken() {
    // Collisions below bitmaps below an array.
    let map = map_of((0..120).map(|name| key(name % 40, name)));
    let all: Vec<_> = map.iter().map(|entry| *entry.value()).collect();
    let mut iter = map.iter();
    for taken in 0..=120 {
        let rest: Vec<_> = iter.clone().map(|entry| *entry.value()).collect();
        assert_eq!(rest, all[taken..]);
        iter.next();
    }
}

#[test]
fn the_deepest_tree_is_walked_to_its_end() {
    let hash = |top: u32| top << 30 | 0x1234_5678 & !(3 << 30);
    let map = map_of((0..8).map(|name| key(hash(name / 2), name)));
    let names: Vec<_> = map.iter().map(|entry| entry.key().name).collect();
    assert_eq!(names, [0, 1, 2, 3, 4, 5, 6, 7]);
}
