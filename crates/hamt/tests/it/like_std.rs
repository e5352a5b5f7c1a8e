//! Random histories of several versions of a map, each compared with a map of std. An operation
//! on one version leaves all others unchanged.

use std::{
    cell::Cell,
    collections::HashMap,
    fmt,
    hash::{BuildHasher, BuildHasherDefault, DefaultHasher, Hash, Hasher},
    ptr,
    rc::Rc,
};

use hamt::{ArcKind, Displaced, Hamt, InfallibleKind, RcKind, map::Entry};
use proptest::{prelude::*, sample::Index};

use crate::coarse::Coarse;

const KEYS: u32 = if cfg!(miri) { 12 } else { 60 };
const VERSIONS: usize = 5;

/// Counts its clones.
struct Value {
    number: u32,
    clones: Rc<Cell<usize>>,
}

impl Clone for Value {
    fn clone(&self) -> Self {
        self.clones.set(self.clones.get() + 1);
        Self {
            number: self.number,
            clones: Rc::clone(&self.clones),
        }
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl Eq for Value {}

impl Hash for Value {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.number.hash(state);
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.number.fmt(f)
    }
}

type Map<P> = Hamt<u32, Value, Coarse, P>;
type Model = HashMap<u32, u32>;

struct Version<P: InfallibleKind> {
    map: Map<P>,
    model: Model,
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Insert,
    Remove,
    Alter,
    GetMut,
    IterMut,
    ValuesMut,
    OrInsert,
    AndModify,
    InsertInEntry,
    InsertEntry,
    RemoveEntry,
    ChangeOccupiedTwice,
    Clear,
    Retain,
    Fill,
    Thin,
    ExtendFrom,
    Inserted,
    Without,
    Copy,
    Drop,
    Rehash,
    Union,
    UnionWith,
    Intersection,
    Difference,
    SymmetricDifference,
    Merge,
}

fn steps() -> impl Strategy<Value = Vec<(Step, [Index; 3], u32, u32)>> {
    use Step::*;
    let step = prop_oneof![
        4 => prop::sample::select(vec![Insert, Remove, GetMut, OrInsert, Fill, Copy]),
        2 => prop::sample::select(vec![
            Alter, IterMut, ValuesMut, AndModify, InsertInEntry, InsertEntry, RemoveEntry,
            ChangeOccupiedTwice, Retain, Thin, Inserted, Without, Drop,
        ]),
        2 => prop::sample::select(vec![
            Union, UnionWith, Intersection, Difference, SymmetricDifference, Merge,
        ]),
        1 => prop::sample::select(vec![Clear, ExtendFrom, Rehash]),
    ];
    let at = || any::<Index>();
    prop::collection::vec(
        (step, [at(), at(), at()], 0..KEYS, 0..10_u32),
        0..if cfg!(miri) { 8 } else { 120 },
    )
}

struct World<P: InfallibleKind> {
    hashes: Coarse,
    clones: Rc<Cell<usize>>,
    versions: Vec<Version<P>>,
}

impl<P: InfallibleKind> World<P> {
    fn new(hashes: u32) -> Self {
        let hashes = Coarse(hashes);
        let mut world = Self {
            hashes,
            clones: Rc::default(),
            versions: Vec::new(),
        };
        world.versions.push(world.empty(hashes));
        world
    }

    fn empty(&self, hashes: Coarse) -> Version<P> {
        Version {
            map: Hamt::with_hasher_in(hashes),
            model: Model::new(),
        }
    }

    fn value(&self, number: u32) -> Value {
        Value {
            number,
            clones: Rc::clone(&self.clones),
        }
    }

    /// Returns `true` if another version holds the entry of a key too.
    fn is_shared(&self, at: usize, key: u32) -> bool {
        let Some(value) = self.versions[at].map.get(&key) else {
            return false;
        };
        let mut others = (0..self.versions.len()).filter(|other| *other != at);
        others.any(|other| {
            let found = self.versions[other].map.get(&key);
            found.is_some_and(|found| ptr::eq(found, value))
        })
    }

