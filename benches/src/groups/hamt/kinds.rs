//! The kinds of keys and values.

use std::hash::{BuildHasher, Hash, Hasher};
use std::ops::Deref;
use std::rc::Rc;
use std::sync::Arc;

/// What an entry holds in a word. A reader of a map reads that much, as its user would: a map
/// that finds an entry without touching it has not read it.
pub trait Word {
    /// The number itself, or the address of what a handle counts.
    fn word(&self) -> u64;
}

/// A kind of keys.
pub trait Key: Clone + Hash + Eq + Word + 'static {
    /// What the report calls it.
    const KIND: &'static str;

    /// Makes a key with this hash, equal to no other one.
    fn with_hash(hash: u64) -> Self;
}

/// A kind of values.
pub trait Value: Clone + Eq + Word + 'static {
    /// What the report calls it.
    const KIND: &'static str;

    /// Makes a value that is equal to those of the same number.
    fn of(number: u64) -> Self;
}

impl Word for u64 {
    fn word(&self) -> u64 {
        *self
    }
}

impl Key for u64 {
    const KIND: &'static str = "u64";

    fn with_hash(hash: u64) -> Self {
        hash
    }
}

impl Value for u64 {
    const KIND: &'static str = "u64";

    fn of(number: u64) -> Self {
        number
    }
}

/// What a handle counts: like a context variable, it keeps its hash.
pub struct Var {
    hash: u64,
}

/// A counted handle to an object with a stored hash, compared by address. `P` is `Arc<Var>`, or
/// `Rc<Var>` where one thread has it all.
#[derive(Clone)]
pub struct Handle<P>(P);

impl<P: Deref<Target = Var>> Hash for Handle<P> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.0.hash);
    }
}

impl<P: Deref<Target = Var>> PartialEq for Handle<P> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(&*self.0, &*other.0)
    }
}

impl<P: Deref<Target = Var>> Eq for Handle<P> {}

impl<P: Deref<Target = Var>> Word for Handle<P> {
    fn word(&self) -> u64 {
        std::ptr::from_ref(&*self.0).addr() as u64
    }
}

impl<P: Deref<Target = Var> + From<Var> + Clone + 'static> Key for Handle<P> {
    const KIND: &'static str = "handle";

    fn with_hash(hash: u64) -> Self {
        Self(P::from(Var { hash }))
    }
}

/// A counted value. `P` is `Arc<u64>` or `Rc<u64>`, whose equality asks the addresses first.
#[derive(Clone, PartialEq, Eq)]
pub struct Counted<P>(P);

impl<P: Deref<Target = u64>> Word for Counted<P> {
    fn word(&self) -> u64 {
        std::ptr::from_ref(&*self.0).addr() as u64
    }
}

impl<P: Deref<Target = u64> + From<u64> + Clone + Eq + 'static> Value for Counted<P> {
    const KIND: &'static str = "counted";

    fn of(number: u64) -> Self {
        Self(P::from(number))
    }
}

/// A key that threads may share.
pub type ArcHandle = Handle<Arc<Var>>;
/// A key for one thread.
pub type RcHandle = Handle<Rc<Var>>;
/// A value that threads may share.
pub type ArcCounted = Counted<Arc<u64>>;
/// A value for one thread.
pub type RcCounted = Counted<Rc<u64>>;

/// Makes hashers that return the one word they are given: the keys' hashes are mixed already.
#[derive(Clone, Copy, Default)]
pub struct Stored;

impl BuildHasher for Stored {
    type Hasher = StoredHasher;

    fn build_hasher(&self) -> StoredHasher {
        StoredHasher(0)
    }
}

/// The hasher of [`Stored`].
pub struct StoredHasher(u64);

impl Hasher for StoredHasher {
    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
