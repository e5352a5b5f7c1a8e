//! A node with up to 32 numbered slots: its memory, and what may be done with
//! one that others see too.
//!
//! A table is a *branch*, whose slot numbers are five bits of the hash, or a
//! *bucket*, of entries in any order, with a guide to them ([`guide`]).
//!
//! ```text
//! bytes 4   4       4      4       8      0, 8, 32, 48   8      8
//! ┌───────┬───────┬──────┬───────┬──────┬──────────────┬──────┬──────┬──
//! │ count │ state │ bits │ owned │ link │ guide        │ slot │ slot │ …
//! └───────┴───────┴──────┴───────┴──────┴──────────────┴──────┴──────┴──
//! ```
//!
//! Who writes each word, and why a reader is safe:
//!
//! * `bits`, guide and slots: whoever has the table to itself
//!   ([`TableMut`](super::TableMut)), or makes it. Readers need nothing: while
//!   there are others, nobody writes.
//! * `count`: whoever gets or lets go of a hold ([`Count`]).
//! * `state`: whoever holds its lock bit, by the store that unlocks.
//! * `owned` and `link`: whoever holds the lock, or has the table to itself.
#![allow(unsafe_code)]

mod leaving;
mod locked;
mod memory;

use core::{cell::UnsafeCell, marker::PhantomData, ptr::NonNull, slice};

use super::{
    Node,
    change::SPARSE,
    guide,
    ledger::Ledger,
    state::{Form, State},
};
use crate::{
    Entry,
    count::Count,
    fork,
    hash::WIDTH,
    kind::{PointerKind, Word, sealed::Kind},
};
pub(super) use leaving::{Last, Released};
pub(super) use locked::Locked;
pub(super) use memory::{Ownership, Shape, allocate, copy, free, guide_of, most, slots};

/// What a table's memory begins with. A bucket's guide follows, then the slots.
#[repr(C, align(8))]
pub(super) struct Header<K, V, P: PointerKind> {
    /// First, as in every node.
    pub count: Count<P>,
    state: <P as Kind>::Word,
    /// Bit `i` is set where slot `i` has a child. Other slots are `None`.
    bits: u32,
    /// The slots whose child is counted for this table. The lender counts the
    /// others.
    pub owned: UnsafeCell<u32>,
    link: UnsafeCell<Link<K, V, P>>,
    /// Gives the alignment of what follows.
    slots: [Slot<K, V, P>; 0],
}

pub(super) type Slot<K, V, P> = Option<Node<K, V, P>>;

/// What the state's [`Role`] says it is.
pub(super) union Link<K, V, P: PointerKind> {
    /// Of [`Role::Plain`].
    nothing: (),
    /// Of [`Role::Borrower`].
    lender: NonNull<Header<K, V, P>>,
    /// Of [`Role::LendsToOne`]: the slots that are borrowed.
    lent: u32,
    /// Of [`Role::LendsToMany`]: from `Box::into_raw`.
    ledger: NonNull<Ledger>,
}

/// A table that is alive for `'a`.
pub(crate) struct Table<'a, K, V, P: PointerKind> {
    block: NonNull<Header<K, V, P>>,
    borrows: PhantomData<&'a Node<K, V, P>>,
}

impl<K, V, P: PointerKind> Clone for Table<'_, K, V, P> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}

impl<K, V, P: PointerKind> Copy for Table<'_, K, V, P> {}

impl<'a, K, V, P: PointerKind> Table<'a, K, V, P> {
    /// # Safety
    ///
    /// The table must stay allocated for `'a`, and its bits and slots unchanged
    /// while they are borrowed from the result.
    #[inline(always)]
    pub(super) unsafe fn new(block: NonNull<Header<K, V, P>>) -> Self {
        Self {
            block,
            borrows: PhantomData,
        }
    }

    #[inline(always)]
    pub(super) fn block(self) -> NonNull<Header<K, V, P>> {
        self.block
    }

