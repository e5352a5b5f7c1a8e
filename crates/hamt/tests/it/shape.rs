//! The shape of the tree, by its dump. `histories` audits the shape of every
//! tree that it creates.

use hamt::Leaf;

use crate::key::{Key, Map, assoc, is, key, map_of, without};

fn dump(map: &Map) -> Vec<String> {
    assert_eq!(map.audit(), Ok(()));
    let text = map.dump().to_string();
    text.lines().map(str::to_owned).collect()
}

/// Returns the nodes of the dump without the entries, each after its index.
fn nodes(map: &Map) -> Vec<String> {
    let lines = dump(map).into_iter();
    lines.filter(|line| line.contains(" of ")).collect()
}

/// Removes keys one by one, in place and into a new version. Both must have the
/// same shape.
fn without_all(map: &Map, keys: impl IntoIterator<Item = Key>) -> Map {
    keys.into_iter().fold(map.clone(), |map, key| {
        let version = without(&map, key);
        let before = dump(&map);
        // A map that shares nothing, so that it changes in place.
        let mut own = map_of(map.iter().map(|entry| *entry.key()));
        let same = dump(&own) == before;
        let Ok(removed) = own.remove(key.hash, crate::key::is(key));
        assert!(removed.is_some());
        if same {
            assert_eq!(dump(&own), dump(&version));
        }
        version
    })
}

#[test]
fn an_empty_map_has_no_node() {
    assert_eq!(dump(&Map::new()), ["empty"]);
    let map = map_of([key(5, 0)]);
    assert_eq!(dump(&without(&map, key(5, 0))), ["empty"]);
}

#[test]
fn a_lone_entry_is_the_root() {
    assert_eq!(
        dump(&map_of([key(0xabcd, 7)])),
        ["0x0000abcd Key { hash: 43981, name: 7 }: 7"]
    );
}

#[test]
fn a_few_entries_are_a_bucket_whatever_their_hashes() {
    let map = map_of([key(9, 0), key(0x4000_0009, 1), key(9, 2)]);
    assert_eq!(
        dump(&map),
        [
            "bucket of 3",
            "  0x00000009 Key { hash: 9, name: 0 }: 0",
            "  0x40000009 Key { hash: 1073741833, name: 1 }: 1",
            "  0x00000009 Key { hash: 9, name: 2 }: 2",
        ]
    );
}

#[test]
fn a_replaced_key_stays_in_its_place_and_a_new_one_takes_the_first_free() {
    let map = map_of([key(9, 0), key(8, 1), key(7, 2)]);
    let map = assoc(&map, key(9, 0), 100);
    let map = assoc(&without(&map, key(8, 1)), key(5, 5), 5);
    assert_eq!(
        dump(&map),
        [
            "bucket of 3",
            "  0x00000009 Key { hash: 9, name: 0 }: 100",
            "  0x00000005 Key { hash: 5, name: 5 }: 5",
            "  0x00000007 Key { hash: 7, name: 2 }: 2",
        ]
    );
}

#[test]
fn a_bucket_left_with_one_leaf_becomes_that_leaf() {
    let map = map_of([key(9, 0), key(8, 1)]);
    assert_eq!(
        dump(&without_all(&map, [key(9, 0)])),
        dump(&map_of([key(8, 1)]))
    );
}

#[test]
fn a_bucket_has_up_to_32_entries_and_one_more_makes_a_branch() {
    let map = map_of((0..32).map(|name| key(name, name)));
    assert_eq!(nodes(&map), ["bucket of 32"]);
    // The first of them has another one in its slot.
    let map = assoc(&map, key(32, 32), 32);
    assert_eq!(nodes(&map), ["branch of 32", "  0: bucket of 2"]);
    let map = without_all(&map, [key(32, 32)]);
    assert_eq!(nodes(&map), ["branch of 32"]);
}

