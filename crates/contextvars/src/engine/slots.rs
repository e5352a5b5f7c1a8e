//! What a thread has looked up lately.
//!
//! CPython keeps the last value of a variable on the variable. Two threads that
//! read one variable would fight over it there, and CPython itself drops it in
//! builds without a global lock. Here each thread has slots of its own, and
//! writes nothing that another reads.
//!
//! A slot is good for one stay in a context ([`Stay`]). So entering a context
//! spoils nothing, leaving it brings the slots of the one below back, and no slot
//! need be cleared: those of a stay that has ended match no more.

use crate::engine::{Domain, VarKey};
use std::cell::Cell;
use std::ptr::NonNull;
use threadstate::Stay;

/// How many variables a thread remembers. A task's step reads a handful.
const SLOTS: usize = 16;

/// A thread's recent lookups, by variable.
pub(super) struct Slots<D: Domain>([Cell<Slot<D>>; SLOTS]);

// SAFETY: a slot's value is looked at by who has the slots, and stays where it
// is.
#[expect(unsafe_code, reason = "1 of the argument in `lookup`")]
unsafe impl<D: Domain> Send for Slots<D> where D::Value: Sync {}

struct Slot<D: Domain> {
    /// The variable's key, which is never zero; zero where nothing was looked up yet.
    key: u64,
    stay: Stay,
    value: Found<D>,
}

/// The outcome of a lookup: where the value is, or `None` where the variable is
/// not bound.
pub(super) type Found<D> = Option<NonNull<<D as Domain>::Value>>;

impl<D: Domain> Clone for Slot<D> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<D: Domain> Copy for Slot<D> {}

impl<D: Domain> Slots<D> {
    /// Gives the outcome of an earlier lookup in this stay.
    #[inline]
    pub(super) fn find(&self, key: VarKey, stay: Stay) -> Option<Found<D>> {
        let slot = self.slot(key).get();
        (slot.key == key.get() && slot.stay == stay).then_some(slot.value)
    }

    /// Remembers an outcome.
    #[inline]
    pub(super) fn put(&self, key: VarKey, stay: Stay, value: Found<D>) {
        let slot = self.slot(key);
        let key = key.get();
        slot.set(Slot { key, stay, value });
    }

    fn slot(&self, key: VarKey) -> &Cell<Slot<D>> {
        &self.0[key.get() as usize % SLOTS]
    }
}

impl<D: Domain> Default for Slots<D> {
    fn default() -> Self {
        const {
            Slots(
                [const {
                    Cell::new(Slot {
                        key: 0,
                        stay: Stay::NONE,
                        value: None,
                    })
                }; SLOTS],
            )
        }
    }
}
