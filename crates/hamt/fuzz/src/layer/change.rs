//! Changes in place by `get_mut`, `iter_mut` and `entry`. Shared entries are cloned first.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::Arc;

use hamt::PointerKind;
use hamt::map::Entry;

use super::Map;
use crate::entry::{Expected, check, parts};
use crate::{Step, Token, Value, Version};

/// Returns the expectation of a key and value that were removed from a map: clones, if others
/// hold them. Another thread may have dropped the map, and not yet the model.
pub(super) fn taken_out(token: Expected, value: &Value, among_threads: bool) -> Expected {
    let mut stamp = token.stamp();
    let held = Arc::into_inner(token).is_none();
    let cloned = if among_threads {
        value.stamp().copies > stamp.copies
    } else {
        held
    };
    stamp.copies += u32::from(cloned);
    Arc::new(Token::new(stamp))
}

/// Checks whether a mutably borrowed value was cloned first, and writes a new one.
fn change(value: &mut Value, expected: &mut Expected, among_threads: bool) {
    let is_held = Arc::get_mut(expected).is_none();
    let is_clone = value.stamp().copies > expected.stamp().copies;
    assert!(among_threads || is_clone == is_held, "whether it is cloned");
    if is_clone {
        let mut stamp = expected.stamp();
        stamp.copies += 1;
        *expected = Arc::new(Token::new(stamp));
    }
    assert_eq!(
        value.stamp(),
        expected.stamp(),
        "borrowed and expected value"
    );
    *value = Token::new(value.stamp());
}

impl<P: PointerKind<Refused = Infallible>> Version<Map<P>> {
    /// Changes the value of a key.
    pub(super) fn get_mut(&mut self, id: u16) {
        match (self.map.get_mut(&id), self.model.get_mut(&id)) {
            (Some(value), Some(expected)) => change(value, expected, self.among_threads),
            (None, None) => {}
            (found, _) => panic!("key {id}, found: {}", found.is_some()),
        }
    }

    /// Changes all values or, for odd counts, that number of them.
    pub(super) fn iter_mut(&mut self, count: u16) {
        let mut values = self.map.iter_mut();
        let len = self.model.len();
        assert_eq!(values.len(), len, "length of the iterator");
        let most = match usize::from(count) {
            count if count.is_multiple_of(2) => len,
            count => count.min(len),
        };
        let mut seen = BTreeSet::new();
        for (key, value) in values.by_ref().take(most) {
            let Some(expected) = self.model.get_mut(&key.id()) else {
                panic!("key {} was returned, which is not in the model", key.id());
            };
            change(value, expected, self.among_threads);
            assert!(seen.insert(key.id()), "key {} was returned twice", key.id());
        }
        assert_eq!(
            (seen.len(), values.len()),
            (most, len - most),
            "returned values"
        );
    }

    /// Changes, inserts or removes a key.
    pub(super) fn entry(&mut self, step: Step) {
        let (id, among_threads) = (step.key, self.among_threads);
        let (key, value, token) = parts(id, step.content);
        match self.map.entry(key) {
            Entry::Occupied(mut entry) => {
                check(id, Some((entry.key(), entry.get())), self.model.get(&id));
                let Some(mut expected) = self.model.remove(&id) else {
                    panic!("key {id} is not in the model");
                };
                match step.count % 4 {
                    0 => {
                        let (key, value) = entry.remove_entry();
                        let expected = taken_out(expected, &value, among_threads);
                        check(id, Some((&key, &value)), Some(&expected));
                        return;
                    }
                    1 => change(entry.into_mut(), &mut expected, among_threads),
                    _ => {
                        change(entry.get_mut(), &mut expected, among_threads);
                        change(entry.get_mut(), &mut expected, among_threads);
                    }
                }
                self.model.insert(id, expected);
            }
            Entry::Vacant(entry) => {
                check(id, None, self.model.get(&id));
                match step.count % 4 {
                    0 => drop(entry.into_key()),
                    1 => {
                        let entry = entry.insert_entry(value);
                        check(id, Some((entry.key(), entry.get())), Some(&token));
                        self.model.insert(id, token);
                    }
                    _ => {
                        let expected = self.model.entry(id).insert_entry(token).into_mut();
                        change(entry.insert(value), expected, among_threads);
                    }
                }
            }
        }
    }
}
