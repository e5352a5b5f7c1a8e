use std::convert::Infallible;

use std::borrow::Borrow;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use hamt::{Leaf, PointerKind};

use crate::token::{InKey, InModel, InValue};
use crate::{Stamp, Token};

/// A key: a number, by which it is compared, and a token that distinguishes it
/// from other keys with that number.
#[derive(Clone)]
pub struct Key {
    id: u16,
    token: Token<InKey>,
}

/// A value.
pub type Value = Token<InValue>;

/// The expectation of an entry. Models that expect the same entry share it, so it
/// lives as long as the entry should.
pub(crate) type Expected = Arc<Token<InModel>>;

impl Key {
    /// Returns the key's number.
    pub fn id(&self) -> u16 {
        self.id
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.id.hash(state);
    }
}

impl Borrow<u16> for Key {
    fn borrow(&self) -> &u16 {
        &self.id
    }
}

/// Creates a key and a value with one new stamp, and their expectation.
pub(crate) fn parts(id: u16, content: u8) -> (Key, Value, Expected) {
    let stamp = Stamp::new(content);
    let token = Token::new(stamp);
    let key = Key { id, token };
    (key, Token::new(stamp), Arc::new(Token::new(stamp)))
}

/// Returns an entry's key and value.
pub(crate) fn both<P: PointerKind<Refused = Infallible>>(
    entry: &Leaf<Key, Value, P>,
) -> (&Key, &Value) {
    (entry.key(), entry.value())
}

/// Checks that a key has the expected entry.
pub(crate) fn check(id: u16, found: Option<(&Key, &Value)>, expected: Option<&Expected>) {
    let found = found.map(|(key, value)| (key.id, key.token.stamp(), value.stamp()));
    let expected = expected.map(|token| (id, token.stamp(), token.stamp()));
    assert_eq!(found, expected, "found and expected entry of key {id}");
}

/// A handle of an entry, with its expectation.
pub struct Held<P: PointerKind<Refused = Infallible>> {
    pub(crate) entry: Leaf<Key, Value, P>,
    pub(crate) token: Expected,
}

impl<P: PointerKind<Refused = Infallible>> Held<P> {
    /// Checks that the entry is unchanged.
    pub fn check(&self) {
        check(
            self.entry.key().id,
            Some(both(&self.entry)),
            Some(&self.token),
        );
    }
}

impl<P: PointerKind<Refused = Infallible>> Clone for Held<P> {
    fn clone(&self) -> Self {
        Self {
            entry: self.entry.clone(),
            token: self.token.clone(),
        }
    }
}
