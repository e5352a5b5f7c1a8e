//! The number by which tokens identify a context.
//!
//! Only the owning thread, or the holder of `&mut`, touches the number, so relaxed
//! accesses suffice; the claim orders them.

use crate::engine::{Domain, Kind};
use crate::primitive::Ordering;
use std::cell::Cell;
use std::num::NonZeroU64;
use threadstate::{Counter, Word};

/// A context's number, which no other context ever has. Not an address: a new
/// context may get the address of a dead one whose tokens still exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContextNumber(NonZeroU64);

impl ContextNumber {
    /// Returns the number, 1 or more.
    #[inline]
    pub fn get(self) -> u64 {
        self.0.get()
    }
}

/// The cell that holds a context's number. It is empty before the first set.
pub(super) struct NumberCell<D: Domain>(<D::Kind as Kind>::ClaimWord);

impl<D: Domain> Default for NumberCell<D> {
    fn default() -> Self {
        // The default of a word is 0.
        NumberCell(Default::default())
    }
}

impl<D: Domain> NumberCell<D> {
    /// Returns the context's number, if it has one. To be called by the context's owner.
    #[inline]
    pub(super) fn get(&self) -> Option<ContextNumber> {
        // Relaxed: written by an owner of the context, which is this thread, or one that has
        // released the claim since.
        let number = self.0.load(Ordering::Relaxed);
        NonZeroU64::new(number).map(ContextNumber)
    }

    /// Returns the context's number; assigns one if it has none. To be called by the context's
    /// owner.
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

/// The number of numbers that a thread reserves at once.
const BATCH: u64 = 1 << 12;

/// The numbers that a thread has reserved and not used yet: `next..end`.
#[derive(Default)]
pub(super) struct Numbers {
    next: Cell<u64>,
    end: Cell<u64>,
}

impl Numbers {
    #[inline]
    fn next(&self) -> ContextNumber {
        /// The number of batches reserved by all threads.
        static BATCHES: Counter = Counter::new();
        if self.next.get() == self.end.get() {
            let start = BATCHES.next().get() * BATCH;
            self.next.set(start);
            self.end.set(start + BATCH);
        }
        let number = self.next.replace(self.next.get() + 1);
        // Batches are counted from 1, so this is never zero.
        ContextNumber(NonZeroU64::new(number).unwrap_or(NonZeroU64::MAX))
    }
}
