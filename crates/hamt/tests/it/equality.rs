//! Comparing maps.

use std::{
    cell::Cell,
    convert::Infallible,
    hash::{Hash, Hasher},
};

use hamt::{Hamt, Leaf, raw::RawHamt};

use crate::key::{Map, assoc, find, key, map_of, without};

fn equal(a: &Map, b: &Map) -> bool {
    let Ok(equal) = a.eq_by(b, |a, b| Ok::<_, Infallible>(a == b), |a, b| Ok(a == b));
    equal
}

#[test]
fn raw_maps_are_equal_when_keys_and_values_are() {
    let keys = || (0..100).map(|name| key(name % 30, name));
    let map = map_of(keys());
    assert!(equal(&map, &map.clone()));
    assert!(equal(&map, &map_of(keys().rev())));
    assert!(equal(
        &Map::new(),
        &without(&map_of([key(0, 0)]), key(0, 0))
    ));

    assert!(!equal(&map, &assoc(&map, key(3, 33), 0)));
    assert!(!equal(&map, &without(&map, key(3, 33))));
    assert!(!equal(&without(&map, key(3, 33)), &map));
    let other_key = assoc(&without(&map, key(3, 33)), key(3, 1000), 33);
    assert_eq!(find(&other_key, key(3, 1000)), Some(33));
    assert!(!equal(&map, &other_key));
}

#[test]
fn shared_entries_are_equal_without_a_comparison() {
    let map = map_of((0..100).map(|name| key(name, name)));
    let changed = assoc(&map, key(50, 50), 51);
    let (keys, values) = (Cell::new(0), Cell::new(0));
    let count = |cell: &Cell<u32>, answer| {
        cell.set(cell.get() + 1);
        Ok::<_, Infallible>(answer)
    };
    let Ok(equal) = map.eq_by(
        &changed,
        |_, _| count(&keys, true),
        |_, _| count(&values, true),
    );
    assert!(equal);
    assert_eq!((keys.get(), values.get()), (1, 1));

    // One version is equal to itself, also with collisions.
    let map = assoc(&map, key(50, 500), 500);
    let Ok(equal) = map.eq_by(
        &map.clone(),
        |_, _| count(&keys, false),
        |_, _| count(&values, false),
    );
    assert!(equal);
    assert_eq!((keys.get(), values.get()), (1, 1));
}

#[test]
fn a_value_is_compared_with_this_maps_first() {
    let map = |value: &'static str| {
        let Ok((map, _)) =
            RawHamt::new().assoc(Leaf::new(0, "k", value), |_| Ok::<_, Infallible>(false));
        map
    };
    let Ok(equal) = map("a").eq_by(
        &map("b"),
        |_, _| Ok::<_, Infallible>(true),
        |a, b| Ok((*a, *b) == ("a", "b")),
    );
    assert!(equal);
    let (a, b) = (Hamt::from([(0, "a")]), Hamt::from([(0, "b")]));
    assert!(a.eq_by(&b, |a, b| (*a, *b) == ("a", "b")));
}

/// Counts how often it is compared.
struct Compared<'a>(&'a Cell<u32>);

impl PartialEq for Compared<'_> {
    fn eq(&self, _: &Self) -> bool {
        self.0.set(self.0.get() + 1);
        true
    }
}

impl Eq for Compared<'_> {}

impl Hash for Compared<'_> {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

#[test]
fn one_version_is_equal_without_comparing_keys() {
    let compared = Cell::new(0);
    let a = Hamt::from([(Compared(&compared), ())]);
    assert!(a == a.clone());
    assert_eq!(compared.get(), 0);
    assert!(a == Hamt::from([(Compared(&compared), ())]));
    assert_eq!(compared.get(), 1);
}

#[test]
fn ordinary_maps_compare_across_hashers_and_histories() {
    // Each has a random hasher of its own.
    let a: Hamt<u32, u32> = (0..100).map(|k| (k, k)).collect();
    let mut b: Hamt<u32, u32> = (0..200).rev().map(|k| (k, k)).collect();
    assert_ne!(a, b);
    for k in 100..200 {
        b.remove(&k);
    }
    assert_eq!(a, b);
    b.insert(7, 8);
    assert_ne!(a, b);
    b.remove(&7);
    b.insert(1000, 7);
    assert_ne!(a, b);
}

#[test]
fn ordinary_maps_treat_shared_entries_as_equal() {
    let a = Hamt::from([(1, f64::NAN), (2, f64::NAN)]);
    assert!(a.eq_by(&a.clone(), f64::eq));
    let mut b = a.clone();
    b.insert(3, 0.0);
    b.remove(&3);
    assert!(!b.ptr_eq(&a));
    assert!(a.eq_by(&b, f64::eq));
    b.insert(2, f64::NAN);
    assert!(!a.eq_by(&b, f64::eq));
}

#[test]
fn the_error_of_a_comparison_is_returned() {
    let a = Hamt::from([(1, "x"), (2, "y")]);
    let b = Hamt::from([(1, "x"), (2, "y")]);
    for failing in 0..2 {
        let mut calls = 0;
        let equal = a.try_eq_by(&b, |_, _| {
            calls += 1;
            if calls > failing { Err("no") } else { Ok(true) }
        });
        assert_eq!(equal, Err("no"));
    }
    assert_eq!(a.try_eq_by(&b, |_, _| Err("no")), Err("no"));
    assert_eq!(a.try_eq_by(&b, |_, _| Ok::<_, ()>(true)), Ok(true));
    assert_eq!(a.try_eq_by(&Hamt::new(), |_, _| Err("called")), Ok(false));
}
