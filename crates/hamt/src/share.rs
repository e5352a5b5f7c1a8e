//! Borrowing: how versions share the children of a table without counting each.
//!
//! A changed copy of a table has most of its children in common with the original. To
//! count them all up, and down again when the copy goes, is what a change of a persistent
//! map costs: up to 62 atomic operations a level. So the copy *borrows* them, as C code
//! borrows references to Python objects. It has the pointers, but the original, their
//! *owner*, keeps the reference counts, and stays allocated until its last borrower has
//! gone.
//!
//! # Rules
//!
//! 1. **An owner borrows nothing.** A copy of a borrower borrows from the same owner, and
//!    counts the few children that the borrower owns. Where those are more than
//!    [`OWNED_AT_MOST`] it counts everything and borrows nothing. So one step leads from a
//!    slot to its reference count.
//! 2. **An owner knows how many borrow each slot**: with one borrower which slots
//!    ([`Role::OwnerForOne`]), with more a [`BorrowCounts`] ([`Role::OwnerForMany`]).
//! 3. **An owner that no version holds is retired.** From then on it drops each child whose
//!    last borrower has gone, and itself with the last of all. So no child outlives the
//!    last version that can reach it.
//! 4. **A retired owner with one borrower is taken over**: the borrower gets its counts,
//!    and it is freed. So in a chain of versions, each made from the one before, which then
//!    dies, each can borrow.
//!
//! # Why it is sound
//!
//! * A reader needs no lock. It reads bits and slots, which change only while one handle
//!   leads to the table, and the table has no borrower.
//! * A borrowed pointer is valid: an owner is allocated while it has a borrower, and drops
//!   a child only when its slot has none.
//! * No thread touches an owner that is gone: the last borrower unlocks by the very store
//!   that says it has gone.
//! * Nothing foreign runs under the lock. It is held for a few dozen instructions, all of
//!   them here: what is released is collected ([`Deferred`]) and dropped after unlocking;
//!   borrow counts are allocated before locking.
//! * No threads wait in a circle: one that holds a borrower's lock may take its owner's,
//!   never the other way round, and an owner has no owner.
//! * In a child of `fork` a lock may be held by a thread that does not exist there. Such a
//!   table is borrowed from no more, is never changed in place, and is leaked
//!   ([`Table::lock`]).
#![allow(unsafe_code)]

use alloc::boxed::Box;
use core::{
    mem::{self, MaybeUninit},
    ptr::{self, NonNull},
};

use crate::{
    fork,
    hash::WIDTH,
    header::{self, Link, Ownership, Role, State, Table},
    index::BitMask,
    kind::PointerKind,
    node::Node,
    word::Word,
};

/// Slots that a copy counts for itself and yet borrows the rest.
const OWNED_AT_MOST: u32 = 4;

/// Returns `true` for no slot or one: to count one child costs no more than to lock the
/// owner twice.
#[inline(always)]
const fn is_not_worth_borrowing(slots: u32) -> bool {
    slots & slots.wrapping_sub(1) == 0
}

/// What became of a request to borrow.
enum Answer {
    Granted,
    /// A second borrower takes borrow counts, which are not allocated under the lock.
    NeedsCounts,
    Refused,
}

