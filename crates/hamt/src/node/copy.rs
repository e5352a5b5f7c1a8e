//! Making tables: from children, and as changed copies of others.
#![allow(unsafe_code)]

use core::{mem, ptr};

use super::{
    Node,
    ledger::indexes,
    state::Form,
    table::{self, Ownership, Shape, Table, slots, tags},
    tags,
};
use crate::{Entry, hash::WIDTH, kind::PointerKind};

impl<K, V, P: PointerKind> Node<K, V, P> {
    /// Makes a branch without children, to be given two at least.
    pub fn empty_branch() -> Self {
        // SAFETY: without bits there are no tags, and the slots are written at
        // once.
        unsafe {
            let block = table::allocate(Shape::Branch, 0, Ownership::All);
            let state = Table::new(block).state();
            for slot in 0..WIDTH {
                slots(block, state).add(slot).write(None);
            }
            Self::of_table(block)
        }
    }

    /// Makes a bucket of entries, of which there must be 2 to 32, to hang `shift`
    /// bits deep.
    #[inline]
    pub fn bucket(
        shift: u32,
        entries: impl IntoIterator<Item = Entry<K, V, P>, IntoIter: ExactSizeIterator>,
    ) -> Self {
        let entries = entries.into_iter();
        let len = entries.len().min(WIDTH);
        let capacity = table::capacity_for(len);
        let bits = !(u64::MAX << len) as u32;
        // SAFETY: the tags and slots are written at once.
        unsafe {
            let block = table::allocate(Shape::Bucket(capacity), bits, Ownership::All);
            let slots = slots(block, Table::new(block).state());
            tags(block).write_bytes(0, tags::room(capacity));
            for slot in 0..capacity {
                slots.add(slot).write(None);
            }
            for (slot, entry) in entries.take(len).enumerate() {
                tags(block).add(slot).write(tags::of(entry.hash(), shift));
                slots.add(slot).write(Some(Self::leaf(entry)));
            }
            Self::of_table(block)
        }
    }
}

impl<K, V, P: PointerKind> Table<'_, K, V, P> {
    /// Makes a copy with `child` in a slot, in place of the child there or, in a
    /// branch, as a new one.
    #[inline(always)]
    pub fn with(self, slot: usize, child: Node<K, V, P>) -> Node<K, V, P> {
        self.changed(slot, Some(child), None)
    }

    /// Makes a copy of a bucket, which hangs `shift` bits deep, with one more
    /// entry.
    ///
    /// # Errors
    ///
    /// Gives the entry back if there are `most` already.
    #[inline(always)]
    pub fn with_more(
        self,
        shift: u32,
        most: usize,
        entry: Entry<K, V, P>,
    ) -> Result<Node<K, V, P>, Entry<K, V, P>> {
        let slot = self.bits().trailing_ones() as usize;
        if slot >= most {
            return Err(entry);
        }
        let tag = tags::of(entry.hash(), shift);
        Ok(self.changed(slot, Some(Node::leaf(entry)), Some(tag)))
    }

    /// Makes a copy without the child in a slot. Another must be left.
    #[inline(always)]
    pub fn without(self, slot: usize) -> Node<K, V, P> {
        self.changed(slot, None, None)
    }

    /// Makes a copy with one slot changed. Allocates one block; touches few
    /// counts ([`super::lend`]).
    #[inline(always)]
    fn changed(self, slot: usize, child: Option<Node<K, V, P>>, tag: Option<u8>) -> Node<K, V, P> {
        let bit = 1 << slot;
        let others = self.bits() & !bit;
        let bits = others | if child.is_some() { bit } else { 0 };
        let ownership = self.lend(others);
        let counted = others & !ownership.borrowed();
        let shape = match self.state().form() {
            Form::Branch => Shape::Branch,
            Form::Small | Form::Large => Shape::Bucket(table::capacity_for(
                (u32::BITS - bits.leading_zeros()) as usize,
            )),
        };
        for slot in indexes(counted) {
            mem::forget(self.child(slot).cloned());
        }
        // SAFETY: the copy has the pointers of the children in `others`, which it
        // borrows or for which it is counted; the slot that changes is written
        // before anybody looks.
        unsafe {
            let block = table::copy(self, shape, bits, ownership);
            let state = Table::new(block).state();
            if slot < state.capacity() {
                ptr::write(slots(block, state).add(slot).as_ptr(), child);
            }
            if let Some(tag) = tag {
                tags(block).add(slot).write(tag);
            }
            Node::of_table(block)
        }
    }
}
