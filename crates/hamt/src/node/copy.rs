//! Making branches: from children, and as changed copies of others.
#![allow(unsafe_code)]

use core::{mem, ptr};

use super::{
    Node,
    branch::{self, Branch, Ownership, position, slots},
    ledger::indexes,
};
use crate::kind::PointerKind;

impl<K, V, P: PointerKind> Node<K, V, P> {
    pub fn branch_of_one(index: usize, child: Self) -> Self {
        // SAFETY: the one slot is written at once, and counted by the branch.
        unsafe {
            let block = branch::allocate(1 << index, 2, Ownership::All);
            slots(block).write(child);
            Self::of_block(block)
        }
    }

    /// The two indexes must differ.
    pub fn branch_of_two((i, a): (usize, Self), (j, b): (usize, Self)) -> Self {
        let (first, second) = if i < j { (a, b) } else { (b, a) };
        // SAFETY: the two slots are written at once, and counted by the branch.
        unsafe {
            let block = branch::allocate(1 << i | 1 << j, 2, Ownership::All);
            slots(block).write(first);
            slots(block).add(1).write(second);
            Self::of_block(block)
        }
    }
}

impl<K, V, P: PointerKind> Branch<'_, K, V, P> {
    /// Makes a copy that has `child` at `index`, in place of the child there or
    /// as a new one. Allocates one block; touches few counts ([`super::lend`]).
    pub fn with(self, index: usize, child: Node<K, V, P>) -> Node<K, V, P> {
        let (bits, bit) = (self.bits(), 1 << index);
        let others = bits & !bit;
        let ownership = self.lend(others);
        let borrowed = borrowed(&ownership);
        let before = position(bits, bit);
        let here = usize::from(bits & bit != 0);
        let after = self.len() - before - here;
        // SAFETY: all slots are written at once: those of the others from the
        // same slots here, the child's between them. The copy counts those that
        // it does not borrow.
        unsafe {
            let block = branch::allocate(bits | bit, before + 1 + after, ownership);
            let from = slots(self.block()).as_ptr();
            let to = slots(block).as_ptr();
            ptr::copy_nonoverlapping(from, to, before);
            to.add(before).write(child);
            ptr::copy_nonoverlapping(from.add(before + here), to.add(before + 1), after);
            self.count_children(others & !borrowed);
            Node::of_block(block)
        }
    }

    /// Makes a copy without the child at `index`. Another must be left.
    pub fn without(self, index: usize) -> Node<K, V, P> {
        let (bits, bit) = (self.bits(), 1 << index);
        let others = bits & !bit;
        let ownership = self.lend(others);
        let borrowed = borrowed(&ownership);
        let before = position(bits, bit);
        let after = self.len() - before - usize::from(bits & bit != 0);
        // SAFETY: as in `with`.
        unsafe {
            let block = branch::allocate(others, before + after, ownership);
            let from = slots(self.block()).as_ptr();
            let to = slots(block).as_ptr();
            ptr::copy_nonoverlapping(from, to, before);
            ptr::copy_nonoverlapping(from.add(self.len() - after), to.add(before), after);
            self.count_children(others & !borrowed);
            Node::of_block(block)
        }
    }

    /// Counts up the children of `slots` for a copy, which has their pointers.
    fn count_children(self, slots: u32) {
        for index in indexes(slots) {
            mem::forget(self.child(index).cloned());
        }
    }
}

fn borrowed<K, V, P: PointerKind>(ownership: &Ownership<K, V, P>) -> u32 {
    match ownership {
        Ownership::All => 0,
        Ownership::Borrows(_, slots) => *slots,
    }
}
