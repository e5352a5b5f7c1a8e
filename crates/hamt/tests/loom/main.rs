//! Models that loom runs in every order of their operations.
//!
//! Most maps have four entries: few enough for one bucket, and enough for a
//! changed copy to borrow the others. [`LoomKind`] detects a read or a change of
//! a node that another thread may free or change at that time, and a node that
//! is leaked.
#![cfg(loom)]

mod deep;

use std::{
    cell::Cell,
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use hamt::{Leaf, LoomKind, raw::RawHamt};

type Map = RawHamt<u32, Value, LoomKind>;

/// The set of live values, a bit for each number. This atomic is std's and not loom's, so
/// that it orders nothing in the model.
#[derive(Clone, Default)]
struct Live(Arc<AtomicU64>);

/// A value with a number, alive until it is dropped.
struct Value {
    number: u32,
    live: Live,
    /// Dropped with the value.
    keeps: Cell<Option<Map>>,
}

impl Live {
    fn value(&self, number: u32) -> Value {
        let before = self.0.fetch_or(1 << number, Ordering::Relaxed);
        assert_eq!(before & 1 << number, 0, "value {number} is made once");
        Value {
            number,
            live: self.clone(),
            keeps: Cell::new(None),
        }
    }

    fn numbers(&self) -> Vec<u32> {
        let live = self.0.load(Ordering::Relaxed);
        (0..u64::BITS)
            .filter(|number| live >> number & 1 != 0)
            .collect()
    }

    /// Returns a map from 0, 1, 2 and 3 to the values with these numbers.
    fn map(&self) -> Map {
        let mut map = Map::default();
        for key in 0..4 {
            set(&mut map, key, self.value(key));
        }
        map
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        let bit = 1 << self.number;
        let before = self.live.0.fetch_and(!bit, Ordering::Relaxed);
        if !std::thread::panicking() {
            assert_ne!(before & bit, 0, "value {} is dropped once", self.number);
        }
    }
}

/// Inserts a key into `map` itself.
fn set(map: &mut Map, key: u32, value: Value) {
    let Ok(displaced) = map.set(key, key, value, |a, b| Ok::<_, Infallible>(a == b));
    drop(displaced);
}

/// Returns a version with another value of a key.
fn with(map: &Map, key: u32, value: Value) -> Map {
    let entry = Leaf::new_in(key, key, value);
    let Ok((changed, _)) = map.assoc(entry, |bound| Ok::<_, Infallible>(*bound == key));
    changed
}

/// Checks that `map` has the values with these numbers.
fn reads(map: &Map, live: &Live, numbers: [u32; 4]) {
    // First, so that no memory of a dropped entry is read.
    let all = live.numbers();
    for number in numbers {
        assert!(all.contains(&number), "value {number} was dropped early");
    }
    for (key, number) in (0..).zip(numbers) {
        assert_eq!(entry(map, key).value().number, number, "key {key}");
    }
}

fn entry(map: &Map, key: u32) -> &Leaf<u32, Value, LoomKind> {
    let Ok(found) = map.find(key, |bound| Ok::<_, Infallible>(*bound == key));
    found.expect("the key is bound")
}

/// Runs `there` on another thread and `here` on this one, and joins it.
fn at_once<T: 'static, R>(there: impl FnOnce() -> T + 'static, here: impl FnOnce() -> R) -> (T, R) {
    let thread = loom::thread::spawn(there);
    let result = here();
    (thread.join().unwrap(), result)
}

#[test]
fn clones_dropped_on_two_threads() {
    loom::model(|| {
        let live = Live::default();
        let map = live.map();
        let clone = map.clone();
        let theirs = live.clone();
        at_once(
            move || {
                reads(&clone, &theirs, [0, 1, 2, 3]);
                drop(clone);
            },
            || drop(map),
        );
        assert_eq!(
            live.numbers(),
            [],
            "each value is dropped with the last clone"
        );
    });
}

#[test]
fn change_in_place_against_a_reader() {
    loom::model(|| {
        changed_while(Map::clone, |clone, live| reads(clone, live, [0, 1, 2, 3]));
    });
    loom::model(|| {
        changed_while(borrower, |version, live| reads(version, live, [0, 1, 2, 9]));
    });
    loom::model(|| {
        changed_while(handle, |entry, live| {
            assert!(live.numbers().contains(&0), "value 0 was dropped early");
            assert_eq!(
                entry.value().number,
                0,
                "an entry with a handle was changed"
            );
        });
    });
    loom::model(a_clone_gets_a_borrower_and_goes);
}

/// A map gets another value for 0 while another thread derives a borrowing version from a clone,
/// and drops the clone.
fn a_clone_gets_a_borrower_and_goes() {
    let live = Live::default();
    let mut map = live.map();
    let clone = map.clone();
    let theirs = live.clone();
    let (map, version) = at_once(
        move || {
            set(&mut map, 0, theirs.value(4));
            map
        },
        || {
            let version = with(&clone, 3, live.value(9));
            drop(clone);
            version
        },
    );
    reads(&map, &live, [4, 1, 2, 3]);
    reads(&version, &live, [0, 1, 2, 9]);
    drop((version, map));
    assert_eq!(live.numbers(), []);
}

/// Returns a version with another value for 3, which borrows the other entries.
fn borrower(map: &Map) -> Map {
    let live = entry(map, 3).value().live.clone();
    with(map, 3, live.value(9))
}

/// Returns a handle of an entry of the map.
fn handle(map: &Map) -> Leaf<u32, Value, LoomKind> {
    entry(map, 0).clone()
}

