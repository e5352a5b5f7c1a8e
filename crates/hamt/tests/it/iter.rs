//! Borrowed iteration. `histories` checks it on every tree that it creates.

use crate::key::{Map, key, map_of, paths};

const LEN: usize = if cfg!(miri) { 100 } else { 1_000 };

#[test]
fn an_empty_map_has_no_entries() {
    let map = Map::new();
    assert_eq!(map.iter().len(), 0);
    assert!(map.iter().next().is_none());
}

#[test]
fn every_entry_is_visited_once_in_an_order_that_a_version_keeps() {
    for count in [1, 2, 32, 33, 40, LEN as u32] {
        let map = map_of((0..count).map(|name| key(name / 2, name)));
        let names = |map: &Map| -> Vec<u32> { map.iter().map(|entry| *entry.value()).collect() };
        let order = names(&map);
        assert_eq!(names(&map.clone()), order);
        let mut sorted = order;
        sorted.sort_unstable();
        assert_eq!(sorted, (0..count).collect::<Vec<_>>());
    }
}

#[test]
fn the_children_of_a_branch_are_ordered_by_their_five_bits() {
    let map = map_of((0..LEN as u32).rev().map(|name| key(name, name)));
    let slots: Vec<_> = map.iter().map(|entry| entry.hash() % 32).collect();
    assert!(slots.is_sorted());
    assert_eq!(slots.len(), LEN);
}

#[test]
fn the_length_is_exact_at_every_step_and_the_end_is_final() {
    let map = map_of((0..LEN as u32).map(|name| key((name / 3).wrapping_mul(0x9e37_79b1), name)));
    let mut iter = map.iter();
    for left in (0..=LEN).rev() {
        assert_eq!((iter.len(), iter.size_hint()), (left, (left, Some(left))));
        assert_eq!(iter.next().is_some(), left > 0);
    }
    assert!(iter.next().is_none());
    assert_eq!(iter.len(), 0);
}

#[test]
fn a_cloned_iterator_continues_from_the_same_position() {
    // Leaves, buckets and a collision below a branch.
    let hashes = (0..120).map(|name| if name < 50 { 7 } else { name % 40 });
    let map = map_of(hashes.zip(0..).map(|(hash, name)| key(hash, name)));
    let all: Vec<_> = map.iter().map(|entry| *entry.value()).collect();
    let mut iter = map.iter();
    for taken in 0..=120 {
        let rest: Vec<_> = iter.clone().map(|entry| *entry.value()).collect();
        assert_eq!(rest, all[taken..]);
        iter.next();
    }
}

#[test]
fn the_deepest_tree_is_visited_to_its_end() {
    let hash = |top: u32| top << 30 | 0x1234_5678 & !(3 << 30);
    // Collisions below seven levels.
    let map = map_of((0..40).map(|name| key(hash(name / 10), name)));
    assert_eq!(paths(&map), [8; 40]);
    let names: Vec<_> = map.iter().map(|entry| entry.key().name).collect();
    assert_eq!(names, (0..40).collect::<Vec<_>>());
}
