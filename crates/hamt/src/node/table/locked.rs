#![allow(unsafe_code)]

use alloc::boxed::Box;
use core::{mem, ptr::NonNull};

use super::{Link, Released, Table, slots};
use crate::{
    kind::{PointerKind, Word},
    node::{
        ledger::{Ledger, indexes},
        state::{Role, State},
    },
};

/// A table whose lock is held. Nothing foreign may run meanwhile: no child is
/// dropped, nothing allocated or freed.
pub(in crate::node) struct Locked<'a, K, V, P: PointerKind> {
    pub(super) table: Table<'a, K, V, P>,
    /// What unlocking will store.
    pub state: State,
}

impl<'a, K, V, P: PointerKind> Locked<'a, K, V, P> {
    #[inline(always)]
    pub fn table(&self) -> Table<'a, K, V, P> {
        self.table
    }

    #[inline(always)]
    pub fn owned(&self) -> u32 {
        // SAFETY: read and written under the lock, which is held.
        unsafe { *self.table.header().owned.get() }
    }

    #[inline(always)]
    pub fn set_owned(&mut self, owned: u32) {
        // SAFETY: as in `owned`.
        unsafe { *self.table.header().owned.get() = owned }
    }

    /// The lender of a borrower.
    #[inline(always)]
    pub fn lender(&self) -> Option<Table<'a, K, V, P>> {
        (self.state.role() == Role::Borrower).then(|| {
            // SAFETY: of this role, the link holds the lender, which stays
            // allocated while it has this borrower, and its slots that are
            // borrowed do not change.
            unsafe { Table::new((*self.table.header().link.get()).lender) }
        })
    }

    /// The slots that are lent to a borrower.
    pub fn lent(&self) -> u32 {
        match self.state.role() {
            Role::Plain | Role::Borrower => 0,
            // SAFETY: what the link holds of these roles; under the lock.
            Role::LendsToOne => unsafe { (*self.table.header().link.get()).lent },
            Role::LendsToMany => {
                // SAFETY: as above; the ledger lives as long as the role.
                unsafe { (*self.table.header().link.get()).ledger.as_ref() }.used()
            }
        }
    }

    pub fn set_lent(&mut self, lent: u32) {
        self.set_link(Role::LendsToOne, Link { lent });
    }

    pub fn ledger_mut(&mut self) -> Option<&mut Ledger> {
        (self.state.role() == Role::LendsToMany).then(|| {
            // SAFETY: of this role the link holds a ledger, which only the
            // holder of the lock uses, here exclusively borrowed.
            unsafe { (*self.table.header().link.get()).ledger.as_mut() }
        })
    }

    pub fn set_ledger(&mut self, ledger: Box<Ledger>) {
        let ledger = NonNull::from(Box::leak(ledger));
        self.set_link(Role::LendsToMany, Link { ledger });
    }

    /// Takes the ledger, if there is one, which nobody needs any more; to be freed after
    /// unlocking.
    pub fn take_ledger(&mut self) -> Option<Box<Ledger>> {
        let ledger = NonNull::from(self.ledger_mut()?);
        self.clear_link();
        // SAFETY: from `set_ledger`'s box, and the link led to it until now.
        Some(unsafe { Box::from_raw(ledger.as_ptr()) })
    }

    pub fn clear_link(&mut self) {
        self.set_link(Role::Plain, Link { nothing: () });
    }

    fn set_link(&mut self, role: Role, link: Link<K, V, P>) {
        // SAFETY: written under the lock, and the role says what it is.
        unsafe { *self.table.header().link.get() = link };
        self.state = self.state.with_role(role);
    }

    /// Takes the children of these slots, which nobody uses any more, out of
    /// what the table owns, to be dropped after unlocking.
    #[inline(always)]
    pub fn release(&mut self, slots: u32, released: &mut Released<K, V, P>) {
        let taken = slots & self.owned();
        self.set_owned(self.owned() & !taken);
        let slots = self::slots(self.table.block, self.table.state());
        for slot in indexes(taken) {
            // SAFETY: a slot of the table, which owned it until now, and owns it
            // no more.
            if let Some(node) = unsafe { slots.add(slot).read() } {
                released.push(node);
            }
        }
    }

    /// Ends the lock without unlocking: nobody is left to wait for it.
    pub fn into_last(self) -> Table<'a, K, V, P> {
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
