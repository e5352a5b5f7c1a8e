use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use hamt::Entry;
use hamt::raw::{Cursor, RawHamt};

use crate::token::{InKey, InModel, InValue};
use crate::{Hashes, Token};

/// A key: its number, and a token that tells it from other keys of that number.
pub struct Key {
    id: u16,
    token: Token<InKey>,
}

type Value = Token<InValue>;
type Expected = Arc<Token<InModel>>;

/// An entry kept by itself, with the token that says what is in it.
#[derive(Clone)]
pub struct Held(Entry<Key, Value>, Expected);

/// A version of a map, with the model that says what must be in it.
#[derive(Clone)]
pub struct Version {
    hashes: Hashes,
    map: RawHamt<Key, Value>,
    model: BTreeMap<u16, Expected>,
    among_threads: bool,
}

/// Makes an equality with a key's number, for the keys of a map.
fn is(id: u16) -> impl Fn(&Key) -> Result<bool, Infallible> {
    move |key| Ok(key.id == id)
}

fn sure<T>(result: Result<T, Infallible>) -> T {
    let Ok(value) = result;
    value
}

/// Makes a key, a value and a token of one new number.
fn parts(id: u16) -> (Key, Value, Expected) {
    static SERIAL: AtomicU64 = AtomicU64::new(0);
    let serial = SERIAL.fetch_add(1, Relaxed);
    let token = Token::new(serial);
    let key = Key { id, token };
    (key, Token::new(serial), Arc::new(Token::new(serial)))
}

fn check(id: u16, found: Option<(&Key, &Value)>, expected: Option<&Expected>) {
    let found = found.map(|(key, value)| (key.id, key.token.serial(), value.serial()));
    let expected = expected.map(|token| (id, token.serial(), token.serial()));
    assert_eq!(found, expected, "found, and what should be, for key {id}");
}

fn both(entry: &Entry<Key, Value>) -> (&Key, &Value) {
    (entry.key(), entry.value())
}

impl Version {
    /// An empty map.
    pub fn new(hashes: Hashes) -> Self {
        Self {
            hashes,
            map: RawHamt::new(),
            model: BTreeMap::new(),
            among_threads: false,
        }
    }

    /// An empty map whose versions other threads may have.
    pub fn among_threads(hashes: Hashes) -> Self {
        let among_threads = true;
        Self {
            among_threads,
            ..Self::new(hashes)
        }
    }

    fn hash(&self, id: u16) -> u32 {
        self.hashes.of(id)
    }

    /// A new entry.
    fn entry(&self, id: u16) -> Held {
        let (key, value, token) = parts(id);
        Held(Entry::new(self.hash(id), key, value), token)
    }

    /// Binds a key to a new entry.
    pub fn insert(&mut self, id: u16) {
        let held = self.entry(id);
        self.insert_held(held);
    }

    /// Binds a key to an entry that others may hold.
    pub fn insert_held(&mut self, Held(entry, token): Held) {
        let id = entry.key().id;
        let displaced = sure(self.map.insert(entry, is(id)));
        let expected = self.model.insert(id, token);
        check(id, displaced.as_ref().map(both), expected.as_ref());
        if let (Some(entry), Some(token)) = (displaced, expected) {
            self.check_alone(id, entry.into_parts().is_ok(), token);
        }
    }

    /// Binds a key to a new key and value, in place where that may be.
    pub fn set(&mut self, id: u16) {
        let hash = self.hash(id);
        let (key, value, token) = parts(id);
        let displaced = sure(self.map.set(hash, key, value, |a, b| Ok(a.id == b.id)));
        let expected = self.model.insert(id, token);
        let found = displaced.as_ref().map(|old| (old.key(), old.value()));
        check(id, found, expected.as_ref());
        if let (Some(displaced), Some(token)) = (displaced, expected) {
            self.check_alone(id, displaced.into_parts().is_ok(), token);
        }
    }

    /// Removes a key.
    pub fn remove(&mut self, id: u16) {
        let removed = sure(self.map.remove(self.hash(id), is(id)));
        let expected = self.model.remove(&id);
        check(id, removed.as_ref().map(both), expected.as_ref());
        if let (Some(entry), Some(token)) = (removed, expected) {
            self.check_alone(id, entry.into_parts().is_ok(), token);
        }
    }

