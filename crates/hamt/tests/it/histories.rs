//! Random histories of several versions at once, against a std map, with
//! hashes that meet where it hurts.

use std::{
    collections::{BTreeMap, BTreeSet},
    convert::Infallible,
    fmt, mem,
};

use hamt::{
    Entry,
    raw::{Cursor, RawHamt},
};
use proptest::{prelude::*, sample::Index};

use crate::{
    ledger::{Ledger, Ticket},
    picture::picture,
};

const NAMES: u32 = 48;
const VERSIONS: usize = 4;

struct Key {
    name: u32,
    ticket: Ticket,
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{:?}", self.name, self.ticket)
    }
}

/// What a name should be bound to.
#[derive(Clone, Copy)]
struct Bound {
    /// When the name was last bound anew.
    since: usize,
    /// The tickets of key and value.
    key: u32,
    value: u32,
}

impl Bound {
    fn ids(self) -> (u32, u32) {
        (self.key, self.value)
    }
}

fn ids(entry: &Entry<Key, Ticket>) -> (u32, u32) {
    (entry.key().ticket.id, entry.value().id)
}

fn is(name: u32) -> impl Fn(&Key) -> Result<bool, Infallible> {
    move |key| Ok(key.name == name)
}

type Model = BTreeMap<u32, Bound>;

#[derive(Default, Clone)]
struct Version {
    map: RawHamt<Key, Ticket>,
    model: Model,
}

#[derive(Debug, Clone)]
enum Step {
    /// Change a version itself.
    Insert,
    Remove,
    /// Derive a version and keep the old.
    Assoc,
    Without,
    /// Bind the names from the one given up to this, so that nodes fill up.
    Fill(u32),
    Copy,
    Forget,
}

/// What to do, to which version, with which name.
fn steps() -> impl Strategy<Value = Vec<(Step, Index, u32)>> {
    let step = prop_oneof![
        4 => Just(Step::Insert),
        6 => Just(Step::Remove),
        4 => Just(Step::Assoc),
        6 => Just(Step::Without),
        1 => (0..NAMES).prop_map(Step::Fill),
        1 => Just(Step::Copy),
        1 => Just(Step::Forget),
    ];
    prop::collection::vec((step, any::<Index>(), 0..NAMES), 0..80)
}

struct Histories {
    /// Low bits in which all hashes are equal.
    equal_bits: u32,
    ledger: Ledger,
    bindings: usize,
    versions: Vec<Version>,
}

impl Histories {
    fn new(equal_bits: u32) -> Self {
        let (ledger, versions) = (Ledger::default(), vec![Version::default()]);
        Self {
            equal_bits,
            ledger,
            bindings: 0,
            versions,
        }
    }

    fn hash(&self, name: u32) -> u32 {
        name.checked_shl(self.equal_bits).unwrap_or(0)
    }

    fn step(&mut self, step: &Step, version: usize, name: u32) {
        match step {
            Step::Insert => self.insert(version, name),
            Step::Fill(to) => (name..*to).for_each(|name| self.insert(version, name)),
            Step::Remove => {
                let hash = self.hash(name);
                let Version { map, model } = &mut self.versions[version];
                let Ok(removed) = map.remove(hash, is(name));
                assert_eq!(
                    removed.as_ref().map(ids),
                    model.remove(&name).map(Bound::ids)
                );
            }
            Step::Assoc => {
                let Version { map, mut model } = self.versions[version].clone();
                let entry = self.entry(name);
                let Ok((changed, displaced)) = map.assoc(entry.clone(), is(name));
                self.bind(&mut model, &entry, displaced);
                self.versions.push(Version {
                    map: changed,
                    model,
                });
            }
            Step::Without => {
                let Version { map, mut model } = self.versions[version].clone();
                let Ok(removed) = map.without(self.hash(name), is(name));
                let entry = removed.as_ref().map(|(_, entry)| ids(entry));
                assert_eq!(entry, model.remove(&name).map(Bound::ids));
                let changed = match removed {
                    Some((changed, _)) => changed,
                    None => map.clone(),
                };
                self.versions.push(Version {
                    map: changed,
                    model,
                });
            }
            Step::Copy => self.versions.push(self.versions[version].clone()),
            Step::Forget => self.versions[version] = Version::default(),
        }
        if self.versions.len() > VERSIONS {
            self.versions.remove(0);
        }
    }