    fn step(&mut self, step: Step, [at, to, base]: [Index; 3], key: u32, number: u32) {
        let count = self.versions.len();
        let (at, to, base) = (at.index(count), to.index(count), base.index(count));
        let value = self.value(number);
        let shared = self.is_shared(at, key);
        let all_shared = (0..KEYS).filter(|key| self.is_shared(at, *key)).count();
        self.clones.set(0);
        let [version, other, base] = [at, to, base].map(|at| &self.versions[at]);
        if let Some(combined) = combine(step, version, other, base) {
            self.versions.push(combined);
            return;
        }

        let empty = self.empty(Coarse(self.hashes.0 / 2 + 1));
        let Version { map, model } = &mut self.versions[at];
        match step {
            Step::Insert => {
                let displaced = map.insert(key, value);
                assert_eq!(
                    displaced.as_ref().map(|value| value.number),
                    model.get(&key).copied()
                );
                let displaced = displaced.map(Displaced::into_value);
                assert_eq!(
                    displaced.map(|value| value.number),
                    model.insert(key, number)
                );
                assert_eq!(self.clones.get(), usize::from(shared));
            }
            Step::Remove => {
                let removed = map.remove(&key).map(Displaced::into_key_value);
                let removed = removed.map(|(key, value)| (key, value.number));
                assert_eq!(removed, model.remove_entry(&key));
                assert_eq!(self.clones.get(), usize::from(shared));
            }
            Step::Alter => {
                let keep = number % 2 == 0;
                let displaced = map.alter(key, |_| keep.then_some(value));
                let expected = if keep {
                    model.insert(key, number)
                } else {
                    model.remove(&key)
                };
                assert_eq!(displaced.as_deref().map(|value| value.number), expected);
                assert_eq!(self.clones.get(), 0);
            }
            Step::GetMut => {
                let found = map.get_mut(&key);
                assert_eq!(found.is_some(), model.contains_key(&key));
                if let (Some(value), Some(expected)) = (found, model.get_mut(&key)) {
                    (value.number, *expected) = (number, number);
                    assert_eq!(self.clones.get(), usize::from(shared));
                }
            }
            Step::IterMut => {
                let len = map.len();
                let mut values = map.iter_mut();
                assert_eq!(values.len(), len);
                while let Some((key, value)) = values.next() {
                    value.number += number + key;
                    assert_eq!(format!("{values:?}").matches('(').count(), values.len());
                }
                for (key, value) in model {
                    *value += number + key;
                }
                assert_eq!(self.clones.get(), all_shared);
            }
            Step::ValuesMut => {
                map.values_mut().for_each(|value| value.number += number);
                model.values_mut().for_each(|value| *value += number);
                assert_eq!(self.clones.get(), all_shared);
            }
            Step::OrInsert => {
                let ours = map.entry(key).or_insert_with_key(|_| value);
                let theirs = model.entry(key).or_insert(number);
                ours.number += 1;
                *theirs += 1;
                assert_eq!(ours.number, *theirs);
                assert_eq!(self.clones.get(), usize::from(shared));
            }
            Step::AndModify => {
                let entry = map.entry(key).and_modify(|value| value.number += 1);
                entry.or_insert(value);
                model
                    .entry(key)
                    .and_modify(|value| *value += 1)
                    .or_insert(number);
                assert_eq!(self.clones.get(), usize::from(shared));
            }
            Step::InsertInEntry => {
                let before = match map.entry(key) {
                    Entry::Occupied(mut entry) => Some(entry.insert(value).number),
                    Entry::Vacant(entry) => {
                        assert_eq!(entry.insert(value).number, number);
                        None
                    }
                };
                assert_eq!(before, model.insert(key, number));
            }
            Step::InsertEntry => {
                let entry = map.entry(key).insert_entry(value);
                assert_eq!((*entry.key(), entry.get().number), (key, number));
                if number % 2 == 0 {
                    assert_eq!(entry.remove().number, number);
                    model.remove(&key);
                } else {
                    model.insert(key, number);
                }
            }
            Step::RemoveEntry => {
                let entry = map.entry(key);
                assert_eq!(entry.key(), &key);
                let removed = match entry {
                    Entry::Occupied(entry) => Some(entry.remove_entry()),
                    Entry::Vacant(entry) => {
                        assert_eq!(entry.into_key(), key);
                        None
                    }
                };
                let removed = removed.map(|(key, value)| (key, value.number));
                assert_eq!(removed, model.remove_entry(&key));
                assert_eq!(self.clones.get(), usize::from(shared));
            }
            Step::ChangeOccupiedTwice => {
                if let Entry::Occupied(mut entry) = map.entry(key) {
                    let before = entry.get().number;
                    entry.get_mut().number += 1;
                    entry.get_mut().number += 1;
                    assert_eq!((*entry.key(), entry.get().number), (key, before + 2));
                    entry.into_mut().number += 1;
                    model.insert(key, before + 3);
                }
                assert_eq!(self.clones.get(), usize::from(shared));
            }
            Step::Clear => {
                map.clear();
                model.clear();
            }
            Step::Retain => {
                map.retain(|key, value| (key + value.number) % 3 > 0);
                model.retain(|key, value| (*key + *value) % 3 > 0);
            }
            Step::Fill => {
                let numbers: Model = (key..KEYS).map(|key| (key, number)).collect();
                model.extend(&numbers);
                let clones = &self.clones;
                map.extend(numbers.into_iter().map(|(key, number)| {
                    let clones = Rc::clone(clones);
                    (key, Value { number, clones })
                }));
            }
            Step::Thin => {
                for key in (key..KEYS).step_by(1 + number as usize) {
                    assert_eq!(map.remove(&key).is_some(), model.remove(&key).is_some());
                }
            }
            Step::ExtendFrom => {
                let hashes = *map.hasher();
                let poured = std::mem::replace(map, Hamt::with_hasher_in(hashes));
                match number % 3 {
                    0 => map.extend(poured),
                    1 => {
                        let keys: Vec<_> = poured.clone().into_keys().collect();
                        map.extend(keys.into_iter().zip(poured.into_values()));
                    }
                    _ => {
                        let pairs = poured.into_iter();
                        let rest = pairs.clone();
                        assert_eq!(format!("{pairs:?}"), format!("{rest:?}"));
                        map.extend(rest);
                    }
                }
            }
            Step::Inserted => {
                let version = Version {
                    map: map.inserted(key, value),
                    model: model
                        .iter()
                        .map(|(key, value)| (*key, *value))
                        .chain([(key, number)])
                        .collect(),
                };
                self.versions.push(version);
            }
            Step::Without => {
                let mut version = Version {
                    map: map.without(&key),
                    model: model.clone(),
                };
                version.model.remove(&key);
                self.versions.push(version);
            }
            Step::Copy => {
                let (map, model) = (map.clone(), model.clone());
                assert!(map.ptr_eq(&self.versions[at].map));
                self.versions.push(Version { map, model });
            }
            Step::Drop if count > 1 => drop(self.versions.swap_remove(at)),
            Step::Drop => {}
            // The same entries with other hashes.
            Step::Rehash => {
                let (map, model) = (map.clone(), model.clone());
                let mut rehashed = Version { model, ..empty };
                rehashed.map.extend(map);
                self.versions.push(rehashed);
            }
            _ => unreachable!("combined above"),
        }
    }

