//! How versions share the slots of a table without counting each child.
//!
//! A changed copy of a table has most of its children in common with the
//! original. To count them all up, and down again when the copy goes, is what a
//! persistent map's change costs: up to 62 atomic operations a level. So the
//! copy *borrows* them. It keeps the pointers, but the original, its *lender*,
//! keeps the counts, and stays allocated until its last borrower has gone.
//!
//! 1. A lender has no lender itself. A copy of a borrower borrows from the same
//!    lender, and counts the few slots that the borrower owns; where those are
//!    more than [`OWNED_AT_MOST`] it counts everything and borrows nothing.
//! 2. A lender knows how many borrow each slot: which ones, where there is one
//!    borrower ([`Role::LendsToOne`]), a count for each in a [`Ledger`] where
//!    there were more.
//! 3. When no version holds a lender any more it is *retired*. From then on it
//!    lets go of each child whose last borrower has gone, and of itself with the
//!    last of all. So no child outlives the last version that can reach it.
//! 4. A retired lender with one borrower left is *taken over*: the borrower gets
//!    its counts, and it is freed. So a chain of versions, each made from the
//!    one before, which then dies, borrows at each step.
//!
//! The bookkeeping is under the lender's lock, for a few dozen instructions that
//! are all here: no child is dropped, and nothing allocated or freed, until it
//! is released. A thread that holds a borrower's lock may take its lender's;
//! never the other way round, and a lender has no lender, so nobody waits in a
//! circle.
//!
//! In a child of `fork` a lock may be held by a thread that does not exist there. Such
//! a table lends no more, is never changed in place, and is leaked ([`Table::lock`]).
#![allow(unsafe_code)]

use alloc::boxed::Box;
use core::ptr::NonNull;

use super::{
    ledger::Ledger,
    state::{Role, State},
    table::{self, Header, Locked, Ownership, Released, Table},
};
use crate::kind::PointerKind;

/// Slots that a copy counts for itself and yet borrows the rest.
const OWNED_AT_MOST: u32 = 4;

/// Whether borrowing these costs more than it saves: it locks the lender twice,
/// and to count one child takes two atomic operations too.
#[inline(always)]
const fn is_not_worth_borrowing(slots: u32) -> bool {
    slots & slots.wrapping_sub(1) == 0
}

/// What became of a request to borrow.
enum Answer {
    Lent,
    /// A second borrower takes a ledger, which is not allocated under the lock.
    NeedsLedger,
    Refused,
}

impl<'a, K, V, P: PointerKind> Table<'a, K, V, P> {
    /// Arranges who will count the children in `slots` for a copy of this
    /// table, which the caller must make at once.
    #[inline(always)]
    pub(super) fn lend(self, slots: u32) -> Ownership<K, V, P> {
        if is_not_worth_borrowing(slots) {
            return Ownership::ALL;
        }
        let Some(mut locked) = self.lock() else {
            return Ownership::ALL;
        };
        if locked.state.role() != Role::Plain {
            return Self::lend_again(locked, slots);
        }
        locked.set_lent(slots);
        locked.state = locked.state.one_borrower_more();
        Ownership {
            lender: Some(self.block()),
            borrowed: slots,
        }
    }

    /// Does so where the table has a part in lending already.
    #[inline(never)]
    fn lend_again(mut locked: Locked<'_, K, V, P>, slots: u32) -> Ownership<K, V, P> {
        let mut ledger = None;
        loop {
            let table = locked.table();
            let spent = locked.take_over();
            let (lender, borrowed, answer) = match locked.lender() {
                None => (table, slots, locked.note_borrower(slots, &mut ledger)),
                Some(lender) => {
                    let lent = slots & !locked.owned();
                    let counted = slots & !lent;
                    let answer =
                        if counted.count_ones() > OWNED_AT_MOST || is_not_worth_borrowing(lent) {
                            Answer::Refused
                        } else {
                            let lender = lender.lock();
                            lender.map_or(Answer::Refused, |mut lender| {
                                lender.note_borrower(lent, &mut ledger)
                            })
                        };
                    (lender, lent, answer)
                }
            };
            drop(locked);
            drop(spent);
            match answer {
                Answer::Lent => {
                    let lender = Some(lender.block());
                    return Ownership { lender, borrowed };
                }
                Answer::NeedsLedger => ledger = Some(Ledger::new()),
                Answer::Refused => return Ownership::ALL,
            }
            locked = match table.lock() {
                Some(locked) => locked,
                None => return Ownership::ALL,
            };
        }
    }

