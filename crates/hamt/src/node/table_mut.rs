//! A table that its holder has to itself, and may change in place.
#![allow(unsafe_code)]

use alloc::vec::Vec;
use core::{mem, ptr::NonNull};

use super::{
    Node,
    bucket::BucketMut,
    indexes,
    state::{Form, Role},
    table::{self, Header, Locked, Ownership, Shape, Slot, Table, slots},
};
use crate::{Entry, hash::WIDTH, kind::PointerKind};

/// A table that only one node handle knows of: one holder, no borrower. It may
/// still be a borrower itself.
pub(crate) struct TableMut<'a, K, V, P: PointerKind> {
    /// The handle, which is told if the table moves.
    node: &'a mut Node<K, V, P>,
    pub(super) block: NonNull<Header<K, V, P>>,
}

impl<'a, K, V, P: PointerKind> TableMut<'a, K, V, P> {
    /// # Safety
    ///
    /// `node` must be the handle of this table and its only holder, and the
    /// table must have no borrower.
    #[inline(always)]
    pub(super) unsafe fn new(node: &'a mut Node<K, V, P>, block: NonNull<Header<K, V, P>>) -> Self {
        let table = Self { node, block };
        table.shared().header().count.note_write();
        match table.shared().state().role() {
            Role::Borrower => {
                let lender = table.guarded().lender();
                if lender.is_some_and(|lender| lender.state().is_left_to_one()) {
                    table.take_over();
                }
            }
            Role::LendsToMany => table.close_ledger(),
            Role::Plain | Role::LendsToOne => {}
        }
        table
    }

    /// Frees the ledger of the borrowers that have all gone, so that the table has no
    /// part in lending any more.
    #[cold]
    fn close_ledger(&self) {
        drop(self.guarded().take_ledger());
    }

    /// Takes over a lender that is left to this table.
    #[cold]
    fn take_over(&self) {
        drop(self.guarded().take_over());
    }