#[test]
fn a_bucket_below_a_branch_has_up_to_16_entries_and_one_more_splits_it() {
    // 16 in slot 1, and in slots 0 and 1 below it; 17 more, so that the root splits.
    let low = |name: u32| key(1 | (name % 2) << 5 | name << 10, name);
    let beside = (0..17).map(|name| key(name << 1, 100 + name));
    let map = map_of((0..16).map(low).chain(beside));
    assert!(nodes(&map).contains(&"  1: bucket of 16".to_owned()));
    let copied = assoc(&map, low(16), 16);
    let mut changed = map;
    let Ok(bound) = changed.insert(
        Leaf::new(low(16).hash, low(16), 16),
        crate::key::is(low(16)),
    );
    assert!(bound.is_none());
    for map in [copied, changed] {
        let nodes = nodes(&map);
        let at = nodes.iter().position(|node| node == "  1: branch of 2");
        let below = at.map(|at| &nodes[at + 1..at + 3]).expect("it has split");
        assert_eq!(below, ["    0: bucket of 9", "    1: bucket of 8"]);
    }
}

#[test]
fn a_full_bucket_of_one_hash_becomes_a_collision() {
    let map = map_of((0..32).map(|name| key(9, name)));
    assert_eq!(nodes(&map), ["bucket of 32"]);
    let map = assoc(&map, key(9, 32), 32);
    assert_eq!(nodes(&map), ["collision of 33, 0x00000009"]);

    // It keeps the places, and stays a collision down to one entry.
    let map = assoc(&map, key(9, 0), 100);
    let left = without_all(&map, (2..33).map(|name| key(9, name)));
    assert_eq!(
        dump(&left),
        [
            "collision of 2, 0x00000009",
            "  Key { hash: 9, name: 0 }: 100",
            "  Key { hash: 9, name: 1 }: 1",
        ]
    );
    assert_eq!(
        dump(&without_all(&left, [key(9, 0)])),
        dump(&map_of([key(9, 1)]))
    );
}

#[test]
fn a_key_of_another_hash_moves_a_collision_down_and_its_removal_moves_it_up() {
    let collided = map_of((0..33).map(|name| key(0, name)));
    // Equal in the lowest ten bits, so both have a common path of two levels.
    let pushed = assoc(&collided, key(1 << 10, 99), 99);
    assert_eq!(
        nodes(&pushed),
        [
            "branch of 1",
            "  0: branch of 1",
            "    0: branch of 2",
            "      0: collision of 33, 0x00000000",
        ]
    );
    assert_eq!(
        dump(&without_all(&pushed, [key(1 << 10, 99)])),
        dump(&collided)
    );
}

#[test]
fn a_collision_left_with_one_entry_beside_few_leaves_joins_them_in_a_bucket() {
    let beside = (1..=7).map(|name| key(name, 100 + name));
    let map = map_of((0..33).map(|name| key(0, name)).chain(beside));
    assert_eq!(
        nodes(&map),
        ["branch of 8", "  0: collision of 33, 0x00000000"]
    );
    let left = without_all(&map, (1..33).map(|name| key(0, name)));
    assert_eq!(nodes(&left), ["bucket of 8"]);
}

#[test]
fn a_branch_becomes_a_bucket_at_eight_leaves() {
    let map = map_of((0..32).map(|name| key(name, name)).chain([key(32, 32)]));
    let map = without_all(&map, (9..33).map(|name| key(name, name)));
    assert_eq!(nodes(&map), ["branch of 9"]);
    let map = without_all(&map, [key(3, 3)]);
    assert_eq!(nodes(&map), ["bucket of 8"]);
    // A bucket has room for many more before it is a branch again.
    let map = (10..34).fold(map, |map, name| assoc(&map, key(name, name), name));
    assert_eq!(nodes(&map), ["bucket of 32"]);
}

#[test]
fn a_branch_with_a_subtree_below_stays_a_branch() {
    // Slot 0 has 40 entries, slots 1 to 3 one each.
    let below = (0..40).map(|name| key(name << 5, name));
    let map = map_of(below.chain((1..4).map(|name| key(name, 100 + name))));
    assert_eq!(nodes(&map)[..2], ["branch of 4", "  0: branch of 32"]);
    let map = without_all(&map, (10..40).map(|name| key(name << 5, name)));
    assert_eq!(nodes(&map), ["branch of 4", "  0: branch of 10"]);
    let map = without_all(&map, [key(8 << 5, 8), key(9 << 5, 9)]);
    assert_eq!(nodes(&map), ["branch of 4", "  0: bucket of 8"]);
    let map = without_all(&map, [key(1, 101), key(2, 102)]);
    assert_eq!(nodes(&map), ["branch of 2", "  0: bucket of 8"]);
    // The only child that is left replaces the branch.
    let map = without_all(&map, [key(3, 103)]);
    assert_eq!(nodes(&map), ["bucket of 8"]);
}

