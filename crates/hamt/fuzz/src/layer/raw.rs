use std::convert::Infallible;

use hamt::{Difference, raw::RawHamt};
use hamt::{Displaced, Leaf, PointerKind};

use super::{Layer, Taken};
use crate::entry::{both, parts};
use crate::{Action, Hashes, Held, Key, Step, Value, Version, World};

/// A map whose caller passes hashes and equalities.
pub type RawMap<P> = RawHamt<Key, Value, P>;

/// Returns an equality with a key's number, for the keys of a map.
fn is(id: u16) -> impl Fn(&Key) -> Result<bool, Infallible> {
    move |key| Ok(key.id() == id)
}

fn same(a: &Key, b: &Key) -> Result<bool, Infallible> {
    Ok(a == b)
}

impl<P: PointerKind<Refused = Infallible>> Layer for RawMap<P> {
    type Kind = P;

    const DIFF_COMPARES_VALUES: bool = false;

    fn empty(_hashes: Hashes) -> Self {
        RawHamt::new_in()
    }

    fn raw(&self) -> &RawHamt<Key, Value, P> {
        self
    }

    fn insert(&mut self, hash: u32, key: Key, value: Value) -> Taken<P> {
        let id = key.id();
        let Ok(displaced) = self.insert(Leaf::new_in(hash, key, value), is(id));
        displaced.map(Leaf::into_parts)
    }

    fn remove(&mut self, hash: u32, id: u16) -> Taken<P> {
        let Ok(removed) = self.remove(hash, is(id));
        removed.map(Leaf::into_parts)
    }

    fn assoc(&self, hash: u32, key: Key, value: Value) -> Self {
        let id = key.id();
        let Ok((map, displaced)) = self.assoc(Leaf::new_in(hash, key, value), is(id));
        check_bound(self, hash, id, displaced);
        map
    }

    fn without(&self, hash: u32, id: u16) -> Self {
        let Ok(without) = self.without(hash, is(id));
        check_bound(self, hash, id, without.as_ref().map(|(_, entry)| *entry));
        without.map_or_else(|| self.clone(), |(map, _)| map)
    }

    fn retain(&mut self, keep: impl FnMut(&Key, &Value) -> bool) {
        self.retain(keep);
    }

    fn equals(&self, other: &Self) -> bool {
        let Ok(equal) = self.eq_by(other, same, |a, b| Ok(a == b));
        equal
    }

    fn diff<'a>(&'a self, newer: &'a Self) -> Vec<Difference<'a, Key, Value, P>> {
        let Ok(differences) = self.diff(newer, same);
        differences
    }

    fn iter(&self) -> impl ExactSizeIterator<Item = (&Key, &Value)> {
        self.into_iter().map(both)
    }

    fn perform(world: &mut World<Self>, step: Step) {
        let version = &mut world.versions[step.at];
        match step.action {
            Action::Set => version.set(step.key, step.content),
            Action::InsertHeld => {
                if let Some(held) = world.held.last() {
                    version.insert_held(held.clone());
                }
            }
            Action::Fail => version.fail(step.key),
            _ => {}
        }
    }
}

/// Checks that the entry that a change returned is the old entry of the key.
fn check_bound<P: PointerKind<Refused = Infallible>>(
    map: &RawMap<P>,
    hash: u32,
    id: u16,
    reported: Option<&Leaf<Key, Value, P>>,
) {
    let Ok(bound) = map.find(hash, is(id));
    let one = match (bound, reported) {
        (Some(bound), Some(reported)) => bound.ptr_eq(reported),
        (None, None) => true,
        _ => false,
    };
    assert!(one, "another entry was returned for key {id}");
}

impl<P: PointerKind<Refused = Infallible>> Version<RawMap<P>> {
    /// Inserts a new key and value, in place if possible.
    fn set(&mut self, id: u16, content: u8) {
        let (key, value, token) = parts(id, content);
        let Ok(displaced) = self.map.set(self.hash(id), key, value, same);
        let expected = self.model.insert(id, token);
        self.check_taken(id, displaced.map(Displaced::into_parts), expected);
    }

    /// Inserts an entry that has a handle.
    fn insert_held(&mut self, Held { entry, token }: Held<P>) {
        let id = entry.key().id();
        let Ok(displaced) = self.map.insert(entry, is(id));
        let expected = self.model.insert(id, token);
        self.check_taken(id, displaced.map(Leaf::into_parts), expected);
    }

    /// Calls every operation with an equality that fails. Nothing changes.
    fn fail(&mut self, id: u16) {
        let hash = self.hash(id);
        // It is called only if an entry has the same hash.
        let asked = self.model.keys().any(|&other| self.hash(other) == hash);
        if !asked {
            return;
        }
        let (key, value, _token) = parts(id, 0);
        let entry = Leaf::new_in(hash, key, value);
        let (key, value, _token) = parts(id, 0);
        assert!(self.map.find(hash, |_| Err(())).is_err());
        assert!(self.map.assoc(entry.clone(), |_| Err(())).is_err());
        assert!(self.map.insert(entry, |_| Err(())).is_err());
        assert!(self.map.set(hash, key, value, |_, _| Err(())).is_err());
        assert!(self.map.without(hash, |_| Err(())).is_err());
        assert!(self.map.remove(hash, |_| Err(())).is_err());
    }
}
