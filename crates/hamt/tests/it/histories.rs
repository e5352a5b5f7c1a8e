//! Random histories of several versions, compared with std maps, and with
//! hashes that collide or have common low bits.

use std::{
    collections::{BTreeMap, BTreeSet},
    convert::Infallible,
    mem,
};

use hamt::{
    ArcKind, Leaf, PointerKind, RcKind,
    raw::{Cursor, RawHamt},
};
use proptest::{prelude::*, sample::Index};

use crate::tracker::{Tracked, Tracker};

const NAMES: u32 = if cfg!(miri) { 45 } else { 200 };
const VERSIONS: usize = 8;
/// The maximal number of versions that one operation creates.
const MANY: u32 = 6;

struct Key {
    name: u32,
    tracked: Tracked,
}

struct Value {
    /// Values are compared by it.
    content: u32,
    tracked: Tracked,
}

/// The expected entry of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Bound {
    content: u32,
    /// The tracked values of key and value.
    key: u32,
    value: u32,
}

impl Bound {
    fn of(key: &Key, value: &Value) -> Self {
        Self {
            content: value.content,
            key: key.tracked.id,
            value: value.tracked.id,
        }
    }

    fn of_entry<P: PointerKind<Refused = Infallible>>(entry: &Leaf<Key, Value, P>) -> Self {
        Self::of(entry.key(), entry.value())
    }
}

fn is(name: u32) -> impl Fn(&Key) -> Result<bool, Infallible> {
    move |key| Ok(key.name == name)
}

type Model = BTreeMap<u32, Bound>;

struct Version<P: PointerKind<Refused = Infallible>> {
    map: RawHamt<Key, Value, P>,
    model: Model,
}

impl<P: PointerKind<Refused = Infallible>> Default for Version<P> {
    fn default() -> Self {
        Self {
            map: RawHamt::default(),
            model: Model::new(),
        }
    }
}

