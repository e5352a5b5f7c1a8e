//! Set operations and merges of versions visit only the differences.

use std::{
    cell::Cell,
    hash::{BuildHasher, BuildHasherDefault, DefaultHasher},
    rc::Rc,
};

use hamt::{Hamt, HamtSet};

const LEN: u32 = if cfg!(miri) { 120 } else { 10_000 };

/// Counts the keys that are hashed: those that are looked up or inserted.
#[derive(Clone, Default)]
struct Counted {
    hashed: Rc<Cell<usize>>,
    hasher: BuildHasherDefault<DefaultHasher>,
}

impl BuildHasher for Counted {
    type Hasher = DefaultHasher;

    fn build_hasher(&self) -> DefaultHasher {
        self.hashed.set(self.hashed.get() + 1);
        self.hasher.build_hasher()
    }
}

type Map = Hamt<u32, u32, Counted>;

/// Returns a map, and two that were derived from it by three changes each.
fn versions() -> [Map; 3] {
    let base: Map = (0..LEN).map(|key| (key, key)).collect();
    let ours = base.inserted(LEN, 0).inserted(1, 0).without(&2);
    let theirs = base.inserted(LEN + 1, 0).inserted(3, 0).without(&4);
    [base, ours, theirs]
}

fn hashed(hasher: &Counted, run: impl FnOnce()) -> usize {
    let hashed = &hasher.hashed;
    hashed.set(0);
    run();
    hashed.get()
}

/// A bucket below the root has at most sixteen entries, so a change has few neighbours.
const FEW: usize = 3 * 2 * 2 * 16;

#[test]
fn combining_versions_visits_only_differences() {
    let [base, ours, theirs] = &versions();
    let operations: [fn(&Map, &Map) -> Map; 5] = [
        Map::union,
        |a, b| a.union_with(b, |_, a, b| a + b),
        Map::intersection,
        Map::difference,
        Map::symmetric_difference,
    ];
    for operation in operations {
        let cost = hashed(base.hasher(), || drop(operation(ours, theirs)));
        assert!(cost < FEW, "{cost} keys hashed");
    }
    let cost = hashed(base.hasher(), || {
        let merged = ours.merge(base, theirs, |conflict| panic!("{conflict:?}"));
        assert_eq!(merged.len(), base.len());
    });
    assert!(cost < FEW, "{cost} keys hashed");
}

#[test]
fn comparing_versions_of_sets_visits_only_differences() {
    let set: HamtSet<u32, Counted> = (0..LEN).collect();
    let more = set.inserted(LEN);
    let cost = hashed(set.hasher(), || {
        assert!(set.is_subset(&more) && !set.is_superset(&more));
    });
    assert!(cost < FEW, "{cost} keys hashed");
}

#[test]
fn a_small_map_is_looked_up_in_a_large_one() {
    let large: Map = (0..LEN).map(|key| (key, key)).collect();
    let mut small = Map::with_hasher(large.hasher().clone());
    small.extend((LEN - 1..LEN + 3).map(|key| (key, 0)));
    let operations: [fn(&Map, &Map) -> Map; 4] = [
        Map::union,
        Map::intersection,
        Map::difference,
        Map::symmetric_difference,
    ];
    for operation in operations {
        let cost = hashed(large.hasher(), || drop(operation(&large, &small)));
        assert!(cost < FEW, "{cost} keys hashed");
    }
    let cost = hashed(large.hasher(), || drop(small.union(&large)));
    assert!(cost < FEW, "{cost} keys hashed");
}

#[test]
fn a_shared_value_is_no_conflict_even_if_it_is_not_equal_to_itself() {
    let base = Hamt::from([("a", f64::NAN), ("b", 0.0)]);
    let (ours, theirs) = (base.inserted("b", 1.0), base.inserted("c", 2.0));
    let merged = ours.merge(&base, &theirs, |conflict| panic!("{conflict:?}"));
    assert_eq!((merged["b"], merged["c"], merged.len()), (1.0, 2.0, 3));
}
