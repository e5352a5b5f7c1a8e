//! The identity of a variable.

use crate::primitive::{AtomicU64, Ordering};
use std::num::NonZeroU64;
use threadstate::internals::Counter;

/// The identity of a variable: a number that is never reused.
///
/// Not an address: a new variable may get the address of a dead one that a
/// context still binds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct VarKey(NonZeroU64);

impl VarKey {
    /// Returns a new key, which no other variable has.
    pub fn next() -> Self {
        static VARIABLES: Counter = Counter::new();
        VarKey(VARIABLES.next())
    }

    pub(super) fn from_number(number: u64) -> Option<Self> {
        NonZeroU64::new(number).map(VarKey)
    }

    /// Returns the number, 1 or more.
    pub fn get(self) -> u64 {
        self.0.get()
    }

    /// Returns the hash under which the trie keeps the variable.
    ///
    /// Variables that are created together have adjacent numbers, and are often used together.
    /// The hash spreads them over all levels of the trie: every bit of the number affects every
    /// bit of the hash. No two of the first 2³² variables have the same hash.
    pub(crate) fn hash(self) -> u32 {
        // The finalizer of MurmurHash3, one-to-one on 32 bits.
        let number = self.get();
        let mut hash = (number ^ number >> 32) as u32;
        hash = (hash ^ hash >> 16).wrapping_mul(0x85eb_ca6b);
        hash = (hash ^ hash >> 13).wrapping_mul(0xc2b2_ae35);
        hash ^ hash >> 16
    }
}

/// The key of a variable in a static, assigned when the variable is first set.
///
/// [`get`](Self::get) synchronizes with the call that assigned the key. So a caller can record
/// something about the variable first, and see it wherever a context binds the variable.
#[derive(Debug)]
pub struct LazyVarKey(AtomicU64);

const UNASSIGNED: u64 = 0;

impl LazyVarKey {
    /// Creates a cell whose key is not assigned yet.
    #[cfg(not(loom))]
    pub const fn new() -> Self {
        LazyVarKey(AtomicU64::new(UNASSIGNED))
    }

    /// Creates a cell whose key is not assigned yet. Not `const`: loom registers each atomic.
    #[cfg(loom)]
    pub fn new() -> Self {
        LazyVarKey(AtomicU64::new(UNASSIGNED))
    }

    /// Returns the key if it has been assigned. If not, no context binds the variable.
    #[inline]
    pub fn get(&self) -> Option<VarKey> {
        // Acquire pairs with the Release in `assign`.
        NonZeroU64::new(self.0.load(Ordering::Acquire)).map(VarKey)
    }

    /// Returns the key; assigns it first if it has not been assigned.
    #[inline]
    pub fn get_or_assign(&self) -> VarKey {
        self.get().unwrap_or_else(|| self.assign())
    }

    #[cold]
    fn assign(&self) -> VarKey {
        let new = VarKey::next();
        // Of two threads one stores its key, and the other's is never used. Release on success:
        // publishes what this thread did before. Acquire on failure, as in `get`.
        let (assigned, late) = (Ordering::Release, Ordering::Acquire);
        match self
            .0
            .compare_exchange(UNASSIGNED, new.get(), assigned, late)
        {
            Ok(_) => new,
            Err(other) => NonZeroU64::new(other).map_or(new, VarKey),
        }
    }
}

impl Default for LazyVarKey {
    fn default() -> Self {
        Self::new()
    }
}
