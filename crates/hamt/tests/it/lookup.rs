//! The cost of a lookup: the nodes on the path, and the calls of the equality.

use hamt::Hamt;
use std::convert::Infallible;

use crate::key::{Map, key, map_of, paths};

/// Returns how often a lookup of `hash` calls the equality, if no key is equal.
fn candidates(map: &Map, hash: u32) -> usize {
    let mut calls = 0;
    let Ok(found) = map.find(hash, |_| {
        calls += 1;
        Ok::<_, Infallible>(false)
    });
    assert!(found.is_none());
    calls
}

#[test]
fn the_equality_is_called_for_keys_of_the_same_hash_alone() {
    assert_eq!(candidates(&Map::new(), 0), 0);
    let map = map_of([key(0, 0)]);
    assert_eq!((candidates(&map, 0), candidates(&map, 1)), (1, 0));

    // A bucket has all entries, whatever their hashes.
    let map = map_of([key(0, 0), key(1 << 31, 1), key(1 << 31, 2)]);
    assert_eq!((candidates(&map, 0), candidates(&map, 1 << 31)), (1, 2));
    assert_eq!((candidates(&map, 2), candidates(&map, 32)), (0, 0));
    assert_eq!(paths(&map), [1, 1, 1]);

    // Seven levels, and a collision below them.
    let high = (1..34).map(|name| key(1 << 31, name));
    let map = map_of([key(0, 0)].into_iter().chain(high));
    assert_eq!((candidates(&map, 0), candidates(&map, 1 << 31)), (1, 33));
    assert_eq!((candidates(&map, 1 << 30), candidates(&map, 1)), (0, 0));
    let mut nodes = paths(&map);
    nodes.sort_unstable();
    assert_eq!((nodes[0], &nodes[1..]), (7, &[8; 33][..]));
    let map = map_of((0..33).map(|name| key(7, name)));
    assert_eq!((candidates(&map, 7), candidates(&map, 8)), (33, 0));
}

#[test]
fn at_a_million_keys_find_visits_at_most_seven_branches_and_one_node_below() {
    const KEYS: u32 = if cfg!(miri) { 300 } else { 1_000_000 };
    let map: Hamt<u32, ()> = (0..KEYS).map(|name| (name, ())).collect();
    let nodes = paths(map.raw());
    assert_eq!(nodes.len(), KEYS as usize);
    assert!(nodes.iter().all(|nodes| *nodes <= 7 + 1));
    // Five levels suffice to distinguish a random hash from a million others.
    let (sum, entries) = (nodes.iter().sum::<usize>(), nodes.len());
    assert!(sum < 5 * entries, "{sum} nodes for {entries} entries");
}