    /// The slots that no other table uses, which are the holder's alone if there
    /// is one holder: those that it owns and does not lend, and those that it
    /// borrows from a lender that is left to it.
    pub fn exclusive(self) -> u32 {
        let Some(locked) = self.lock() else {
            return 0;
        };
        match locked.lender() {
            Some(lender) if lender.state().is_left_to_one() => self.bits(),
            _ => locked.owned() & !locked.lent(),
        }
    }

    /// Checks what the table, held by a version, and its lender say of each
    /// other.
    #[cfg(feature = "audit")]
    pub fn audit(self) -> Result<(), alloc::string::String> {
        use alloc::format;
        let bits = self.bits();
        for (slot, child) in self.slots().iter().enumerate() {
            if child.is_some() != (bits & 1 << slot != 0) {
                return Err(format!("slot {slot} is not as the bits {bits:#b} say"));
            }
        }
        let locked = self.lock().ok_or("a lock of another process")?;
        let owned = locked.owned();
        let state = locked.state;
        if state.is_retired() {
            return Err("a version holds a retired table".into());
        }
        let Some(lender) = locked.lender() else {
            if owned != bits {
                return Err(format!("no lender, but owns {owned:#b} of {bits:#b}"));
            }
            return Ok(());
        };
        let borrowed = bits & !owned;
        if owned & !bits != 0 || borrowed == 0 {
            return Err(format!("borrows, and owns {owned:#b} of {bits:#b}"));
        }
        let lenders = lender.lock().ok_or("a lock of another process")?;
        if lenders.state.borrowers() == 0 || lenders.lender().is_some() {
            return Err("a lender that does not lend, or borrows".into());
        }
        if borrowed & !lenders.lent() != 0 || borrowed & !lenders.owned() != 0 {
            return Err(format!(
                "borrows {borrowed:#b} of a lender that owns {:#b} and lends {:#b}",
                lenders.owned(),
                lenders.lent()
            ));
        }
        for slot in super::indexes(borrowed) {
            let same = match (self.child(slot), lender.child(slot)) {
                (Some(child), Some(lent)) => child.ptr_eq(lent),
                _ => false,
            };
            if !same {
                return Err(format!("slot {slot} is not its lender's"));
            }
        }
        Ok(())
    }

    /// Ends the borrowing of `slots` from this lender; `last` if the borrower
    /// borrows no other.
    ///
    /// # Safety
    ///
    /// The caller must have been noted as a borrower of these slots, and be
    /// done with them. If `last`, the lender may be gone afterwards.
    pub(super) unsafe fn give_back(self, slots: u32, last: bool) {
        let Some(mut locked) = self.lock() else {
            return;
        };
        if last && locked.state.role() == Role::LendsToOne && !locked.state.is_retired() {
            locked.state = locked.state.one_borrower_less();
            locked.clear_link();
            return;
        }
        let unused = match locked.ledger_mut() {
            Some(ledger) => ledger.subtract(slots),
            None => {
                let lent = locked.lent() & !slots;
                locked.set_lent(lent);
                slots
            }
        };
        if last {
            locked.state = locked.state.one_borrower_less();
            if locked.state.role() == Role::LendsToOne {
                locked.clear_link();
            }
        }
        if !locked.state.is_retired() {
            return;
        }
        let mut released = Released::none();
        locked.release(unused, &mut released);
        if locked.state.borrowers() > 0 {
            drop(locked);
        } else {
            // Retired, and the last borrower has gone, with it the last child:
            // nobody knows of it.
            drop(Memory(locked.into_last().block()));
        }
        drop(released);
    }