#[test]
fn only_small_subtrees_move_up() {
    // All have a common path of two levels: 33 are in three slots of the third.
    let in_third = |name: u32| key((name % 3) << 10 | name << 15, name);
    let map = map_of((0..33).map(in_third));
    let one_way = ["branch of 1", "  0: branch of 1"];
    assert_eq!(nodes(&map)[..2], one_way);
    assert_eq!(nodes(&map)[2], "    0: branch of 3");
    // A large bucket that is the only child stays where it is.
    let others = (0..33).filter(|name| name % 3 != 0);
    let map = without_all(&map, others.map(in_third));
    assert_eq!(nodes(&map)[..2], one_way);
    assert_eq!(
        nodes(&map)[2..],
        ["    0: branch of 1", "      0: bucket of 11"]
    );
    // One that has become small moves up to the root.
    let more = (8..11).map(|third| in_third(3 * third));
    assert_eq!(nodes(&without_all(&map, more)), ["bucket of 8"]);
}

#[test]
fn the_seventh_level_uses_the_last_two_bits_and_below_it_all_collide() {
    let hash = |top: u32| top << 30 | 0x2aaa_aaaa;
    let map = map_of((0..33).map(|name| key(hash(name % 4), name)));
    let nodes_of_map = nodes(&map);
    for (level, line) in nodes_of_map[..6].iter().enumerate() {
        assert!(line.ends_with("branch of 1"), "level {level}: {line}");
    }
    let bottom: Vec<_> = nodes_of_map[6..].iter().map(|line| line.trim()).collect();
    assert_eq!(
        bottom,
        [
            "21: branch of 4",
            "0: collision of 9, 0x2aaaaaaa",
            "1: collision of 8, 0x6aaaaaaa",
            "2: collision of 8, 0xaaaaaaaa",
            "3: collision of 8, 0xeaaaaaaa",
        ]
    );
    // Four leaves there are few enough for a bucket, which moves up to the root.
    let map = without_all(&map, (4..33).map(|name| key(hash(name % 4), name)));
    assert_eq!(nodes(&map), ["bucket of 4"]);
}

#[test]
fn an_only_child_that_becomes_a_collision_replaces_its_branch() {
    // Slot 9 has 10 of one hash, and is the only one with a child.
    let beside = || (0..23).map(|name| key(0, 100 + name));
    let map = map_of((0..10).map(|name| key(9, name)).chain(beside()));
    let map = without_all(&map, beside());
    assert_eq!(nodes(&map), ["branch of 1", "  9: bucket of 10"]);
    let full = (10..16).fold(map, |map, name| assoc(&map, key(9, name), name));

    let copied = assoc(&full, key(9, 16), 16);
    assert_eq!(nodes(&copied), ["collision of 17, 0x00000009"]);
    assert_eq!(copied.audit(), Ok(()));
    let mut changed = without_all(&full, [key(9, 0)]);
    // Below an unshared root, in a bucket that another version has too.
    let mut shared = full.clone();
    shared.insert_unique(Leaf::new(0, key(0, 99), 99));
    let removed = shared.remove(0, crate::key::is(key(0, 99)));
    assert!(removed.is_ok_and(|removed| removed.is_some()));
    shared.insert_unique(Leaf::new(9, key(9, 16), 16));
    assert_eq!(nodes(&shared), ["collision of 17, 0x00000009"]);
    assert_eq!(shared.audit(), Ok(()));
    drop(full);
    for name in [0, 16] {
        changed.insert_unique(Leaf::new(9, key(9, name), name));
    }
    assert_eq!(nodes(&changed), ["collision of 17, 0x00000009"]);
    assert_eq!(changed.audit(), Ok(()));
}

#[test]
fn entries_go_in_place_until_none_is_left() {
    // With different low bits, so that many are leaves below the root.
    let keys = |len: u32| (0..len).map(|name| key(name.wrapping_mul(0x9e37_79b1), name));
    for len in [12, 40] {
        let mut map = map_of(keys(len));
        for key in keys(len) {
            let Ok(removed) = map.remove(key.hash, is(key));
            assert_eq!(removed.map(|leaf| *leaf.key()), Some(key));
            assert_eq!(map.audit(), Ok(()));
        }
        assert!(map.is_empty());
    }
}
