//! Values whose drop panics: every version that is left stays valid, and
//! nothing that no version holds stays alive.

use std::{
    collections::BTreeSet,
    convert::Infallible,
    panic::{AssertUnwindSafe, catch_unwind},
};

use hamt::{Hamt, Leaf, raw::RawHamt};

use crate::ledger::{Ledger, Ticket};

struct Value {
    ticket: Ticket,
    panics: bool,
}

impl Drop for Value {
    fn drop(&mut self) {
        assert!(!self.panics, "the drop of {:?} panics", self.ticket);
    }
}

type Map = RawHamt<u32, Value>;

const NAMES: u32 = if cfg!(miri) { 40 } else { 80 };

/// Names to hashes that make a bucket below a branch, a branch of branches, a
/// collision, and collisions at the bottom.
const HASHES: [fn(u32) -> u32; 4] = [
    |name| name % 7 + (name << 5),
    |name| name << 10,
    |_| 5,
    |name| name << 30,
];

fn is(name: u32) -> impl Fn(&u32) -> Result<bool, Infallible> {
    move |bound| Ok(*bound == name)
}

fn entry(ledger: &Ledger, hash: fn(u32) -> u32, name: u32, panics: bool) -> Leaf<u32, Value> {
    let ticket = ledger.issue();
    Leaf::new(hash(name), name, Value { ticket, panics })
}

/// A map of so many names, of which the value of one panics when it drops.
fn map(ledger: &Ledger, hash: fn(u32) -> u32, names: u32, bomb: u32) -> Map {
    let mut map = Map::new();
    for name in 0..names {
        map.insert_unique(entry(ledger, hash, name, name == bomb));
    }
    map
}

fn assoc(ledger: &Ledger, hash: fn(u32) -> u32, map: &Map, name: u32) -> Map {
    let Ok((map, _)) = map.assoc(entry(ledger, hash, name, false), is(name));
    map
}

fn without(hash: fn(u32) -> u32, map: &Map, name: u32) -> Map {
    let Ok(removed) = map.without(hash(name), is(name));
    removed.expect("it is there").0
}

/// Drops `dropped`, which must panic; what is left must be valid and hold just
/// what is alive.
fn drop_and_check(ledger: &Ledger, dropped: Map, left: &[&Map]) {
    let panicked = catch_unwind(AssertUnwindSafe(|| drop(dropped)));
    assert!(panicked.is_err(), "the last holder is gone");
    check(ledger, left);
}

fn check(ledger: &Ledger, left: &[&Map]) {
    let mut held = BTreeSet::new();
    for map in left {
        assert_eq!(map.audit(), Ok(()));
        held.extend(map.iter().map(|entry| entry.value().ticket.id));
    }
    assert_eq!(ledger.live(), held);
}

/// Runs a test with each kind of tree, a small one too, and a bomb in several
/// places.
fn with_each(test: impl Fn(&Ledger, fn(u32) -> u32, Map, u32)) {
    for hash in HASHES {
        for names in [3, 20, NAMES] {
            for bomb in [0, 1, names / 2, names - 1] {
                let ledger = Ledger::default();
                let map = map(&ledger, hash, names, bomb);
                test(&ledger, hash, map, bomb);
                assert_eq!(ledger.live(), BTreeSet::new());
            }
        }
    }
}

#[test]
fn a_map_that_nobody_shares_drops_the_rest() {
    with_each(|ledger, _, map, _| drop_and_check(ledger, map, &[]));
}

#[test]
fn the_version_made_from_the_one_that_panics_stays() {
    with_each(|ledger, hash, map, bomb| {
        let left = without(hash, &map, bomb);
        drop_and_check(ledger, map, &[&left]);
    });
    with_each(|ledger, hash, map, bomb| {
        let left = assoc(ledger, hash, &map, bomb);
        drop_and_check(ledger, map, &[&left]);
    });
}