    #[inline(always)]
    pub(super) fn header(self) -> &'a Header<K, V, P> {
        // SAFETY: alive for `'a` (`new`); the fields that change while shared
        // are atomic or cells.
        unsafe { self.block.as_ref() }
    }

    #[inline(always)]
    pub(super) fn state(self) -> State {
        State(self.header().state.load_acquire())
    }

    #[cfg(feature = "audit")]
    pub fn form(self) -> Form {
        self.state().form()
    }

    /// Which slots have a child.
    #[inline(always)]
    pub fn bits(self) -> u32 {
        self.header().bits
    }

    pub fn len(self) -> usize {
        self.bits().count_ones() as usize
    }

    /// Whether a branch has so few children that it may have to go.
    #[inline]
    pub fn is_sparse(self) -> bool {
        self.len() <= SPARSE
    }

    /// All slots, in their order.
    #[inline(always)]
    pub fn slots(self) -> &'a [Slot<K, V, P>] {
        self.header().count.note_read();
        let slots = slots(self.block, self.state());
        // SAFETY: all slots are initialized, and do not change (`new`). A slot
        // that is not owned is a copy of its lender's, which keeps its child
        // alive.
        unsafe { slice::from_raw_parts(slots.as_ptr(), self.state().capacity()) }
    }

    #[inline(always)]
    pub fn child(self, slot: usize) -> Option<&'a Node<K, V, P>> {
        self.slots().get(slot)?.as_ref()
    }

    /// The child of a branch.
    #[inline(always)]
    pub fn branch_child(self, slot: usize) -> Option<&'a Node<K, V, P>> {
        self.header().count.note_read();
        // SAFETY: a branch has all slots, right after its header; for the rest,
        // see `slots`.
        unsafe {
            &*self
                .block
                .add(1)
                .cast::<Slot<K, V, P>>()
                .as_ptr()
                .add(slot % WIDTH)
        }
        .as_ref()
    }

    /// The first entry of `hash` in a bucket that `is_it` accepts, and its slot,
    /// as `map` makes of them. `rest` is the hash without the bits that the
    /// levels above consumed.
    #[inline(always)]
    pub fn search<R, E>(
        self,
        form: Form,
        rest: u32,
        hash: u32,
        is_it: impl FnMut(&Entry<K, V, P>) -> Result<bool, E>,
        map: impl FnOnce(usize, &'a Entry<K, V, P>) -> R,
    ) -> Result<Option<R>, E> {
        self.search_among(self.bits(), form, rest, hash, is_it, map)
    }

    /// As [`search`](Self::search), in a bucket with entries in the slots of these
    /// bits, whatever its header says.
    #[inline(always)]
    pub(super) fn search_among<R, E>(
        self,
        bits: u32,
        form: Form,
        rest: u32,
        hash: u32,
        mut is_it: impl FnMut(&Entry<K, V, P>) -> Result<bool, E>,
        map: impl FnOnce(usize, &'a Entry<K, V, P>) -> R,
    ) -> Result<Option<R>, E> {
        self.header().count.note_read();
        let guide = guide_of(self.block).as_ptr();
        // SAFETY: the slots stand after the guide, and those that it leads to
        // have a leaf, whose handle is an entry, bit for bit. None changes.
        unsafe {
            let entries = guide.add(guide::room(form)).cast::<Entry<K, V, P>>();
            if form == Form::Medium {
                let mut chain = guide::Chain::of(guide, rest);
                while let Some(slot) = chain.slot() {
                    let entry = &*entries.add(slot);
                    if entry.hash() == hash && is_it(entry)? {
                        return Ok(Some(map(slot, entry)));
                    }
                    chain.advance();
                }
            } else {
                let mut found = guide::matching(guide, form, rest) & bits;
                while found != 0 {
                    let slot = found.trailing_zeros() as usize;
                    let entry = &*entries.add(slot);
                    if entry.hash() == hash && is_it(entry)? {
                        return Ok(Some(map(slot, entry)));
                    }
                    found &= found - 1;
                }
            }
        }
        Ok(None)
    }

    /// As much as a guide needs of the hash of an entry of a bucket, which hangs
    /// `shift` bits deep. Where the bucket's own guide has it, the entry is not
    /// looked at: it may be far away.
    ///
    /// # Safety
    ///
    /// The slot must have an entry, and the bucket be of this form.
    #[inline(always)]
    pub(super) unsafe fn rest(self, form: Form, slot: usize, shift: u32) -> u32 {
        // SAFETY: by the caller; an entry's handle is a leaf's, bit for bit.
        unsafe {
            let guide = guide_of(self.block).as_ptr();
            let known = guide::rest(guide, form, slot);
            known.unwrap_or_else(|| {
                let entries = guide.add(guide::room(form)).cast::<Entry<K, V, P>>();
                (*entries.add(slot)).hash() >> shift
            })
        }
    }

    /// The first child in a slot after this.
    pub fn child_after(self, slot: usize) -> Option<(usize, &'a Node<K, V, P>)> {
        let after = self.bits() & (!0_u32 << slot << 1);
        let next = (after != 0).then(|| after.trailing_zeros() as usize)?;
        Some((next, self.child(next)?))
    }

    /// The children with their slots.
    pub fn iter(self) -> impl Iterator<Item = (usize, &'a Node<K, V, P>)> + Clone {
        let slots = self.slots().iter().enumerate();
        slots.filter_map(|(slot, child)| Some((slot, child.as_ref()?)))
    }

    /// The lock's guard without the lock, for a table that nobody else knows
    /// of. Dropping it writes the state, which nobody else reads.
    ///
    /// # Safety
    ///
    /// Nobody else may know of the table while the result exists.
    #[inline(always)]
    pub(super) unsafe fn alone(self) -> Locked<'a, K, V, P> {
        Locked {
            table: self,
            state: self.state(),
        }
    }

    /// The children in these slots, which are dropped with the result.
    ///
    /// # Safety
    ///
    /// They must be owned, and nobody may use them again. The table must stay
    /// allocated meanwhile.
    #[inline(always)]
    pub(super) unsafe fn last_of(self, slots: u32) -> Last<'a, K, V, P> {
        Last(self, slots)
    }

    /// Waits for the lock, which holders keep for a few dozen instructions.
    ///
    /// `None` in a child of `fork` whose parent had another thread that held the lock.
    /// Then what the lock guards may be half changed, and the lock stays held. The
    /// caller changes nothing of the table, lends none of its slots and leaves it
    /// allocated, with all that it owns: whatever the thread was doing, the children
    /// of a table that a version holds, or that a borrower borrows, are there.
    #[inline(always)]
    pub(super) fn lock(self) -> Option<Locked<'a, K, V, P>> {
        let word = self.header().state.lock_bit(fork::held());
        (word & State::LOCKED == 0).then(|| Locked {
            table: self,
            state: State(word),
        })
    }
}