impl<'a, K, V, P: PointerKind> Table<'a, K, V, P> {
    /// Arranges who counts the children in `slots` for a copy of this table, which the
    /// caller must make at once.
    #[inline(always)]
    pub fn borrow(self, slots: u32) -> Ownership<'a, K, V, P> {
        const {
            let both = P::BORROWS && P::RUNS_CODE;
            assert!(!both, "a kind whose allocations run code cannot borrow");
        }
        if !P::BORROWS || is_not_worth_borrowing(slots) {
            return Ownership::ALL;
        }
        let Some(mut locked) = self.lock() else {
            return Ownership::ALL;
        };
        if locked.state.role() != Role::Plain {
            return Self::borrow_again(locked, slots);
        }
        locked.set_borrowed(slots);
        locked.state = locked.state.one_borrower_more();
        Ownership {
            owner: Some(self),
            borrowed: slots,
        }
    }

    /// Does so where the table borrows, or is or was borrowed from.
    #[inline(never)]
    fn borrow_again(mut locked: Locked<'a, K, V, P>, slots: u32) -> Ownership<'a, K, V, P> {
        let mut counts = None;
        loop {
            let table = locked.table;
            let spent = locked.take_over();
            let (owner, borrowed, answer) = match locked.owner() {
                None => (table, slots, locked.note_borrower(slots, &mut counts)),
                Some(owner) => {
                    let counted = slots & *locked.owned();
                    let borrowed = slots & !counted;
                    let refused =
                        counted.count_ones() > OWNED_AT_MOST || is_not_worth_borrowing(borrowed);
                    let owners = if refused { None } else { owner.lock() };
                    let answer = owners.map_or(Answer::Refused, |mut owner| {
                        owner.note_borrower(borrowed, &mut counts)
                    });
                    (owner, borrowed, answer)
                }
            };
            drop(locked);
            drop(spent);
            match answer {
                Answer::Granted => {
                    let owner = Some(owner);
                    return Ownership { owner, borrowed };
                }
                Answer::NeedsCounts => counts = Some(BorrowCounts::new()),
                Answer::Refused => return Ownership::ALL,
            }
            locked = match table.lock() {
                Some(locked) => locked,
                None => return Ownership::ALL,
            };
        }
    }

    /// Ends the borrowing of `slots` from this owner; `last` if the borrower has no
    /// others.
    ///
    /// # Safety
    ///
    /// The caller must have been noted as a borrower of these slots, and be
    /// done with them. If `last`, the owner may be gone afterwards.
    pub unsafe fn end_borrow(self, slots: u32, last: bool) {
        let mut deferred = Deferred::none();
        let Some(mut locked) = self.lock() else {
            return;
        };
        if last && locked.state.role() == Role::OwnerForOne && !locked.state.is_retired() {
            locked.state = locked.state.one_borrower_less();
            locked.clear_link();
            return;
        }
        let unused = match locked.counts() {
            Some(counts) => counts.subtract(slots),
            None => {
                let others = locked.borrowed() & !slots;
                locked.set_borrowed(others);
                slots
            }
        };
        if last {
            locked.state = locked.state.one_borrower_less();
            if locked.state.role() == Role::OwnerForOne {
                locked.clear_link();
            }
        }
        if !locked.state.is_retired() {
            return;
        }
        locked.release(unused, &mut deferred);
        if locked.state.borrowers() == 0 {
            // Retired, and the last borrower has gone, with it the last child:
            // nothing knows of it.
            drop(Memory(locked.into_table()));
        }
    }

    /// Retires the table for its borrowers, or drops it, when the last version or parent
    /// has dropped its handle.
    ///
    /// # Safety
    ///
    /// There must be no holder any more. Afterwards the table may be gone.
    #[inline(never)]
    pub unsafe fn last_holder_gone(self) {
        let mut deferred = Deferred::none();
        // Where there is no borrower, none can come: only a holder, or a copy of a
        // borrower, makes one.
        if P::BORROWS && !self.state().is_unborrowed() {
            let Some(mut locked) = self.lock() else {
                return;
            };
            if locked.state.borrowers() > 0 {
                let unused = !locked.borrowed();
                locked.release(unused, &mut deferred);
                locked.state = locked.state.retired();
                return;
            }
            // The last borrower went in between.
            locked.into_table();
        }
        P::note_write(&self.header().head);
        let _memory = Memory(self);
        // SAFETY: no holder and no borrower is left. It was a borrower of `borrowed` until
        // now.
        unsafe {
            let mut locked = self.alone();
            let (owner, borrowed) = (locked.owner(), self.bits() & !*locked.owned());
            locked.release(!0, &mut deferred);
            locked.into_table();
            if let Some(owner) = owner {
                owner.end_borrow(borrowed, true);
            }
        }
    }

    /// Takes over an owner that is left to this table, and frees the borrow counts of
    /// borrowers that have all gone.
    ///
    /// # Safety
    ///
    /// Nothing else may know of the table, and nothing use its owner.
    pub unsafe fn settle(self) {
        // SAFETY: by the caller.
        let mut locked = unsafe { self.alone() };
        let (spent, counts) = (locked.take_over(), locked.take_counts());
        drop(locked);
        drop((spent, counts));
    }

    /// Counts a borrowed child for this table, and ends its borrowing.
    ///
    /// # Safety
    ///
    /// Nothing else may know of the table. The slot must be a borrowed one.
    #[cold]
    pub unsafe fn own(self, slot: usize) {
        // The count stays with the slot, which has the pointer already.
        mem::forget(self.child(slot).cloned());
        // SAFETY: by the caller. The reference that this ends is counted here, so none is the last.
        unsafe {
            let mut locked = self.alone();
            let owner = locked.owner();
            *locked.owned() |= 1 << slot;
            let last = *locked.owned() == self.bits();
            if last {
                locked.clear_link();
            }
            drop(locked);
            if let Some(owner) = owner {
                owner.end_borrow(1 << slot, last);
            }
        }
    }

    /// Returns the lock's guard without the lock, for a table that nothing else knows
    /// of. Dropping it writes the state, which no other thread reads.
    ///
    /// # Safety
    ///
    /// Nothing else may know of the table while the result exists.
    #[inline(always)]
    pub unsafe fn alone(self) -> Locked<'a, K, V, P> {
        Locked {
            table: self,
            state: self.state(),
        }
    }

    /// Waits for the lock, which holders keep for a few dozen instructions.
    ///
    /// `None` in a child of `fork` whose parent had another thread that held the lock.
    /// Then what the lock guards may be half changed, and the lock stays held. The
    /// caller changes nothing of the table, borrows none of its slots and leaves it
    /// allocated, with all that it owns: whatever the thread was doing, the children
    /// of a table that a version holds, or that a borrower borrows, are there.
    #[inline(always)]
    fn lock(self) -> Option<Locked<'a, K, V, P>> {
        let word = self.header().state.lock_bit(fork::held());
        (word & State::LOCKED == 0).then(|| Locked {
            table: self,
            state: State(word),
        })
    }
}