#[test]
fn the_version_that_another_was_made_from_stays() {
    with_each(|ledger, hash, map, bomb| {
        let base = assoc(ledger, hash, &map, bomb);
        drop_and_check(ledger, map, &[&base]);
        let bound = entry(ledger, hash, bomb, true);
        let Ok((version, _)) = base.assoc(bound, is(bomb));
        let next = assoc(ledger, hash, &version, 1000);
        let after = without(hash, &next, bomb);
        drop(version);
        check(ledger, &[&base, &next, &after]);
        drop_and_check(ledger, next, &[&base, &after]);
        drop(base);
        check(ledger, &[&after]);
    });
}

/// The last borrower of an entry goes, after the version that it borrows from.
#[test]
fn versions_that_share_with_the_one_that_panics_stay() {
    with_each(|ledger, hash, map, bomb| {
        let last = assoc(ledger, hash, &map, 1000);
        let first = without(hash, &map, bomb);
        let second = assoc(ledger, hash, &first, 1001);
        drop(map);
        check(ledger, &[&last, &first, &second]);
        drop_and_check(ledger, last, &[&first, &second]);
        drop(first);
        check(ledger, &[&second]);
    });
}

#[test]
fn a_change_in_place_hands_the_value_out_before_it_drops() {
    with_each(|ledger, hash, mut map, bomb| {
        let other = without(hash, &map, bomb);
        let new = entry(ledger, hash, bomb, true);
        let Ok(displaced) = map.insert(new, is(bomb));
        let panicked = catch_unwind(AssertUnwindSafe(|| drop(displaced)));
        assert!(panicked.is_err());
        check(ledger, &[&map, &other]);

        let value = Value {
            ticket: ledger.issue(),
            panics: true,
        };
        let Ok(displaced) = map.set(hash(bomb), bomb, value, |bound, name| {
            Ok::<_, Infallible>(bound == name)
        });
        let panicked = catch_unwind(AssertUnwindSafe(|| drop(displaced)));
        assert!(panicked.is_err());
        check(ledger, &[&map, &other]);

        let Ok(removed) = map.remove(hash(bomb), is(bomb));
        let panicked = catch_unwind(AssertUnwindSafe(|| drop(removed)));
        assert!(panicked.is_err());
        check(ledger, &[&map, &other]);
    });
}

#[test]
fn a_map_that_is_being_extended_stays_valid() {
    let ledger = Ledger::default();
    let value = |panics| Value {
        ticket: ledger.issue(),
        panics,
    };
    let mut map: Hamt<u32, Value> = (0..NAMES).map(|name| (name, value(name == 7))).collect();
    let version = map.clone();
    map.extend((0..NAMES).map(|name| (name, value(false))));
    // The bomb is the version's alone now.
    check(&ledger, &[map.raw(), version.raw()]);
    let panicked = catch_unwind(AssertUnwindSafe(|| drop(version)));
    assert!(panicked.is_err());
    check(&ledger, &[map.raw()]);

    map.insert(7, value(true));
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        map.extend((0..NAMES).map(|name| (name, value(false))));
    }));
    assert!(panicked.is_err());
    assert_eq!(map.len(), NAMES as usize);
    check(&ledger, &[map.raw()]);
}

/// A bucket is filled by a way of its own, whose table is whole only at the end: what
/// comes after so many new pairs panics, the iterator or the drop of what is displaced.
#[test]
fn a_bucket_that_is_being_filled_stays_valid() {
    let step = if cfg!(miri) { 9 } else { 1 };
    for before in (2..12).step_by(step) {
        for new in (0..=30 - before).step_by(step) {
            for by_drop in [false, true] {
                let ledger = Ledger::default();
                let pair = |name, panics| {
                    let ticket = ledger.issue();
                    (name, Value { ticket, panics })
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
                check(&ledger, &[map.raw()]);
                assert_eq!(map.len(), (before + new) as usize);
                assert!((0..before + new).all(|name| map.contains_key(&name)));
                map.insert(before + new, pair(0, false).1);
                check(&ledger, &[map.raw()]);
            }
        }
    }
}
