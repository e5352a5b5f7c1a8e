//! An equality that fails, or panics, at each of its calls in turn.

use std::{
    cell::Cell,
    convert::Infallible,
    panic::{AssertUnwindSafe, catch_unwind},
};

use hamt::{Leaf, raw::RawHamt};

use crate::tracker::{Tracked, Tracker};

/// The error of the equality, with the number of the call.
#[derive(Debug, PartialEq)]
struct Failed(usize);

type Map = RawHamt<u32, Tracked>;

/// Keys of one hash: in a bucket, and in a collision.
const COLLIDING: [u32; 2] = [6, 40];
const ABSENT: u32 = 99;

/// Returns a map with this number of keys of one hash, and a few others.
fn map(tracker: &Tracker, colliding: u32) -> Map {
    let mut map = Map::new();
    for name in 0..colliding + 3 {
        let hash = if name < colliding { 0 } else { name << 5 };
        let entry = Leaf::new(hash, name, tracker.create());
        let Ok(displaced) = map.insert(entry, |_| Ok::<_, Infallible>(false));
        assert!(displaced.is_none());
    }
    map
}

/// Returns an equality with `name` that fails at the call with number `failing`.
fn eq(name: u32, failing: usize) -> impl FnMut(&u32) -> Result<bool, Failed> {
    let mut calls = 0;
    move |bound| {
        if calls == failing {
            return Err(Failed(calls));
        }
        calls += 1;
        Ok(*bound == name)
    }
}

/// Runs an operation on a name with an equality that fails at its first call,
/// then its second, until the operation succeeds. Each error must be returned,
/// with the map and the live entries unchanged.
///
/// Entries of one hash are compared in any order: all of them if the name is
/// absent, up to the right one otherwise.
fn fail_at_each_call(
    (colliding, name): (u32, u32),
    mut operation: impl FnMut(&mut Map, &Tracker, usize) -> Result<(), Failed>,
) {
    let tracker = Tracker::default();
    let mut map = map(&tracker, colliding);
    let (before, live) = (map.clone(), tracker.live());
    let dump = map.dump().to_string();
    let mut calls = 0..;
    let calls_made = loop {
        let failing = calls.next().expect("there is always one more");
        match operation(&mut map, &tracker, failing) {
            Ok(()) => break failing,
            Err(failed) => assert_eq!(failed, Failed(failing), "name {name}"),
        }
        assert!(map.ptr_eq(&before), "changed by call {failing}");
        assert_eq!(map.len(), before.len());
        assert_eq!(map.dump().to_string(), dump);
        assert_eq!(map.audit(), Ok(()));
        assert_eq!(tracker.live(), live);
    };
    let all = colliding as usize;
    let expected = if name == ABSENT { all..=all } else { 1..=all };
    assert!(
        expected.contains(&calls_made),
        "name {name}: {calls_made} calls"
    );
    assert_eq!(map.audit(), Ok(()));
    assert_eq!(before.dump().to_string(), dump);
    drop((map, before));
    assert_eq!(tracker.live().len(), 0);
}

/// Returns pairs of a number of colliding keys and a name.
fn names() -> impl Iterator<Item = (u32, u32)> {
    COLLIDING.into_iter().flat_map(|colliding| {
        let names = (0..colliding).step_by(if cfg!(miri) { 90 } else { 1 });
        let names = names.chain([ABSENT]);
        names.map(move |name| (colliding, name))
    })
}

#[test]
fn find_returns_the_error() {
    for case @ (_, name) in names() {
        fail_at_each_call(case, |map, _, failing| {
            let found = map.find(0, eq(name, failing))?;
            assert_eq!(
                found.map(|entry| *entry.key()),
                (name != ABSENT).then_some(name)
            );
            Ok(())
        });
    }
}

#[test]
fn assoc_returns_the_error() {
    for case @ (_, name) in names() {
        fail_at_each_call(case, |map, tracker, failing| {
            let entry = Leaf::new(0, name, tracker.create());
            let (new, displaced) = map.assoc(entry, eq(name, failing))?;
            assert_eq!(displaced.is_some(), name != ABSENT);
            assert_eq!(new.len(), map.len() + usize::from(name == ABSENT));
            Ok(())
        });
    }
}

#[test]
fn without_returns_the_error() {
    for case @ (_, name) in names() {
        fail_at_each_call(case, |map, _, failing| {
            let removed = map.without(0, eq(name, failing))?;
            assert_eq!(
                removed.map(|(_, entry)| *entry.key()),
                (name != ABSENT).then_some(name)
            );
            Ok(())
        });
    }
}

#[test]
fn changes_in_place_return_the_error() {
    for case @ (_, name) in names() {
        fail_at_each_call(case, |map, tracker, failing| {
            map.insert(Leaf::new(0, name, tracker.create()), eq(name, failing))?;
            Ok(())
        });
        fail_at_each_call(case, |map, tracker, failing| {
            let mut eq = eq(name, failing);
            map.set(0, name, tracker.create(), |bound, _| eq(bound))?;
            Ok(())
        });
        fail_at_each_call(case, |map, _, failing| {
            map.remove(0, eq(name, failing))?;
            Ok(())
        });
    }
}

#[test]
fn comparing_maps_returns_the_error_of_keys_and_of_values() {
    let tracker = Tracker::default();
    let (a, b) = (map(&tracker, 6), map(&tracker, 6));
    let live = tracker.live();
    let compare = |failing: usize| {
        let calls = Cell::new(0);
        let ask = |answer| {
            let call = calls.replace(calls.get() + 1);
            if call == failing {
                Err(Failed(call))
            } else {
                Ok(answer)
            }
        };
        a.eq_by(&b, |a, b| ask(a == b), |_, _| ask(true))
    };
    // Keys: 1 + 2 + … + 6 of one hash, 3 around them. Values: 9.
    for failing in 0..21 + 3 + 9 {
        assert_eq!(compare(failing), Err(Failed(failing)));
        assert_eq!(tracker.live(), live);
    }
    assert_eq!(compare(21 + 3 + 9), Ok(true));
}

#[test]
fn a_panic_leaves_the_map_unchanged() {
    let panic = |_: &u32| -> Result<bool, ()> { panic!("the equality panics") };
    for colliding in COLLIDING {
        let tracker = Tracker::default();
        let mut map = map(&tracker, colliding);
        let (live, dump) = (tracker.live(), map.dump().to_string());
        // With one version, and while another version shares all nodes.
        for version in [None, Some(map.clone())] {
            let mut panics = |operation: &mut dyn FnMut(&mut Map) -> bool| {
                let panicked = catch_unwind(AssertUnwindSafe(|| operation(&mut map)));
                assert!(panicked.is_err());
                assert_eq!(map.audit(), Ok(()));
                assert_eq!(map.dump().to_string(), dump);
                assert_eq!(tracker.live(), live);
            };
            let entry = || Leaf::new(0, 0, tracker.create());
            panics(&mut |map| map.find(0, panic).is_ok());
            panics(&mut |map| map.assoc(entry(), panic).is_ok());
            panics(&mut |map| map.without(0, panic).is_ok());
            panics(&mut |map| map.insert(entry(), panic).is_ok());
            panics(&mut |map| {
                map.set(0, 0, tracker.create(), |bound, _| panic(bound))
                    .is_ok()
            });
            panics(&mut |map| map.remove(0, panic).is_ok());
            if let Some(version) = version {
                assert!(map.ptr_eq(&version));
            }
        }
        drop(map);
        assert_eq!(tracker.live().len(), 0);
    }
}
