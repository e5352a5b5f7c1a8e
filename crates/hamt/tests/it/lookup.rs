//! The cost of a lookup, counted along the path that `find` takes.

use hamt::Hamt;

use crate::key::{Map, assoc, key, map_of};

#[test]
fn a_probe_counts_the_nodes_on_the_path_and_the_candidates_at_its_end() {
    let probe = |map: &Map, hash| {
        let probe = map.probe(hash);
        (probe.nodes, probe.candidates)
    };
    assert_eq!(probe(&Map::new(), 0), (0, 0));
    let map = map_of([key(0, 0)]);
    assert_eq!((probe(&map, 0), probe(&map, 1)), ((0, 1), (0, 0)));

    let map = assoc(&map, key(1, 1), 1);
    assert_eq!(
        (probe(&map, 0), probe(&map, 2), probe(&map, 32)),
        ((1, 1), (1, 0), (1, 0))
    );

    // A bucket has all entries, whatever their hashes.
    let map = map_of([key(0, 0), key(1 << 31, 1), key(1 << 31, 2)]);
    assert_eq!((probe(&map, 0), probe(&map, 1 << 31)), ((1, 1), (1, 2)));

    // Seven levels, and a collision below them.
    let high = (1..34).map(|name| key(1 << 31, name));
    let map = map_of([key(0, 0)].into_iter().chain(high));
    assert_eq!((probe(&map, 0), probe(&map, 1 << 31)), ((7, 1), (8, 33)));
    assert_eq!((probe(&map, 1 << 30), probe(&map, 1)), ((7, 0), (1, 0)));
    // A collision of another hash is visited, and has no candidates.
    let map = map_of((0..33).map(|name| key(7, name)));
    assert_eq!((probe(&map, 7), probe(&map, 8)), ((1, 33), (1, 0)));
}

#[test]
fn at_a_million_keys_find_visits_at_most_seven_branches_and_one_node_below() {
    const KEYS: u32 = if cfg!(miri) { 300 } else { 1_000_000 };
    let map: Hamt<u32, ()> = (0..KEYS).map(|name| (name, ())).collect();
    let raw = map.raw();
    assert_eq!(raw.len(), KEYS as usize);

    let (mut entries, mut nodes) = (0, 0);
    for entry in raw {
        let probe = raw.probe(entry.hash());
        assert!(probe.candidates >= 1);
        assert!(probe.nodes <= 7 + 1, "{probe:?}");
        entries += 1;
        nodes += probe.nodes;
    }
    assert_eq!(entries, KEYS as usize);
    // Five levels suffice to distinguish a random hash from a million others.
    assert!(nodes < 5 * entries, "{nodes} nodes for {entries} entries");
}
