//! Borrowing: versions share the children of a table without counting each.
//!
//! A changed copy of a table has most of its children in common with the original. To
//! increment all their counts, and decrement them when the copy is dropped, would cost up to
//! 62 atomic operations for each level of a change. So the copy *borrows* them, as C code
//! borrows references to Python objects. It has the pointers, but the children are counted
//! for the original, their *owner*, which stays allocated until its last borrower is gone.
//!
//! # Rules
//!
//! 1. **An owner borrows nothing.** A copy of a borrower borrows from the same owner, and
//!    counts the few children that the borrower owns. If those are more than
//!    [`OWNED_AT_MOST`], it counts everything and borrows nothing. So the owner of a slot is
//!    at most one link away.
//! 2. **An owner records how many borrow each slot**: for one borrower the set of slots
//!    ([`Role::OwnerForOne`]), for more a [`BorrowCounts`] ([`Role::OwnerForMany`]).
//! 3. **An owner that no version holds is retired.** From then on it drops each child whose
//!    last borrower is gone, and is freed with the last borrower of all. So no child outlives
//!    the last version that contains it.
//! 4. **A retired owner with one borrower is taken over**: the borrower gets its references,
//!    and the owner is freed. So each version in a chain can borrow from the one before,
//!    which is then dropped.
//!
//! # Why it is sound
//!
//! * A reader needs no lock. It reads bits and slots, which change only while the table has
//!   one handle and no borrower.
//! * A borrowed pointer is valid: an owner is allocated while it has a borrower, and drops
//!   a child only when its slot has none.
//! * No thread accesses an owner after it was freed: the last borrower unlocks by the store
//!   that removes it.
//! * No foreign code runs under the lock, except to free a table that nothing else refers to. It is
//!   held for a few dozen instructions, all of them here: released children are collected ([`Deferred`]) and dropped after unlocking;
//!   borrow counts are allocated before locking.
//! * There is no deadlock: a thread that holds a borrower's lock may take its owner's, never
//!   the reverse, and an owner has no owner.
//! * In a child of `fork` a lock may be held by a thread that does not exist there. Such a
//!   table is not borrowed from any more, is never changed in place, and is leaked
//!   ([`Table::lock`]).
#![allow(unsafe_code)]

use alloc::boxed::Box;
use core::{
    mem::{self, MaybeUninit},
    ptr::{self, NonNull},
};

use crate::{
    edit_mut::TableMut,
    fork,
    header::{self, Link, Ownership, Table},
    index::BitMask,
    kind::PointerKind,
    node::{Node, WIDTH},
    state::{Role, State},
    word::Word,
};

/// The maximal number of slots that a copy counts for itself while it borrows the rest.
const OWNED_AT_MOST: u32 = 4;

/// Returns `true` for at most one slot: counting one child costs no more than locking the
/// owner twice.
#[inline(always)]
const fn is_not_worth_borrowing(slots: u32) -> bool {
    slots & slots.wrapping_sub(1) == 0
}

/// The result of a request to borrow.
enum Answer {
    Granted,
    /// A second borrower needs borrow counts, which are not allocated under the lock.
    NeedsCounts,
    Refused,
}

impl<'a, K, V, P: PointerKind> Table<'a, K, V, P> {
    /// Determines which of the children in `slots` a copy of this table borrows, and records
    /// it as a borrower. The caller must create the copy at once.
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

    /// As [`borrow`](Self::borrow), for a table that borrows, or is or was borrowed from.
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

