//! The id by which tokens identify a context.
//!
//! Only the owning thread, or the holder of `&mut`, touches the id, so relaxed
//! accesses suffice; the claim orders them.

use crate::engine::{Domain, Kind};
use crate::primitive::Ordering;
use std::cell::Cell;
use std::fmt;
use std::num::NonZeroU64;
use threadstate::Word;
use threadstate::internals::Counter;

/// The id of a context: a number that is never reused. Not an address: a new
/// context may get the address of a dead one whose tokens still exist.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContextId(NonZeroU64);

impl ContextId {
    /// Returns the number, 1 or more.
    #[inline]
    pub fn get(self) -> u64 {
        self.0.get()
    }
}

impl fmt::Display for ContextId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "context {}", self.get())
    }
}

impl fmt::Debug for ContextId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The cell that holds a context's id. It is empty before the first set.
pub(super) struct IdCell<D: Domain>(<D::Kind as Kind>::ClaimWord);

impl<D: Domain> Default for IdCell<D> {
    fn default() -> Self {
        // The default of a word is 0.
        IdCell(Default::default())
    }
}

impl<D: Domain> IdCell<D> {
    /// Returns the context's id, if it has one. To be called by the context's owner.
    #[inline]
    pub(super) fn get(&self) -> Option<ContextId> {
        // Relaxed: written by an owner of the context, which is this thread, or one that has
        // released the claim since.
        let id = self.0.load(Ordering::Relaxed);
        NonZeroU64::new(id).map(ContextId)
    }

    /// Returns the context's id; assigns one if it has none. To be called by the context's
    /// owner.
    #[inline]
    pub(super) fn get_or_assign(&self, ids: &Ids) -> ContextId {
        if let Some(id) = self.get() {
            return id;
        }
        let id = ids.next();
        // Relaxed: as above.
        self.0.store(id.0.get(), Ordering::Relaxed);
        id
    }
}

/// The number of ids that a thread reserves at once.
const BATCH: u64 = 1 << 12;

/// The ids that a thread has reserved and not used yet: `next..end`.
#[derive(Default)]
pub(super) struct Ids {
    next: Cell<u64>,
    end: Cell<u64>,
}

impl Ids {
    #[inline]
    fn next(&self) -> ContextId {
        /// The number of batches reserved by all threads.
        static BATCHES: Counter = Counter::new();
        if self.next.get() == self.end.get() {
            let start = BATCHES.next().get() * BATCH;
            self.next.set(start);
            self.end.set(start + BATCH);
        }
        let id = self.next.replace(self.next.get() + 1);
        // Batches are counted from 1, so this is never zero.
        ContextId(NonZeroU64::new(id).unwrap_or(NonZeroU64::MAX))
    }
}
