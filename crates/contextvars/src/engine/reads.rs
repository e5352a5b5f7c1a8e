//! The borrowing reads that are open on a thread, and what keeps their values alive.
//!
//! A read changes no reference count. It is registered in the slot through which the value
//! was found, as a reader of the slot's value. Reads may end in any order (those of coroutines
//! do).
//!
//! The rule: a value with readers is bound in the context of the slot's activation,
//! which has not ended; or an entry that binds the value is kept. Therefore:
//!
//! * a change of a binding keeps the displaced entry if its value has readers;
//! * when a context is left or suspended, the entries are kept whose values have readers from
//!   this activation;
//! * before a slot takes another value, or an entry is kept, or when a context is left, the slot's
//!   readers move to the list of *detached* reads.
//!
//! A kept entry is dropped when the last reader of its value ends. A value without an open read
//! is not kept.
//!
//! One value may have readers both in its slot and in the list. A read that ends may be
//! subtracted from either, since each keeps the value alive.

use crate::engine::slots::{Found, Slot, Slots};
use crate::engine::{ContextState, Domain, Leaf, VarKey};
use std::cell::{Cell, RefCell};
use std::ptr::NonNull;
use threadstate::Activation;

pub(super) struct Reads<D: Domain> {
    slots: Slots<D>,
    /// The number of open reads.
    open: Cell<usize>,
    detached: RefCell<Vec<Detached<D>>>,
}

/// Open reads of one value that are no longer registered in a slot.
struct Detached<D: Domain> {
    key: VarKey,
    /// The slot in which they were registered.
    slot: NonNull<Slot<D>>,
    activation: Activation,
    value: NonNull<D::Value>,
    readers: isize,
    kept: Option<Leaf<D>>,
}

// SAFETY: as for `Slots`: only the thread that owns this uses the values.
#[expect(unsafe_code, reason = "1 of the argument in `lookup`")]
unsafe impl<D: Domain> Send for Detached<D>
where
    D::Value: Sync,
    Leaf<D>: Send,
{
}

impl<D: Domain> Reads<D> {
    /// Returns the variable's slot if it holds the outcome for this activation.
    #[inline]
    pub(super) fn remembered(&self, key: VarKey, activation: Activation) -> Option<&Slot<D>> {
        let table = self.slots.table()?;
        Some(Slots::in_table(table, key)).filter(|slot| slot.is_of(key, activation))
    }

    /// Stores the outcome of a lookup in the variable's slot, and returns the slot.
    #[inline]
    pub(super) fn put(&self, key: VarKey, activation: Activation, value: Found<D>) -> &Slot<D> {
        let slot = self.slot(key);
        if self.open.get() > 0 {
            self.prepare(slot, value);
        }
        slot.set(key, activation, value);
        slot
    }

    /// Returns the variable's slot. Allocates the slots if there are none.
    #[inline]
    fn slot(&self, key: VarKey) -> &Slot<D> {
        match self.slots.table() {
            Some(table) => Slots::in_table(table, key),
            None => self.grow(key),
        }
    }

    #[cold]
    fn grow(&self, key: VarKey) -> &Slot<D> {
        if let Some(shared) = self.slots.grow().filter(|slot| slot.readers.any()) {
            self.detach(shared);
        }
        self.slots.of(key)
    }

    /// Drops the slots, since the thread ends. They stay if a read is open.
    #[expect(unsafe_code, reason = "3 of the argument in `lookup`")]
    pub(super) fn end(&self) {
        if self.open.get() == 0 {
            // SAFETY: no read is open, and no user's code runs beside a slot without one.
            unsafe { self.slots.end() };
        }
    }

    /// Detaches the readers of a slot whose value is about to be replaced by another one.
    #[cold]
    fn prepare(&self, slot: &Slot<D>, value: Found<D>) {
        if slot.readers.any() && slot.value() != value {
            self.detach(slot);
        }
    }

    /// Registers a read of the value in a slot, if there is one. The read ends when the result is
    /// dropped.
    #[inline]
    pub(super) fn begin<'a>(&'a self, slot: &'a Slot<D>) -> Option<Reading<'a, D>> {
        let value = slot.value()?;
        self.open.set(self.open.get() + 1);
        slot.readers.add();
        Some(Reading {
            reads: self,
            slot,
            value,
        })
    }

