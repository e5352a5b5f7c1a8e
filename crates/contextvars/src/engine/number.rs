//! What identifies a context to its tokens.
//!
//! Only the owning thread, or the holder of `&mut`, touches the number, so relaxed
//! accesses suffice; the claim orders them.

use crate::engine::{Domain, Kind};
use std::cell::Cell;
use std::num::NonZeroU64;
use threadstate::sync::Ordering;
use threadstate::{Counter, Word};

/// A context's number, which no other context ever has. Not an address: a new
/// context may get that of a dead one, whose tokens are still around.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContextNumber(NonZeroU64);

impl ContextNumber {
    /// Returns the number, 1 or more.
    #[inline]
    pub fn get(self) -> u64 {
        self.0.get()
    }
}

/// Where a context keeps its number. It has none before its first token.
pub(super) struct NumberOf<D: Domain>(<D::Kind as Kind>::ClaimWord);

impl<D: Domain> Default for NumberOf<D> {
    fn default() -> Self {
        // The default of a word is 0.
        NumberOf(Default::default())
    }
}

impl<D: Domain> NumberOf<D> {
    /// Returns the context's number, if it has one. For the thread in the context.
    #[inline]
    pub(super) fn get(&self) -> Option<ContextNumber> {
        // Relaxed: written by who was in the context, this thread or one that has
        // given up the claim since.
        let number = self.0.load(Ordering::Relaxed);
        NonZeroU64::new(number).map(ContextNumber)
    }

    /// Returns the context's number, after giving it one if need be. For the thread
    /// in the context.
    #[inline]
    pub(super) fn get_or_take(&self, numbers: &Numbers) -> ContextNumber {
        if let Some(number) = self.get() {
            return number;
        }
        let number = numbers.next();
        // Relaxed: as above.
        self.0.store(number.0.get(), Ordering::Relaxed);
        number
    }
}

/// How many numbers a thread takes at once.
const BATCH: u64 = 1 << 12;

/// The numbers that a thread has taken and not given yet.
#[derive(Default)]
pub(super) struct Numbers {
    next: Cell<u64>,
    end: Cell<u64>,
}

impl Numbers {
    #[inline]
    fn next(&self) -> ContextNumber {
        /// Counts the batches.
        static BATCHES: Counter = Counter::new();
        if self.next.get() == self.end.get() {
            let start = BATCHES.next().get() * BATCH;
            self.next.set(start);
            self.end.set(start + BATCH);
        }
        let number = self.next.replace(self.next.get() + 1);
        // Batches begin with number 1, so never zero.
        ContextNumber(NonZeroU64::new(number).unwrap_or(NonZeroU64::MAX))
    }
}
