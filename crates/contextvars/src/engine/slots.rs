//! A thread's cache of recent lookups.
//!
//! CPython caches the last value of a variable in the variable. Two threads that
//! read one variable would contend there, and CPython itself omits this cache in
//! builds without a global lock. Here each thread has its own slots, and
//! writes nothing that another thread reads.
//!
//! A slot is valid for one [`Activation`] of a context. So entering a context
//! invalidates nothing, and after leaving it the slots of the outer one match again. Slots
//! need not be cleared: those of an activation that has ended never match again.

use crate::engine::{Domain, Leaf, VarKey};
use std::cell::{Cell, UnsafeCell};
use std::ptr::NonNull;
use std::slice;
use threadstate::Activation;

/// The number of slots of a thread, which take 32 KiB. A variable that is not in its slot is
/// looked up in the trie. Fewer under Miri, where it takes long to make them.
pub(super) const SLOTS: usize = if cfg!(miri) { 16 } else { 1024 };

/// A thread's recent lookups, by variable.
///
/// The first get or set allocates a table of slots. Where there is no memory for it, and after the
/// thread has ended (what a thread-local holds is never dropped), all variables share one slot.
/// That one is for open reads only: the next lookup searches the trie.
pub(super) struct Slots<D: Domain> {
    // Taken away by `end` alone, whose caller has no reference to a slot.
    table: UnsafeCell<Option<Box<[Slot<D>; SLOTS]>>>,
    shared: Slot<D>,
    has_ended: Cell<bool>,
}

// SAFETY: only the thread that owns the slots uses a slot's value, and the value does not move.
#[expect(unsafe_code, reason = "1 of the argument in `lookup`")]
unsafe impl<D: Domain> Send for Slots<D>
where
    D::Value: Sync,
    Leaf<D>: Send,
{
}

/// The outcome of one lookup.
pub(super) struct Slot<D: Domain> {
    /// The variable's key, which is never zero; zero if the slot has not been used.
    key: Cell<u64>,
    activation: Cell<Activation>,
    value: Cell<Found<D>>,
    /// The open reads that were registered in this slot: see `reads`.
    pub(super) readers: Readers,
}

/// The number of open reads of a slot's value, and whether there are detached reads that were
/// registered in this slot.
pub(super) struct Readers(Cell<isize>);

/// Added to the count while there are detached reads: the sum is negative for any count.
const DETACHED: isize = isize::MIN / 2;

impl Readers {
    const fn none() -> Self {
        Readers(Cell::new(0))
    }

    #[inline]
    pub(super) fn add(&self) {
        self.0.set(self.0.get() + 1);
    }

    /// Subtracts one reader. Returns `false` if there are detached reads: the reader may be
    /// one of them.
    #[inline]
    pub(super) fn subtract(&self) -> bool {
        let left = self.0.get() - 1;
        self.0.set(left);
        left >= 0
    }

    /// Returns `true` if the slot's value has readers.
    pub(super) fn any(&self) -> bool {
        self.count() != 0
    }

    /// Returns the number of readers of the slot's value.
    pub(super) fn count(&self) -> isize {
        match self.0.get() {
            sum @ 0.. => sum,
            sum => sum - DETACHED,
        }
    }

    /// Subtracts all readers, and records that there are detached reads.
    pub(super) fn detach(&self) {
        self.0.set(DETACHED);
    }

    /// Records that there are no detached reads any more.
    pub(super) fn end_detached(&self) {
        self.0.set(self.count());
    }
}

/// The outcome of a lookup: the address of the value, or `None` if the variable is
/// not bound.
pub(super) type Found<D> = Option<NonNull<<D as Domain>::Value>>;

impl<D: Domain> Slot<D> {
    const fn unused() -> Self {
        Slot {
            key: Cell::new(0),
            activation: Cell::new(Activation::NONE),
            value: Cell::new(None),
            readers: Readers::none(),
        }
    }

    /// Returns `true` if the slot holds the outcome for this variable in this activation.
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

    /// Stores an outcome.
    #[inline]
    pub(super) fn set(&self, key: VarKey, activation: Activation, value: Found<D>) {
        self.key.set(key.get());
        self.activation.set(activation);
        self.value.set(value);
    }
}

impl<D: Domain> Slots<D> {
    /// Returns the slot of a variable, which may hold the outcome for another one.
    #[inline]
    pub(super) fn of(&self, key: VarKey) -> &Slot<D> {
        match self.table() {
            Some(table) => Slots::in_table(table, key),
            None => &self.shared,
        }
    }

    #[inline]
    pub(super) fn in_table(table: &[Slot<D>; SLOTS], key: VarKey) -> &Slot<D> {
        &table[key.get() as usize % SLOTS]
    }

    pub(super) fn iter(&self) -> slice::Iter<'_, Slot<D>> {
        match self.table() {
            Some(table) => table.iter(),
            None => slice::from_ref(&self.shared).iter(),
        }
    }

    #[inline]
    #[expect(unsafe_code, reason = "3 of the argument in `lookup`")]
    pub(super) fn table(&self) -> Option<&[Slot<D>; SLOTS]> {
        // SAFETY: `grow` writes it while there is none, and `end` takes it while no result of
        // this function is in use.
        unsafe { &*self.table.get() }.as_deref()
    }

    /// Allocates the table, if there is memory. Returns the slot that the variables shared before,
    /// which serves no lookup any more.
    #[expect(unsafe_code, reason = "3 of the argument in `lookup`")]
    pub(super) fn grow(&self) -> Option<&Slot<D>> {
        if self.has_ended.get() || self.table().is_some() {
            return None;
        }
        let mut slots = Vec::new();
        slots.try_reserve_exact(SLOTS).ok()?;
        slots.resize_with(SLOTS, Slot::unused);
        let table = slots.into_boxed_slice().try_into().ok();
        // SAFETY: there is no table, so no reference to its content.
        unsafe { *self.table.get() = table };
        Some(&self.shared)
    }

    /// Drops the table: the thread ends. Variables share a slot from now on.
    ///
    /// # Safety
    ///
    /// The caller has no reference to a slot, and no read is open.
    #[expect(unsafe_code, reason = "3 of the argument in `lookup`")]
    pub(super) unsafe fn end(&self) {
        self.has_ended.set(true);
        // SAFETY: the caller's promise. A slot's drop runs no code.
        drop(unsafe { (*self.table.get()).take() });
    }
}

impl<D: Domain> Default for Slots<D> {
    fn default() -> Self {
        Slots {
            table: UnsafeCell::new(None),
            shared: Slot::unused(),
            has_ended: Cell::new(false),
        }
    }
}