    /// Ends the borrowing of `slots` from this owner. `last` says that the borrower borrows
    /// no others.
    ///
    /// # Safety
    ///
    /// The caller must be recorded as a borrower of these slots, and not use them any more.
    /// If `last`, the owner may be freed afterwards.
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
            // Retired, and the last borrower is gone, and with it the last child: nothing
            // refers to it.
            drop(Memory(locked.into_table()));
        }
    }

    /// Retires the table if it has borrowers, otherwise drops it. Called when the last
    /// version or parent has dropped its handle.
    ///
    /// # Safety
    ///
    /// There must be no holder any more. Afterwards the table may be freed.
    #[inline(never)]
    pub unsafe fn last_holder_gone(self) {
        let mut deferred = Deferred::none();
        // If there is no borrower, none can be added: that takes a holder, or another
        // borrower that is copied.
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
            // The last borrower has gone in between.
            locked.into_table();
        }
        P::note_write(&self.header().head);
        let _memory = Memory(self);
        // SAFETY: no holder and no borrower is left. The table itself borrowed `borrowed`
        // until now.
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

    /// Returns the lock's guard without locking, for a table to which nothing else refers.
    /// Dropping it writes the state, which no other thread reads.
    ///
    /// # Safety
    ///
    /// Nothing else may refer to the table while the result exists.
    #[inline(always)]
    pub unsafe fn alone(self) -> Locked<'a, K, V, P> {
        Locked {
            table: self,
            state: self.state(),
        }
    }

    /// Waits for the lock, which is held for a few dozen instructions.
    ///
    /// Returns `None` in a child of `fork` if another thread of the parent held the lock.
    /// Then the data of the lock may be half changed, and the lock stays held. The caller
    /// must not change the table, must not borrow its slots, and leaves it allocated, with
    /// its children. Whatever the thread was doing, the children of a table that a version
    /// holds, and borrowed children, are alive.
    #[inline(always)]
    fn lock(self) -> Option<Locked<'a, K, V, P>> {
        let word = self.header().state.lock_bit(fork::held());
        (word & State::LOCKED == 0).then(|| Locked {
            table: self,
            state: State(word),
        })
    }
}

impl<K, V, P: PointerKind> TableMut<'_, K, V, P> {
    /// Returns `true` if the table has no borrower. Then takes over a retired owner that has
    /// no other borrower, and frees borrow counts that are not used any more.
    #[cold]
    pub fn settle(&self) -> bool {
        if !self.table.state().is_unborrowed() {
            return false;
        }
        P::note_write(&self.table.header().head);
        let mut locked = self.guarded();
        let (spent, counts) = (locked.take_over(), locked.take_counts());
        drop(locked);
        drop((spent, counts));
        true
    }

    /// Counts the child of a slot for this table, if it is a borrowed one.
    #[inline(always)]
    pub fn ensure_owned(&mut self, slot: usize) {
        if self.table.bits() & !self.owned() & 1 << slot != 0 {
            self.own(slot);
        }
    }

    /// Counts a borrowed child for this table, and ends its borrowing.
    #[cold]
    fn own(&mut self, slot: usize) {
        // The new reference belongs to the slot, which has the pointer already.
        mem::forget(self.table.child(slot).cloned());
        let mut locked = self.guarded();
        let owner = locked.owner();
        *locked.owned() |= 1 << slot;
        let last = *locked.owned() == self.table.bits();
        if last {
            locked.clear_link();
        }
        drop(locked);
        if let Some(owner) = owner {
            // SAFETY: the table borrowed this slot until now, and no other if `last`. The child is
            // counted for the slot, so it stays alive.
            unsafe { owner.end_borrow(1 << slot, last) };
        }
    }
}

/// A table whose lock is held. No foreign code may run meanwhile: no child is dropped,
/// nothing is allocated, and only a table whose last borrower goes is freed.
pub(crate) struct Locked<'a, K, V, P: PointerKind> {
    table: Table<'a, K, V, P>,
    /// The state that unlocking stores.
    state: State,
}

