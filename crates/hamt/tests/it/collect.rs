//! The hook for cycle collectors. `histories` checks after every step that
//! nothing is shown twice.

use hamt::Leaf;

use crate::key::{Map, assoc, key, map_of, without};

fn shown(map: &Map) -> Vec<u32> {
    let mut names = Vec::new();
    map.visit_exclusive(&mut |key, _| names.push(key.name));
    names.sort_unstable();
    names
}

/// A bucket; a branch over a collision, buckets and leaves.
fn maps() -> [Map; 2] {
    let small = map_of((0..20).map(|name| key(name / 2, name)));
    let collision = (0..40).map(|name| key(0, name));
    let buckets = (40..80).map(|name| key(1 + name % 5 + (name << 5), name));
    let leaves = (80..100).map(|name| key(name - 70, name));
    [small, map_of(collision.chain(buckets).chain(leaves))]
}

fn all(map: &Map) -> Vec<u32> {
    (0..map.len() as u32).collect()
}

#[test]
fn a_map_that_shares_nothing_shows_all() {
    for map in maps() {
        assert_eq!(shown(&map), all(&map));
    }
    assert_eq!(shown(&map_of([key(0, 5)])), [5]);
    assert_eq!(shown(&Map::new()), []);
}

#[test]
fn versions_show_nothing_that_they_share() {
    for old in maps() {
        let clone = old.clone();
        assert_eq!(shown(&old), []);
        drop(clone);

        // What the change displaced is the old version's alone, what it brought
        // the new one's; all else is in nodes or entries of both.
        let new = assoc(&old, key(0, 1), 100);
        assert_eq!((shown(&old), shown(&new)), (vec![1], vec![1]));
        drop(old);
        assert_eq!(shown(&new), all(&new));
    }
}

#[test]
fn of_two_that_are_left_each_shows_only_what_it_alone_has_and_the_last_one_all() {
    for base in maps() {
        let Some(gone) = base
            .iter()
            .map(|entry| *entry.key())
            .find(|key| key.name == 2)
        else {
            panic!("both have it")
        };
        let (a, b) = (assoc(&base, key(0, 1), 100), without(&base, gone));
        drop(base);
        // What `b` gave up is `a`'s alone now, and the displaced one `b`'s, but
        // the base may still count them for both.
        assert!(shown(&a).contains(&1));
        assert!(shown(&a).iter().all(|name| [1, 2].contains(name)));
        assert!(shown(&b).iter().all(|name| *name == 1));
        drop(a);
        assert_eq!(shown(&b).len(), b.len());
    }
}

#[test]
fn a_shared_leaf_at_the_root_is_passed_by() {
    let map = map_of([key(0, 0)]);
    let clone = map.clone();
    assert_eq!((shown(&map), shown(&clone)), (vec![], vec![]));
}

#[test]
fn an_entry_in_somebodys_hand_is_passed_by() {
    for map in maps() {
        let Some(entry) = map.iter().nth(10).cloned() else {
            panic!("there are more")
        };
        assert_eq!(shown(&map).len(), map.len() - 1);
        assert!(!shown(&map).contains(&entry.key().name));
        entry.visit_exclusive(&mut |_, _| panic!("the map holds it too"));
        drop(map);
        let mut visited = None;
        entry.visit_exclusive(&mut |key, value| visited = Some((key.name, *value)));
        assert_eq!(visited, Some((entry.key().name, *entry.value())));
    }
}

#[test]
fn a_lone_handle_shows_its_entry() {
    let mut visited = 0;
    Leaf::new(0, "k", 42).visit_exclusive(&mut |_, value| visited = *value);
    assert_eq!(visited, 42);
}
