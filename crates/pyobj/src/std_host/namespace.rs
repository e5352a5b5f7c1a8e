//! Names and their values, in the order in which they were added.

use super::Value;
use hashbrown::{DefaultHashBuilder, HashTable, hash_table::Entry};
use std::fmt;
use std::hash::BuildHasher;
use std::sync::Arc;

/// A map from names to values that keeps the order of insertion, for
/// attributes and for the keywords of a call.
///
/// A lookup hashes the name once, and runs no code of the hosted language. An
/// empty namespace does not allocate: each call without keywords has one.
///
/// # Examples
///
/// ```
/// use pyobj::std_host::{Namespace, Value};
///
/// let mut names = Namespace::new();
/// names.insert("b", Value::from(1));
/// names.insert("a", Value::from(2));
/// assert!(names.keys().eq(["b", "a"]));
/// assert!(names.get("a").is_some_and(|value| value.as_int() == Some(2)));
/// ```
#[derive(Clone, Default)]
pub struct Namespace {
    entries: Vec<(Arc<str>, Value)>,
    /// Invariant: holds each position in `entries` once, under its name's hash.
    positions: HashTable<usize>,
    hasher: DefaultHashBuilder,
}

impl Namespace {
    /// Creates an empty namespace.
    pub fn new() -> Self {
        Namespace::default()
    }

    /// Returns the number of names.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Returns `true` if there are no names.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Returns the value of `name`.
    pub fn get(&self, name: &str) -> Option<&Value> {
        let hash = self.hasher.hash_one(name);
        let position = self
            .positions
            .find(hash, |&at| &*self.entries[at].0 == name)?;
        Some(&self.entries[*position].1)
    }

    /// Sets the value of `name` and returns the one that it replaces. The name
    /// keeps its place in the order.
    pub fn insert(&mut self, name: impl Into<Arc<str>>, value: Value) -> Option<Value> {
        let name = name.into();
        let hasher = &self.hasher;
        let entries = &mut self.entries;
        let entry = self.positions.entry(
            hasher.hash_one(&*name),
            |&at| entries[at].0 == name,
            |&at| hasher.hash_one(&*entries[at].0),
        );
        match entry {
            Entry::Occupied(at) => {
                let value_in_place = &mut self.entries[*at.get()].1;
                Some(std::mem::replace(value_in_place, value))
            }
            Entry::Vacant(free) => {
                free.insert(self.entries.len());
                self.entries.push((name, value));
                None
            }
        }
    }

    /// Removes `name`. O(n) in the number of names.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        let hash = self.hasher.hash_one(name);
        let entries = &self.entries;
        let found = self
            .positions
            .find_entry(hash, |&at| &*entries[at].0 == name)
            .ok()?;
        let (removed, _) = found.remove();
        for position in self.positions.iter_mut() {
            *position -= usize::from(*position > removed);
        }
        Some(self.entries.remove(removed).1)
    }

    /// Returns the names, in order.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &str> {
        self.entries.iter().map(|(name, _)| &**name)
    }

    /// Returns the names and their values, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Value)> {
        self.entries.iter().map(|(name, value)| (&**name, value))
    }
}

impl<N: Into<Arc<str>>, V: Into<Value>> FromIterator<(N, V)> for Namespace {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        let mut names = Namespace::new();
        for (name, value) in pairs {
            names.insert(name, value.into());
        }
        names
    }
}

impl fmt::Debug for Namespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}
