//! The hook for cycle collectors. `histories` checks after every step that
//! nothing is shown twice.

use hamt::Entry;

use crate::key::{Map, assoc, key, map_of};

fn shown(map: &Map) -> Vec<u32> {
    let mut names = Vec::new();
    map.visit_exclusive(&mut |key, _| names.push(key.name));
    names
}

/// A bitmap over a collision and an array.
fn map() -> Map {
    let collision = (0..3).map(|name| key(0, name));
    let array = (3..23).map(|name| key(1 + (name << 5), name));
    map_of(collision.chain(array))
}

#[test]
fn a_map_that_shares_nothing_shows_all() {
    assert_eq!(shown(&map()), (0..23).collect::<Vec<_>>());
    assert_eq!(shown(&map_of([key(0, 5)])), [5]);
    assert_eq!(shown(&Map::new()), []);
}

#[test]
fn versions_show_nothing_that_they_share() {
    let old = map();
    let clone = old.clone();
    assert_eq!(shown(&old), []);
    drop(clone);

    // What the change displaced is the old version's alone, what it brought
    // the new one's; all else is in nodes or entries of both.
    let new = assoc(&old, key(0, 1), 100);
    assert_eq!((shown(&old), shown(&new)), (vec![1], vec![1]));
    drop(old);
    assert_eq!(shown(&new), (0..23).collect::<Vec<_>>());
}

#[test]
fn a_shared_leaf_at_the_root_is_passed_by() {
    let map = map_of([key(0, 0)]);
    let clone = map.clone();
    assert_eq!((shown(&map), shown(&clone)), (vec![], vec![]));
}

#[test]
fn an_entry_in_somebodys_hand_is_passed_by() {
    let map = map();
    let Some(entry) = map.iter().nth(10).cloned() else {
        panic!("23 entries")
    };
    assert_eq!(shown(&map).len(), 22);
    assert!(!shown(&map).contains(&entry.key().name));
    entry.visit_exclusive(&mut |_, _| panic!("the map holds it too"));
    drop(map);
    let mut visited = None;
    entry.visit_exclusive(&mut |key, value| visited = Some((key.name, *value)));
    assert_eq!(visited, Some((entry.key().name, *entry.value())));
}

#[test]
fn a_lone_handle_shows_its_entry() {
    let mut visited = 0;
    Entry::new(0, "k", 42).visit_exclusive(&mut |_, value| visited = *value);
    assert_eq!(visited, 42);
}