    fn insert(&mut self, version: usize, name: u32) {
        let entry = self.entry(name);
        let mut model = mem::take(&mut self.versions[version].model);
        let Ok(displaced) = self.versions[version].map.insert(entry.clone(), is(name));
        self.bind(&mut model, &entry, displaced.as_ref());
        self.versions[version].model = model;
    }

    fn entry(&self, name: u32) -> Entry<Key, Ticket> {
        let key = Key {
            name,
            ticket: self.ledger.issue(),
        };
        Entry::new(self.hash(name), key, self.ledger.issue())
    }

    /// Binds an entry in the model too, and compares what it displaced.
    fn bind(
        &mut self,
        model: &mut Model,
        entry: &Entry<Key, Ticket>,
        displaced: Option<&Entry<Key, Ticket>>,
    ) {
        let name = entry.key().name;
        let old = model.get(&name).copied();
        assert_eq!(displaced.map(ids), old.map(Bound::ids));
        let since = old.map_or(self.bindings, |old| old.since);
        self.bindings += 1;
        let (key, value) = ids(entry);
        model.insert(name, Bound { since, key, value });
    }

    /// Every version holds what it should, in the shape it should; what is alive
    /// is what some version holds; a collector is shown nothing twice.
    fn check(&self) {
        for version in &self.versions {
            self.check_version(version);
        }

        let models = self
            .versions
            .iter()
            .flat_map(|version| version.model.values());
        let held: BTreeSet<u32> = models.flat_map(|bound| [bound.key, bound.value]).collect();
        assert_eq!(self.ledger.live(), held);

        let mut shown = BTreeSet::new();
        for version in &self.versions {
            version.map.visit_exclusive(&mut |key, value| {
                assert!(shown.insert(key.ticket.id), "a key was shown twice");
                assert!(shown.insert(value.id), "a value was shown twice");
            });
        }
        if let [version] = &*self.versions {
            assert_eq!(shown.len(), 2 * version.map.len());
        }
    }

    fn check_version(&self, Version { map, model }: &Version) {
        assert_eq!(map.len(), model.len());
        assert_eq!(map.is_empty(), model.is_empty());
        for name in 0..NAMES {
            let Ok(found) = map.find(self.hash(name), is(name));
            assert_eq!(found.map(ids), model.get(&name).copied().map(Bound::ids));
        }

        let mut in_order: Vec<_> = model.iter().collect();
        in_order.sort_by_key(|(_, bound)| bound.since);
        let lines: Vec<_> = in_order
            .iter()
            .map(|(name, bound)| {
                (
                    self.hash(**name),
                    format!("{name}/{}: {}", bound.key, bound.value),
                )
            })
            .collect();
        assert_eq!(map.dump().to_string(), picture(&lines));

        let (mut cursor, mut iter) = (Cursor::new(), map.iter());
        for left in (0..map.len()).rev() {
            let entry = iter.next().expect("as many as it said");
            assert_eq!(iter.len(), left);
            let same = cursor.next(map).expect("as many as the iterator");
            assert!(same.ptr_eq(entry));
        }
        assert!(iter.next().is_none());
        assert!(cursor.next(map).is_none());
    }
}

/// Plays histories with hashes that are equal in so many low bits.
fn play(equal_bits: u32, cases: u32) {
    let config = ProptestConfig {
        cases,
        ..ProptestConfig::default()
    };
    proptest!(config, |(steps in steps())| {
        let mut histories = Histories::new(equal_bits);
        for (step, version, name) in steps {
            let version = version.index(histories.versions.len());
            histories.step(&step, version, name);
            histories.check();
        }
        let ledger = histories.ledger.clone();
        drop(histories);
        assert_eq!(ledger.live(), BTreeSet::new());
    });
}

#[test]
fn versions_hold_what_they_should_with_hashes_that_differ_at_once() {
    play(0, 24);
}

#[test]
fn versions_hold_what_they_should_with_hashes_equal_in_5_bits() {
    play(5, 24);
}

#[test]
fn versions_hold_what_they_should_with_hashes_equal_in_10_bits() {
    play(10, 24);
}

#[test]
fn versions_hold_what_they_should_with_hashes_equal_in_15_bits() {
    play(15, 24);
}

#[test]
fn versions_hold_what_they_should_with_hashes_equal_in_20_bits() {
    play(20, 24);
}

#[test]
fn versions_hold_what_they_should_with_hashes_equal_in_25_bits() {
    play(25, 24);
}

#[test]
fn versions_hold_what_they_should_with_hashes_equal_in_30_bits() {
    play(30, 24);
}

#[test]
fn versions_hold_what_they_should_with_hashes_that_are_all_equal() {
    play(32, 24);
}
