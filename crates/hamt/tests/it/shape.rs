//! What the tree looks like, by its dump.

use proptest::{prelude::*, sample::Index};

use crate::{
    key::{Key, Map, assoc, key, map_of, without},
    picture::picture,
};

fn dump(map: &Map) -> Vec<String> {
    let text = map.dump().to_string();
    text.lines().map(str::to_owned).collect()
}

#[test]
fn an_empty_map_has_no_node() {
    assert_eq!(dump(&Map::new()), ["empty"]);
    let map = map_of([key(5, 0)]);
    assert_eq!(dump(&without(&map, key(5, 0))), ["empty"]);
}

#[test]
fn a_lone_entry_hangs_at_the_root() {
    assert_eq!(
        dump(&map_of([key(0xabcd, 7)])),
        ["0x0000abcd Key { hash: 43981, name: 7 }: 7"]
    );
}

#[test]
fn entries_of_one_hash_collide_at_the_root() {
    let map = map_of([key(9, 0), key(9, 1), key(9, 2)]);
    assert_eq!(
        dump(&map),
        [
            "collision of 3, 0x00000009",
            "  Key { hash: 9, name: 0 }: 0",
            "  Key { hash: 9, name: 1 }: 1",
            "  Key { hash: 9, name: 2 }: 2",
        ]
    );
}

#[test]
fn a_collision_keeps_the_place_of_a_replaced_key() {
    let map = map_of([key(9, 0), key(9, 1)]);
    let map = assoc(&map, key(9, 0), 100);
    assert_eq!(
        dump(&map),
        [
            "collision of 2, 0x00000009",
            "  Key { hash: 9, name: 0 }: 100",
            "  Key { hash: 9, name: 1 }: 1",
        ]
    );
}

#[test]
fn a_key_of_another_hash_pushes_a_collision_down_and_its_removal_pulls_it_up() {
    let collided = map_of([key(0, 0), key(0, 1)]);
    // The same in the lowest ten bits, so two levels lead to both.
    let pushed = assoc(&collided, key(1 << 10, 2), 2);
    assert_eq!(
        dump(&pushed),
        [
            "branch of 1, 0b1",
            "  0: branch of 1, 0b1",
            "    0: branch of 2, 0b11",
            "      0: collision of 2, 0x00000000",
            "        Key { hash: 0, name: 0 }: 0",
            "        Key { hash: 0, name: 1 }: 1",
            "      1: 0x00000400 Key { hash: 1024, name: 2 }: 2",
        ]
    );
    assert_eq!(dump(&without(&pushed, key(1 << 10, 2))), dump(&collided));
}

#[test]
fn a_collision_left_with_one_entry_becomes_that_entry() {
    let map = map_of([key(0, 0), key(0, 1), key(1, 2)]);
    assert_eq!(
        dump(&without(&map, key(0, 0))),
        [
            "branch of 2, 0b11",
            "  0: 0x00000000 Key { hash: 0, name: 1 }: 1",
            "  1: 0x00000001 Key { hash: 1, name: 2 }: 2",
        ]
    );
    let map = map_of([key(0, 0), key(0, 1)]);
    assert_eq!(dump(&without(&map, key(0, 1))), dump(&map_of([key(0, 0)])));
}

#[test]
fn an_entry_left_alone_below_moves_up_as_far_as_it_can() {
    let (a, b, c) = (key(0, 0), key(1 << 20, 1), key(1, 2));
    let map = map_of([a, b, c]);
    assert_eq!(
        dump(&map),
        [
            "branch of 2, 0b11",
            "  0: branch of 1, 0b1",
            "    0: branch of 1, 0b1",
            "      0: branch of 1, 0b1",
            "        0: branch of 2, 0b11",
            "          0: 0x00000000 Key { hash: 0, name: 0 }: 0",
            "          1: 0x00100000 Key { hash: 1048576, name: 1 }: 1",
            "  1: 0x00000001 Key { hash: 1, name: 2 }: 2",
        ]
    );
    assert_eq!(dump(&without(&map, b)), dump(&map_of([a, c])));
    // With nothing beside it, up to the root.
    assert_eq!(dump(&without(&without(&map, c), b)), dump(&map_of([a])));
}

#[test]
fn a_branch_holds_up_to_32_children_and_subtrees_among_them() {
    let mut map = map_of((0..32).map(|i| key(i, i)));
    let full = format!("branch of 32, {:#b}", u32::MAX);
    assert_eq!(dump(&map)[0], full);
    map = assoc(&map, key(3 + 32, 100), 100);
    map = assoc(&map, key(4, 101), 101);
    assert_eq!(dump(&map)[0], full);
    assert_eq!(dump(&map)[4], "  3: branch of 2, 0b11");
    assert_eq!(dump(&map)[7], "  4: collision of 2, 0x00000004");
    map = without(&map, key(31, 31));
    assert_eq!(dump(&map)[0], format!("branch of 31, {:#b}", u32::MAX >> 1));
}

#[test]
fn the_seventh_level_tells_the_last_two_bits_apart() {
    let hash = |top: u32| top << 30 | 0x2aaa_aaaa;
    let map = map_of((0..4).map(|top| key(hash(top), top)));
    let lines = dump(&map);
    assert_eq!(lines.len(), 7 + 4);
    for (level, line) in lines[..6].iter().enumerate() {
        assert!(
            line.trim_start().contains("branch of 1"),
            "level {level}: {line}"
        );
    }
    assert_eq!(lines[6].trim_start(), "21: branch of 4, 0b1111");
    assert_eq!(
        lines[10].trim_start(),
        "3: 0xeaaaaaaa Key { hash: 3937053354, name: 3 }: 3"
    );

    // Below the seventh level a collision still fits.
    let collided = assoc(&map, key(hash(3), 9), 9);
    assert_eq!(
        dump(&collided)[10].trim_start(),
        "3: collision of 2, 0xeaaaaaaa"
    );
}

/// Hashes that meet in many levels and often collide.
fn keys() -> impl Strategy<Value = Vec<Key>> {
    let hash = (
        prop::sample::select(vec![0, 5, 10, 15, 20, 25, 30]),
        0_u32..40,
    )
        .prop_map(|(shift, digit)| digit << shift);
    prop::collection::vec(hash, 0..60).prop_map(|hashes| {
        (0..)
            .zip(hashes)
            .map(|(name, hash)| key(hash, name))
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn the_shape_depends_on_the_hashes_alone(
        keys in keys(),
        passing in keys(),
        order in prop::collection::vec(any::<Index>(), 60),
    ) {
        // Others come first, among, and last, and go again.
        let passing: Vec<_> = passing.iter().map(|k| key(k.hash, k.name + 1000)).collect();
        let mut steps: Vec<_> = passing.iter().map(|&key| (key, true)).collect();
        steps.extend(keys.iter().map(|&key| (key, true)));
        for (&key, at) in passing.iter().zip(&order) {
            let first = steps.iter().position(|step| step.0 == key).unwrap();
            steps.insert(first + 1 + at.index(steps.len() - first), (key, false));
        }
        let mut map = Map::new();
        for (key, come) in steps {
            map = if come { assoc(&map, key, key.name) } else { without(&map, key) };
        }

        let lines: Vec<_> = keys.iter().map(|k| (k.hash, format!("{k:?}: {}", k.name))).collect();
        prop_assert_eq!(map.dump().to_string(), picture(&lines));
        prop_assert_eq!(map.len(), keys.len());
    }
}
