use std::convert::Infallible;
use std::mem;

use hamt::{Difference, raw::RawHamt};
use hamt::{Displaced, Hamt, PointerKind};

use super::{Layer, Taken, change::taken_out};
use crate::entry::{check, parts};
use crate::{Action, Hashes, Key, Step, Token, Value, Version, World};

/// A map that hashes its keys.
pub type Map<P> = Hamt<Key, Value, Hashes, P>;

impl<P: PointerKind<Refused = Infallible>> Layer for Map<P> {
    type Kind = P;

    const DIFF_COMPARES_VALUES: bool = true;

    fn empty(hashes: Hashes) -> Self {
        Hamt::with_hasher_in(hashes)
    }

    fn raw(&self) -> &RawHamt<Key, Value, P> {
        self.raw()
    }

    fn insert(&mut self, _hash: u32, key: Key, value: Value) -> Taken<P> {
        self.insert(key, value).map(Displaced::into_parts)
    }

    fn remove(&mut self, _hash: u32, id: u16) -> Taken<P> {
        self.remove(&id).map(Displaced::into_parts)
    }

    fn assoc(&self, _hash: u32, key: Key, value: Value) -> Self {
        self.inserted(key, value)
    }

    fn without(&self, _hash: u32, id: u16) -> Self {
        self.without(&id)
    }

    fn retain(&mut self, keep: impl FnMut(&Key, &Value) -> bool) {
        self.retain(keep);
    }

    fn equals(&self, other: &Self) -> bool {
        self == other
    }

    fn diff<'a>(&'a self, newer: &'a Self) -> Vec<Difference<'a, Key, Value, P>> {
        self.diff(newer)
    }

    fn iter(&self) -> impl ExactSizeIterator<Item = (&Key, &Value)> {
        self.into_iter()
    }

    fn perform(world: &mut World<Self>, step: Step) {
        let versions = &mut world.versions;
        let version = &mut versions[step.at];
        match step.action {
            Action::Alter => version.alter(step.key, step.content, !step.count.is_multiple_of(2)),
            Action::Extend => version.extend(step),
            Action::Union => {
                let union = versions[step.to].union(&versions[step.at]);
                versions[step.at] = union;
            }
            Action::ExtendFrom => {
                let empty = version.emptied(version.hashes);
                let given = mem::replace(version, empty);
                versions[step.to].extend_from(given, step.count);
            }
            Action::GetMut => version.get_mut(step.key),
            Action::IterMut => version.iter_mut(step.count),
            Action::Entry => version.entry(step),
            Action::Difference => {
                let [version, other] = [step.at, step.to].map(|at| &versions[at]);
                versions[step.at] = match step.count % 2 {
                    0 => version.difference(other),
                    _ => version.intersection(other),
                };
            }
            Action::Merge => {
                let base = usize::from(step.key) % Step::PLACES;
                let [ours, base, theirs] = [step.at, base, step.to].map(|at| &versions[at]);
                let merged = ours.merge(base, theirs, |id| step.passes(id));
                versions[step.at] = merged;
            }
            Action::Rehash => *version = version.emptied(Hashes::new(step.key.to_le_bytes()[0])),
            _ => {}
        }
    }
}

impl<P: PointerKind<Refused = Infallible>> Version<Map<P>> {
    /// Reads the value of a key, and inserts or removes the key.
    fn alter(&mut self, id: u16, content: u8, bind: bool) {
        let (key, value, token) = parts(id, content);
        let bound = self.model.get(&id).map(|token| token.stamp());
        let mut called = false;
        let displaced = self.map.alter(key, |found| {
            called = true;
            assert_eq!(found.map(Token::stamp), bound, "argument for key {id}");
            bind.then_some(value)
        });
        assert!(called, "key {id} was changed without a call");
        let expected = if bind {
            self.model.insert(id, token)
        } else {
            self.model.remove(&id)
        };
        self.check_taken(id, displaced.map(Displaced::into_parts), expected);
    }

    /// Inserts many keys at once, then every third of them again.
    fn extend(&mut self, step: Step) {
        let model = &mut self.model;
        let ids = step.keys().chain(step.keys().step_by(3));
        self.map.extend(ids.map(|id| {
            let (key, value, token) = parts(id, step.content);
            model.insert(id, token);
            (key, value)
        }));
    }

    /// Consumes a version and inserts its pairs: all of them or, for odd counts,
    /// that number. They are moved if nothing else holds them.
    fn extend_from(&mut self, given: Self, count: u16) {
        let mut theirs = given.model;
        let pairs = given.map.into_iter();
        assert_eq!(pairs.len(), theirs.len(), "length of the iterator");
        let most = match usize::from(count) {
            count if count.is_multiple_of(2) => theirs.len(),
            count => count.min(theirs.len()),
        };
        let left = theirs.len() - most;
        let (model, among_threads) = (&mut self.model, self.among_threads);
        self.map.extend(pairs.take(most).map(|(key, value)| {
            let id = key.id();
            let Some(token) = theirs.remove(&id) else {
                panic!("key {id} was returned twice, or is not in the model");
            };
            let token = taken_out(token, &value, among_threads);
            check(id, Some((&key, &value)), Some(&token));
            model.insert(id, token);
            (key, value)
        }));
        assert_eq!(theirs.len(), left, "pairs that were not returned");
    }
}
