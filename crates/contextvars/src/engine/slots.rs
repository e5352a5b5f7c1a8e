//! What a thread has looked up lately.
//!
//! CPython keeps the last value of a variable on the variable. Two threads that
//! read one variable would contend for it there, and CPython itself drops it in
//! builds without a global lock. Here each thread has slots of its own, and
//! writes nothing that another reads.
//!
//! A slot is good for one [`Activation`] of a context. So entering a context
//! spoils nothing, leaving it makes the slots of the one below good again, and no slot
//! need be cleared: those of an activation that has ended match no more.

use crate::engine::{Domain, Leaf, VarKey};
use std::cell::Cell;
use std::ptr::NonNull;
use threadstate::Activation;

/// The slots of a thread take 4 KiB. A variable that is not in its slot is found by a walk down
/// the trie.
pub(super) const SLOTS: usize = 128;

/// A thread's recent lookups, by variable.
pub(super) struct Slots<D: Domain>([Slot<D>; SLOTS]);

// SAFETY: a slot's value is used by the thread that has the slots alone, and stays
// where it is.
#[expect(unsafe_code, reason = "1 of the argument in `lookup`")]
unsafe impl<D: Domain> Send for Slots<D>
where
    D::Value: Sync,
    Leaf<D>: Send,
{
}

/// The outcome of one lookup.
pub(super) struct Slot<D: Domain> {
    /// The variable's key, which is never zero; zero where nothing was looked up yet.
    key: Cell<u64>,
    activation: Cell<Activation>,
    value: Cell<Found<D>>,
    /// The open reads that came by this slot: see `reads`.
    pub(super) readers: Readers,
}

/// How many open reads look at the value of a slot, and whether others that came by the
/// slot are detached, and look at another value.
pub(super) struct Readers(Cell<isize>);

/// Added while there are detached reads: the sum is negative, whatever the count.
const DETACHED: isize = isize::MIN / 2;

impl Readers {
    const fn none() -> Self {
        Readers(Cell::new(0))
    }

    #[inline]
    pub(super) fn add(&self) {
        self.0.set(self.0.get() + 1);
    }

    /// Subtracts one reader. Returns `false` where there are detached reads, so that it
    /// may be one of these.
    #[inline]
    pub(super) fn subtract(&self) -> bool {
        let left = self.0.get() - 1;
        self.0.set(left);
        left >= 0
    }

    /// Returns `true` if a reader looks at the value of the slot.
    pub(super) fn any(&self) -> bool {
        self.count() != 0
    }

    /// Returns how many look at the value of the slot.
    pub(super) fn count(&self) -> isize {
        match self.0.get() {
            sum @ 0.. => sum,
            sum => sum - DETACHED,
        }
    }

    /// Subtracts all readers, which are detached from now on.
    pub(super) fn detach(&self) {
        self.0.set(DETACHED);
    }

    /// Notes that there are no detached reads any more.
    pub(super) fn end_detached(&self) {
        self.0.set(self.count());
    }
}

/// The outcome of a lookup: where the value is, or `None` where the variable is
/// not bound.
pub(super) type Found<D> = Option<NonNull<<D as Domain>::Value>>;

impl<D: Domain> Slot<D> {
    /// Returns `true` if the slot has the outcome for a variable in an activation.
    #[inline]
    pub(super) fn is_of(&self, key: VarKey, activation: Activation) -> bool {
        self.key.get() == key.get() && self.activation.get() == activation
    }

    #[inline]
    pub(super) fn value(&self) -> Found<D> {
        self.value.get()
    }

    pub(super) fn key(&self) -> Option<VarKey> {
        VarKey::from_number(self.key.get())
    }

    pub(super) fn activation(&self) -> Activation {
        self.activation.get()
    }

    /// Remembers an outcome.
    #[inline]
    pub(super) fn set(&self, key: VarKey, activation: Activation, value: Found<D>) {
        self.key.set(key.get());
        self.activation.set(activation);
        self.value.set(value);
    }
}

impl<D: Domain> Slots<D> {
    /// Returns the slot of a variable, whatever is in it.
    #[inline]
    pub(super) fn of(&self, key: VarKey) -> &Slot<D> {
        &self.0[key.get() as usize % SLOTS]
    }

    /// Returns `true` if both variables have one slot.
    pub(super) fn share(a: VarKey, b: VarKey) -> bool {
        a.get() as usize % SLOTS == b.get() as usize % SLOTS
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Slot<D>> {
        self.0.iter()
    }
}

impl<D: Domain> Default for Slots<D> {
    fn default() -> Self {
        const {
            Slots(
                [const {
                    Slot {
                        key: Cell::new(0),
                        activation: Cell::new(Activation::NONE),
                        value: Cell::new(None),
                        readers: Readers::none(),
                    }
                }; SLOTS],
            )
        }
    }
}
