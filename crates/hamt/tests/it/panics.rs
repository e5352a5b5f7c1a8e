//! Values whose drop panics: every remaining version stays valid, and entries
//! that no version holds are dropped.

use std::{
    collections::BTreeSet,
    convert::Infallible,
    panic::{AssertUnwindSafe, catch_unwind},
};

use hamt::{Hamt, Leaf, raw::RawHamt};

use crate::tracker::{Tracked, Tracker};

struct Value {
    tracked: Tracked,
    panics: bool,
}

impl Drop for Value {
    fn drop(&mut self) {
        assert!(!self.panics, "the drop of {:?} panics", self.tracked);
    }
}

type Map = RawHamt<u32, Value>;

const NAMES: u32 = if cfg!(miri) { 40 } else { 80 };

/// Functions from names to hashes. The trees have a bucket below a branch, a branch
/// of branches, a collision, and collisions at the bottom.
const HASHES: [fn(u32) -> u32; 4] = [
    |name| name % 7 + (name << 5),
    |name| name << 10,
    |_| 5,
    |name| name << 30,
];

fn is(name: u32) -> impl Fn(&u32) -> Result<bool, Infallible> {
    move |bound| Ok(*bound == name)
}

fn entry(tracker: &Tracker, hash: fn(u32) -> u32, name: u32, panics: bool) -> Leaf<u32, Value> {
    let tracked = tracker.create();
    Leaf::new(hash(name), name, Value { tracked, panics })
}

/// Returns a map of this number of names; the value of one panics in its drop.
fn map(tracker: &Tracker, hash: fn(u32) -> u32, names: u32, bomb: u32) -> Map {
    let mut map = Map::new();
    for name in 0..names {
        map.insert_unique(entry(tracker, hash, name, name == bomb));
    }
    map
}

fn assoc(tracker: &Tracker, hash: fn(u32) -> u32, map: &Map, name: u32) -> Map {
    let Ok((map, _)) = map.assoc(entry(tracker, hash, name, false), is(name));
    map
}

fn without(hash: fn(u32) -> u32, map: &Map, name: u32) -> Map {
    let Ok(removed) = map.without(hash(name), is(name));
    removed.expect("it is there").0
}

/// Drops `dropped`, which must panic. The maps in `left` must be valid, and hold
/// exactly the live values.
fn drop_and_check(tracker: &Tracker, dropped: Map, left: &[&Map]) {
    let panicked = catch_unwind(AssertUnwindSafe(|| drop(dropped)));
    assert!(panicked.is_err(), "the drop did not panic");
    check(tracker, left);
}

fn check(tracker: &Tracker, left: &[&Map]) {
    let mut held = BTreeSet::new();
    for map in left {
        assert_eq!(map.audit(), Ok(()));
        held.extend(map.iter().map(|entry| entry.value().tracked.id));
    }
    assert_eq!(tracker.live(), held);
}

/// Runs a test with each kind of tree, also a small one, and with the panicking
/// value in several places.
fn with_each(test: impl Fn(&Tracker, fn(u32) -> u32, Map, u32)) {
    for hash in HASHES {
        for names in [3, 20, NAMES] {
            for bomb in [0, 1, names / 2, names - 1] {
                let tracker = Tracker::default();
                let map = map(&tracker, hash, names, bomb);
                test(&tracker, hash, map, bomb);
                assert_eq!(tracker.live(), BTreeSet::new());
            }
        }
    }
}

#[test]
fn an_unshared_map_drops_the_rest() {
    with_each(|tracker, _, map, _| drop_and_check(tracker, map, &[]));
}

#[test]
fn a_version_derived_from_the_panicking_one_stays_valid() {
    with_each(|tracker, hash, map, bomb| {
        let left = without(hash, &map, bomb);
        drop_and_check(tracker, map, &[&left]);
    });
    with_each(|tracker, hash, map, bomb| {
        let left = assoc(tracker, hash, &map, bomb);
        drop_and_check(tracker, map, &[&left]);
    });
}