    /// Records that the thread has displaced the binding `old` in its current context, and that
    /// the variable is bound to `new` now.
    #[inline]
    pub(super) fn changed(
        &self,
        key: VarKey,
        activation: Activation,
        old: Option<&Leaf<D>>,
        new: Found<D>,
    ) {
        if let Some(old) = old.filter(|_| self.open.get() > 0) {
            self.keep_displaced(key, old);
        }
        self.put(key, activation, new);
    }

    /// Records that an activation of the context of `state` ends.
    #[inline]
    pub(super) fn leave(&self, activation: Activation, state: &ContextState<D>) {
        if self.open.get() > 0 {
            self.keep_left(activation, state);
        }
    }

    #[cold]
    fn keep_displaced(&self, key: VarKey, old: &Leaf<D>) {
        let value = NonNull::from(&**old.value());
        let slot = self.slots.of(key);
        if slot.readers.any() && slot.value() == Some(value) {
            self.detach(slot);
        }
        for reads in self.detached.borrow_mut().iter_mut() {
            if reads.value == value {
                reads.kept.get_or_insert_with(|| old.clone());
            }
        }
    }

    #[cold]
    fn keep_left(&self, activation: Activation, state: &ContextState<D>) {
        // A read that stays open is found by a search of all slots once, and in the list after that.
        let detached: isize = self
            .detached
            .borrow()
            .iter()
            .map(|reads| reads.readers)
            .sum();
        if self.open.get() as isize > detached {
            let registered = self.slots.iter().filter(|slot| slot.readers.any());
            registered.for_each(|slot| self.detach(slot));
        }
        for reads in self.detached.borrow_mut().iter_mut() {
            if reads.activation == activation && reads.kept.is_none() {
                reads.kept = state.find(reads.key);
            }
        }
    }

    /// Moves the readers of a slot to the list of detached reads.
    #[cold]
    fn detach(&self, slot: &Slot<D>) {
        if let (Some(key), Some(value)) = (slot.key(), slot.value()) {
            self.detached.borrow_mut().push(Detached {
                key,
                slot: NonNull::from(slot),
                activation: slot.activation(),
                value,
                readers: slot.readers.count(),
                kept: None,
            });
            slot.readers.detach();
        }
    }

    /// Ends a read that was registered in a slot with detached reads, and that has been
    /// subtracted from the slot. Returns the kept entry if this was the last reader of its value.
    #[cold]
    #[inline(never)]
    fn end_detached(&self, slot: &Slot<D>, value: NonNull<D::Value>) -> Option<Leaf<D>> {
        if slot.value() == Some(value) && slot.readers.count() >= 0 {
            // A reader of the slot's value: subtracting it from the slot was right.
            return None;
        }
        slot.readers.add();
        let mut detached = self.detached.borrow_mut();
        let of_slot = |reads: &Detached<D>| reads.slot == slot.into() && reads.value == value;
        let index = detached.iter().position(of_slot)?;
        detached[index].readers -= 1;
        if detached[index].readers > 0 {
            return None;
        }
        let ended = detached.swap_remove(index);
        if !detached.iter().any(|reads| reads.slot == ended.slot) {
            slot.readers.end_detached();
        }
        ended.kept
    }
}

impl<D: Domain> Default for Reads<D> {
    fn default() -> Self {
        Reads {
            slots: Slots::default(),
            open: Cell::new(0),
            detached: RefCell::new(Vec::new()),
        }
    }
}

/// An open read. Ends when dropped.
pub(super) struct Reading<'a, D: Domain> {
    reads: &'a Reads<D>,
    slot: &'a Slot<D>,
    value: NonNull<D::Value>,
}

impl<D: Domain> Reading<'_, D> {
    #[inline]
    pub(super) fn value(&self) -> NonNull<D::Value> {
        self.value
    }
}

impl<D: Domain> Drop for Reading<'_, D> {
    #[inline]
    fn drop(&mut self) {
        self.reads.open.set(self.reads.open.get() - 1);
        if !self.slot.readers.subtract() {
            // The kept entry may be the last handle: its drop may run any code.
            drop(self.reads.end_detached(self.slot, self.value));
        }
    }
}
