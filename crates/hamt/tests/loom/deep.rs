//! Maps with more entries than a bucket has: most changes are below a branch.

use super::{Live, Map, at_once, entry, set, with};

/// One key more than a root bucket can have.
const KEYS: u32 = 33;

fn map(live: &Live) -> Map {
    let mut map = Map::default();
    for key in 0..KEYS {
        set(&mut map, key, live.value(key));
    }
    map
}

/// An unshared branch is changed in place; one that another version holds or borrows from is not.
#[test]
fn change_below_a_branch_against_a_reader() {
    loom::model(|| changed_while(Map::clone, 0));
    loom::model(|| {
        changed_while(
            |map| with(map, 1, entry(map, 1).value().live.value(KEYS + 1)),
            KEYS + 1,
        );
    });
}

/// A map gets another value for 2 while a thread reads and drops the version that `take` derived
/// from it, with a new value for `number`.
fn changed_while(take: fn(&Map) -> Map, number: u32) {
    let live = Live::default();
    let mut map = map(&live);
    let version = take(&map);
    at_once(
        {
            let live = live.clone();
            move || {
                let all = live.numbers();
                assert!(all.contains(&2), "value 2 was dropped early");
                assert!(all.contains(&number), "value {number} was dropped early");
                assert_eq!(entry(&version, 2).value().number, 2, "another version");
                drop(version);
            }
        },
        || {
            set(&mut map, 2, live.value(KEYS));
            assert_eq!(entry(&map, 2).value().number, KEYS);
        },
    );
    let left = live.numbers();
    assert!(!left.contains(&2), "a value is left over");
    assert_eq!(left.len(), KEYS as usize);
    drop(map);
    assert!(live.numbers().is_empty());
}
