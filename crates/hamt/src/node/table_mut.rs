//! A table that its holder has to itself, and may change in place.
#![allow(unsafe_code)]

use alloc::vec::Vec;
use core::{mem, ptr::NonNull};

use super::{
    Node,
    change::SPARSE,
    indexes,
    state::Role,
    table::{self, Header, Locked, Ownership, Shape, Slot, Table, slots, tags},
    tags,
};
use crate::{Entry, hash::WIDTH, kind::PointerKind};

/// A table that only one node handle knows of: one holder, no borrower. It may
/// still be a borrower itself.
pub(crate) struct TableMut<'a, K, V, P: PointerKind> {
    /// The handle, which is told if the table moves.
    node: &'a mut Node<K, V, P>,
    block: NonNull<Header<K, V, P>>,
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
        if table.shared().state().role() == Role::Borrower {
            drop(table.guarded().take_over());
        }
        table
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
    fn owned(&self) -> u32 {
        // SAFETY: nobody else knows of the table.
        unsafe { *self.shared().header().owned.get() }
    }

    #[inline(always)]
    fn slot(&mut self, slot: usize) -> Option<&mut Slot<K, V, P>> {
        let state = self.shared().state();
        // SAFETY: there are as many slots, all initialized, and nobody else
        // knows of them.
        (slot < state.capacity()).then(|| unsafe { slots(self.block, state).add(slot).as_mut() })
    }

    /// The child in a slot, counted for this table alone.
    #[inline(always)]
    pub fn child_mut(&mut self, slot: usize) -> Option<&mut Node<K, V, P>> {
        let bit = 1 << slot;
        if self.shared().bits() & bit == 0 {
            return None;
        }
        if self.owned() & bit == 0 {
            self.own(slot);
        }
        self.slot(slot)?.as_mut()
    }

    /// The child in a slot, if it is counted for this table already.
    #[inline(always)]
    pub fn into_owned_child(self, slot: usize) -> Option<&'a mut Node<K, V, P>> {
        if self.owned() & 1 << slot == 0 {
            return None;
        }
        let slots = slots(self.block, self.shared().state());
        // SAFETY: an owned slot is there, and the table is the caller's alone
        // for `'a`.
        unsafe { slots.add(slot).as_mut() }.as_mut()
    }

    /// Puts a child in a slot that has none.
    #[inline]
    pub fn fill(&mut self, slot: usize, child: Node<K, V, P>) {
        let Some(place) = self.slot(slot) else { return };
        *place = Some(child);
        let bit = 1 << slot;
        let (bits, owned) = (self.shared().bits() | bit, self.owned() | bit);
        // SAFETY: nobody else knows of the table, and no view of it is left.
        unsafe {
            Header::set_owned(self.block, owned);
            Header::set_bits(self.block, bits);
        }
    }

    /// Puts an entry in a slot of its own of a bucket.
    ///
    /// # Errors
    ///
    /// Gives it back if all 32 are taken.
    #[inline]
    pub fn push(&mut self, entry: Entry<K, V, P>) -> Result<(), Entry<K, V, P>> {
        let slot = self.shared().bits().trailing_ones() as usize;
        if slot == WIDTH {
            return Err(entry);
        }
        if slot == self.shared().state().capacity() {
            self.grow();
        }
        // SAFETY: there is a slot of this number, and so a tag.
        unsafe { tags(self.block).add(slot).write(tags::of(entry.hash())) };
        self.fill(slot, Node::leaf(entry));
        Ok(())
    }

    /// Takes a child out.
    #[inline]
    pub fn remove(&mut self, slot: usize) -> Option<Node<K, V, P>> {
        self.child_mut(slot)?;
        let child = self.slot(slot)?.take();
        let bit = 1 << slot;
        let (bits, owned) = (self.shared().bits() & !bit, self.owned() & !bit);
        // SAFETY: nobody else knows of the table, and no view of it is left.
        unsafe {
            Header::set_owned(self.block, owned);
            Header::set_bits(self.block, bits);
        }
        child
    }

    /// Takes out the only child, if there is only one and it is no branch.
    #[inline]
    pub fn take_only_child(&mut self) -> Option<Node<K, V, P>> {
        let bits = self.shared().bits();
        if !bits.is_power_of_two() {
            return None;
        }
        let slot = bits.trailing_zeros() as usize;
        if self.shared().child(slot)?.as_branch().is_some() {
            return None;
        }
        self.remove(slot)
    }

    /// Tells whether the children of a branch would be better off in a bucket.
    #[inline]
    pub fn is_sparse(&self) -> bool {
        let branch = self.shared();
        branch.len() <= SPARSE && branch.iter().all(|(_, child)| child.as_leaf().is_some())
    }

    /// Takes out all leaves.
    pub fn take_leaves(&mut self) -> Vec<Entry<K, V, P>> {
        let slots = indexes(self.shared().bits());
        slots
            .filter_map(|slot| self.remove(slot)?.into_leaf().ok())
            .collect()
    }

    /// Moves a bucket to a block with room for more.
    fn grow(&mut self) {
        let capacity = self.shared().state().capacity();
        let room = table::capacity_for((capacity + capacity / 2 + 1).min(WIDTH));
        // SAFETY: the copy is complete (`copy_bucket`), has this table's owned
        // slots, and is told of any lender, which knows its borrowers by number
        // only. This block is freed at once, and nothing of it dropped.
        unsafe {
            let guarded = self.guarded();
            let lender = guarded.lender();
            let borrowed = self.shared().bits() & !guarded.owned();
            drop(guarded);
            let ownership = match lender {
                Some(lender) => Ownership::Borrows(lender.block(), borrowed),
                None => Ownership::All,
            };
            let old = self.block;
            let bits = self.shared().bits();
            self.block = table::copy(self.shared(), Shape::Bucket(room), bits, ownership);
            self.node.set_bucket(self.block);
            table::free(old);
        }
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