    /// What is to be done when the last version or parent has let go: retires the
    /// table for its borrowers, or drops it.
    ///
    /// # Safety
    ///
    /// Nobody may hold the table any more. Afterwards it may be gone.
    #[inline(never)]
    pub(super) unsafe fn held_no_more(self) {
        // No new borrower can come: only a holder could make one.
        if !self.state().is_quiet() {
            let Some(mut locked) = self.lock() else {
                return;
            };
            if locked.state.borrowers() > 0 {
                let unused = !locked.lent();
                let mut released = Released::none();
                locked.release(unused, &mut released);
                locked.state = locked.state.retired();
                drop(locked);
                drop(released);
                return;
            }
            // The last borrower went in between.
            locked.into_last();
        }
        // SAFETY: no holder and no borrower is left.
        unsafe { self.destroy() };
    }

    /// Drops what the table owns, gives back what it borrows, and frees it.
    ///
    /// # Safety
    ///
    /// Nobody else may know of the table.
    unsafe fn destroy(self) {
        self.header().count.note_write();
        let memory = Memory(self.block());
        // SAFETY: nobody else knows of the table.
        let locked = unsafe { self.alone() };
        let lender = locked.lender();
        let owned = locked.owned();
        locked.into_last();
        // SAFETY: owned, and nobody will use the table again.
        let children = unsafe { self.last_of(owned) };
        if let Some(lender) = lender {
            // SAFETY: it was a borrower of these until now.
            unsafe { lender.give_back(self.bits() & !owned, true) };
        }
        drop(children);
        drop(memory);
    }
}

impl<K, V, P: PointerKind> Locked<'_, K, V, P> {
    /// Notes one more borrower of `slots`.
    fn note_borrower(&mut self, slots: u32, spare: &mut Option<Box<Ledger>>) -> Answer {
        match self.state.role() {
            // A borrower lends nothing.
            Role::Borrower => return Answer::Refused,
            Role::Plain => self.set_lent(slots),
            Role::LendsToOne => {
                let Some(mut ledger) = spare.take() else {
                    return Answer::NeedsLedger;
                };
                ledger.add(self.lent());
                ledger.add(slots);
                self.set_ledger(ledger);
            }
            // All have gone, and this is the first again.
            Role::LendsToMany if self.state.borrowers() == 0 => {
                *spare = self.take_ledger();
                self.set_lent(slots);
            }
            Role::LendsToMany => {
                if self.state.borrowers() == State::MAX_BORROWERS {
                    return Answer::Refused;
                }
                if let Some(ledger) = self.ledger_mut() {
                    ledger.add(slots);
                }
            }
        }
        self.state = self.state.one_borrower_more();
        Answer::Lent
    }

    /// Takes over a retired lender whose only borrower this is. What is left of
    /// it is to be dropped after unlocking.
    pub(super) fn take_over(&mut self) -> Option<Memory<K, V, P>> {
        let lender = self.lender()?;
        // Without its lock: nobody but this borrower knows of it, so nothing
        // that the acquiring read has seen can change.
        if !lender.state().is_left_to_one() {
            return None;
        }
        self.set_owned(self.table().bits());
        self.clear_link();
        Some(Memory(lender.block()))
    }
}

/// A table that nobody knows of any more and whose children are accounted for:
/// dropping this frees it.
pub(super) struct Memory<K, V, P: PointerKind>(NonNull<Header<K, V, P>>);

impl<K, V, P: PointerKind> Drop for Memory<K, V, P> {
    fn drop(&mut self) {
        // SAFETY: made only where nobody knows of the branch any more.
        unsafe { table::free(self.0) };
    }
}
