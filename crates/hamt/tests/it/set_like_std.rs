//! Random histories of several versions of a set, each compared with a set of std.

use std::collections::HashSet;

use hamt::HamtSet;
use proptest::{prelude::*, sample::Index};

use crate::coarse::Coarse;

const VALUES: u32 = if cfg!(miri) { 12 } else { 60 };

type Set = HamtSet<u32, Coarse>;
type Model = HashSet<u32>;

#[derive(Debug, Clone, Copy)]
enum Step {
    Insert,
    Inserted,
    Replace,
    Remove,
    Without,
    Take,
    Extend,
    Retain,
    Clear,
    Rehash,
    Union,
    Intersection,
    Difference,
    SymmetricDifference,
}

fn steps() -> impl Strategy<Value = Vec<(Step, [Index; 2], u32)>> {
    use Step::*;
    let step = prop_oneof![
        6 => prop::sample::select(vec![Insert, Inserted, Replace, Remove, Without, Take, Extend]),
        4 => prop::sample::select(vec![Union, Intersection, Difference, SymmetricDifference]),
        1 => prop::sample::select(vec![Clear, Rehash, Retain]),
    ];
    let at = || any::<Index>();
    prop::collection::vec(
        (step, [at(), at()], 0..VALUES),
        0..if cfg!(miri) { 8 } else { 80 },
    )
}

/// Each step adds a version, and leaves the others unchanged.
fn step(
    step: Step,
    (set, model): &(Set, Model),
    (other, others): &(Set, Model),
    value: u32,
) -> (Set, Model) {
    let (mut set, mut model) = (set.clone(), model.clone());
    match step {
        Step::Insert => assert_eq!(set.insert(value), model.insert(value)),
        Step::Inserted => {
            set = set.inserted(value);
            model.insert(value);
        }
        Step::Replace => assert_eq!(set.replace(value), model.replace(value)),
        Step::Remove => assert_eq!(set.remove(&value), model.remove(&value)),
        Step::Without => {
            set = set.without(&value);
            model.remove(&value);
        }
        Step::Take => assert_eq!(set.take(&value), model.take(&value)),
        Step::Extend => {
            set.extend(&[value, value / 2]);
            set.extend(value..VALUES);
            model.extend(&[value, value / 2]);
            model.extend(value..VALUES);
        }
        Step::Retain => {
            set.retain(|value| value % 3 > 0);
            model.retain(|value| value % 3 > 0);
        }
        Step::Clear => {
            set.clear();
            model.clear();
        }
        Step::Rehash => {
            let mut rehashed = Set::with_hasher(Coarse(set.hasher().0 / 2 + 1));
            rehashed.extend(set);
            set = rehashed;
        }
        Step::Union => {
            set = &set | other;
            model = &model | others;
        }
        Step::Intersection => {
            set = &set & other;
            model = &model & others;
        }
        Step::Difference => {
            set = &set - other;
            model = &model - others;
        }
        Step::SymmetricDifference => {
            set = &set ^ other;
            model = &model ^ others;
        }
    }
    (set, model)
}

fn check((set, model): &(Set, Model)) {
    assert_eq!(set.as_map().raw().audit(), Ok(()));
    assert_eq!((set.len(), set.is_empty()), (model.len(), model.is_empty()));
    assert_eq!(&set.iter().copied().collect::<Model>(), model);
    assert_eq!(&set.clone().into_iter().collect::<Model>(), model);
    for value in 0..VALUES {
        assert_eq!(set.get(&value), model.get(&value));
        assert_eq!(set.contains(&value), model.contains(&value));
    }
}

fn compare((a, a_model): &(Set, Model), (b, b_model): &(Set, Model)) {
    assert_eq!(a == b, a_model == b_model);
    assert_eq!(a.is_subset(b), a_model.is_subset(b_model));
    assert_eq!(a.is_superset(b), a_model.is_superset(b_model));
    assert_eq!(a.is_disjoint(b), a_model.is_disjoint(b_model));
}

fn play(hashes: u32) {
    let config = ProptestConfig {
        cases: if cfg!(miri) { 1 } else { 40 },
        ..ProptestConfig::default()
    };
    proptest!(config, |(steps in steps())| {
        let mut versions = vec![(Set::with_hasher(Coarse(hashes)), Model::new())];
        for (next, [at, other], value) in steps {
            let [at, other] = [at, other].map(|index| index.get(&versions));
            let version = step(next, at, other, value);
            versions.push(version);
            versions.iter().for_each(check);
            if versions.len() > 6 {
                versions.remove(0);
            }
        }
        for a in &versions {
            versions.iter().for_each(|b| compare(a, b));
        }
    });
}

#[test]
fn sets_behave_as_stds_with_different_hashes() {
    play(u32::MAX);
}

#[test]
fn sets_behave_as_stds_with_seven_hashes() {
    play(7);
}

#[test]
fn sets_behave_as_stds_with_one_hash() {
    play(1);
}

/// Two equal values that can be distinguished.
#[test]
fn an_equal_value_stays_unless_it_is_replaced() {
    let (first, second) = (String::from("v"), String::from("v"));
    let addresses = (first.as_ptr(), second.as_ptr());
    let at = |set: &HamtSet<String>| set.get("v").map(|value| value.as_ptr());
    let mut set = HamtSet::from([first]);
    assert!(!set.insert("v".to_string()));
    set.extend(["v".to_string()]);
    assert_eq!(at(&set), Some(addresses.0));
    let old = set.replace(second).map(|value| value.as_ptr());
    assert_eq!(old, Some(addresses.0));
    assert_eq!(at(&set), Some(addresses.1));
    let (a, mut b) = (set.clone(), HamtSet::with_hasher(set.hasher().clone()));
    b.extend(["v".to_string(), "w".to_string()]);
    for of_a in [&a | &b, &a & &b] {
        assert_eq!(at(&of_a), Some(addresses.1));
    }
}

#[test]
fn debug_shows_what_a_std_set_shows() {
    let set = HamtSet::from([1]);
    assert_eq!(format!("{set:?}"), "{1}");
    assert_eq!(
        format!("{:?} {:?}", set.iter(), set.clone().into_iter()),
        "[1] [1]"
    );
}

#[test]
fn a_std_set_is_converted_with_its_hasher() {
    let std: HashSet<u32, Coarse> = (0..100).collect();
    let set = HamtSet::<u32, Coarse>::from(std.clone());
    assert_eq!(set.hasher().0, std.hasher().0);
    assert_eq!(set.iter().copied().collect::<HashSet<_, Coarse>>(), std);
}