/// A map gets another value for 0 while a thread reads and drops the result of
/// `take` for it.
fn changed_while<T: 'static>(take: fn(&Map) -> T, read: fn(&T, &Live)) {
    let live = Live::default();
    let mut map = live.map();
    let taken = take(&map);
    let theirs = live.clone();
    at_once(
        move || {
            read(&taken, &theirs);
            drop(taken);
        },
        || {
            set(&mut map, 0, live.value(4));
            reads(&map, &live, [4, 1, 2, 3]);
        },
    );
    assert_eq!(
        live.numbers(),
        [1, 2, 3, 4],
        "only what the map binds is left"
    );
    drop(map);
    assert_eq!(live.numbers(), []);
}

#[test]
fn borrowing_against_retirement() {
    loom::model(both_borrow);
    loom::model(both_have_borrowed);
    loom::model(the_only_borrower_goes);
    loom::model(a_value_keeps_a_borrower);
}

/// Two threads each derive a version from one map, and drop the map.
fn both_borrow() {
    let live = Live::default();
    let map = live.map();
    let clone = map.clone();
    let theirs = live.clone();
    let (_, ours) = at_once(
        move || {
            let version = with(&clone, 0, theirs.value(4));
            drop(clone);
            reads(&version, &theirs, [4, 1, 2, 3]);
            drop(version);
        },
        || {
            let version = with(&map, 1, live.value(5));
            drop(map);
            reads(&version, &live, [0, 5, 2, 3]);
            version
        },
    );
    assert_eq!(
        live.numbers(),
        [0, 2, 3, 5],
        "only what a version binds is left"
    );
    reads(&ours, &live, [0, 5, 2, 3]);
    drop(ours);
    assert_eq!(live.numbers(), []);
}

/// A map is retired while one of its two borrowers goes.
fn both_have_borrowed() {
    let live = Live::default();
    let map = live.map();
    let ours = with(&map, 0, live.value(4));
    let version = with(&map, 1, live.value(5));
    at_once(move || drop(version), move || drop(map));
    assert_eq!(
        live.numbers(),
        [1, 2, 3, 4],
        "only what a version binds is left"
    );
    reads(&ours, &live, [4, 1, 2, 3]);
    drop(ours);
    assert_eq!(live.numbers(), []);
}

/// A map is retired while its only borrower goes.
fn the_only_borrower_goes() {
    let live = Live::default();
    let map = live.map();
    let version = with(&map, 0, live.value(4));
    at_once(move || drop(version), move || drop(map));
    assert_eq!(live.numbers(), [], "each value goes with the last version");
}

/// The drop of a value of a map drops a borrower of that map: the table must not
/// be locked then.
fn a_value_keeps_a_borrower() {
    let live = Live::default();
    let map = live.map();
    let kept = with(&map, 0, live.value(4));
    entry(&map, 0).value().keeps.set(Some(kept));
    let version = with(&map, 1, live.value(5));
    at_once(move || drop(version), move || drop(map));
    assert_eq!(live.numbers(), [], "each value goes with the last version");
}

#[test]
fn taking_over_against_a_sibling() {
    // Against another borrower of the first map of the chain.
    loom::model(|| {
        let live = Live::default();
        let map = live.map();
        let sibling = with(&map, 1, live.value(5));
        let theirs = live.clone();
        let ((), ours) = at_once(
            move || {
                reads(&sibling, &theirs, [0, 5, 2, 3]);
                drop(sibling);
            },
            || chain(map, &live),
        );
        assert_eq!(
            live.numbers(),
            [1, 2, 3, 7],
            "only what a version binds is left"
        );
        drop(ours);
        assert_eq!(live.numbers(), []);
    });
    // Against the first map itself.
    loom::model(|| {
        let live = Live::default();
        let map = live.map();
        let clone = map.clone();
        let theirs = live.clone();
        let ((), ours) = at_once(
            move || {
                reads(&clone, &theirs, [0, 1, 2, 3]);
                drop(clone);
            },
            || chain(map, &live),
        );
        assert_eq!(
            live.numbers(),
            [1, 2, 3, 7],
            "only what a version binds is left"
        );
        drop(ours);
        assert_eq!(live.numbers(), []);
    });
}

/// Derives a version from a version of a map, and drops the earlier ones.
fn chain(map: Map, live: &Live) -> Map {
    let first = with(&map, 0, live.value(6));
    drop(map);
    let second = with(&first, 0, live.value(7));
    drop(first);
    reads(&second, live, [7, 1, 2, 3]);
    second
}

#[test]
fn ending_borrows_against_retirement() {
    loom::model(|| ends_borrows(&[1]));
    // All the slots that it borrows.
    loom::model(|| ends_borrows(&[1, 2, 3]));
}

/// A borrower counts borrowed slots for itself while its owner is retired.
fn ends_borrows(keys: &'static [u32]) {
    let live = Live::default();
    let map = live.map();
    let mut version = with(&map, 0, live.value(4));
    let theirs = live.clone();
    at_once(
        move || {
            reads(&map, &theirs, [0, 1, 2, 3]);
            drop(map);
        },
        || {
            for &key in keys {
                set(&mut version, key, live.value(key + 10));
            }
        },
    );
    let mut bound = [4, 1, 2, 3];
    for &key in keys {
        bound[key as usize] = key + 10;
    }
    reads(&version, &live, bound);
    bound.sort_unstable();
    assert_eq!(
        live.numbers(),
        bound,
        "other values than those of the version are alive"
    );
    drop(version);
    assert_eq!(live.numbers(), []);
}