/// A table whose lock is held. Nothing foreign may run meanwhile: no child is
/// dropped, nothing allocated, and nothing freed but a table whose last borrower goes.
pub(crate) struct Locked<'a, K, V, P: PointerKind> {
    table: Table<'a, K, V, P>,
    /// What unlocking will store.
    state: State,
}

impl<'a, K, V, P: PointerKind> Locked<'a, K, V, P> {
    /// Returns the slots whose child is counted for the table.
    #[inline(always)]
    pub fn owned(&mut self) -> &mut u32 {
        // SAFETY: read and written under the lock, which is held, by `&mut self` alone.
        unsafe { &mut *self.table.owned().get() }
    }

    #[inline(always)]
    fn link(&mut self) -> &mut Link {
        // SAFETY: as in `owned`.
        unsafe { &mut *self.table.header().link.get() }
    }

    fn set_link(&mut self, role: Role, link: Link) {
        *self.link() = link;
        self.state = self.state.with_role(role);
    }

    #[inline(always)]
    fn clear_link(&mut self) {
        self.set_link(Role::Plain, ptr::null_mut());
    }

    /// Returns the owner of what a borrower borrows.
    #[inline(always)]
    pub fn owner(&mut self) -> Option<Table<'a, K, V, P>> {
        if self.state.role() != Role::Borrower {
            return None;
        }
        // SAFETY: of this role, the link is the owner, which stays allocated while it has
        // this borrower, and its slots that are borrowed do not change.
        unsafe { Table::of_tagged(NonNull::new(*self.link())?) }
    }

    /// Returns the slots that are borrowed from the table.
    fn borrowed(&mut self) -> u32 {
        match self.state.role() {
            Role::Plain | Role::Borrower => 0,
            Role::OwnerForOne => self.link().addr() as u32,
            Role::OwnerForMany => self.counts().map_or(0, |counts| counts.used()),
        }
    }

    /// Notes that these slots are borrowed, by the only borrower.
    #[inline(always)]
    fn set_borrowed(&mut self, slots: u32) {
        self.set_link(
            Role::OwnerForOne,
            ptr::without_provenance_mut(slots as usize),
        );
    }

    fn counts(&mut self) -> Option<&mut BorrowCounts> {
        let counts = self.link().cast::<BorrowCounts>();
        // SAFETY: of this role the link is from a box, which only the holder of the lock
        // uses, here exclusively borrowed.
        (self.state.role() == Role::OwnerForMany).then(|| unsafe { &mut *counts })
    }

    /// Takes the borrow counts, if there are any, to be freed after unlocking. The table must
    /// have no borrower any more.
    fn take_counts(&mut self) -> Option<Box<BorrowCounts>> {
        let counts = NonNull::from(self.counts()?);
        self.clear_link();
        // SAFETY: from a box, and the link led to it until now.
        Some(unsafe { Box::from_raw(counts.as_ptr()) })
    }

    /// Notes one more borrower of `slots`. Takes `spare` where it needs borrow counts, and
    /// puts those there that it does not need any more.
    fn note_borrower(&mut self, slots: u32, spare: &mut Option<Box<BorrowCounts>>) -> Answer {
        match self.state.role() {
            // A borrower is no owner.
            Role::Borrower => return Answer::Refused,
            Role::Plain => self.set_borrowed(slots),
            Role::OwnerForOne => {
                let Some(mut counts) = spare.take() else {
                    return Answer::NeedsCounts;
                };
                counts.add(self.borrowed());
                counts.add(slots);
                self.set_link(Role::OwnerForMany, Box::into_raw(counts).cast());
            }
            // All have gone, and this is the first again. (Where `spare` has counts already,
            // others came and went meanwhile, and these would be freed under the lock.)
            Role::OwnerForMany if self.state.borrowers() == 0 && spare.is_none() => {
                *spare = self.take_counts();
                self.set_borrowed(slots);
            }
            Role::OwnerForMany => {
                if self.state.borrowers() == State::MAX_BORROWERS {
                    return Answer::Refused;
                }
                if let Some(counts) = self.counts() {
                    counts.add(slots);
                }
            }
        }
        self.state = self.state.one_borrower_more();
        Answer::Granted
    }

    /// Takes over a retired owner whose only borrower this is. What is left of
    /// it is to be dropped after unlocking, and then what [`owner`](Self::owner) returned
    /// before is gone.
    fn take_over(&mut self) -> Option<Memory<'a, K, V, P>> {
        let owner = self.owner()?;
        // Without its lock: nothing but this borrower knows of it, so nothing
        // that the acquiring read has seen can change.
        if !owner.state().is_left_to_one() {
            return None;
        }
        *self.owned() = self.table.bits();
        self.clear_link();
        Some(Memory(owner))
    }

    /// Takes the children of these slots, which nothing uses any more, out of what the table
    /// owns, to be dropped after unlocking.
    #[inline(always)]
    fn release(&mut self, slots: u32, deferred: &mut Deferred<K, V, P>) {
        let taken = slots & *self.owned();
        *self.owned() &= !taken;
        for slot in BitMask(taken) {
            // SAFETY: a slot of the table, which owned it until now, and owns it
            // no more.
            if let Some(node) = unsafe { self.table.slot(slot).read() } {
                deferred.push(node);
            }
        }
    }

    /// Ends the lock without unlocking: no thread is left to wait for it.
    fn into_table(self) -> Table<'a, K, V, P> {
        let table = self.table;
        mem::forget(self);
        table
    }
}