impl<'a, K, V, P: PointerKind> Locked<'a, K, V, P> {
    /// Returns the slots whose child is counted for the table.
    #[inline(always)]
    pub fn owned(&mut self) -> &mut u32 {
        // SAFETY: read and written only under the lock, which is held, through `&mut self`.
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

    /// Returns the owner, if the table is a borrower.
    #[inline(always)]
    pub fn owner(&mut self) -> Option<Table<'a, K, V, P>> {
        if self.state.role() != Role::Borrower {
            return None;
        }
        // SAFETY: in this role the link is the owner. It stays allocated while it has this
        // borrower, and its borrowed slots do not change.
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

    /// Records the slots that the only borrower borrows.
    #[inline(always)]
    fn set_borrowed(&mut self, slots: u32) {
        self.set_link(
            Role::OwnerForOne,
            ptr::without_provenance_mut(slots as usize),
        );
    }

    fn counts(&mut self) -> Option<&mut BorrowCounts> {
        let counts = self.link().cast::<BorrowCounts>();
        // SAFETY: in this role the link is from a box, which only the holder of the lock
        // uses, here by exclusive borrow.
        (self.state.role() == Role::OwnerForMany).then(|| unsafe { &mut *counts })
    }

    /// Removes and returns the borrow counts, if there are any, so that they are freed after
    /// unlocking. The table must have no borrower any more.
    fn take_counts(&mut self) -> Option<Box<BorrowCounts>> {
        let counts = NonNull::from(self.counts()?);
        self.clear_link();
        // SAFETY: from a box, and the link pointed to it until now.
        Some(unsafe { Box::from_raw(counts.as_ptr()) })
    }

    /// Records one more borrower of `slots`. Takes borrow counts from `spare` if it needs
    /// them, and moves them there if they are not needed any more.
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
            // All borrowers are gone, and this is the first again. (If `spare` has counts
            // already, others came and went meanwhile, and these would be freed under the
            // lock.)
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

    /// Takes over a retired owner if this is its only borrower. The caller must drop the
    /// result after unlocking; that frees the table that [`owner`](Self::owner) returned
    /// before.
    fn take_over(&mut self) -> Option<Memory<'a, K, V, P>> {
        let owner = self.owner()?;
        // Without its lock: only this borrower refers to it, so the state that the acquiring
        // load has read does not change.
        if !owner.state().is_left_to_one() {
            return None;
        }
        *self.owned() = self.table.bits();
        self.clear_link();
        Some(Memory(owner))
    }

    /// Moves the owned children of these slots, which nothing uses any more, to `deferred`, so
    /// that they are dropped after unlocking.
    #[inline(always)]
    fn release(&mut self, slots: u32, deferred: &mut Deferred<K, V, P>) {
        let taken = slots & *self.owned();
        *self.owned() &= !taken;
        for slot in BitMask(taken) {
            // SAFETY: a slot of the table, which owned it until now, and does not any more.
            if let Some(node) = unsafe { self.table.slot(slot).read() } {
                deferred.push(node);
            }
        }
    }

    /// Drops the guard without unlocking: no other thread can wait for the lock.
    fn into_table(self) -> Table<'a, K, V, P> {
        let table = self.table;
        mem::forget(self);
        table
    }
}

impl<K, V, P: PointerKind> Drop for Locked<'_, K, V, P> {
    /// Unlocks. Afterwards the table may be freed.
    #[inline(always)]
    fn drop(&mut self) {
        self.table.header().state.store_release(self.state.0);
    }
}

/// The number of borrowers of each slot of an owner. A borrower counts once in a slot, so
/// no count is more than [`State::MAX_BORROWERS`].
pub(crate) struct BorrowCounts([u32; WIDTH]);

impl BorrowCounts {
    fn new() -> Box<Self> {
        Box::new(Self([0; WIDTH]))
    }

    /// Adds one borrower to each slot in `slots`.
    fn add(&mut self, slots: u32) {
        const { assert!(State::MAX_BORROWERS < u32::MAX) };
        for slot in BitMask(slots) {
            self.0[slot] += 1;
        }
    }

    /// Subtracts one borrower from each slot in `slots`, and returns those that
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

/// Children whose drop is deferred: up to those of a whole table. It is declared first in its
/// function, so it is dropped after the lock and the memory. It is large, so it is not moved.
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
        // If one panics, the drop of a slice continues with the rest.
        unsafe { NonNull::slice_from_raw_parts(nodes, self.len).drop_in_place() };
    }
}

/// A table to which nothing refers any more, without children to drop. Dropping this frees
/// it, and its borrow counts.
pub(crate) struct Memory<'a, K, V, P: PointerKind>(Table<'a, K, V, P>);

impl<K, V, P: PointerKind> Drop for Memory<'_, K, V, P> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: created only if nothing refers to the table any more.
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
        /// Checks that a table, which a version holds, and its owner are consistent.
        pub fn audit(self) -> Result<(), String> {
            let bits = self.bits();
            let filled = self.iter().fold(0, |filled, (slot, _)| filled | 1 << slot);
            ensure(
                filled == bits,
                format_args!("children in {filled:#b}, but bits {bits:#b}"),
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
            let (owned, recorded) = (*owners.owned(), owners.borrowed());
            ensure(
                borrowed & !(owned & recorded) == 0,
                format_args!(
                    "borrows {borrowed:#b}, but the owner records {recorded:#b}, and owns {owned:#b}"
                ),
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
