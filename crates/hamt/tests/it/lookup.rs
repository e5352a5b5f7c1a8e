//! What a lookup costs, counted by the walk that `find` itself makes.

use hamt::{Hamt, raw::Probe};

use crate::key::{Map, assoc, key, map_of};

#[test]
fn a_probe_counts_the_nodes_on_the_way_and_the_candidates_at_its_end() {
    let probe = |map: &Map, hash| {
        let Probe { nodes, candidates } = map.probe(hash);
        (nodes, candidates)
    };
    assert_eq!(probe(&Map::new(), 0), (0, 0));
    let map = map_of([key(0, 0)]);
    assert_eq!((probe(&map, 0), probe(&map, 1)), ((0, 1), (0, 0)));

    let map = assoc(&map, key(1, 1), 1);
    assert_eq!(
        (probe(&map, 0), probe(&map, 2), probe(&map, 32)),
        ((1, 1), (1, 0), (1, 0))
    );

    // Seven levels, and a collision below them.
    let map = map_of([key(0, 0), key(1 << 31, 1), key(1 << 31, 2)]);
    assert_eq!((probe(&map, 0), probe(&map, 1 << 31)), ((7, 1), (8, 2)));
    assert_eq!((probe(&map, 1 << 30), probe(&map, 1)), ((7, 0), (1, 0)));
}

#[test]
fn at_a_million_keys_find_visits_at_most_seven_nodes_and_a_collision() {
    let map: Hamt<u32, ()> = (0..1_000_000).map(|name| (name, ())).collect();
    let raw = map.raw();
    assert_eq!(raw.len(), 1_000_000);

    let (mut entries, mut nodes) = (0, 0);
    for entry in raw {
        let probe = raw.probe(entry.hash());
        assert!(probe.candidates >= 1);
        assert!(
            probe.nodes <= 7 + usize::from(probe.candidates > 1),
            "{probe:?}"
        );
        entries += 1;
        nodes += probe.nodes;
    }
    assert_eq!(entries, 1_000_000);
    // A random hash is told apart from a million others within five levels.
    assert!(nodes < 5 * entries, "{nodes} nodes for {entries} entries");
}