impl<K, V, P: PointerKind> Drop for Locked<'_, K, V, P> {
    /// Unlocks. From here on the table may be gone.
    #[inline(always)]
    fn drop(&mut self) {
        self.table.header().state.store_release(self.state.0);
    }
}

/// How many borrowers each slot of an owner has. A borrower counts once in a slot, so
/// no count is more than [`State::MAX_BORROWERS`].
pub(crate) struct BorrowCounts([u32; WIDTH]);

impl BorrowCounts {
    fn new() -> Box<Self> {
        Box::new(Self([0; WIDTH]))
    }

    /// Notes one more borrower of each slot in `slots`.
    fn add(&mut self, slots: u32) {
        const { assert!(State::MAX_BORROWERS < u32::MAX) };
        for slot in BitMask(slots) {
            self.0[slot] += 1;
        }
    }

    /// Notes one borrower less of each slot in `slots`, and returns those that
    /// have none left.
    fn subtract(&mut self, slots: u32) -> u32 {
        let mut unused = 0;
        for slot in BitMask(slots) {
            self.0[slot] -= 1;
            unused |= u32::from(self.0[slot] == 0) << slot;
        }
        unused
    }

    /// Returns the slots that have a borrower.
    fn used(&self) -> u32 {
        (0..WIDTH).fold(0, |used, slot| used | u32::from(self.0[slot] != 0) << slot)
    }
}