impl<P: PointerKind<Refused = Infallible>> Clone for Version<P> {
    fn clone(&self) -> Self {
        Self {
            map: self.map.clone(),
            model: self.model.clone(),
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Change {
    Bind,
    Unbind,
}

#[derive(Debug, Clone)]
enum Step {
    /// Changes a version itself.
    Insert,
    Set,
    Remove,
    /// The same with all names from the given one up to this.
    Fill(u32),
    Clear(u32),
    /// Derives each version from the one before, which is then dropped.
    Chain(Vec<(Change, u32)>),
    /// Derives several versions from one, which is kept.
    Star(Vec<(Change, u32)>),
    /// Creates an equal version that shares nothing, from the last name to the first.
    Rebuild,
    Copy,
    Forget,
    /// Drops a version.
    Drop,
    /// Keeps a handle of an entry.
    Hold,
    Release,
}

/// Operations, each with a version and a name.
fn steps() -> impl Strategy<Value = Vec<(Step, Index, u32)>> {
    let changes = || {
        let change = prop_oneof![Just(Change::Bind), Just(Change::Unbind)];
        prop::collection::vec((change, 0..NAMES), 1..=MANY as usize)
    };
    let step = prop_oneof![
        4 => Just(Step::Insert),
        4 => Just(Step::Set),
        6 => Just(Step::Remove),
        3 => (0..NAMES).prop_map(Step::Fill),
        3 => (0..NAMES).prop_map(Step::Clear),
        4 => changes().prop_map(Step::Chain),
        4 => changes().prop_map(Step::Star),
        1 => Just(Step::Rebuild),
        2 => Just(Step::Copy),
        1 => Just(Step::Forget),
        3 => Just(Step::Drop),
        1 => Just(Step::Hold),
        1 => Just(Step::Release),
    ];
    prop::collection::vec(
        (step, any::<Index>(), 0..NAMES),
        0..if cfg!(miri) { 12 } else { 100 },
    )
}

/// A function from names to hashes.
#[derive(Clone, Copy)]
enum Hashes {
    /// Equal in this number of low bits; with 32, all hashes are equal.
    Equal(u32),
    /// All different in their low bits.
    Scattered,
    /// Sixteen names have each hash, and all hashes are equal in ten low bits.
    Sixteens,
}

impl Hashes {
    fn of(self, name: u32) -> u32 {
        match self {
            Self::Equal(bits) => name.checked_shl(bits).unwrap_or(0),
            Self::Scattered => name.wrapping_mul(0x9e37_79b1),
            Self::Sixteens => (name / 16) << 10,
        }
    }
}

struct Histories<P: PointerKind<Refused = Infallible>> {
    hashes: Hashes,
    tracker: Tracker,
    versions: Vec<Version<P>>,
    held: Vec<Leaf<Key, Value, P>>,
}

impl<P: PointerKind<Refused = Infallible>> Histories<P> {
    fn new(hashes: Hashes) -> Self {
        Self {
            hashes,
            tracker: Tracker::default(),
            versions: vec![Version::default()],
            held: Vec::new(),
        }
    }

    fn step(&mut self, step: &Step, at: usize, name: u32) {
        match step {
            Step::Insert => self.insert(at, name),
            Step::Set => self.set(at, name),
            Step::Remove => self.remove(at, name),
            Step::Fill(to) => (name..*to).for_each(|name| self.insert(at, name)),
            Step::Clear(to) => (name..*to).for_each(|name| self.remove(at, name)),
            Step::Chain(changes) => {
                for (change, name) in changes {
                    self.versions[at] = self.derive(at, *change, *name);
                    if !cfg!(miri) {
                        self.check(at);
                    }
                }
            }
            Step::Star(changes) => {
                for (change, name) in changes {
                    let derived = self.derive(at, *change, *name);
                    self.versions.push(derived);
                }
            }
            Step::Rebuild => {
                let rebuilt = self.rebuild(at);
                self.versions.push(rebuilt);
            }
            Step::Copy => self.versions.push(self.versions[at].clone()),
            Step::Forget => self.versions[at] = Version::default(),
            Step::Drop if self.versions.len() > 1 => drop(self.versions.swap_remove(at)),
            Step::Drop => {}
            Step::Hold => {
                let Ok(found) = self.versions[at].map.find(self.hashes.of(name), is(name));
                self.held.extend(found.cloned());
            }
            Step::Release => drop(self.held.pop()),
        }
        // Which versions are dropped is random, as the names are.
        while self.versions.len() > VERSIONS {
            let dies = name as usize % self.versions.len();
            drop(self.versions.swap_remove(dies));
        }
    }

    fn insert(&mut self, at: usize, name: u32) {
        let entry = self.entry(name, name % 2);
        let Version { map, model } = &mut self.versions[at];
        let Ok(displaced) = map.insert(entry.clone(), is(name));
        let was = model.insert(name, Bound::of_entry(&entry));
        assert_eq!(displaced.as_ref().map(Bound::of_entry), was);
    }

    fn set(&mut self, at: usize, name: u32) {
        let (key, value) = self.parts(name, name % 3);
        let bound = Bound::of(&key, &value);
        let Version { map, model } = &mut self.versions[at];
        let Ok(displaced) = map.set(self.hashes.of(name), key, value, |bound, key| {
            Ok::<_, Infallible>(bound.name == key.name)
        });
        let was = model.insert(name, bound);
        let displaced = displaced.map(|displaced| Bound::of(displaced.key(), displaced.value()));
        assert_eq!(displaced, was);
    }

    fn remove(&mut self, at: usize, name: u32) {
        let Version { map, model } = &mut self.versions[at];
        let Ok(removed) = map.remove(self.hashes.of(name), is(name));
        assert_eq!(removed.as_ref().map(Bound::of_entry), model.remove(&name));
    }

    fn derive(&self, at: usize, change: Change, name: u32) -> Version<P> {
        let Version { map, model } = &self.versions[at];
        let mut model = model.clone();
        let map = match change {
            Change::Bind => {
                let entry = self.entry(name, name % 2);
                let Ok((changed, displaced)) = map.assoc(entry.clone(), is(name));
                let was = model.insert(name, Bound::of_entry(&entry));
                assert_eq!(displaced.map(Bound::of_entry), was);
                changed
            }
            Change::Unbind => {
                let Ok(removed) = map.without(self.hashes.of(name), is(name));
                let (changed, was) = match removed {
                    Some((changed, entry)) => (changed, Some(Bound::of_entry(entry))),
                    None => (map.clone(), None),
                };
                assert_eq!(was, model.remove(&name));
                changed
            }
        };
        Version { map, model }
    }

    fn rebuild(&self, at: usize) -> Version<P> {
        let mut rebuilt = Version::default();
        for (name, bound) in self.versions[at].model.iter().rev() {
            let entry = self.entry(*name, bound.content);
            rebuilt.model.insert(*name, Bound::of_entry(&entry));
            let Ok(displaced) = rebuilt.map.insert(entry, is(*name));
            assert!(displaced.is_none());
        }
        rebuilt
    }

    fn parts(&self, name: u32, content: u32) -> (Key, Value) {
        let tracked = self.tracker.create();
        let key = Key { name, tracked };
        let tracked = self.tracker.create();
        (key, Value { content, tracked })
    }

    fn entry(&self, name: u32, content: u32) -> Leaf<Key, Value, P> {
        let (key, value) = self.parts(name, content);
        Leaf::new_in(self.hashes.of(name), key, value)
    }

    /// Checks that every version is valid and has the expected entries, that the
    /// one that changed last finds them, and that the live entries are those that
    /// a version or a handle holds.
    fn check(&self, changed: usize) {
        for version in &self.versions {
            check_version(version);
        }
        if let Some(Version { map, model }) = self.versions.get(changed) {
            for name in 0..NAMES {
                let Ok(found) = map.find(self.hashes.of(name), is(name));
                assert_eq!(found.map(Bound::of_entry), model.get(&name).copied());
            }
        }

        let mut holders = BTreeMap::new();
        let models = self
            .versions
            .iter()
            .flat_map(|version| version.model.values().copied());
        for bound in models.chain(self.held.iter().map(Bound::of_entry)) {
            *holders.entry(bound.key).or_insert(0) += 1;
            *holders.entry(bound.value).or_insert(0) += 1;
        }
        assert!(
            self.tracker.live().iter().eq(holders.keys()),
            "leaked or lost"
        );
    }

    /// Checks that any two versions are equal if and only if their models are.
    fn compare(&self) {
        for a in &self.versions {
            for b in &self.versions {
                let Ok(equal) = a.map.eq_by(
                    &b.map,
                    |a, b| Ok::<_, Infallible>(a.name == b.name),
                    |a, b| Ok(a.content == b.content),
                );
                let contents = |model: &Model| -> Vec<(u32, u32)> {
                    let pairs = model.iter();
                    pairs.map(|(name, bound)| (*name, bound.content)).collect()
                };
                assert_eq!(equal, contents(&a.model) == contents(&b.model));
            }
        }
    }
}

fn check_version<P: PointerKind<Refused = Infallible>>(Version { map, model }: &Version<P>) {
    assert_eq!(map.audit(), Ok(()));
    assert_eq!(map.len(), model.len());
    assert_eq!(map.is_empty(), model.is_empty());

    let (mut cursor, mut iter) = (Cursor::new(), map.iter());
    let mut bound = Vec::new();
    for left in (0..map.len()).rev() {
        let entry = iter.next().expect("as many as it said");
        assert_eq!(iter.len(), left);
        let same = cursor.next(map).expect("as many as the iterator");
        assert!(same.ptr_eq(entry));
        bound.push((entry.key().name, Bound::of_entry(entry)));
    }
    assert!(iter.next().is_none());
    assert!(cursor.next(map).is_none());
    bound.sort_by_key(|(name, _)| *name);
    assert!(bound.iter().map(|(name, bound)| (name, bound)).eq(model));
}

fn play(hashes: Hashes) {
    let (arc, rc) = if cfg!(miri) { (1, 1) } else { (12, 6) };
    play_kind::<ArcKind>(hashes, arc);
    play_kind::<RcKind>(hashes, rc);
}

fn play_kind<P: PointerKind<Refused = Infallible>>(hashes: Hashes, cases: u32) {
    let config = ProptestConfig {
        cases,
        ..ProptestConfig::default()
    };
    proptest!(config, |(steps in steps())| {
        let mut histories = Histories::<P>::new(hashes);
        for (number, (step, version, name)) in steps.into_iter().enumerate() {
            let at = version.index(histories.versions.len());
            histories.step(&step, at, name);
            // Checks all versions, which takes long under Miri.
            if !cfg!(miri) || number % 7 == 0 {
                histories.check(at);
            }
        }
        histories.compare();

        // Entries that only one version holds are dropped with it.
        while let Some(version) = histories.versions.pop() {
            drop(version);
            histories.check(0);
        }
        let tracker = histories.tracker.clone();
        drop(mem::take(&mut histories.held));
        assert_eq!(tracker.live(), BTreeSet::new());
    });
}

#[test]
fn versions_have_the_expected_entries_with_hashes_that_are_small_numbers() {
    play(Hashes::Equal(0));
}

#[test]
fn versions_have_the_expected_entries_with_hashes_equal_in_5_bits() {
    play(Hashes::Equal(5));
}

#[test]
fn versions_have_the_expected_entries_with_hashes_equal_in_10_bits() {
    play(Hashes::Equal(10));
}

#[test]
fn versions_have_the_expected_entries_with_hashes_equal_in_15_bits() {
    play(Hashes::Equal(15));
}

#[test]
fn versions_have_the_expected_entries_with_hashes_equal_in_20_bits() {
    play(Hashes::Equal(20));
}

#[test]
fn versions_have_the_expected_entries_with_hashes_equal_in_25_bits() {
    play(Hashes::Equal(25));
}

#[test]
fn versions_have_the_expected_entries_with_hashes_equal_in_30_bits() {
    play(Hashes::Equal(30));
}

#[test]
fn versions_have_the_expected_entries_with_equal_hashes() {
    play(Hashes::Equal(32));
}

#[test]
fn versions_have_the_expected_entries_with_scattered_hashes() {
    play(Hashes::Scattered);
}

#[test]
fn versions_have_the_expected_entries_with_many_small_groups_of_one_hash() {
    play(Hashes::Sixteens);
}