    /// Another version, with a key bound to a new entry.
    pub fn assoc(&self, id: u16) -> Self {
        let Held(entry, token) = self.entry(id);
        let (map, displaced) = sure(self.map.assoc(entry, is(id)));
        check(id, displaced.map(both), self.model.get(&id));
        let mut model = self.model.clone();
        model.insert(id, token);
        Self {
            map,
            model,
            ..*self
        }
    }

    /// Another version, without a key.
    pub fn without(&self, id: u16) -> Self {
        let Some((map, entry)) = sure(self.map.without(self.hash(id), is(id))) else {
            assert!(!self.model.contains_key(&id), "key {id} is absent");
            return self.clone();
        };
        check(id, Some(both(entry)), self.model.get(&id));
        let mut model = self.model.clone();
        model.remove(&id);
        Self {
            map,
            model,
            ..*self
        }
    }

    /// The entry of a key.
    pub fn hold(&self, id: u16) -> Option<Held> {
        let entry = sure(self.map.find(self.hash(id), is(id)))?;
        Some(Held(entry.clone(), self.model.get(&id)?.clone()))
    }

    /// Tries every change with an equality that fails. Nothing changes.
    pub fn fail(&mut self, id: u16) {
        let hash = self.hash(id);
        // It is asked only where an entry has the very hash.
        let asked = self.model.keys().any(|&other| self.hash(other) == hash);
        if !asked {
            return;
        }
        let Held(entry, _token) = self.entry(id);
        let (key, value, _token) = parts(id);
        assert!(self.map.find(hash, |_| Err(())).is_err());
        assert!(self.map.assoc(entry.clone(), |_| Err(())).is_err());
        assert!(self.map.insert(entry, |_| Err(())).is_err());
        assert!(self.map.set(hash, key, value, |_, _| Err(())).is_err());
        assert!(self.map.without(hash, |_| Err(())).is_err());
        assert!(self.map.remove(hash, |_| Err(())).is_err());
    }

    /// Compares two maps, and demands the answer that the models give.
    pub fn compare(&self, other: &Self) {
        let keys = |a: &Key, b: &Key| Ok(a.id == b.id);
        let values = |a: &Value, b: &Value| Ok(a.serial() == b.serial());
        let equal = sure(self.map.eq_by(&other.map, keys, values));
        let serials = |version: &Self| -> Vec<_> {
            let tokens = version.model.iter();
            tokens.map(|(&id, token)| (id, token.serial())).collect()
        };
        assert_eq!(
            equal,
            serials(self) == serials(other),
            "whether maps are equal"
        );
    }

    /// Checks the tree's own rules and one key.
    pub fn check_key(&self, id: u16) {
        if let Err(broken) = self.map.audit() {
            panic!("{broken}");
        }
        assert_eq!(self.map.len(), self.model.len(), "entries");
        let found = sure(self.map.find(self.hash(id), is(id)));
        check(id, found.map(both), self.model.get(&id));
    }

    /// Checks what iteration gives.
    pub fn iterate(&self) {
        let iter = self.map.iter();
        assert_eq!(iter.len(), self.model.len(), "entries to come");
        self.check_entries(iter);
    }

    /// Checks what a cursor gives.
    pub fn cursor(&self) {
        let mut cursor = Cursor::new();
        self.check_entries(std::iter::from_fn(|| cursor.next(&self.map)));
    }

    /// Walks with a cursor over one map and goes on in another. It comes to an end.
    pub fn cursor_over(&self, other: &Self, steps: u16) {
        let mut cursor = Cursor::new();
        for _ in 0..steps {
            cursor.next(&self.map);
        }
        let rest = std::iter::from_fn(|| cursor.next(&other.map)).count();
        assert!(
            rest <= other.model.len(),
            "{rest} entries, of {}",
            other.model.len()
        );
    }

    fn check_entries<'a>(&self, entries: impl Iterator<Item = &'a Entry<Key, Value>>) {
        let mut seen = BTreeMap::new();
        for entry in entries {
            let id = entry.key().id;
            check(id, Some(both(entry)), self.model.get(&id));
            assert!(seen.insert(id, ()).is_none(), "key {id} came twice");
        }
        assert_eq!(seen.len(), self.model.len(), "entries that came");
    }

    /// Checks that an entry gave its parts exactly if nobody else held it. With
    /// other threads that is no question: they let go of the map before the model.
    fn check_alone(&self, id: u16, alone: bool, token: Expected) {
        let expected = Arc::into_inner(token).is_some();
        if !self.among_threads {
            assert_eq!(alone, expected, "whether nobody else held key {id}");
        }
    }
}
