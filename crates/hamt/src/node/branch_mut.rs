//! A branch that its holder has to itself, and may change in place.
#![allow(unsafe_code)]

use core::ptr::{self, NonNull};

use super::{
    Node,
    branch::{self, Branch, Header, Locked, position, slots},
};
use crate::{hash::WIDTH, kind::PointerKind};

/// A branch that only one node handle knows of: one holder, no borrower. It may
/// still be a borrower itself.
pub(crate) struct BranchMut<'a, K, V, P: PointerKind> {
    /// The handle, which is told if the branch moves.
    node: &'a mut Node<K, V, P>,
    block: NonNull<Header<K, V, P>>,
}

impl<'a, K, V, P: PointerKind> BranchMut<'a, K, V, P> {
    /// # Safety
    ///
    /// `node` must be the handle of this branch and its only holder, and the
    /// branch must have no borrower.
    #[inline(always)]
    pub(super) unsafe fn new(
        node: &'a mut Node<K, V, P>,
        block: NonNull<Header<K, V, P>>,
    ) -> Self {
        let branch = Self { node, block };
        branch.shared().header().count.note_write();
        drop(branch.guarded().take_over());
        branch
    }

    /// The branch to look at.
    #[inline(always)]
    pub fn shared(&self) -> Branch<'_, K, V, P> {
        // SAFETY: alive and unchanged while `self` is borrowed.
        unsafe { Branch::new(self.block) }
    }

    #[inline(always)]
    fn guarded(&self) -> Locked<'_, K, V, P> {
        // SAFETY: nobody else knows of the branch (`new`).
        unsafe { self.shared().alone() }
    }

    /// The child of an index, counted for this branch alone.
    #[inline(always)]
    pub fn child_mut(&mut self, index: usize) -> Option<&mut Node<K, V, P>> {
        let bits = self.shared().bits();
        let bit = 1 << index;
        if bits & bit == 0 {
            return None;
        }
        if self.guarded().owned() & bit == 0 {
            self.own(bit);
        }
        // SAFETY: the bit is set, so there is such a slot, and it is owned.
        Some(unsafe { slots(self.block).add(position(bits, bit)).as_mut() })
    }

    /// The child of an index, if it is counted for this branch already.
    #[inline(always)]
    pub fn into_owned_child(self, index: usize) -> Option<&'a mut Node<K, V, P>> {
        let bits = self.shared().bits();
        let bit = 1 << index;
        // SAFETY: owned slots are there, and the branch is the caller's alone
        // for `'a`.
        (self.guarded().owned() & bit != 0)
            .then(|| unsafe { slots(self.block).add(position(bits, bit)).as_mut() })
    }

    /// Adds a child of an index that has none.
    #[inline]
    pub fn insert(&mut self, index: usize, child: Node<K, V, P>) {
        let bits = self.shared().bits();
        let bit = 1 << index;
        let len = self.shared().len();
        if len == self.shared().state().capacity() {
            let capacity = WIDTH.min((len + len / 2 + 1).next_multiple_of(2));
            // SAFETY: nobody else knows of the branch, and the handle is told.
            self.block = unsafe { branch::grow(self.block, capacity) };
            self.node.set_block(self.block);
        }
        let position = position(bits, bit);
        let slot = unsafe { slots(self.block).add(position) };
        // SAFETY: there is room for one more. The slots behind move up, and the
        // new one is written, before anybody looks again.
        unsafe {
            ptr::copy(slot.as_ptr(), slot.as_ptr().add(1), len - position);
            slot.write(child);
            *Header::bits_mut(&mut self.block) = bits | bit;
        }
        let mut guarded = self.guarded();
        let owned = guarded.owned();
        guarded.set_owned(owned | bit);
    }

    /// Takes the child of an index out.
    #[inline]
    pub fn remove(&mut self, index: usize) -> Option<Node<K, V, P>> {
        let bits = self.shared().bits();
        let bit = 1 << index;
        self.child_mut(index)?;
        let len = self.shared().len();
        let position = position(bits, bit);
        let slot = unsafe { slots(self.block).add(position) };
        // SAFETY: `child_mut` has made the slot owned. Its child goes to the
        // caller, and the slots behind move down, before anybody looks again.
        let child = unsafe {
            let child = slot.read();
            ptr::copy(slot.as_ptr().add(1), slot.as_ptr(), len - position - 1);
            *Header::bits_mut(&mut self.block) = bits & !bit;
            child
        };
        let mut guarded = self.guarded();
        let owned = guarded.owned();
        guarded.set_owned(owned & !bit);
        drop(guarded);
        Some(child)
    }

    /// Takes out a leaf or collision that is the only child.
    pub fn take_sole_child(&mut self) -> Option<Node<K, V, P>> {
        match self.shared().children() {
            [child] if child.is_sole() => {
                let index = self.shared().bits().trailing_zeros();
                self.remove(index as usize)
            }
            _ => None,
        }
    }

    /// Counts a borrowed child for this branch, and gives its slot back.
    #[cold]
    fn own(&mut self, bit: u32) {
        let bits = self.shared().bits();
        // SAFETY: the bit is set, so there is such a slot.
        let child = unsafe { slots(self.block).add(position(bits, bit)).as_ref() };
        // The count stays with the slot, which has the pointer already.
        core::mem::forget(child.clone());
        let mut guarded = self.guarded();
        let owned = guarded.owned() | bit;
        guarded.set_owned(owned);
        let last = owned == bits;
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