    /// Checks that every version is valid, has the expected entries, and finds them.
    fn check(&self) {
        for Version { map, model } in &self.versions {
            assert_eq!(map.raw().audit(), Ok(()));
            assert_eq!((map.len(), map.is_empty()), (model.len(), model.is_empty()));
            let held: Model = map
                .iter()
                .map(|(key, value)| (*key, value.number))
                .collect();
            assert_eq!(&held, model);
            for key in 0..KEYS {
                assert_eq!(
                    map.get(&key).map(|value| value.number),
                    model.get(&key).copied()
                );
            }
            assert!(map.iter().map(|(key, _)| key).eq(map.keys()));
            assert!(map.iter().map(|(_, value)| value).eq(map.values()));
        }
    }

    /// Checks that two versions are equal if and only if their models are, and then have equal
    /// hashes.
    fn compare(&self) {
        let hasher = BuildHasherDefault::<DefaultHasher>::default();
        for a in &self.versions {
            for b in &self.versions {
                assert_eq!(a.map == b.map, a.model == b.model);
                let same_hash = hasher.hash_one(&a.map) == hasher.hash_one(&b.map);
                assert_eq!(same_hash, a.model == b.model);
            }
        }
    }
}

/// Returns a version combined from two or three, if this is such a step.
fn combine<P: InfallibleKind>(
    step: Step,
    version: &Version<P>,
    other: &Version<P>,
    base: &Version<P>,
) -> Option<Version<P>> {
    let (ours, theirs) = (&version.model, &other.model);
    let both = |key: &u32| ours.contains_key(key) && theirs.contains_key(key);
    let union = |meet: fn(u32, u32) -> u32| -> Model {
        let keys = ours.keys().chain(theirs.keys());
        keys.map(|key| match (ours.get(key), theirs.get(key)) {
            (Some(a), Some(b)) => (*key, meet(*a, *b)),
            (a, b) => (*key, *a.or(b).expect("one has it")),
        })
        .collect()
    };
    let of = |model: &Model, keep: &dyn Fn(&u32) -> bool| -> Model {
        let kept = model.iter().filter(|(key, _)| keep(key));
        kept.map(|(key, value)| (*key, *value)).collect()
    };
    let (map, model) = match step {
        Step::Union => (version.map.union(&other.map), union(|a, _| a)),
        Step::UnionWith => {
            let map = version.map.union_with(&other.map, |key, a, b| {
                assert_eq!((ours[key], theirs[key]), (a.number, b.number));
                Value {
                    number: a.number.max(b.number),
                    clones: Rc::clone(&a.clones),
                }
            });
            (map, union(u32::max))
        }
        Step::Intersection => (version.map.intersection(&other.map), of(ours, &both)),
        Step::Difference => (
            version.map.difference(&other.map),
            of(ours, &|key| !both(key)),
        ),
        Step::SymmetricDifference => {
            let mut model = of(ours, &|key| !both(key));
            model.extend(of(theirs, &|key| !both(key)));
            (version.map.symmetric_difference(&other.map), model)
        }
        Step::Merge => {
            let mut conflicts = HashMap::new();
            let map = version.map.merge(&base.map, &other.map, |conflict| {
                let number = |value: Option<&Value>| value.map(|value| value.number);
                let values = [conflict.base, conflict.ours, conflict.theirs].map(number);
                assert!(
                    conflicts.insert(*conflict.key, values).is_none(),
                    "called twice"
                );
                let greater = values[1].max(values[2])?;
                let clones = &conflict.ours.or(conflict.theirs)?.clones;
                (greater % 2 == 0).then(|| Value {
                    number: greater,
                    clones: Rc::clone(clones),
                })
            });
            let mut model = Model::new();
            for key in 0..KEYS {
                let [base, ours, theirs] =
                    [&base.model, ours, theirs].map(|model| model.get(&key).copied());
                let merged = if ours == theirs || theirs == base {
                    ours
                } else if ours == base {
                    theirs
                } else {
                    assert_eq!(conflicts.remove(&key), Some([base, ours, theirs]));
                    ours.max(theirs).filter(|number| number % 2 == 0)
                };
                model.extend(merged.map(|number| (key, number)));
            }
            assert_eq!(conflicts, HashMap::new(), "no conflicts");
            (map, model)
        }
        _ => return None,
    };
    Some(Version { map, model })
}

fn play(hashes: u32) {
    play_kind::<ArcKind>(hashes);
    play_kind::<RcKind>(hashes);
}

fn play_kind<P: InfallibleKind>(hashes: u32) {
    let config = ProptestConfig {
        cases: if cfg!(miri) { 1 } else { 40 },
        ..ProptestConfig::default()
    };
    proptest!(config, |(steps in steps())| {
        let mut world = World::<P>::new(hashes);
        for (count, (step, versions, key, number)) in steps.into_iter().enumerate() {
            world.step(step, versions, key, number);
            while world.versions.len() > VERSIONS {
                world.versions.remove(0);
            }
            // Checks all versions, which takes long under Miri.
            if !cfg!(miri) || count % 4 == 0 {
                world.check();
            }
        }
        world.compare();
    });
}

#[test]
fn maps_behave_as_stds_with_different_hashes() {
    play(u32::MAX);
}

#[test]
fn maps_behave_as_stds_with_seven_hashes() {
    play(7);
}

#[test]
fn maps_behave_as_stds_with_one_hash() {
    play(1);
}