/// Children that are dropped when all bookkeeping is done: up to a whole table's. Declared
/// before all else, it is dropped after the lock and the memory. Large, so it is not moved.
struct Deferred<K, V, P: PointerKind> {
    nodes: [MaybeUninit<Node<K, V, P>>; WIDTH],
    len: usize,
}

impl<K, V, P: PointerKind> Deferred<K, V, P> {
    #[inline(always)]
    const fn none() -> Self {
        Self {
            nodes: [const { MaybeUninit::uninit() }; WIDTH],
            len: 0,
        }
    }

    #[inline(always)]
    fn push(&mut self, node: Node<K, V, P>) {
        self.nodes[self.len].write(node);
        self.len += 1;
    }
}

impl<K, V, P: PointerKind> Drop for Deferred<K, V, P> {
    #[inline(always)]
    fn drop(&mut self) {
        let nodes = NonNull::from(&mut self.nodes).cast::<Node<K, V, P>>();
        // SAFETY: `push` initialized this many, and nothing else drops them.
        // Dropping a slice goes on with the rest if one panics.
        unsafe { NonNull::slice_from_raw_parts(nodes, self.len).drop_in_place() };
    }
}

/// A table that nothing knows of any more and whose children are accounted for:
/// dropping this frees it, and its borrow counts.
pub(crate) struct Memory<'a, K, V, P: PointerKind>(Table<'a, K, V, P>);

impl<K, V, P: PointerKind> Drop for Memory<'_, K, V, P> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: made only where nothing knows of the table any more.
        unsafe {
            if self.0.state().role() == Role::OwnerForMany {
                drop(self.0.alone().take_counts());
            }
            header::free(self.0);
        }
    }
}

#[cfg(feature = "audit")]
mod audit {
    use alloc::string::String;

    use super::{PointerKind, Table};
    use crate::raw::ensure;

    impl<K, V, P: PointerKind> Table<'_, K, V, P> {
        /// Checks what the table, held by a version, and its owner say of each other.
        pub fn audit(self) -> Result<(), String> {
            let bits = self.bits();
            let filled = self.iter().fold(0, |filled, (slot, _)| filled | 1 << slot);
            ensure(
                filled == bits,
                format_args!("children {filled:#b}, not as the bits {bits:#b} say"),
            )?;
            let mut locked = self.lock().ok_or("a lock of another process")?;
            ensure(
                !locked.state.is_retired(),
                "a version holds a retired table",
            )?;
            let owned = *locked.owned();
            let borrowed = bits & !owned;
            let Some(owner) = locked.owner() else {
                return ensure(
                    owned == bits,
                    format_args!("borrows nothing, but owns {owned:#b} of {bits:#b}"),
                );
            };
            ensure(
                owned & !bits == 0 && borrowed != 0,
                format_args!("borrows, and owns {owned:#b} of {bits:#b}"),
            )?;
            let mut owners = owner.lock().ok_or("a lock of another process")?;
            let (owned, lent) = (*owners.owned(), owners.borrowed());
            ensure(
                borrowed & !(owned & lent) == 0,
                format_args!("borrows {borrowed:#b} of {lent:#b}, of {owned:#b}"),
            )?;
            let is_owner = owners.state.borrowers() > 0 && owners.owner().is_none();
            ensure(is_owner, "an owner without a borrower, or with an owner")?;
            let same = self.iter().all(|(slot, child)| {
                let owners = owner.child(slot).is_some_and(|owned| owned.ptr_eq(child));
                owners || borrowed & 1 << slot == 0
            });
            ensure(same, "a borrowed slot is not its owner's")
        }
    }
}
