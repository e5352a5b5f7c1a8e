//! Making tables: from children, and as changed copies of others.
#![allow(unsafe_code)]

use core::mem;

use super::{
    Node, guide,
    ledger::indexes,
    state::Form,
    table::{self, Ownership, Shape, Slot, Table, guide_of, slots},
};
use crate::{Entry, hash::WIDTH, kind::PointerKind};

impl<K, V, P: PointerKind> Node<K, V, P> {
    /// Makes a branch without children, to be given two at least.
    pub fn empty_branch() -> Self {
        // SAFETY: a branch has no guide, and the slots are written at once.
        unsafe {
            let block = table::allocate(Shape::BRANCH, 0, Ownership::ALL);
            let state = Table::new(block).state();
            for slot in 0..WIDTH {
                slots(block, state).add(slot).write(None);
            }
            Self::of_table(block)
        }
    }

    /// Makes a bucket of entries, of which there must be 2 to 32, to hang `shift`
    /// bits deep, with room for `room` of them. (A root that is being built has fewer.)
    #[inline]
    pub fn bucket(
        shift: u32,
        room: usize,
        entries: impl IntoIterator<Item = Entry<K, V, P>, IntoIter: ExactSizeIterator>,
    ) -> Self {
        let entries = entries.into_iter();
        let len = entries.len().min(WIDTH);
        let shape = Shape::bucket(room.clamp(len, WIDTH));
        let bits = !(u64::MAX << len) as u32;
        // SAFETY: the guide and slots are written at once.
        unsafe {
            let block = table::allocate(shape, bits, Ownership::ALL);
            let slots = slots(block, Table::new(block).state());
            let guide = guide_of(block).as_ptr();
            guide::clear(guide, shape.form);
            for slot in 0..shape.capacity {
                slots.add(slot).write(None);
            }
            for (slot, entry) in entries.take(len).enumerate() {
                guide::add(guide, shape.form, slot, entry.hash() >> shift);
                slots.add(slot).write(Some(Self::leaf(entry)));
            }
            Self::of_table(block)
        }
    }
}

impl<K, V, P: PointerKind> Table<'_, K, V, P> {
    /// Makes a copy with `child` in a slot, in place of the child there or, in a
    /// branch, as a new one. In a bucket, both must have one hash. The table
    /// hangs `shift` bits deep.
    #[inline(always)]
    pub fn with(self, shift: u32, slot: usize, child: Node<K, V, P>) -> Node<K, V, P> {
        let kept = self.bits();
        self.changed(shift, slot, kept, Some(child))
    }

    /// Makes a copy of a bucket, which hangs `shift` bits deep, with one more
    /// entry.
    ///
    /// # Errors
    ///
    /// Returns the entry if the bucket is full: 32 entries at the root, 16 below.
    #[inline(always)]
    pub fn with_more(
        self,
        shift: u32,
        entry: Entry<K, V, P>,
    ) -> Result<Node<K, V, P>, Entry<K, V, P>> {
        let slot = self.bits().trailing_ones() as usize;
        if slot >= table::most(shift) {
            return Err(entry);
        }
        let kept = self.bits();
        Ok(self.changed(shift, slot, kept, Some(Node::leaf(entry))))
    }

    /// Makes a copy without the child in a slot; the table hangs `shift` bits
    /// deep. Another must be left.
    #[inline(always)]
    pub fn without(self, shift: u32, slot: usize) -> Node<K, V, P> {
        let kept = self.bits() & !(1 << slot);
        self.changed(shift, slot, kept, None)
    }

    /// Makes a copy with one slot changed, in whose guide those in `kept` stay.
    /// Allocates one block; touches few counts ([`super::lend`]).
    #[inline(always)]
    fn changed(
        self,
        shift: u32,
        slot: usize,
        kept: u32,
        child: Option<Node<K, V, P>>,
    ) -> Node<K, V, P> {
        let bit = 1 << slot;
        let others = self.bits() & !bit;
        let bits = others | if child.is_some() { bit } else { 0 };
        let ownership = self.lend(others);
        let counted = others & !ownership.borrowed;
        for slot in indexes(counted) {
            mem::forget(self.child(slot).cloned());
        }
        let shape = self.shape_for(bits);
        let is_new = kept & bit == 0;
        let added = child.as_ref().and_then(Node::as_leaf).map(Entry::hash);
        // SAFETY: the copy has the pointers of the children in `others`, which it
        // borrows or for which it is counted; the slot that changes is written,
        // and noted if it is new, before anybody looks.
        unsafe {
            let block = table::copy(self, shift, shape, kept, bits, ownership);
            if slot < shape.capacity {
                let guide_room = guide::room(shape.form);
                let slots = guide_of(block).add(guide_room).cast::<Slot<K, V, P>>();
                slots.add(slot).write(child);
            }
            if let Some(hash) = added.filter(|_| is_new) {
                guide::add(guide_of(block).as_ptr(), shape.form, slot, hash >> shift);
            }
            Node::new(block, shape.form as usize)
        }
    }

    /// The shape of a changed copy with children in `bits`: this table's own, if
    /// that fits well, which is the fastest to copy.
    #[inline(always)]
    fn shape_for(self, bits: u32) -> Shape {
        let own = self.state().shape();
        let len = (u32::BITS - bits.leading_zeros()) as usize;
        if own.form == Form::Branch || (len..len + SLACK).contains(&own.capacity) {
            own
        } else {
            Shape::bucket(len)
        }
    }
}

/// A copy of a bucket keeps fewer empty slots than this.
const SLACK: usize = 5;
