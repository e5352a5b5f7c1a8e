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
//! * before a slot takes another value, or an entry is kept, the slot's readers move to the list
//!   of *detached* reads.
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
    /// Returns the slot of a variable, which may hold the outcome for another one.
    #[inline]
    pub(super) fn slot(&self, key: VarKey) -> &Slot<D> {
        self.slots.of(key)
    }

    /// Stores the outcome of a lookup in the variable's slot.
    #[inline]
    pub(super) fn put(&self, slot: &Slot<D>, key: VarKey, activation: Activation, value: Found<D>) {
        if self.open.get() > 0 {
            self.prepare(slot, value);
        }
        slot.set(key, activation, value);
    }

    /// Detaches the readers of a slot whose value is about to be replaced by another one.
    #[cold]
    fn prepare(&self, slot: &Slot<D>, value: Found<D>) {
        if slot.readers.any() && slot.value() != value {
            self.detach(slot);
        }
    }

    /// Registers a read of the value in a slot. The read ends when the result is dropped.
    #[inline]
    pub(super) fn begin<'a>(
        &'a self,
        slot: &'a Slot<D>,
        value: NonNull<D::Value>,
    ) -> Reading<'a, D> {
        self.open.set(self.open.get() + 1);
        slot.readers.add();
        Reading {
            reads: self,
            slot,
            value,
        }
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
        self.put(self.slots.of(key), key, activation, new);
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
        for slot in self.slots.iter() {
            if slot.readers.any() && slot.activation() == activation {
                self.detach(slot);
            }
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
                activation: slot.activation(),
                value,
                readers: slot.readers.count(),
                kept: None,
            });
            slot.readers.detach();
        }
    }

    /// Ends a read that was registered in a slot with detached reads, and that has been
    /// subtracted from the slot.
    #[cold]
    #[inline(never)]
    fn end_detached(&self, slot: &Slot<D>, value: NonNull<D::Value>) {
        if slot.value() == Some(value) && slot.readers.count() >= 0 {
            // A reader of the slot's value: subtracting it from the slot was right.
            return;
        }
        slot.readers.add();
        let mut detached = self.detached.borrow_mut();
        let Some(index) = detached.iter().position(|reads| reads.value == value) else {
            return;
        };
        detached[index].readers -= 1;
        if detached[index].readers > 0 {
            return;
        }
        let ended = detached.swap_remove(index);
        if !detached
            .iter()
            .any(|reads| Slots::<D>::share(reads.key, ended.key))
        {
            slot.readers.end_detached();
        }
        drop(detached);
        // The kept entry may be the last handle: its drop may run any code.
        drop(ended);
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

impl<D: Domain> Drop for Reading<'_, D> {
    #[inline]
    fn drop(&mut self) {
        self.reads.open.set(self.reads.open.get() - 1);
        if !self.slot.readers.subtract() {
            self.reads.end_detached(self.slot, self.value);
        }
    }
}
