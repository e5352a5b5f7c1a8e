//! What identifies a variable.

use std::num::NonZeroU64;
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
