//! What identifies a variable.

use std::num::NonZeroU64;
use threadstate::Counter;
use threadstate::sync::{AtomicU64, Ordering};

/// The identity of a variable: a number that is never given twice.
///
/// Not an address: a new variable may get the address of a dead one while a
/// context still holds a binding of that one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct VarKey(NonZeroU64);

impl VarKey {
    /// Returns a key that no variable had before.
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
    /// A variable's number says when it was made, and those made together are
    /// used together. This spreads them over all levels of the trie: every bit
    /// of the number takes part in every bit of the hash, and no two of the
    /// first 2³² variables have the same one.
    pub(crate) fn hash(self) -> u32 {
        // The finalizer of MurmurHash3, one-to-one on 32 bits.
        let number = self.get();
        let mut hash = (number ^ number >> 32) as u32;
        hash = (hash ^ hash >> 16).wrapping_mul(0x85eb_ca6b);
        hash = (hash ^ hash >> 13).wrapping_mul(0xc2b2_ae35);
        hash ^ hash >> 16
    }
}

/// The key of a variable in a static, taken when the variable is first set.
///
/// The key publishes what the thread that took it did before: a thread that gets the
/// key sees all of it. So a caller can make something known about the variable first,
/// and find it wherever a context binds the variable.
#[derive(Debug)]
pub struct LazyVarKey(AtomicU64);

const NOT_TAKEN: u64 = 0;

impl LazyVarKey {
    /// Creates the place of a key that is not taken yet.
    #[cfg(not(loom))]
    pub const fn new() -> Self {
        LazyVarKey(AtomicU64::new(NOT_TAKEN))
    }

    /// Creates the place of a key that is not taken yet. Not `const`: the model
    /// checker counts its atomics.
    #[cfg(loom)]
    pub fn new() -> Self {
        LazyVarKey(AtomicU64::new(NOT_TAKEN))
    }

    /// Returns the key if it has been taken. If not, no context binds the variable.
    #[inline]
    pub fn get(&self) -> Option<VarKey> {
        // Acquire pairs with the Release in `take`.
        NonZeroU64::new(self.0.load(Ordering::Acquire)).map(VarKey)
    }

    /// Returns the key, after taking it if need be.
    #[inline]
    pub fn get_or_take(&self) -> VarKey {
        self.get().unwrap_or_else(|| self.take())
    }

    #[cold]
    fn take(&self) -> VarKey {
        let new = VarKey::next();
        // Of two threads one takes, and the other's number is never used. Release:
        // the key publishes what this thread did before. Acquire where the other was
        // first, as in `get`.
        let (taken, late) = (Ordering::Release, Ordering::Acquire);
        match self.0.compare_exchange(NOT_TAKEN, new.get(), taken, late) {
            Ok(_) => new,
            Err(taken) => NonZeroU64::new(taken).map_or(new, VarKey),
        }
    }
}

impl Default for LazyVarKey {
    fn default() -> Self {
        Self::new()
    }
}