    /// The table to look at.
    #[inline(always)]
    pub fn shared(&self) -> Table<'_, K, V, P> {
        // SAFETY: alive and unchanged while `self` is borrowed.
        unsafe { Table::new(self.block) }
    }

    #[inline(always)]
    fn guarded(&self) -> Locked<'_, K, V, P> {
        // SAFETY: nobody else knows of the table (`new`).
        unsafe { self.shared().alone() }
    }

    /// The slots that are counted for this table.
    #[inline(always)]
    pub(super) fn owned(&self) -> u32 {
        // SAFETY: nobody else knows of the table.
        unsafe { *self.shared().header().owned.get() }
    }

    /// A slot of a branch, its child counted for this table alone. Who fills or
    /// empties it says so by [`note_filled`](Self::note_filled).
    #[inline(always)]
    pub fn branch_slot_mut(&mut self, slot: usize) -> &mut Slot<K, V, P> {
        let slot = slot % WIDTH;
        self.ensure_owned(slot);
        // SAFETY: a branch has all slots, right after its header, and nobody
        // else knows of them.
        unsafe { self.block.add(1).cast::<Slot<K, V, P>>().add(slot).as_mut() }
    }

    /// The handle of the table.
    #[inline(always)]
    pub fn into_node(self) -> &'a mut Node<K, V, P> {
        self.node
    }

    /// Counts the child of a slot for this table alone, if there is one.
    #[inline(always)]
    pub(super) fn ensure_owned(&mut self, slot: usize) {
        if self.shared().bits() & !self.owned() & 1 << slot != 0 {
            self.own(slot);
        }
    }

    #[inline(always)]
    pub(super) fn slot(&mut self, slot: usize) -> Option<&mut Slot<K, V, P>> {
        let state = self.shared().state();
        // SAFETY: there are as many slots, all initialized, and nobody else
        // knows of them.
        (slot < state.capacity()).then(|| unsafe { slots(self.block, state).add(slot).as_mut() })
    }

    /// The form of the table.
    #[inline(always)]
    pub(super) fn form(&self) -> Form {
        self.node.form()
    }

    /// Puts a child in a slot of a branch that has none.
    #[inline(always)]
    pub fn fill(&mut self, slot: usize, child: Node<K, V, P>) {
        *self.branch_slot_mut(slot) = Some(child);
        self.note_filled(slot, true);
    }

    /// Notes whether a slot, which this table owns, has a child.
    #[inline(always)]
    pub fn note_filled(&mut self, slot: usize, is_filled: bool) {
        // SAFETY: nobody else knows of the table, and no view of it is left.
        unsafe { Header::note(self.block, slot, is_filled) };
    }

    /// Puts an entry in a slot of its own of a bucket, which hangs `shift` bits
    /// deep.
    ///
    /// # Errors
    ///
    /// Returns it if the bucket is full: 32 entries at the root, 16 below.
    #[inline(always)]
    pub fn push(&mut self, shift: u32, entry: Entry<K, V, P>) -> Result<(), Entry<K, V, P>> {
        let rest = entry.hash() >> shift;
        self.bucket().push(rest, entry).or_else(|entry| {
            if self.shared().len() >= table::most(shift) {
                return Err(entry);
            }
            self.grow(shift);
            self.bucket().push(rest, entry)
        })
    }

    /// The table as the bucket that it is.
    #[inline(always)]
    pub(super) fn bucket(&mut self) -> BucketMut<'_, K, V, P> {
        BucketMut::of(TableMut {
            node: self.node,
            block: self.block,
        })
    }

    /// Makes a branch of a full bucket, which hangs `shift` bits deep, and one
    /// entry more, or a collision, if all have one hash.
    #[cold]
    pub fn split(mut self, shift: u32, entry: Entry<K, V, P>) -> &'a mut Node<K, V, P> {
        let mut leaves = self.take_leaves();
        leaves.push(entry);
        *self.node = Node::split(shift, leaves);
        self.node
    }

    /// Takes a child out of a branch.
    #[inline]
    pub fn remove(&mut self, slot: usize) -> Option<Node<K, V, P>> {
        self.ensure_owned(slot);
        let child = self.slot(slot)?.take();
        self.note_filled(slot, false);
        child
    }

    /// Takes out all leaves.
    pub fn take_leaves(&mut self) -> Vec<Entry<K, V, P>> {
        let slots = indexes(self.shared().bits());
        slots
            .filter_map(|slot| self.remove(slot)?.into_leaf().ok())
            .collect()
    }

    /// Moves a bucket, which hangs `shift` bits deep, to a block with room for more.
    #[inline(never)]
    fn grow(&mut self, shift: u32) {
        let Shape { form, capacity } = self.shared().state().shape();
        let more = match form {
            Form::Small if capacity < form.slots() => capacity / 2 + 1,
            Form::Small => 4,
            _ => form.slots() / 4,
        };
        let shape = Shape::bucket((capacity + more).min(WIDTH));
        // SAFETY: the copy is complete (`table::copy`), has this table's owned
        // slots, and is told of any lender, which knows its borrowers by number
        // only. This block is freed at once, and nothing of it dropped.
        unsafe {
            let guarded = self.guarded();
            let lender = guarded.lender();
            let borrowed = self.shared().bits() & !guarded.owned();
            drop(guarded);
            let ownership = Ownership {
                lender: lender.map(Table::block),
                borrowed,
            };
            let bits = self.shared().bits();
            let block = table::copy(self.shared(), shift, shape, bits, bits, ownership);
            table::free(self.move_into(block, shape.form));
        }
    }

    /// Has the handle lead to another block, whose table takes this one's place, and
    /// returns the old one.
    ///
    /// # Safety
    ///
    /// The new table must have all that this one has, and nobody else may know of
    /// it; the caller frees the old one.
    #[inline(always)]
    pub(super) unsafe fn move_into(
        &mut self,
        block: NonNull<Header<K, V, P>>,
        form: Form,
    ) -> NonNull<Header<K, V, P>> {
        self.node.set_table(block, form);
        mem::replace(&mut self.block, block)
    }

    /// Counts a borrowed child for this table, and gives its slot back.
    #[cold]
    fn own(&mut self, slot: usize) {
        // The count stays with the slot, which has the pointer already.
        mem::forget(self.shared().child(slot).cloned());
        let bit = 1 << slot;
        let mut guarded = self.guarded();
        let owned = guarded.owned() | bit;
        guarded.set_owned(owned);
        let last = owned == self.shared().bits();
        let lender = guarded.lender();
        if last {
            guarded.clear_link();
        }
        drop(guarded);
        if let Some(lender) = lender {
            // SAFETY: the slot was borrowed, and is not any more. What this lets
            // go of is counted here, so nothing is dropped.
            unsafe { lender.give_back(bit, last) };
        }
    }
}