#[test]
fn the_version_that_the_panicking_one_was_derived_from_stays_valid() {
    with_each(|tracker, hash, map, bomb| {
        let base = assoc(tracker, hash, &map, bomb);
        drop_and_check(tracker, map, &[&base]);
        let bound = entry(tracker, hash, bomb, true);
        let Ok((version, _)) = base.assoc(bound, is(bomb));
        let next = assoc(tracker, hash, &version, 1000);
        let after = without(hash, &next, bomb);
        drop(version);
        check(tracker, &[&base, &next, &after]);
        drop_and_check(tracker, next, &[&base, &after]);
        drop(base);
        check(tracker, &[&after]);
    });
}

/// The last borrower of an entry is dropped after the version that it borrows from.
#[test]
fn versions_that_share_nodes_with_the_panicking_one_stay_valid() {
    with_each(|tracker, hash, map, bomb| {
        let last = assoc(tracker, hash, &map, 1000);
        let first = without(hash, &map, bomb);
        let second = assoc(tracker, hash, &first, 1001);
        drop(map);
        check(tracker, &[&last, &first, &second]);
        drop_and_check(tracker, last, &[&first, &second]);
        drop(first);
        check(tracker, &[&second]);
    });
}

#[test]
fn a_change_in_place_returns_the_value_before_its_drop() {
    with_each(|tracker, hash, mut map, bomb| {
        let other = without(hash, &map, bomb);
        let new = entry(tracker, hash, bomb, true);
        let Ok(displaced) = map.insert(new, is(bomb));
        let panicked = catch_unwind(AssertUnwindSafe(|| drop(displaced)));
        assert!(panicked.is_err());
        check(tracker, &[&map, &other]);

        let value = Value {
            tracked: tracker.create(),
            panics: true,
        };
        let Ok(displaced) = map.set(hash(bomb), bomb, value, |bound, name| {
            Ok::<_, Infallible>(bound == name)
        });
        let panicked = catch_unwind(AssertUnwindSafe(|| drop(displaced)));
        assert!(panicked.is_err());
        check(tracker, &[&map, &other]);

        let Ok(removed) = map.remove(hash(bomb), is(bomb));
        let panicked = catch_unwind(AssertUnwindSafe(|| drop(removed)));
        assert!(panicked.is_err());
        check(tracker, &[&map, &other]);
    });
}

#[test]
fn a_map_that_is_being_extended_stays_valid() {
    let tracker = Tracker::default();
    let value = |panics| Value {
        tracked: tracker.create(),
        panics,
    };
    let mut map: Hamt<u32, Value> = (0..NAMES).map(|name| (name, value(name == 7))).collect();
    let version = map.clone();
    map.extend((0..NAMES).map(|name| (name, value(false))));
    // Only the version holds the panicking value now.
    check(&tracker, &[map.raw(), version.raw()]);
    let panicked = catch_unwind(AssertUnwindSafe(|| drop(version)));
    assert!(panicked.is_err());
    check(&tracker, &[map.raw()]);

    map.insert(7, value(true));
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        map.extend((0..NAMES).map(|name| (name, value(false))));
    }));
    assert!(panicked.is_err());
    assert_eq!(map.len(), NAMES as usize);
    check(&tracker, &[map.raw()]);
}

/// Filling a bucket is a separate path, whose table is complete only at the end. After a number
/// of new pairs the iterator panics, or the drop of a displaced entry.
#[test]
fn a_bucket_that_is_being_filled_stays_valid() {
    let step = if cfg!(miri) { 9 } else { 1 };
    for before in (2..12).step_by(step) {
        for new in (0..=30 - before).step_by(step) {
            for by_drop in [false, true] {
                let tracker = Tracker::default();
                let pair = |name, panics| {
                    let tracked = tracker.create();
                    (name, Value { tracked, panics })
                };
                let mut map: Hamt<u32, Value> = (0..before)
                    .map(|name| pair(name, by_drop && name == 1))
                    .collect();
                let pairs = (before..before + new).map(|name| pair(name, false));
                let last = std::iter::once_with(|| {
                    assert!(by_drop, "the iterator panics");
                    pair(1, false)
                });
                let panicked = catch_unwind(AssertUnwindSafe(|| map.extend(pairs.chain(last))));
                assert!(panicked.is_err());
                check(&tracker, &[map.raw()]);
                assert_eq!(map.len(), (before + new) as usize);
                assert!((0..before + new).all(|name| map.contains_key(&name)));
                map.insert(before + new, pair(0, false).1);
                check(&tracker, &[map.raw()]);
            }
        }
    }
}
