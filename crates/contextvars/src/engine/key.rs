//! What identifies a variable.

use std::num::NonZeroU64;
use std::sync::atomic::{AtomicU64, Ordering};
use threadstate::Counter;

/// The identity of a variable: a number that is never given twice.
///
/// Not an address: a new variable may get the address of a dead one while a
/// context still holds a binding of that one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct VarKey(NonZeroU64);

impl VarKey {
    /// Takes the next number.
    pub fn next() -> Self {
        static VARIABLES: Counter = Counter::new();
        VarKey(VARIABLES.next())
    }

    pub(super) fn from_number(number: u64) -> Option<Self> {
        NonZeroU64::new(number).map(VarKey)
    }

    /// Gives the number, 1 or more.
    pub fn get(self) -> u64 {
        self.0.get()
    }

    /// Gives the hash under which the trie keeps the variable.
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

/// Where a variable in a static keeps its key, which it gets when it is first set.
///
/// It stays a plain atomic under the model checker, as [`Counter`] does.
#[derive(Debug)]
pub struct LazyVarKey(AtomicU64);

impl LazyVarKey {
    /// Makes the place of a key that is not taken yet.
    pub const fn new() -> Self {
        LazyVarKey(AtomicU64::new(0))
    }

    /// Gives the key, if it has been taken: if not, no context binds the variable.
    #[inline]
    pub fn get(&self) -> Option<VarKey> {
        // Relaxed: only the number itself matters, it publishes nothing.
        NonZeroU64::new(self.0.load(Ordering::Relaxed)).map(VarKey)
    }

    /// Gives the key, after taking it if need be.
    #[inline]
    pub fn get_or_take(&self) -> VarKey {
        self.get().unwrap_or_else(|| self.take())
    }

    #[cold]
    fn take(&self) -> VarKey {
        let new = VarKey::next();
        // Of two threads one takes, and the other's number is never used.
        let order = Ordering::Relaxed;
        match self.0.compare_exchange(0, new.get(), order, order) {
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
